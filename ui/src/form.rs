//! What people type, and how it becomes what the API takes.

pub mod errors;
mod lens;
pub mod monitor;
pub mod text;

pub use errors::Errors;
pub use lens::Lens;

use serde::de::DeserializeOwned;
use serde_json::Value;

/// The state of a form: what was typed for one thing of the API.
pub trait Draft: Clone + PartialEq + 'static {
    /// The thing as the API shows it.
    type Shown: DeserializeOwned + 'static;
    /// The list that it belongs to, as in its address.
    const LIST: &'static str;
    /// What people call one of them.
    const NOUN: &'static str;

    fn of(shown: &Self::Shown) -> Self;
    /// The body to send, or what is wrong with it.
    fn body(&self) -> Result<Value, Errors>;
    fn name(&self) -> &str;
}
