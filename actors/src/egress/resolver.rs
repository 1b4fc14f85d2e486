//! Names to addresses, with the reason when there are none.

use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolverConfig, ResolverOpts},
    net::{DnsError, NetError, NoRecords, runtime::TokioRuntimeProvider},
    proto::op::ResponseCode,
    system_conf::read_system_conf,
};
use pulse_domain::outcome::Reason;
use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use super::EgressError;

/// One question to one name server; two are tried.
const QUESTION_TIMEOUT: Duration = Duration::from_secs(2);
/// However long a record may live: a monitor should notice a changed record soon.
const REMEMBERED_MAX: Duration = Duration::from_secs(30);
/// A name that has just been created should be found at the next check.
const ABSENCE_REMEMBERED_MAX: Duration = Duration::from_secs(1);

/// The resolver of the node: the system's name servers and hosts file, or those the operator named.
pub(crate) struct Resolver {
    inner: TokioResolver,
    servers: Vec<SocketAddr>,
}

impl std::fmt::Debug for Resolver {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Resolver").field("servers", &self.servers).finish_non_exhaustive()
    }
}

/// Why a name has no address.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub(crate) struct ResolveError {
    pub(crate) reason: Reason,
    pub(crate) detail: String,
}

impl ResolveError {
    /// The node itself has no name server.
    pub(super) fn cut_off() -> Self {
        Self { reason: Reason::VantageLost, detail: "no name server of this node can be reached".to_owned() }
    }
}

impl Resolver {
    pub(crate) fn new(servers: &[SocketAddr]) -> Result<Self, EgressError> {
        let unreadable = |error: NetError| EgressError::SystemResolver(error.to_string());
        let (config, options) = if servers.is_empty() {
            read_system_conf().map_err(unreadable)?
        } else {
            let config = ResolverConfig::from_parts(None, Vec::new(), servers.iter().map(name_server).collect());
            (config, ResolverOpts::default())
        };
        let servers = config.name_servers().iter().filter_map(address_of).collect();
        let provider = TokioRuntimeProvider::default();
        let mut builder = TokioResolver::builder_with_config(config, provider).with_options(options);
        let options = builder.options_mut();
        options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
        options.timeout = QUESTION_TIMEOUT;
        options.attempts = 2;
        options.positive_max_ttl = Some(REMEMBERED_MAX);
        options.negative_max_ttl = Some(ABSENCE_REMEMBERED_MAX);
        let inner = builder.build().map_err(|error| EgressError::Resolver(error.to_string()))?;
        Ok(Self { inner, servers })
    }

    /// The name servers that are asked, the first preferred.
    pub(crate) fn servers(&self) -> &[SocketAddr] {
        &self.servers
    }

    /// All addresses of a name, IPv4 first; never empty.
    pub(crate) async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, ResolveError> {
        let found = self.inner.lookup_ip(name).await.map_err(|error| explain(name, &error))?;
        let (mut addresses, v6): (Vec<IpAddr>, Vec<IpAddr>) = found.iter().partition(IpAddr::is_ipv4);
        addresses.extend(v6);
        if addresses.is_empty() {
            return Err(no_records(name));
        }
        Ok(addresses)
    }
}

fn name_server(address: &SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = address.port();
        connection
    });
    NameServerConfig::new(address.ip(), true, connections.into())
}

fn address_of(server: &NameServerConfig) -> Option<SocketAddr> {
    server.connections.first().map(|connection| SocketAddr::new(server.ip, connection.port))
}

fn no_records(name: &str) -> ResolveError {
    ResolveError { reason: Reason::DnsNoRecords, detail: format!("{name} has no A or AAAA record") }
}

/// The contract's reason for an error of the resolver. Name servers that can't be reached at all are the node's own
/// trouble, not the target's.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library may add kinds of errors; what is not named is the rest"
)]
fn explain(name: &str, error: &NetError) -> ResolveError {
    let (reason, detail) = match error {
        NetError::Dns(
            DnsError::ResponseCode(code) | DnsError::NoRecordsFound(NoRecords { response_code: code, .. }),
        ) => match *code {
            ResponseCode::NXDomain => (Reason::DnsNxdomain, format!("{name} does not exist")),
            ResponseCode::NoError => return no_records(name),
            ResponseCode::Refused => (Reason::DnsRefused, format!("the name server refused to answer for {name}")),
            code => (Reason::DnsServfail, format!("the name server answered {code} for {name}")),
        },
        NetError::Timeout => (Reason::DnsTimeout, format!("no name server answered for {name} in time")),
        NetError::Io(_) | NetError::NoConnections | NetError::Busy => {
            return ResolveError::cut_off();
        }
        other => (Reason::DnsServfail, format!("the answer for {name} could not be used: {other}")),
    };
    ResolveError { reason, detail }
}
