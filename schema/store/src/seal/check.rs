//! A check's credentials: sealed in their own fields of the configuration's document, so that the rest stays readable.

use super::{Keyring, OpenError, Place, is_sealed};
use pulse_domain::{ids::OrgId, monitor::Check, secret::Secret};
use uuid::Uuid;

/// The same check with each credential sealed for this row.
pub(crate) fn seal(keyring: &Keyring, org: OrgId, row: Uuid, check: &Check) -> Result<Check, OpenError> {
    let mut sealed = check.clone();
    each(&mut sealed, |field, value| keyring.seal(Place { org, row, field }, &Secret::new(value)))?;
    Ok(sealed)
}

/// Opens what [`seal`] has sealed. A credential of a time when they were not sealed is taken as it is.
pub(crate) fn open(keyring: &Keyring, org: OrgId, row: Uuid, check: &mut Check) -> Result<(), OpenError> {
    each(check, |field, value| {
        if !is_sealed(&value) {
            return Ok(value);
        }
        keyring.open(Place { org, row, field }, &value).map(|secret| secret.expose().clone())
    })
}

/// Seals again what is not sealed with the newest key and the chosen cipher; answers whether there was any.
pub(crate) fn reseal(keyring: &Keyring, org: OrgId, row: Uuid, check: &mut Check) -> Result<bool, OpenError> {
    let changed = std::cell::Cell::new(false);
    each(check, |field, value| {
        let place = Place { org, row, field };
        let again = if is_sealed(&value) {
            keyring.reseal(place, &value)?
        } else {
            Some(keyring.seal(place, &Secret::new(value.clone()))?)
        };
        changed.set(changed.get() || again.is_some());
        Ok(again.unwrap_or(value))
    })?;
    Ok(changed.get())
}

fn each(check: &mut Check, change: impl Fn(&str, String) -> Result<String, OpenError>) -> Result<(), OpenError> {
    let mut outcome = Ok(());
    check.visit_secrets(|field, value| match change(field, std::mem::take(value)) {
        Ok(changed) => *value = changed,
        Err(error) => outcome = Err(error),
    });
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn credentials_are_sealed_in_place_and_open_for_their_row_only() {
        let keyring = Keyring::new(vec![("a".to_owned(), [1; 32])]).unwrap();
        let (org, row) = (OrgId(Uuid::from_u128(1)), Uuid::from_u128(2));
        let check: Check = serde_json::from_value(json!({
            "type": "http", "url": "https://a.example/", "headers": {"Accept": "text/html", "X-Token": "t0p"},
            "auth": {"type": "bearer", "token": "s3cret"},
        }))
        .unwrap();
        let sealed = seal(&keyring, org, row, &check).unwrap();
        let text = serde_json::to_string(&sealed).unwrap();
        assert!(text.contains("text/html") && !text.contains("t0p") && !text.contains("s3cret"), "{text}");
        let mut moved = sealed.clone();
        assert_eq!(open(&keyring, org, Uuid::from_u128(3), &mut moved), Err(OpenError::Refused));
        let mut opened = sealed;
        open(&keyring, org, row, &mut opened).unwrap();
        assert_eq!(opened, check);
    }
}
