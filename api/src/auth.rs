//! Proving who someone is: passwords, session tokens and their cookie, keys for machines, and the brakes on guessing.

pub(crate) mod cookie;
pub(crate) mod limiter;
mod lockout;
pub(crate) mod password;
pub(crate) mod token;
