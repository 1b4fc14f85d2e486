//! Query parameters: each taken by name and read, or refused by name; whatever is left over is unknown.

use crate::problem::Problem;
use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use pulse_domain::limits::{PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX};
use pulse_store::PageRequest;
use pulse_wire::problem::FieldError;
use std::{collections::BTreeMap, str::FromStr};

/// Longer than any cursor, name or instant.
const VALUE_CHARS_MAX: usize = 500;

#[derive(Debug)]
pub(crate) struct Params {
    given: BTreeMap<String, String>,
    errors: Vec<FieldError>,
}

impl Params {
    fn new(pairs: Vec<(String, String)>) -> Self {
        let mut params = Self { given: BTreeMap::new(), errors: Vec::new() };
        for (name, value) in pairs {
            if value.chars().count() > VALUE_CHARS_MAX || value.contains('\0') {
                params.refuse(&name, "length", format!("must have at most {VALUE_CHARS_MAX} printable characters"));
            } else if params.given.insert(name.clone(), value).is_some() {
                params.refuse(&name, "unique", "is given twice");
            }
        }
        params
    }

    fn refuse(&mut self, name: &str, code: &str, detail: impl Into<String>) {
        self.errors.push(FieldError { pointer: format!("/{name}"), code: code.to_owned(), detail: detail.into() });
    }

    /// A text; an empty one counts as absent.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.given.remove(name).filter(|value| !value.is_empty())
    }

    /// A word out of a list.
    pub(crate) fn word<T>(&mut self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = self.text(name)?;
        let read = parse(&value);
        if read.is_none() {
            self.refuse(name, "choice", "is not one of the known words");
        }
        read
    }

    /// An id, an instant, a number.
    pub(crate) fn parsed<T: FromStr>(&mut self, name: &str, what: &str) -> Option<T> {
        let value = self.text(name)?;
        let read = value.parse().ok();
        if read.is_none() {
            self.refuse(name, "format", format!("must be {what}"));
        }
        read
    }

    pub(crate) fn page(&mut self) -> PageRequest {
        let limit = self.parsed("limit", "a whole number").unwrap_or(PAGE_ITEMS_DEFAULT);
        if !(1..=PAGE_ITEMS_MAX).contains(&limit) {
            self.refuse("limit", "range", format!("must be between 1 and {PAGE_ITEMS_MAX}"));
        }
        PageRequest { limit, cursor: self.text("cursor") }
    }

    /// To be called last: refuses what was wrong and what nobody took.
    pub(crate) fn finish(mut self) -> Result<(), Problem> {
        for name in std::mem::take(&mut self.given).into_keys() {
            self.refuse(&name, "unknown_field", "there is no such parameter");
        }
        if self.errors.is_empty() { Ok(()) } else { Err(Problem::invalid(self.errors)) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        pairs.map(|Query(pairs)| Self::new(pairs)).map_err(|_| Problem::bad_request("The query can't be read."))
    }
}
