//! Whether a monitor flaps: the measure of Nagios Core (`base/flapping.c`), on raw outcomes.
//!
//! Confirmed states would hide a strict alternation: with a confirmation of 2 it never changes state at all.

use crate::monitor::FlappingPolicy;
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// 21 outcomes give 20 possible changes.
const OUTCOMES: u8 = 21;
const OUTCOMES_MASK: u32 = (1 << OUTCOMES) - 1;
const CHANGES_MASK: u32 = (1 << (OUTCOMES - 1)) - 1;

/// The last 21 recorded outcomes, failure or not. An outcome that is not there yet is no change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// One bit per outcome, set for a failure; bit 0 is the newest.
    #[serde(rename = "b")]
    bits: u32,
    /// How many of the bits are outcomes.
    #[serde(rename = "n")]
    len: u8,
}

impl Ring {
    /// Records an outcome. The first one seeds the ring and is no change.
    pub fn push(&mut self, failure: bool) {
        self.bits = ((self.bits << 1) | u32::from(failure)) & OUTCOMES_MASK;
        self.len = self.len.saturating_add(1).min(OUTCOMES);
    }

    /// The weighted share of changes: change k of 20 (0 = oldest) weighs `0.75 + 0.5·k/19`, and the value is
    /// `100 · sum / 20` percent.
    pub fn percent(&self) -> f64 {
        let known = (1_u32 << self.len.saturating_sub(1).min(OUTCOMES - 1)) - 1;
        let mut changes = (self.bits ^ (self.bits >> 1)) & known & CHANGES_MASK;
        // In 76ths the weights are whole numbers (57 + 2k), so thresholds are met exactly, not by rounding.
        let mut sum = 0_u32;
        while changes != 0 {
            let age = changes.trailing_zeros();
            sum += 57 + 2 * (19 - age.min(19));
            changes &= changes - 1;
        }
        f64::from(sum) * 5.0 / 76.0
    }

    /// Whether the monitor flaps now, if it did (or didn't) before: it starts at or above `high_percent`, stops at or
    /// below `low_percent`, and stays what it was between.
    pub fn flaps(&self, policy: FlappingPolicy, before: bool) -> bool {
        let percent = self.percent();
        if before { percent > policy.low_percent } else { percent >= policy.high_percent }
    }
}
