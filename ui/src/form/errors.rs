//! What is wrong with a form, by JSON pointer: the same for our own light checks and for the server's answer.

use crate::api::Failure;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors {
    by_pointer: BTreeMap<String, String>,
    /// What belongs to no field.
    pub general: Option<Failure>,
}

impl Errors {
    pub fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.by_pointer.entry(pointer.into()).or_insert_with(|| detail.into());
    }

    pub fn is_empty(&self) -> bool {
        self.by_pointer.is_empty() && self.general.is_none()
    }

    /// The error of exactly this field.
    pub fn at(&self, pointer: &str) -> Option<String> {
        self.by_pointer.get(pointer).cloned()
    }

    /// The first error of this field or of anything inside it.
    pub fn within(&self, pointer: &str) -> Option<String> {
        let inside = format!("{pointer}/");
        self.by_pointer
            .iter()
            .find(|(key, _)| *key == pointer || key.starts_with(&inside))
            .map(|(_, detail)| detail.clone())
    }

    /// All of them in one line each, for the summary above a form.
    pub fn lines(&self) -> Vec<String> {
        self.by_pointer.iter().map(|(pointer, detail)| format!("{}: {detail}", words(pointer))).collect()
    }
}

/// `/policy/confirm_down/failures` reads "policy confirm down failures"; indices count from 1. That a channel's fields are in
/// its `config` says nothing to people.
fn words(pointer: &str) -> String {
    let part =
        |part: &str| part.parse::<usize>().map_or_else(|_| part.replace('_', " "), |index| (index + 1).to_string());
    pointer.split('/').filter(|text| !text.is_empty() && *text != "config").map(part).collect::<Vec<_>>().join(" ")
}

impl From<Failure> for Errors {
    fn from(failure: Failure) -> Self {
        let mut errors = Self::default();
        if let Failure::Refused(problem) = &failure {
            for error in &problem.errors {
                errors.add(error.pointer.clone(), error.detail.clone());
            }
        }
        if errors.by_pointer.is_empty() {
            errors.general = Some(failure);
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_deep_inside_is_found_at_its_row() {
        let mut errors = Errors::default();
        errors.add("/assertions/1/value", "must be a number");
        assert_eq!(errors.at("/assertions/1"), None);
        assert_eq!(errors.within("/assertions/1").as_deref(), Some("must be a number"));
        assert_eq!(errors.within("/assertions/10"), None);
        assert_eq!(errors.lines(), ["assertions 2 value: must be a number"]);
        let mut channel = Errors::default();
        channel.add("/config/webhook_url", "is missing");
        assert_eq!(channel.lines(), ["webhook url: is missing"]);
    }
}
