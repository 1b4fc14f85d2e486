//! What people type, and how it becomes what the API takes.

pub mod errors;
pub mod monitor;
pub mod text;

pub use errors::Errors;
