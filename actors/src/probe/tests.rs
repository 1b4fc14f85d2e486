//! Probes against real sockets: what the other side sees of them. How each failure is judged is proved by the scenarios of
//! the benchmark's crate.

mod http;
mod tcp;
mod world;
