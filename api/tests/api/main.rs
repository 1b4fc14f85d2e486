//! The API through its router (and, for the stream, over a real port), on a real database.
//!
//! The modules are marked as tests, so that the lints know their helpers for what they are.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod bulk;
#[cfg(test)]
mod channels;
#[cfg(test)]
mod conventions;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod history;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod incidents;
#[cfg(test)]
mod isolation;
#[cfg(test)]
mod maintenance;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod monitors;
#[cfg(test)]
mod on_call;
#[cfg(test)]
mod pushes;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod silences;
#[cfg(test)]
mod stream;
#[cfg(test)]
mod world;
