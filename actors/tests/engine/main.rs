//! The engine as a whole, on a real Postgres and real sockets.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test's helpers may fail the test")]

mod alerting;
mod changing;
mod channels;
mod continuing;
mod gate;
mod name_server;
mod outage;
mod overload;
mod proxy;
mod refused;
mod restart;
mod signals;
mod storms;
mod support;
mod vantage;
