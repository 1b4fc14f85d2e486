//! Probes against real sockets: each way to fail, and the reason it gets.

mod dns;
mod http;
mod tcp;
mod tls;
mod world;
