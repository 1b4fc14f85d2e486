//! The API: REST under `/api/v1`, the WebSocket, sessions and keys, the OpenAPI document, and the built web app.
//!
//! An endpoint is one file under `routes/`: who may call it, what it takes, what it answers. Each reads or writes through one
//! transaction of the caller's organization, commits, and only then rings a doorbell. What every answer has in common
//! (problems, security headers, idempotency) is in the layers of [`router`].

mod address;
mod auth;
mod body;
mod docs;
mod etag;
mod extract;
mod headers;
mod hub;
mod idempotency;
mod merge;
mod openapi;
mod page;
mod params;
mod problem;
mod router;
mod routes;
mod serve;
mod shell;
mod state;
mod stored;
mod touched;
mod ui;

pub use pulse_domain::Timestamp;
pub use router::router;
pub use serve::{ApiError, ApiOptions, serve};
pub use shell::Clock;
pub use state::{ApiState, LocalEngine, Settings};
