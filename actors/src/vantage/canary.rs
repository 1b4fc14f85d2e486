//! Canaries: addresses that answer whenever this node has a network, whoever's targets fail.
//!
//! The operator may name them. The default asks three public anycast services and a root server for a TCP connection, and
//! the node's own name servers for a name that no cache can know. A canary that has never answered is no witness: behind a
//! strict firewall or on a laptop without a network nothing is concluded from its silence.

use pulse_domain::{limits::CANARY_TIMEOUT_MS, outcome::Reason, vantage::Canaries};
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

/// Who is asked, and who has ever answered. Outlives a panic of the loop.
#[derive(Debug)]
pub(crate) struct Witnesses {
    addresses: Vec<Witness>,
    names_answered: bool,
}

#[derive(Debug)]
struct Witness {
    address: SocketAddr,
    answered: bool,
}

/// What was asked, and whether it answered: an address by its number, or the name servers.
type Said = (Option<usize>, bool);

impl Witnesses {
    pub(crate) fn new(options: &EgressOptions) -> Self {
        let standard = || ADDRESSES.iter().filter_map(|address| address.parse().ok()).collect();
        let addresses: Vec<SocketAddr> = options.canaries.clone().unwrap_or_else(standard);
        let addresses = addresses.into_iter().map(|address| Witness { address, answered: false }).collect();
        Self { addresses, names_answered: false }
    }

    /// Asks all at once, until one of each part has answered or time is over.
    pub(crate) async fn ask(&mut self, egress: &Arc<Egress>) -> Canaries {
        if self.addresses.is_empty() {
            return Canaries::default();
        }
        let mut asking: JoinSet<Said> = JoinSet::new();
        for (number, witness) in self.addresses.iter().enumerate() {
            asking.spawn(connects(number, witness.address));
        }
        asking.spawn(resolves(Arc::clone(egress)));
        let (mut path, mut names) = (false, false);
        while let Some(said) = asking.join_next().await {
            let Ok((number, answered)) = said else { continue };
            if let Some(witness) = number.and_then(|number| self.addresses.get_mut(number)) {
                witness.answered |= answered;
                // One that answers now for the first time is a witness as well.
                path |= answered;
            } else {
                self.names_answered |= answered;
                names |= answered;
            }
            if path && names {
                break;
            }
        }
        let path_known = self.addresses.iter().any(|witness| witness.answered);
        Canaries { names: self.names_answered.then_some(names), path: path_known.then_some(path) }
    }
}

async fn connects(number: usize, address: SocketAddr) -> Said {
    let connected = timeout(PATIENCE, TcpStream::connect(address)).await;
    (Some(number), matches!(connected, Ok(Ok(_))))
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
    (None, answered)
}
