//! The guard as reqwest's resolver: deliveries can only connect to what it allowed.

use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use std::{sync::Arc, time::Duration};
use url::Host;

use super::{Egress, EgressError};
use pulse_domain::limits::DELIVERY_TIMEOUT_MS;

struct GuardedResolver(Arc<Egress>);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let egress = Arc::clone(&self.0);
        Box::pin(async move {
            let addresses = egress.addresses(Host::Domain(name.as_str()), 0).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// The client of deliveries: every name goes through the guard, every connection is fresh, and nothing of the
/// environment (proxies) or of an earlier answer (cookies, redirects) steers it. A literal address in a URL never
/// reaches a resolver, so the caller judges it first.
pub(crate) fn client(egress: &Arc<Egress>) -> Result<Client, EgressError> {
    let client = Client::builder()
        .tls_backend_preconfigured((*egress.tls.verified).clone())
        .dns_resolver(GuardedResolver(Arc::clone(egress)))
        .no_proxy()
        .redirect(Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .pool_max_idle_per_host(0)
        .timeout(Duration::from_millis(DELIVERY_TIMEOUT_MS))
        .build()?;
    Ok(client)
}
