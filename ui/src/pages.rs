//! The pages: one file each.

pub mod channel_form;
pub mod channels;
pub mod deliveries;
pub mod delivery;
pub mod incident;
pub mod incidents;
pub mod metrics;
pub mod monitor;
pub mod monitor_form;
pub mod monitors;
pub mod not_found;
pub mod rule_form;
pub mod rules;
pub mod shell;
pub mod sign_in;
pub mod sign_up;
