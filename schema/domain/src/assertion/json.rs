//! JSONPath (RFC 9535) over an untrusted body, in bounded time and memory.
//!
//! The evaluator has no limits of its own, so paths whose work could exceed a small multiple of the document are refused
//! before they are parsed: a second descendant segment (`..` inside `..` multiplies by the depth each time), a query of the
//! root inside a filter (the whole document per value), repeated selector lists (each doubles), and the regex functions
//! (a compilation per value). The document's size is bounded in values, before anything is built of it.

use crate::limits::{JSON_PATH_BYTES_MAX, JSON_PATH_NESTING_MAX, JSON_PATH_WAYS_MAX, JSON_VALUES_MAX};
use serde_json::Value;
use serde_json_path::JsonPath;

/// What the path finds: nothing, the one value, or all values as an array.
pub(super) fn select(path: &str, body: &[u8]) -> Result<Option<Value>, String> {
    let path = compile(path)?;
    if count_values(body) > JSON_VALUES_MAX {
        return Err(format!("the body has more than {JSON_VALUES_MAX} JSON values"));
    }
    let document: Value = serde_json::from_slice(body).map_err(|error| format!("the body is not JSON ({error})"))?;
    let mut found = path.query(&document).all();
    // Values inside each other are found again and again: copied, they could outgrow the document a hundredfold.
    let mut budget = JSON_VALUES_MAX;
    if !found.iter().all(|value| fits(value, &mut budget)) {
        return Err(format!("the path finds more than {JSON_VALUES_MAX} JSON values"));
    }
    Ok(match found.len() {
        0 => None,
        1 => found.pop().cloned(),
        _ => Some(Value::Array(found.into_iter().cloned().collect())),
    })
}

/// Takes a value and all values in it from the budget; whether it sufficed. The parser bounds the depth.
fn fits(value: &Value, budget: &mut usize) -> bool {
    let Some(rest) = budget.checked_sub(1) else { return false };
    *budget = rest;
    match value {
        Value::Array(values) => values.iter().all(|value| fits(value, budget)),
        Value::Object(members) => members.values().all(|value| fits(value, budget)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// Parses a path, or says in one line why it can't be used.
pub(super) fn compile(path: &str) -> Result<JsonPath, String> {
    if path.len() > JSON_PATH_BYTES_MAX {
        return Err(format!("a JSONPath has at most {JSON_PATH_BYTES_MAX} bytes"));
    }
    bound_work(path)?;
    JsonPath::parse(path).map_err(|error| format!("not a JSONPath: {}", error.message()))
}

/// Refuses what could cost more than a small multiple of the document. Looks at the text outside of quotes; what it doesn't
/// understand, the parser refuses afterwards.
fn bound_work(path: &str) -> Result<(), String> {
    let text = unquoted(path);
    let (depth, ways) = brackets(&text);
    if text.matches("..").count() > 1 {
        Err(String::from("`..` may be used once"))
    } else if text.matches('$').count() > 1 {
        Err(String::from("`$` may be used once, at the start"))
    } else if depth > JSON_PATH_NESTING_MAX {
        Err(format!("brackets are nested more than {JSON_PATH_NESTING_MAX} deep"))
    } else if ways > JSON_PATH_WAYS_MAX {
        Err(format!("lists of selectors combine to more than {JSON_PATH_WAYS_MAX}"))
    } else if ["match(", "search("].iter().any(|word| text.contains(word)) {
        Err(String::from("use the comparison `matches` in place of match() and search()"))
    } else {
        Ok(())
    }
}

/// How deep brackets and parentheses nest, and in how many ways the lists of selectors between them combine.
fn brackets(text: &str) -> (usize, usize) {
    let mut open: Vec<usize> = Vec::new();
    let mut depth_max = 0;
    let mut ways = 1_usize;
    for char in text.chars() {
        match char {
            '[' | '(' => open.push(1),
            ']' | ')' => ways = ways.saturating_mul(open.pop().unwrap_or(1)),
            ',' => open.iter_mut().last().into_iter().for_each(|selectors| *selectors += 1),
            _ => {}
        }
        depth_max = depth_max.max(open.len());
    }
    (depth_max, ways)
}

/// The path without what stands in quotes: names of members and texts may contain anything.
fn unquoted(path: &str) -> String {
    let mut quote = None;
    let mut escaped = false;
    let is_outside = |char: &char| {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if *char == '\\' => escaped = true,
            Some(open) if *char == open => quote = None,
            Some(_) => {}
            None if *char == '"' || *char == '\'' => quote = Some(*char),
            None => return true,
        }
        false
    };
    path.chars().filter(is_outside).collect()
}

/// An upper bound of the values in a JSON text, without building any: each begins the text or follows a bracket, a brace, a
/// comma or a colon outside of strings.
fn count_values(body: &[u8]) -> usize {
    let mut count = 1;
    let mut in_string = false;
    let mut escaped = false;
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' | b',' | b':' if !in_string => count += 1,
            _ => {}
        }
    }
    count
}
