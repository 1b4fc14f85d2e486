//! How a kind of channel describes itself: its fields, and what a person needs to know to fill them in.

use serde::Serialize;

/// A kind of channel in words.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct About {
    /// The provider's name as it writes it itself.
    pub label: &'static str,
    /// One line: what arrives where.
    pub summary: &'static str,
    /// Where the values are found, step by step.
    pub steps: &'static [&'static str],
    /// The provider's own page about it.
    pub documentation: &'static str,
    /// Messages to one channel of this kind in a minute, after a burst of ten seconds' worth: what the provider takes, or what
    /// a person can bear. Absent where nobody but the owner is asked.
    pub per_minute: Option<u32>,
    pub fields: &'static [Field],
}

/// One field of a kind's configuration.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Field {
    /// Its key in `config`.
    pub name: &'static str,
    pub label: &'static str,
    pub input: Input,
    /// Sealed at rest, and shown as dots.
    pub secret: bool,
    pub required: bool,
    /// What most leave as it is.
    pub advanced: bool,
    pub help: &'static str,
    /// A value as it may look, or the one that holds when nothing is given.
    pub example: &'static str,
}

/// How a field is filled in, and what JSON it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Input {
    /// A line of text.
    Text,
    /// A web address. Whether it may be reached is judged when it is saved and at every delivery.
    Url,
    /// Several lines of text.
    Lines { chars_max: usize },
    /// A list of short texts.
    List { items_max: usize },
    /// Names with values; of a secret one only the values are.
    Pairs,
    /// One of a few words.
    Choice { words: &'static [&'static str] },
    /// Kept by Pulse itself, neither shown nor given.
    Hidden,
}

impl About {
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

impl Field {
    const fn new(name: &'static str, label: &'static str, input: Input) -> Self {
        Self { name, label, input, secret: false, required: true, advanced: false, help: "", example: "" }
    }

    pub(super) const fn text(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Input::Text)
    }

    pub(super) const fn url(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Input::Url)
    }

    /// The root of the provider's API, for those that have more than one, and for compatible servers.
    pub(super) const fn api_url(example: &'static str) -> Self {
        Self::url("api_url", "API address").optional().advanced().example(example)
    }

    pub(super) const fn lines(name: &'static str, label: &'static str, chars_max: usize) -> Self {
        Self::new(name, label, Input::Lines { chars_max })
    }

    pub(super) const fn list(name: &'static str, label: &'static str, items_max: usize) -> Self {
        Self::new(name, label, Input::List { items_max })
    }

    pub(super) const fn pairs(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Input::Pairs).optional()
    }

    /// One word of these; absent, it is the first.
    pub(super) const fn choice(name: &'static str, label: &'static str, words: &'static [&'static str]) -> Self {
        Self::new(name, label, Input::Choice { words }).optional()
    }

    pub(super) const fn hidden(name: &'static str) -> Self {
        Self::new(name, "", Input::Hidden).secret().optional()
    }

    pub(super) const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    pub(super) const fn optional(self) -> Self {
        Self { required: false, ..self }
    }

    pub(super) const fn advanced(self) -> Self {
        Self { advanced: true, ..self }
    }

    pub(super) const fn help(self, help: &'static str) -> Self {
        Self { help, ..self }
    }

    pub(super) const fn example(self, example: &'static str) -> Self {
        Self { example, ..self }
    }
}
