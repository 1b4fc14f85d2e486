//! The one way out: every connection to a place that a user named is judged here, after its name was resolved, and made
//! to the judged address only.
//!
//! A probe engine is a request forger by trade. Judging names or texts is not enough (a name may resolve to anything, and
//! to something else a second later), so the address itself is judged, all addresses of a name must be allowed, and the
//! caller gets addresses rather than a name to resolve again.

mod connect;
mod reqwest_resolver;
mod resolver;
mod tls;

use pulse_domain::{
    address::{AddressPolicy, Refused},
    outcome::Reason,
};
use std::{net::SocketAddr, path::PathBuf};
use url::Host;

pub(crate) use connect::{broken, connect, secure};
pub(crate) use reqwest_resolver::client;
use resolver::{ResolveError, Resolver};
use tls::TlsConfigs;

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
    #[error("the webhook client cannot be built: {0}")]
    Client(#[from] reqwest::Error),
}

/// The guard with what it needs: policy, resolver and TLS settings. Shared by all probes and deliveries.
#[derive(Debug)]
pub(crate) struct Egress {
    policy: AddressPolicy,
    resolver: Resolver,
    pub(crate) tls: TlsConfigs,
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
    pub(crate) fn new(options: &EgressOptions) -> Result<Self, EgressError> {
        Ok(Self {
            policy: options.policy.clone(),
            resolver: Resolver::new(&options.resolvers)?,
            tls: TlsConfigs::new(options.extra_ca.as_deref())?,
            allow_plain_webhooks: options.allow_plain_webhooks,
        })
    }

    /// The judged addresses of a host, IPv4 before IPv6: never empty, and all of them allowed.
    pub(crate) async fn addresses(&self, host: Host<&str>, port: u16) -> Result<Vec<SocketAddr>, Denied> {
        let addresses = match host {
            Host::Ipv4(address) => vec![address.into()],
            Host::Ipv6(address) => vec![address.into()],
            Host::Domain(name) => {
                self.policy.judge_name(name)?;
                self.resolver.resolve(name).await?
            }
        };
        self.policy.judge_all(&addresses)?;
        Ok(addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect())
    }
}
