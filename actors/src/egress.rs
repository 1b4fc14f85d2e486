//! The one way out: every connection to a place that a user named is judged here, after its name was resolved, and made
//! to the judged address only.
//!
//! A probe engine is a request forger by trade. Judging names or texts is not enough (a name may resolve to anything, and
//! to something else a second later), so the address itself is judged, all addresses of a name must be allowed, and the
//! caller gets addresses rather than a name to resolve again.

mod ask;
mod certificate;
mod connect;
mod ping;
mod reqwest_resolver;
mod resolver;
mod secure;
mod tls;

use pulse_domain::{
    address::{AddressPolicy, Refused},
    outcome::Reason,
    secret::Secret,
};
use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};
use url::Host;

pub(crate) use ask::ask;
pub(crate) use certificate::Certificates;
pub(crate) use connect::{broken, connect, connect_any, hurry};
pub(crate) use ping::{Echo, Pings};
pub(crate) use reqwest_resolver::client;
use resolver::{ResolveError, Resolver};
pub(crate) use secure::{Handshake, Secured};
use tls::TlsConfigs;
pub use tls::trust;

/// What an operator decides about the way out.
#[derive(Clone, Debug, Default)]
pub struct EgressOptions {
    pub policy: AddressPolicy,
    /// Whether webhooks may go over plain HTTP: a laptop's choice.
    pub allow_plain_webhooks: bool,
    /// Name servers instead of the system's; empty: the system's.
    pub resolvers: Vec<SocketAddr>,
    /// A PEM file of further roots that probes and deliveries trust.
    pub extra_ca: Option<PathBuf>,
    /// The web app's origin, for the links in messages.
    pub public_url: Option<String>,
    /// The mail server: `smtp://` (with STARTTLS) or `smtps://`, with user and password; absent: no e-mail.
    pub smtp_url: Option<Secret<String>>,
    /// Addresses that answer over TCP whenever this node has a network; absent: well-known ones; empty: nobody is asked.
    pub canaries: Option<Vec<SocketAddr>>,
    /// Checks under way at once; absent: as many as the process may open files for.
    pub checks_max: Option<u32>,
}

/// Why there is no way out at all. Each text is one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    #[error("the system's resolver settings cannot be read ({0}); set PULSE_RESOLVERS=1.1.1.1:53 or the like")]
    SystemResolver(String),
    #[error("the name servers of PULSE_RESOLVERS cannot be used: {0}")]
    Resolver(String),
    #[error("PULSE_EXTRA_CA: {path} cannot be read as PEM certificates: {why}")]
    ExtraCa { path: PathBuf, why: String },
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    #[error("PULSE_SMTP_URL: {0}")]
    Smtp(String),
    #[error("the webhook client cannot be built: {0}")]
    Client(#[from] reqwest::Error),
}

/// The guard with what it needs: policy, resolver, TLS settings and the sockets for echo requests. One serves all probes
/// and deliveries of a node.
#[derive(Debug)]
pub struct Egress {
    policy: AddressPolicy,
    resolver: Resolver,
    pub(crate) tls: TlsConfigs,
    pub(crate) pings: Pings,
    pub(crate) allow_plain_webhooks: bool,
}

/// Why a destination has no address to connect to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Denied {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    Resolve(#[from] ResolveError),
}

impl Denied {
    pub(crate) fn reason(&self) -> Reason {
        match self {
            Self::Refused(_) => Reason::BlockedTarget,
            Self::Resolve(error) => error.reason,
        }
    }
}

impl Egress {
    /// Reads the system's name servers and root certificates, unless `options` name others.
    pub fn new(options: &EgressOptions) -> Result<Self, EgressError> {
        Ok(Self {
            policy: options.policy.clone(),
            resolver: Resolver::new(&options.resolvers)?,
            tls: TlsConfigs::new(options.extra_ca.as_deref())?,
            pings: Pings::default(),
            allow_plain_webhooks: options.allow_plain_webhooks,
        })
    }

    /// Whether an address may be reached.
    pub(crate) fn judge(&self, address: IpAddr) -> Result<(), Refused> {
        self.policy.judge(address)
    }

    /// A name, as far as its text can tell.
    pub(crate) fn judge_name(&self, name: &str) -> Result<(), Refused> {
        self.policy.judge_name(name)
    }

    /// The judged addresses of a name, IPv4 before IPv6: never empty, and all of them allowed.
    ///
    /// A name that nobody resolves in time may be the fault of its own name servers or of the node's: the latter are
    /// asked something that they surely know.
    pub(crate) async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, Denied> {
        self.policy.judge_name(name)?;
        let addresses = match self.resolver.resolve(name).await {
            Err(error) if error.reason == Reason::DnsTimeout && !ask::is_any_alive(self.name_servers()).await => {
                return Err(ResolveError::cut_off().into());
            }
            resolved => resolved?,
        };
        self.policy.judge_all(&addresses)?;
        Ok(addresses)
    }

    /// The judged addresses of a host: never empty, and all of them allowed.
    pub(crate) async fn addresses(&self, host: Host<&str>, port: u16) -> Result<Vec<SocketAddr>, Denied> {
        let literal = match host {
            Host::Ipv4(address) => IpAddr::V4(address),
            Host::Ipv6(address) => IpAddr::V6(address),
            Host::Domain(name) => {
                let addresses = self.resolve(name).await?;
                return Ok(addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect());
            }
        };
        self.judge(literal)?;
        Ok(vec![SocketAddr::new(literal, port)])
    }

    /// The name servers of the node. The operator chose them, so they are not judged.
    pub(crate) fn name_servers(&self) -> &[SocketAddr] {
        self.resolver.servers()
    }
}
