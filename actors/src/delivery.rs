//! Ways to hand a message over: one file each, behind one small trait.

pub(crate) mod webhook;

use pulse_domain::{backoff::Answer, channel::Channel, notification::Attempt};
use pulse_store::Reserved;

/// One kind of channel.
pub(crate) trait Delivery {
    /// Hands the message over once. Total: trouble is an outcome, and it ends within the delivery timeout.
    fn deliver(&self, reserved: &Reserved, channel: &Channel) -> impl Future<Output = Delivered> + Send;
}

/// How it went.
#[derive(Debug)]
pub(crate) struct Delivered {
    pub(crate) attempt: Attempt,
    pub(crate) then: Then,
}

/// What the next step depends on.
#[derive(Debug)]
pub(crate) enum Then {
    Answered(Answer),
    /// Trying again can't help until a person changes something.
    Hopeless(String),
}
