//! What all rows share: the ways out, the name servers, the authority that is trusted and the one that is not.

use pulse_actors::{Egress, EgressOptions};
use pulse_bench::scripted::{Target, dns, tls::Authority};
use pulse_domain::address::AddressPolicy;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use super::table::Way;

/// A name that our server resolves to 127.0.0.1.
pub(super) const HOME: &str = "home.pulse.example";

pub(super) struct World {
    egresses: BTreeMap<&'static str, Arc<Egress>>,
    pub(super) names: Target,
    /// A name server's port that nobody listens at.
    pub(super) nobody: Target,
    pub(super) authority: Authority,
    pub(super) stranger: Authority,
    /// Targets that live as long as the world.
    targets: Mutex<Vec<Target>>,
    _folder: tempfile::TempDir,
}

impl World {
    pub(super) async fn new() -> Self {
        let (authority, stranger) = (Authority::new().unwrap(), Authority::new().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let extra_ca = folder.path().join("ca.pem");
        std::fs::write(&extra_ca, &authority.pem).unwrap();
        let names = dns::serve().await.unwrap();
        let nobody = dns::refusing().await.unwrap();
        let networks = ["127.0.0.0/8", "::1", "224.0.0.0/4"];
        let policy = AddressPolicy { allow: networks.map(|network| network.parse().unwrap()).into() };
        let open = EgressOptions {
            policy,
            resolvers: vec![names.address],
            extra_ca: Some(extra_ca),
            ..EgressOptions::default()
        };
        let strict = EgressOptions { policy: AddressPolicy::default(), ..open.clone() };
        let cut = EgressOptions { resolvers: vec![nobody.address], ..open.clone() };
        let egress = |options: &EgressOptions| Arc::new(Egress::new(options).unwrap());
        let egresses = [("open", egress(&open)), ("strict", egress(&strict)), ("cut", egress(&cut))].into();
        Self { egresses, names, nobody, authority, stranger, targets: Mutex::default(), _folder: folder }
    }

    pub(super) fn egress(&self, way: Way) -> &Arc<Egress> {
        let name = match way {
            Way::Open => "open",
            Way::Strict => "strict",
            Way::Cut => "cut",
        };
        &self.egresses[name]
    }

    /// Keeps a target; answers its port.
    pub(super) fn keep(&self, target: Target) -> u16 {
        let port = target.port();
        self.targets.lock().unwrap().push(target);
        port
    }
}
