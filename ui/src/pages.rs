//! The pages: one file each.

pub mod channel_form;
pub mod channels;
pub mod deliveries;
pub mod delivery;
pub mod incident;
pub mod incidents;
pub mod maintenance;
pub mod maintenance_form;
pub mod metrics;
pub mod monitor;
pub mod monitor_form;
pub mod monitors;
pub mod not_found;
pub mod on_call;
pub mod on_call_form;
pub mod on_call_schedule;
pub mod rule_form;
pub mod rules;
pub mod shell;
pub mod sign_in;
pub mod sign_up;
