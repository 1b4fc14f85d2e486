//! Canaries: addresses that answer whenever this node has a network, whoever's targets fail.
//!
//! The operator may name them. The default asks three public anycast services and a root server for a TCP connection, and
//! the node's own name servers for a name that no cache can know. Where none has ever answered there is no witness: behind a
//! strict firewall or on a laptop without a network nothing is concluded from silence. Who answered an earlier life of this
//! node did answer.

use pulse_domain::{
    limits::CANARY_TIMEOUT_MS,
    outcome::Reason,
    report::Canaries as Known,
    vantage::{Canaries, Part},
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpStream, task::JoinSet, time::timeout};
use url::Host;

use crate::{
    clock,
    egress::{Egress, EgressOptions},
};

/// Cloudflare, Google and Quad9's name servers, and the root server K of RIPE: run by different people on different networks.
const ADDRESSES: [&str; 4] = ["1.1.1.1:53", "8.8.8.8:53", "9.9.9.9:53", "193.0.14.129:53"];
/// Reserved for documentation (RFC 2606), so nobody is bothered by questions about names in it.
const ASKED_UNDER: &str = "example.com";

const PATIENCE: Duration = Duration::from_millis(CANARY_TIMEOUT_MS);

/// Who is asked.
#[derive(Debug)]
pub(crate) struct Witnesses {
    addresses: Vec<SocketAddr>,
}

/// What was asked for, and whether it answered.
type Said = (Part, bool);

impl Witnesses {
    pub(crate) fn new(options: &EgressOptions) -> Self {
        let standard = || ADDRESSES.iter().filter_map(|address| address.parse().ok()).collect();
        Self { addresses: options.canaries.clone().unwrap_or_else(standard) }
    }

    /// Asks all at once, until one of each part has answered or time is over. Silence counts where there was an answer before.
    pub(crate) async fn ask(&self, egress: &Arc<Egress>, known: Known) -> Canaries {
        if self.addresses.is_empty() {
            return Canaries::default();
        }
        let mut asking: JoinSet<Said> = JoinSet::new();
        for address in &self.addresses {
            asking.spawn(connects(*address));
        }
        asking.spawn(resolves(Arc::clone(egress)));
        let (mut path, mut names) = (false, false);
        while let Some(said) = asking.join_next().await {
            match said {
                Ok((Part::Path, answered)) => path |= answered,
                Ok((Part::Names, answered)) => names |= answered,
                Err(_) => {}
            }
            if path && names {
                break;
            }
        }
        Canaries { names: (names || known.names).then_some(names), path: (path || known.path).then_some(path) }
    }
}

async fn connects(address: SocketAddr) -> Said {
    let connected = timeout(PATIENCE, TcpStream::connect(address)).await;
    (Part::Path, matches!(connected, Ok(Ok(_))))
}

/// That a name does not exist is an answer too.
async fn resolves(egress: Arc<Egress>) -> Said {
    let label = (clock::chance() * 1e15).to_string();
    let name = format!("pulse-{}.{ASKED_UNDER}", label.split('.').next().unwrap_or_default());
    let answered = match timeout(PATIENCE, egress.addresses(Host::Domain(&name), 0)).await {
        Ok(Ok(_)) => true,
        Ok(Err(denied)) => {
            matches!(denied.reason(), Reason::DnsNxdomain | Reason::DnsNoRecords | Reason::BlockedTarget)
        }
        Err(_) => false,
    };
    (Part::Names, answered)
}
