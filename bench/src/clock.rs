//! The benchmark's clock: the same wall clock as the engine's, since both ends of a measurement are on one machine.

use std::time::{Duration, UNIX_EPOCH};

use pulse_domain::Timestamp;
use rustix::time::{ClockId, clock_gettime};

/// Microseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "this is the benchmark's clock")]
pub fn now_us() -> i64 {
    let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// The same as a timestamp.
pub fn now() -> Timestamp {
    timestamp(now_us())
}

pub fn timestamp(us: i64) -> Timestamp {
    Timestamp::from_timestamp_micros(us).unwrap_or_default()
}

/// What this process has computed since its start, in all its threads.
pub fn own_cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}
