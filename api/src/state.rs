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
use pulse_domain::{
    address::{AddressPolicy, Network},
    report::NodeReport,
};
use pulse_store::Store;
use std::{
    fmt,
    ops::Deref,
    sync::{Arc, OnceLock},
};

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

/// Reads the report of an engine in this process, which knows how it does also while the database is away.
#[derive(Clone)]
pub struct LocalEngine(Arc<dyn Fn() -> NodeReport + Send + Sync>);

impl LocalEngine {
    pub fn new(read: impl Fn() -> NodeReport + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }
}

impl fmt::Debug for LocalEngine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("LocalEngine").finish_non_exhaustive()
    }
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
    local_engine: OnceLock<LocalEngine>,
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
            local_engine: OnceLock::new(),
        }))
    }

    /// Names the engine of this process; there is one at most.
    pub fn set_local_engine(&self, engine: LocalEngine) {
        self.local_engine.get_or_init(|| engine);
    }

    pub(crate) fn local_engine(&self) -> Option<NodeReport> {
        self.local_engine.get().map(|engine| (engine.0)())
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
