//! Small readings of what was typed.

use super::Errors;
use pulse_domain::monitor::REDACTED;
use std::{collections::BTreeMap, ops::RangeInclusive, str::FromStr};

/// `prod, eu` or `prod eu` as tags, in order, each once.
pub fn tags(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in text.split([',', ' ']).map(str::trim).filter(|tag| !tag.is_empty()) {
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

/// A number within its bounds, or an error at its pointer.
pub fn number<T>(text: &str, bounds: &RangeInclusive<T>, pointer: &str, errors: &mut Errors) -> Option<T>
where
    T: FromStr + PartialOrd + std::fmt::Display + Copy,
{
    let found = text.trim().parse().ok().filter(|value| bounds.contains(value));
    if found.is_none() {
        errors.add(pointer, format!("must be a number from {} to {}", bounds.start(), bounds.end()));
    }
    found
}

/// Text that must not be empty nor longer than allowed.
pub fn required(text: &str, chars_max: u64, pointer: &str, errors: &mut Errors) -> String {
    let text = text.trim();
    if text.is_empty() {
        errors.add(pointer, "must not be empty");
    } else if text.chars().count() as u64 > chars_max {
        errors.add(pointer, format!("must be at most {chars_max} characters"));
    }
    text.to_owned()
}

/// Absent when nothing was typed.
pub fn optional(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Rows with a name; rows without one are dropped.
pub fn headers(pairs: &[(String, String)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .filter(|(name, _)| !name.trim().is_empty())
        .map(|(name, value)| (name.trim().to_owned(), value.clone()))
        .collect()
}

/// What was typed into a field that held the dots of a stored credential: without what is left of the dots.
pub fn retyped(before: &str, typed: String) -> String {
    if before == REDACTED && typed != REDACTED { typed.replace('•', "") } else { typed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_split_trimmed_and_each_once() {
        assert_eq!(tags(" prod, eu prod,,  "), ["prod", "eu"]);
    }

    #[test]
    fn typing_over_the_dots_of_a_credential_replaces_them() {
        assert_eq!(retyped(REDACTED, format!("{REDACTED}s")), "s");
        assert_eq!(retyped(REDACTED, REDACTED.to_owned()), REDACTED, "untouched, it stays");
        assert_eq!(retyped("s", "s•".to_owned()), "s•", "a dot of one's own is kept");
    }

    #[test]
    fn a_number_outside_its_bounds_is_an_error_at_its_field() {
        let mut errors = Errors::default();
        assert_eq!(number("7", &(5..=9), "/a", &mut errors), Some(7));
        assert!(errors.is_empty());
        assert_eq!(number("4", &(5..=9), "/a", &mut errors), None);
        assert_eq!(number("x", &(5..=9), "/b", &mut errors), None);
        assert_eq!(errors.at("/a").as_deref(), Some("must be a number from 5 to 9"));
        assert!(errors.at("/b").is_some());
    }
}
