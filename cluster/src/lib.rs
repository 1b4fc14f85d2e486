//! The bus between processes: doorbells, and the live frames that nobody stores.
//!
//! A doorbell says *look*, never *what*: whatever it announces is a row that a poll finds too. So the bus may lose,
//! repeat and reorder; it only makes things faster. One process alone uses [`Bus::in_process`]; several share Redis.

mod audience;
mod bus;
mod doorbell;
mod redis;

pub use bus::{Bus, BusError, Heard, Subscription, Viewer};
pub use doorbell::Doorbell;
