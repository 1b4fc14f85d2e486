//! Errors as RFC 9457 `application/problem+json`.

use serde::{Deserialize, Serialize};

pub const CONTENT_TYPE: &str = "application/problem+json";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A URI that names the kind of problem; `about:blank` where the status says it all.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    /// The path that was asked for.
    pub instance: String,
    /// For 422: what is wrong, field by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the body that was sent; of a query parameter, `/` and its name.
    pub pointer: String,
    /// For programs: `range`, `required`, `unknown_field`, `type`, …
    pub code: String,
    /// For people.
    pub detail: String,
}

impl FieldError {
    /// The same fault, told of a body in which this one is the part at `pointer`.
    #[must_use]
    pub fn inside(self, pointer: &str) -> Self {
        Self { pointer: format!("{pointer}{}", self.pointer), ..self }
    }
}
