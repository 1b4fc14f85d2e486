//! The repository against a real server, each test on a database of its own.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "in a test a panic is the report")]

mod bulk;
mod committing;
mod isolation;
mod maintenance;
mod on_call;
mod outbox;
mod packing;
mod planning;
mod recording;
mod reports;
mod resealing;
mod signals;
mod silences;
mod stats;
mod walls;
mod world;
