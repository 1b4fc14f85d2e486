//! JSON merge patch (RFC 7396), with one addition: when a patch changes the tag of a tagged part (`check.type`), the fields of
//! the old kind go, because nobody should have to send a null for each of them.

use pulse_wire::decode::Tagged;
use serde_json::{Map, Value};

/// `target` with the patch applied.
pub(crate) fn merge(mut target: Value, patch: &Value, tagged: &[Tagged]) -> Value {
    for part in tagged {
        let (old, new) = (target.pointer(part.pointer), patch.pointer(part.pointer));
        let tag = |value: Option<&Value>| value.and_then(|value| value.get(part.tag)).cloned();
        let changed = tag(new).is_some_and(|new| Some(new) != tag(old));
        if changed && let Some(old) = target.pointer_mut(part.pointer) {
            *old = Value::Object(Map::new());
        }
    }
    apply(&mut target, patch);
    target
}

/// RFC 7396, section 2.
fn apply(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(fields) = target else { return };
    for (key, change) in changes {
        if change.is_null() {
            fields.remove(key);
        } else {
            apply(fields.entry(key.clone()).or_insert(Value::Null), change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulse_domain::monitor::MonitorConfig;
    use pulse_wire::decode::Body as _;
    use serde_json::json;

    #[test]
    fn the_examples_of_the_rfc_hold() {
        for (target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a": "b"}), json!(["c"]), json!(["c"])),
            (json!({"a": "foo"}), json!(null), json!(null)),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            assert_eq!(merge(target, &patch, &[]), result);
        }
    }

    #[test]
    fn a_changed_kind_of_check_drops_the_fields_of_the_old_one() {
        let stored = json!({"name": "a", "check": {"type": "http", "url": "https://example.com"}});
        let patch = json!({"check": {"type": "tcp", "host": "example.com", "port": 25}});
        let merged = merge(stored.clone(), &patch, &MonitorConfig::tagged());
        assert_eq!(merged, json!({"name": "a", "check": {"type": "tcp", "host": "example.com", "port": 25}}));
        let same_kind = merge(stored, &json!({"check": {"type": "http", "method": "HEAD"}}), &MonitorConfig::tagged());
        assert_eq!(same_kind.pointer("/check/url"), Some(&json!("https://example.com")));
    }
}
