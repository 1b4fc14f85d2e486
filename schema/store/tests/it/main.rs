//! The repository against a real server, each test on a database of its own.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "in a test a panic is the report")]

mod committing;
mod isolation;
mod outbox;
mod planning;
mod recording;
mod signals;
mod walls;
mod world;
