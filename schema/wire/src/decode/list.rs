//! A body that is a list of things which clients also send one by one: `{"monitors": [ … ]}`.
//!
//! Each is read as it would be alone, and its faults are told where they are in the whole body: `/monitors/17/interval_seconds`.

use super::{Body, decode};
use crate::problem::FieldError;
use serde_json::Value;

/// Reads and checks between one and `items_max` things in the field `field`, the only one there is.
///
/// # Errors
/// The faults that were found, in order of the things; never empty, and about as many as are told of one thing at most.
pub fn decode_list<T: Body>(body: Value, field: &str, items_max: usize) -> Result<Vec<T>, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut items = Vec::new();
    for (number, item) in elements(body, field, items_max)?.into_iter().enumerate() {
        if errors.len() >= T::FAULTS_MAX {
            break;
        }
        match decode(item) {
            Ok(item) => items.push(item),
            Err(faults) => errors.extend(faults.into_iter().map(|fault| fault.inside(&format!("/{field}/{number}")))),
        }
    }
    errors.truncate(T::FAULTS_MAX);
    if errors.is_empty() { Ok(items) } else { Err(errors) }
}

fn elements(body: Value, field: &str, items_max: usize) -> Result<Vec<Value>, Vec<FieldError>> {
    let Value::Object(mut fields) = body else {
        return Err(vec![error(String::new(), "type", "must be an object")]);
    };
    let list = fields.remove(field);
    let mut errors: Vec<FieldError> = fields
        .keys()
        .map(|key| error(super::fault::pointer(std::slice::from_ref(key)), "unknown_field", "there is no such field"))
        .collect();
    let pointer = format!("/{field}");
    match list {
        None => errors.push(error(pointer, "required", "is missing")),
        Some(Value::Array(list)) if list.is_empty() || list.len() > items_max => {
            errors.push(error(
                pointer,
                "length",
                format!("must have between 1 and {items_max} elements, not {}", list.len()),
            ));
        }
        Some(Value::Array(list)) if errors.is_empty() => return Ok(list),
        Some(Value::Array(_)) => {}
        Some(_) => errors.push(error(pointer, "type", "must be a list")),
    }
    Err(errors)
}

fn error(pointer: String, code: &str, detail: impl Into<String>) -> FieldError {
    FieldError { pointer, code: code.to_owned(), detail: detail.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulse_domain::monitor::MonitorConfig;
    use serde_json::json;

    fn faults(body: Value) -> Vec<String> {
        let errors = decode_list::<MonitorConfig>(body, "monitors", 3).unwrap_err();
        errors.into_iter().map(|error| format!("{} {}", error.pointer, error.code)).collect()
    }

    fn good() -> Value {
        json!({"name": "a", "check": {"type": "tcp", "host": "example.com", "port": 25}})
    }

    #[test]
    fn each_element_is_read_as_it_would_be_alone_and_its_faults_carry_its_place() {
        let alone: MonitorConfig = decode(good()).unwrap();
        let list = decode_list::<MonitorConfig>(json!({"monitors": [good(), good()]}), "monitors", 3).unwrap();
        assert_eq!(list, [alone.clone(), alone]);
        let bad = json!({"name": "a", "interval_seconds": 1, "colour": "red", "check": {"type": "tcp", "host": "example.com", "port": 25}});
        let found = faults(json!({"monitors": [good(), bad, {}]}));
        for fault in
            ["/monitors/1/interval_seconds range", "/monitors/1/colour unknown_field", "/monitors/2/name required"]
        {
            assert!(found.iter().any(|found| found == fault), "{fault} is missing in {found:?}");
        }
        assert!(!found.iter().any(|fault| fault.starts_with("/monitors/0")), "{found:?}");
    }

    #[test]
    fn a_body_that_is_no_such_list_is_refused_where_it_is_wrong() {
        assert_eq!(faults(json!([])), [" type"]);
        assert_eq!(faults(json!({})), ["/monitors required"]);
        assert_eq!(faults(json!({"monitors": {}})), ["/monitors type"]);
        assert_eq!(faults(json!({"monitors": []})), ["/monitors length"]);
        assert_eq!(faults(json!({"monitors": [good(), good(), good(), good()]})), ["/monitors length"]);
        assert_eq!(faults(json!({"monitors": [good()], "a/b": 1})), ["/a~1b unknown_field"]);
    }

    #[test]
    fn a_crowd_of_faults_is_told_up_to_a_bound() {
        let errors =
            decode_list::<MonitorConfig>(json!({"monitors": vec![json!({}); 1_000]}), "monitors", 1_000).unwrap_err();
        assert_eq!(errors.len(), MonitorConfig::FAULTS_MAX);
    }
}
