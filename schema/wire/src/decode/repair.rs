//! Notes a fault, puts something harmless in its place, and reads on.

use super::{
    Tagged,
    fault::{Fault, Kind, pointer},
};
use crate::problem::FieldError;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) struct Repair<'a> {
    value: Value,
    tagged: &'a [Tagged],
    /// A body with more faults than it can be read again for gets the first ones only.
    rounds_max: usize,
    pub(super) errors: Vec<FieldError>,
    /// Repaired spots, with how many replacements were tried.
    tried: BTreeMap<String, usize>,
}

impl<'a> Repair<'a> {
    pub(super) fn new(value: Value, tagged: &'a [Tagged], rounds_max: usize) -> Self {
        Self { value, tagged, rounds_max, errors: Vec::new(), tried: BTreeMap::new() }
    }

    /// Reads the whole body until it reads; `None` when it can't be made to.
    pub(super) fn until<T>(&mut self, read: impl Fn(&Value) -> Result<T, Fault>) -> Option<T> {
        for _ in 0..self.rounds_max {
            match read(&self.value) {
                Ok(body) => return Some(body),
                Err(fault) => {
                    if !self.mend("", &fault) {
                        return None;
                    }
                }
            }
        }
        None
    }

    /// Repairs one tagged part on its own, so that faults inside it keep their place.
    pub(super) fn tagged(&mut self, part: &Tagged) {
        for _ in 0..self.rounds_max {
            let Some(value) = self.value.pointer(part.pointer) else { return };
            if part.optional && value.is_null() {
                return;
            }
            let fault = match look(part, value) {
                Looked::Fine => return,
                Looked::Fault(fault) => fault,
                Looked::Hopeless(error) => {
                    self.note(error);
                    self.tried.insert(part.pointer.to_owned(), 1);
                    self.put(part.pointer, part.sample.clone());
                    return;
                }
            };
            if !self.mend(part.pointer, &fault) {
                self.put(part.pointer, part.sample.clone());
                return;
            }
        }
    }

    /// Whether a pointer is at, below or above something repaired: what is found there may be of our own making.
    pub(super) fn touches(&self, pointer: &str) -> bool {
        self.tried.keys().any(|spot| within(pointer, spot) || within(spot, pointer))
    }

    fn note(&mut self, error: FieldError) {
        if !self.tried.keys().any(|spot| within(&error.pointer, spot)) {
            self.errors.push(error);
        }
    }

    /// Puts the next replacement at the fault's spot; false when there is none left.
    fn mend(&mut self, prefix: &str, fault: &Fault) -> bool {
        let error = fault.describe(prefix);
        let spot = error.pointer.clone();
        self.note(error);
        if matches!(fault.kind, Kind::Unknown(_)) {
            self.take(&spot);
            return true;
        }
        let tries = self.tried.entry(spot.clone()).or_insert(0);
        let number = *tries;
        *tries += 1;
        if let Some(part) = self.tagged.iter().find(|part| part.pointer == spot) {
            self.put(&spot, part.sample.clone());
            return number == 0;
        }
        // A field that may be absent gets its default this way.
        if number == 0 && !matches!(fault.kind, Kind::Missing(_)) && self.take(&spot) {
            return true;
        }
        let word = match fault.kind {
            Kind::Choice { expected, .. } => expected.first().copied().unwrap_or_default(),
            Kind::Missing(_) | Kind::Unknown(_) | Kind::Type { .. } | Kind::Range { .. } | Kind::Format(_) => "",
        };
        let replacement = match number {
            0 | 1 => Value::Null,
            2 => json!("x"),
            3 => json!(word),
            4 => json!("00000000-0000-0000-0000-000000000000"),
            5 => json!(1),
            6 => json!(false),
            7 => json!([]),
            8 => json!({}),
            9 => json!("2000-01-01T00:00:00Z"),
            10 => json!("2000-01-01T00:00:00"),
            11 => json!("00:00:00"),
            _ => return false,
        };
        self.put(&spot, replacement)
    }

    /// Removes a field of an object; false when there is no such field.
    fn take(&mut self, spot: &str) -> bool {
        let Some((parent, key)) = split(spot) else { return false };
        let parent = self.value.pointer_mut(parent).and_then(Value::as_object_mut);
        parent.is_some_and(|fields| fields.remove(&key).is_some())
    }

    fn put(&mut self, spot: &str, replacement: Value) -> bool {
        if let Some(found) = self.value.pointer_mut(spot) {
            *found = replacement;
            return true;
        }
        let Some((parent, key)) = split(spot) else { return false };
        let Some(fields) = self.value.pointer_mut(parent).and_then(Value::as_object_mut) else { return false };
        fields.insert(key, replacement);
        true
    }
}

enum Looked {
    Fine,
    Fault(Fault),
    Hopeless(FieldError),
}

/// Reads the fields beside the tag as the variant that the tag names.
fn look(part: &Tagged, value: &Value) -> Looked {
    let hopeless = |segment: Option<&str>, code: &str, detail: String| {
        let inside = segment.map(|name| pointer(&[name.to_owned()])).unwrap_or_default();
        Looked::Hopeless(FieldError { pointer: format!("{}{inside}", part.pointer), code: code.to_owned(), detail })
    };
    let Some(fields) = value.as_object() else {
        return hopeless(None, "type", "must be an object".to_owned());
    };
    let names = || part.variants.iter().map(|variant| variant.name).collect::<Vec<_>>().join(", ");
    let name = match fields.get(part.tag) {
        None => return hopeless(Some(part.tag), "required", format!("is missing; one of {}", names())),
        Some(Value::String(name)) => name,
        Some(_) => return hopeless(Some(part.tag), "type", format!("must be one of {}", names())),
    };
    let Some(variant) = part.variants.iter().find(|variant| variant.name == name) else {
        return hopeless(Some(part.tag), "choice", format!("must be one of {}", names()));
    };
    let mut beside = fields.clone();
    beside.remove(part.tag);
    match (variant.read)(&Value::Object(beside)) {
        Ok(()) => Looked::Fine,
        Err(fault) => Looked::Fault(fault),
    }
}

fn within(pointer: &str, spot: &str) -> bool {
    pointer.strip_prefix(spot).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A pointer's parent and its last key, unescaped.
fn split(spot: &str) -> Option<(&str, String)> {
    let (parent, key) = spot.rsplit_once('/')?;
    Some((parent, key.replace("~1", "/").replace("~0", "~")))
}
