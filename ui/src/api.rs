//! The client of the REST API: one way to ask, one kind of failure, and the sign-in page whenever the session is over.

mod patch;

pub use patch::merge_patch;

use crate::platform::{self, Ask, Reply};
use dioxus::prelude::{GlobalSignal, Signal};
use pulse_wire::{page::Page, problem::Problem};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt;

const BASE: &str = "/api/v1/";
const JSON: &str = "application/json";
const MERGE_PATCH: &str = "application/merge-patch+json";

/// Whether an answer said that nobody is signed in; the shell watches it and leads to the sign-in page.
pub static SIGNED_OUT: GlobalSignal<bool> = Signal::global(|| false);

/// Why a request brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nobody is signed in.
    SignedOut,
    /// The server said no, and why.
    Refused(Box<Problem>),
    /// No answer, or one that isn't ours.
    Unreachable(String),
}

impl Failure {
    /// What is wrong with one field, by its JSON pointer.
    pub fn field(&self, pointer: &str) -> Option<&str> {
        let Self::Refused(problem) = self else { return None };
        problem.errors.iter().find(|error| error.pointer == pointer).map(|error| error.detail.as_str())
    }

    pub fn status(&self) -> Option<u16> {
        match self {
            Self::SignedOut => Some(401),
            Self::Refused(problem) => Some(problem.status),
            Self::Unreachable(_) => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignedOut => f.write_str("You are signed out."),
            Self::Refused(problem) if problem.detail.is_empty() => f.write_str(&problem.title),
            Self::Refused(problem) => f.write_str(&problem.detail),
            Self::Unreachable(why) => write!(f, "Pulse can't be reached: {why}"),
        }
    }
}

/// A value with the entity tag that a change of it must name.
#[derive(Clone, Debug, PartialEq)]
pub struct Tagged<T> {
    pub value: T,
    pub etag: Option<String>,
}

pub async fn get<T: DeserializeOwned>(path: &str) -> Result<T, Failure> {
    get_tagged(path).await.map(|tagged| tagged.value)
}

pub async fn get_tagged<T: DeserializeOwned>(path: &str) -> Result<Tagged<T>, Failure> {
    let reply = ask("GET", path, None, None).await?;
    Ok(Tagged { value: read(&reply)?, etag: reply.etag })
}

/// The body itself, to be read with `read_text`.
pub async fn get_text(path: &str) -> Result<String, Failure> {
    ask("GET", path, None, None).await.map(|reply| reply.body)
}

/// Follows the pages of a list until its end or `items_max`; true when there is more.
pub async fn get_all<T: DeserializeOwned>(path: &str, items_max: usize) -> Result<(Vec<T>, bool), Failure> {
    let mut items = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let joint = if path.contains('?') { '&' } else { '?' };
        let from = cursor.map(|cursor| format!("&cursor={}", encode(&cursor))).unwrap_or_default();
        let page: Page<T> = get(&format!("{path}{joint}limit=200{from}")).await?;
        items.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() || items.len() >= items_max {
            return Ok((items, cursor.is_some()));
        }
    }
}

pub async fn post<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Result<T, Failure> {
    read(&ask("POST", path, Some(write(body)?), None).await?)
}

/// What was made, to be read with `read_text`.
pub async fn post_text(path: &str, body: &serde_json::Value) -> Result<String, Failure> {
    ask("POST", path, Some(write(body)?), None).await.map(|reply| reply.body)
}

/// A command without a body.
pub async fn command<T: DeserializeOwned>(path: &str) -> Result<T, Failure> {
    read(&ask("POST", path, None, None).await?)
}

/// A command whose answer nobody needs.
pub async fn tell(path: &str) -> Result<(), Failure> {
    ask("POST", path, None, None).await.map(drop)
}

/// What was changed, to be read with `read_text`.
pub async fn patch_text(path: &str, change: &serde_json::Value, etag: Option<String>) -> Result<String, Failure> {
    ask("PATCH", path, Some(write(change)?), etag).await.map(|reply| reply.body)
}

pub async fn delete(path: &str) -> Result<(), Failure> {
    ask("DELETE", path, None, None).await.map(drop)
}

async fn ask(
    method: &'static str,
    path: &str,
    body: Option<String>,
    if_match: Option<String>,
) -> Result<Reply, Failure> {
    let content_type = if method == "PATCH" { MERGE_PATCH } else { JSON };
    let request = Ask { method, path: format!("{BASE}{path}"), body, content_type, if_match };
    let reply = platform::request(request).await.map_err(Failure::Unreachable)?;
    match reply.status {
        200..=299 => Ok(reply),
        401 if !path.starts_with("auth/") => {
            *SIGNED_OUT.write() = true;
            Err(Failure::SignedOut)
        }
        401 if path == "auth/session" => Err(Failure::SignedOut),
        status => Err(serde_json::from_str::<Problem>(&reply.body).map_or_else(
            |_| Failure::Unreachable(format!("it answered with status {status}")),
            |problem| Failure::Refused(Box::new(problem)),
        )),
    }
}

/// The JSON of something, as a value to compare. By way of text, whose writers are in the bundle already.
pub fn value_of(body: &impl Serialize) -> serde_json::Value {
    serde_json::to_string(body).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

fn read<T: DeserializeOwned>(reply: &Reply) -> Result<T, Failure> {
    read_text(&reply.body)
}

/// Reads a body that came with a good status.
pub fn read_text<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::Unreachable(format!("its answer can't be read ({error})")))
}

fn write(body: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(body).map_err(|error| Failure::Unreachable(error.to_string()))
}

/// Percent-encodes a query value (RFC 3986: all but the unreserved).
pub fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_value_keeps_nothing_that_could_end_it() {
        assert_eq!(encode("a b&c=ü"), "a%20b%26c%3D%C3%BC");
    }
}
