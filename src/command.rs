//! One file for each command of the program.

pub(crate) mod agent;
pub(crate) mod api;
pub(crate) mod database;
mod drain;
pub(crate) mod engine;
pub(crate) mod rotate_keys;
pub(crate) mod up;
