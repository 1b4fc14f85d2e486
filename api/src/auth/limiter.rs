//! The brakes: how often one network may try to sign in, and how often an organization may ask.
//!
//! Signing in is counted by (account, network) and by network, never by account alone: or a stranger could lock its owner out.

use super::lockout::{FREE_TRIES, Lockout, WAIT_SECONDS_MAX};
use crate::{Timestamp, problem::Problem};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use governor::{DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter, clock::Clock as _, clock::DefaultClock};
use pulse_domain::ids::OrgId;
use std::{fmt, hash::Hash, net::IpAddr, num::NonZeroU32, time::Duration};

/// One rule: `burst` at once, then one per `period`.
#[derive(Clone, Copy, Debug)]
struct Rate {
    /// Names it in `RateLimit`.
    name: &'static str,
    burst: u32,
    period: Duration,
}

/// An office behind one address may all come at nine o'clock.
const LOGIN_NETWORK: Rate = Rate { name: "login-network", burst: 50, period: Duration::from_secs(3) };
/// Each registration costs a hash and an organization.
const REGISTER_NETWORK: Rate = Rate { name: "register-network", burst: 100, period: Duration::from_secs(6) };
/// What one organization asks from one network: 100 a second, after a burst of 500.
const REQUESTS: Rate = Rate { name: "requests", burst: 500, period: Duration::from_millis(10) };

/// What one push URL takes: two a second, after a burst of 60.
const PUSH_TOKEN: Rate = Rate { name: "push-token", burst: 60, period: Duration::from_millis(500) };
/// A data centre behind one address: 200 a second, after a burst of 1,000.
const PUSH_NETWORK: Rate = Rate { name: "push-network", burst: 1_000, period: Duration::from_millis(5) };

/// Past this many keys those at rest are forgotten.
const KEYS_MAX: usize = 50_000;

pub(crate) struct Limiter {
    lockout: Lockout,
    login_network: Keyed<IpAddr>,
    register_network: Keyed<IpAddr>,
    requests: Keyed<(OrgId, IpAddr)>,
    push_token: Keyed<[u8; 32]>,
    push_network: Keyed<IpAddr>,
}

impl Limiter {
    pub(crate) fn new() -> Self {
        Self {
            lockout: Lockout::default(),
            login_network: Keyed::new(LOGIN_NETWORK),
            register_network: Keyed::new(REGISTER_NETWORK),
            requests: Keyed::new(REQUESTS),
            push_token: Keyed::new(PUSH_TOKEN),
            push_network: Keyed::new(PUSH_NETWORK),
        }
    }

    /// Counts one try to sign in. It counts whether or not the account exists.
    pub(crate) fn limit_login(&self, email: &str, network: IpAddr, now: Timestamp) -> Result<(), Problem> {
        self.login_network.check(&network)?;
        let early = self.lockout.count(email, network, now);
        early.map_err(|seconds| {
            refuse("login-account", seconds.unsigned_abs(), FREE_TRIES, WAIT_SECONDS_MAX.unsigned_abs())
        })
    }

    /// The password was right: the tries before it don't count any more.
    pub(crate) fn forgive_login(&self, email: &str, network: IpAddr) {
        self.lockout.forgive(email, network);
    }

    pub(crate) fn limit_register(&self, network: IpAddr) -> Result<(), Problem> {
        self.register_network.check(&network)
    }

    /// By the hash of the URL's token.
    pub(crate) fn limit_push_token(&self, token_hash: [u8; 32]) -> Result<(), Problem> {
        self.push_token.check(&token_hash)
    }

    pub(crate) fn limit_push_network(&self, network: IpAddr) -> Result<(), Problem> {
        self.push_network.check(&network)
    }

    pub(crate) fn limit_requests(&self, org_id: OrgId, network: IpAddr) -> Result<(), Problem> {
        self.requests.check(&(org_id, network))
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").finish_non_exhaustive()
    }
}

struct Keyed<K: Hash + Eq + Clone> {
    rate: Rate,
    limiter: DefaultKeyedRateLimiter<K>,
}

impl<K: Hash + Eq + Clone> Keyed<K> {
    fn new(rate: Rate) -> Self {
        let quota = Quota::with_period(rate.period).unwrap_or(Quota::per_second(NonZeroU32::MIN));
        let burst = NonZeroU32::new(rate.burst).unwrap_or(NonZeroU32::MIN);
        Self { rate, limiter: RateLimiter::keyed(quota.allow_burst(burst)) }
    }

    fn check(&self, key: &K) -> Result<(), Problem> {
        if self.limiter.len() > KEYS_MAX {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(key).map_err(|until| self.refuse(&until))
    }

    fn refuse(&self, until: &NotUntil<<DefaultClock as governor::clock::Clock>::Instant>) -> Problem {
        let wait = until.wait_time_from(DefaultClock::default().now());
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let Rate { name, burst, period } = self.rate;
        refuse(name, seconds, burst, (period * burst).as_secs().max(1))
    }
}

/// 429 with `Retry-After` and the fields of draft-ietf-httpapi-ratelimit-headers-10.
fn refuse(name: &str, wait_seconds: u64, quota: u32, window_seconds: u64) -> Problem {
    let wait_seconds = wait_seconds.max(1);
    let detail = "Too many requests; wait as long as Retry-After says.";
    let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, detail).retry_after(wait_seconds);
    let fields = [
        ("ratelimit", format!("\"{name}\";r=0;t={wait_seconds}")),
        ("ratelimit-policy", format!("\"{name}\";q={quota};w={window_seconds}")),
    ];
    fields.into_iter().fold(problem, |problem, (field, value)| {
        let value = HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static(""));
        problem.header(HeaderName::from_static(field), value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse as _;

    #[test]
    fn one_network_is_braked_and_told_how_long_and_others_are_not() {
        let limiter = Limiter::new();
        let (here, there) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        for _ in 0..REGISTER_NETWORK.burst {
            limiter.limit_register(here).unwrap();
        }
        let refused = limiter.limit_register(here).unwrap_err().into_response();
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.headers()["retry-after"], "6");
        assert_eq!(refused.headers()["ratelimit"], "\"register-network\";r=0;t=6");
        assert_eq!(refused.headers()["ratelimit-policy"], "\"register-network\";q=100;w=600");
        assert!(limiter.limit_register(there).is_ok());
    }
}
