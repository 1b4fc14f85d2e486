//! The web app: pages over the REST API, kept current by folding the frames of the stream.
//!
//! Rules (folding, filtering, form to configuration, words and figures) are pure functions with tests on the host;
//! everything a browser does is behind [`platform`], whose host side is inert, so pages also render to text in tests.

pub mod api;
pub mod form;
pub mod live;
pub mod pages;
pub mod parts;
pub mod platform;
pub mod route;
#[cfg(test)]
mod tests;
pub mod text;

use dioxus::prelude::*;

/// The whole app.
#[component]
pub fn App() -> Element {
    rsx! {
        Router::<route::Route> {}
    }
}
