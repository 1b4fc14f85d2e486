//! The character that no text may hold: PostgreSQL keeps none of it, in texts or in documents.

use crate::problem::FieldError;
use serde_json::Value;

const NUL: char = '\0';

/// Every text and every key with it, by pointer.
pub(super) fn faults(value: &Value) -> Vec<FieldError> {
    let mut faults = Vec::new();
    walk(value, &mut String::new(), &mut faults);
    faults
}

fn walk(value: &Value, pointer: &mut String, faults: &mut Vec<FieldError>) {
    match value {
        Value::String(text) if text.contains(NUL) => faults.push(fault(pointer)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                below(&index.to_string(), item, pointer, faults);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                if key.contains(NUL) {
                    faults.push(fault(pointer));
                } else {
                    below(&key.replace('~', "~0").replace('/', "~1"), member, pointer, faults);
                }
            }
        }
    }
}

fn below(step: &str, value: &Value, pointer: &mut String, faults: &mut Vec<FieldError>) {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(step);
    walk(value, pointer, faults);
    pointer.truncate(length);
}

fn fault(pointer: &str) -> FieldError {
    let detail = "must not contain the character U+0000".to_owned();
    FieldError { pointer: pointer.to_owned(), code: "control_character".to_owned(), detail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn it_is_found_wherever_it_hides() {
        let body = json!({"a": ["x", "\0"], "b/c": {"d": "\0y"}, "e": {"\0": 1}, "f": "fine"});
        let pointers: Vec<String> = faults(&body).into_iter().map(|fault| fault.pointer).collect();
        assert_eq!(pointers, ["/a/1", "/b~1c/d", "/e"]);
        assert!(faults(&json!({"a": ["x", 1, null]})).is_empty());
    }
}
