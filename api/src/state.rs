//! What every handler can reach.

use crate::{
    Timestamp,
    auth::{limiter::Limiter, password::Passwords},
    hub::Hub,
    idempotency::InFlight,
    shell::Clock,
    touched::Touched,
};
use pulse_cluster::Bus;
use pulse_domain::address::{AddressPolicy, Network};
use pulse_store::Store;
use std::{ops::Deref, sync::Arc};

/// What the operator decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The origin people see, such as `https://pulse.example`; absent: whatever the request was sent to.
    pub public_url: Option<String>,
    /// Whose `X-Forwarded-For` and `X-Forwarded-Proto` count.
    pub trusted_proxies: Vec<Network>,
    /// Where webhooks may lead.
    pub policy: AddressPolicy,
    /// Whether webhooks may go over plain HTTP.
    pub allow_plain_webhooks: bool,
}

/// The state of the API. Cloning shares it.
#[derive(Clone, Debug)]
pub struct ApiState(Arc<Inner>);

#[derive(Debug)]
pub struct Inner {
    pub(crate) store: Store,
    pub(crate) bus: Bus,
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) passwords: Passwords,
    pub(crate) limiter: Limiter,
    pub(crate) hub: Hub,
    pub(crate) touched: Touched,
    pub(crate) in_flight: InFlight,
}

impl ApiState {
    pub fn new(store: Store, bus: Bus, settings: Settings, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            hub: Hub::new(store.clone(), bus.clone()),
            store,
            bus,
            settings,
            clock,
            passwords: Passwords::new(),
            limiter: Limiter::new(),
            touched: Touched::default(),
            in_flight: InFlight::default(),
        }))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl Deref for ApiState {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
