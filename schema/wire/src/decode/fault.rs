//! What serde says about one spot of a body, kept as data instead of text.

use crate::problem::FieldError;
use serde::de::{self, Expected, Unexpected};
use std::fmt;

/// One fault and where it is.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The keys and indices that lead to it, innermost first.
    path: Vec<String>,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Missing(&'static str),
    Unknown(String),
    Choice { found: String, expected: &'static [&'static str] },
    Type { found: &'static str, expected: String },
    Range { expected: String },
    Format(String),
}

impl Fault {
    fn new(kind: Kind) -> Self {
        Self { path: Vec::new(), kind }
    }

    /// The same fault, seen from one level above.
    pub(super) fn under(mut self, segment: impl Into<String>) -> Self {
        self.path.push(segment.into());
        self
    }

    /// The keys and indices to the spot itself, outermost first; of a missing or unknown field, to that field.
    pub(super) fn segments(&self) -> Vec<String> {
        let mut segments: Vec<String> = self.path.iter().rev().cloned().collect();
        match &self.kind {
            Kind::Missing(field) => segments.push((*field).to_owned()),
            Kind::Unknown(field) => segments.push(field.clone()),
            Kind::Choice { .. } | Kind::Type { .. } | Kind::Range { .. } | Kind::Format(_) => {}
        }
        segments
    }

    pub(super) fn describe(&self, prefix: &str) -> FieldError {
        let pointer = format!("{prefix}{}", pointer(&self.segments()));
        let (code, detail) = match &self.kind {
            Kind::Missing(_) => ("required", "is missing".to_owned()),
            Kind::Unknown(_) => ("unknown_field", "there is no such field".to_owned()),
            Kind::Choice { expected: [], .. } => ("choice", "is not a legal choice".to_owned()),
            Kind::Choice { found, expected } => {
                ("choice", format!("must be one of {}, not {}", expected.join(", "), shortened(found)))
            }
            Kind::Type { found, expected } => ("type", format!("must be {expected}, not {found}")),
            Kind::Range { expected } => ("range", format!("must be {expected}")),
            Kind::Format(text) => ("format", text.clone()),
        };
        FieldError { pointer, code: code.to_owned(), detail }
    }
}

/// A JSON pointer (RFC 6901).
pub(super) fn pointer(segments: &[String]) -> String {
    segments.iter().flat_map(|segment| ["/".to_owned(), segment.replace('~', "~0").replace('/', "~1")]).collect()
}

/// Nobody needs their whole text back to see which one is meant.
fn shortened(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = self.describe("");
        write!(f, "{} {}", error.pointer, error.detail)
    }
}

impl std::error::Error for Fault {}

/// Rust's names of what was expected, in the words of JSON.
fn expectation(expected: &dyn Expected) -> String {
    let text = expected.to_string();
    match text.as_str() {
        "u8" => "a whole number from 0 to 255".to_owned(),
        "u16" => "a whole number from 0 to 65535".to_owned(),
        "u32" => "a whole number from 0 to 4294967295".to_owned(),
        "u64" | "usize" => "a whole number of at least 0".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        text if text.starts_with("struct ") || text.starts_with("internally tagged enum ") => "an object".to_owned(),
        text if text.starts_with("enum ") || text.starts_with("variant ") => "one of the known words".to_owned(),
        text => text.to_owned(),
    }
}

fn found(unexpected: Unexpected<'_>) -> &'static str {
    match unexpected {
        Unexpected::Bool(_) => "true or false",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a whole number",
        Unexpected::Float(_) => "a fractional number",
        Unexpected::Char(_) | Unexpected::Str(_) | Unexpected::Bytes(_) => "a text",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "a list",
        Unexpected::Map
        | Unexpected::NewtypeStruct
        | Unexpected::Enum
        | Unexpected::UnitVariant
        | Unexpected::NewtypeVariant
        | Unexpected::TupleVariant
        | Unexpected::StructVariant => "an object",
        Unexpected::Other(_) => "something else",
    }
}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(Kind::Format(message.to_string()))
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(Kind::Type { found: found(unexpected), expected: expectation(expected) })
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        if matches!(unexpected, Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_)) {
            return Self::new(Kind::Range { expected: expectation(expected) });
        }
        Self::new(Kind::Format(format!("must be {}", expectation(expected))))
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::new(Kind::Format(format!("must be {}", expectation(expected))))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Kind::Choice { found: variant.to_owned(), expected })
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self::new(Kind::Unknown(field.to_owned()))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(Kind::Missing(field))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(Kind::Format(format!("{field} is given twice")))
    }
}
