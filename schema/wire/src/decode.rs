//! Reads a body into its type, or says field by field why not: every fault at once, each with its JSON pointer.
//!
//! Serde stops at the first fault. So a faulty spot is noted, repaired with something harmless, and the reading goes on
//! until the whole body reads; then the bounds are checked, but never at or around a repaired spot. Nothing repaired
//! leaves this module: a body with any fault is refused.

mod bodies;
mod fault;
mod list;
mod nul;
mod repair;
mod tree;

#[cfg(test)]
mod tests;

use crate::problem::FieldError;
use fault::Fault;
pub use list::decode_list;
use pulse_domain::validate::violations;
use repair::Repair;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tree::Tree;
use validator::Validate;

/// A type that clients send.
pub trait Body: DeserializeOwned + Validate {
    /// How many faults are told at most, and how often the body is read to find them.
    const FAULTS_MAX: usize = 400;

    /// Parts whose meaning another field decides: what is wrong with the first is not told while the second is faulty.
    const DEPENDS: &'static [(&'static str, &'static str)] = &[];

    /// The parts of it that are internally tagged enums. Serde reads those through a buffer that forgets where it is, so
    /// they are looked at on their own first.
    fn tagged() -> Vec<Tagged> {
        Vec::new()
    }

    /// Fills in what was left out and follows from the rest of the body. What doesn't read is left as it is.
    fn complete(_body: &mut Value) {}
}

/// An internally tagged enum inside a body.
#[derive(Clone, Debug)]
pub struct Tagged {
    pub pointer: &'static str,
    /// Whether `null` stands for nothing rather than for a fault.
    pub optional: bool,
    pub tag: &'static str,
    pub variants: Vec<Variant>,
    /// Any value that reads, to go on with.
    pub sample: Value,
}

/// One of the enum's variants.
#[derive(Clone, Debug)]
pub struct Variant {
    /// The value of the tag.
    pub name: &'static str,
    /// Reads the fields beside the tag.
    read: fn(&Value) -> Result<(), Fault>,
}

impl Variant {
    pub fn of<T: DeserializeOwned>(name: &'static str) -> Self {
        Self { name, read: |value| T::deserialize(Tree(value)).map(drop) }
    }
}

/// Reads and checks a body.
///
/// # Errors
/// Every fault that was found, in the order of the reading; never empty.
pub fn decode<T: Body>(mut value: Value) -> Result<T, Vec<FieldError>> {
    let mut unkeepable = nul::faults(&value);
    if !unkeepable.is_empty() {
        unkeepable.truncate(T::FAULTS_MAX);
        return Err(unkeepable);
    }
    T::complete(&mut value);
    let tagged = T::tagged();
    let mut repair = Repair::new(value, &tagged, T::FAULTS_MAX);
    for part in &tagged {
        repair.tagged(part);
    }
    let Some(body) = repair.until(|value| T::deserialize(Tree(value))) else {
        return Err(repair.errors);
    };
    for violation in violations(&body) {
        let of_unknown_meaning =
            T::DEPENDS.iter().any(|(part, on)| violation.pointer.starts_with(part) && repair.touches(on));
        if !of_unknown_meaning && !repair.touches(&violation.pointer) {
            let (pointer, code, detail) = (violation.pointer, violation.code, violation.detail);
            repair.errors.push(FieldError { pointer, code, detail });
        }
    }
    repair.errors.truncate(T::FAULTS_MAX);
    if repair.errors.is_empty() { Ok(body) } else { Err(repair.errors) }
}
