//! What to send to turn one JSON value into another: a merge patch (RFC 7396).

use serde_json::{Map, Value};

/// The smallest object that changes `old` into `new`; a member that is gone becomes `null`.
pub fn merge_patch(old: &Value, new: &Value) -> Value {
    let (Value::Object(before), Value::Object(after)) = (old, new) else { return new.clone() };
    let mut patch = Map::new();
    for (key, value) in after {
        match before.get(key) {
            Some(known) if known == value => {}
            Some(known) => {
                patch.insert(key.clone(), merge_patch(known, value));
            }
            None => {
                patch.insert(key.clone(), value.clone());
            }
        }
    }
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    Value::Object(patch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The algorithm of RFC 7396, section 2.
    fn apply(target: Value, patch: &Value) -> Value {
        let Value::Object(changes) = patch else { return patch.clone() };
        let mut merged = if let Value::Object(known) = target { known } else { Map::new() };
        for (key, change) in changes {
            if change.is_null() {
                merged.remove(key);
            } else {
                let before = merged.remove(key).unwrap_or(Value::Null);
                merged.insert(key.clone(), apply(before, change));
            }
        }
        Value::Object(merged)
    }

    #[test]
    fn applying_the_patch_to_the_old_gives_the_new() {
        let old =
            json!({"a": 1, "check": {"type": "http", "url": "u", "headers": {"x": "1", "y": "2"}}, "tags": ["a"]});
        let new = json!({"a": 1, "check": {"type": "tcp", "host": "h", "port": 1}, "tags": []});
        let patch = merge_patch(&old, &new);
        assert_eq!(patch.get("a"), None, "what stays is not sent");
        assert_eq!(apply(old, &patch), new);
    }

    #[test]
    fn a_header_that_was_removed_is_sent_as_null() {
        let patch = merge_patch(&json!({"headers": {"x": "1"}}), &json!({"headers": {}}));
        assert_eq!(patch, json!({"headers": {"x": null}}));
    }
}
