//! The published vector, what must not be believed, and rotations.

use super::*;
use proptest::prelude::*;

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

/// The vector that the libraries of the specification share.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const TIMESTAMP: i64 = 1_614_265_330;
const BODY: &[u8] = br#"{"test": 2432232314}"#;
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

fn headers(signatures: &str) -> Headers<'_> {
    Headers { id: ID, timestamp: "1614265330", signatures }
}

fn verify_vector(headers: Headers<'_>, now: i64) -> Result<(), VerifyError> {
    verify(&[secret(SECRET)], headers, BODY, now)
}

#[test]
fn the_published_vector_is_signed_and_verified() {
    assert_eq!(sign(&secret(SECRET), ID, TIMESTAMP, BODY).as_deref(), Ok(SIGNATURE));
    assert_eq!(verify_vector(headers(SIGNATURE), TIMESTAMP), Ok(()));
}

#[test]
fn one_good_signature_among_others_is_enough() {
    let signatures = format!("v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,x {SIGNATURE} v1a,y");
    assert_eq!(verify_vector(headers(&signatures), TIMESTAMP), Ok(()));
}

#[test]
fn partial_foreign_and_missing_signatures_are_not_believed() {
    let (partial, _) = SIGNATURE.split_at(20);
    let unversioned = SIGNATURE.trim_start_matches("v1,");
    for signatures in [partial, unversioned, "", "v1,", "v1", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="] {
        assert_eq!(verify_vector(headers(signatures), TIMESTAMP), Err(VerifyError::Mismatch), "{signatures:?}");
    }
}

#[test]
fn a_message_is_fresh_for_five_minutes_to_either_side() {
    for (offset, expected) in
        [(-301, Err(VerifyError::Stale)), (-300, Ok(())), (300, Ok(())), (301, Err(VerifyError::Stale))]
    {
        assert_eq!(verify_vector(headers(SIGNATURE), TIMESTAMP + offset), expected, "{offset}");
    }
}

#[test]
fn malformed_headers_are_refused() {
    for timestamp in ["", "soon", "+1614265330", "01614265330", "1614265330.0", "99999999999999999999"] {
        let headers = Headers { timestamp, ..headers(SIGNATURE) };
        assert_eq!(verify_vector(headers, TIMESTAMP), Err(VerifyError::Malformed), "{timestamp:?}");
    }
    for id in ["", "msg_a.1614265330"] {
        assert_eq!(verify_vector(Headers { id, ..headers(SIGNATURE) }, TIMESTAMP), Err(VerifyError::Malformed));
    }
    assert_eq!(sign(&secret(SECRET), "a.b", TIMESTAMP, BODY), Err(SignError::BadId));
}

#[test]
fn only_secrets_of_the_specification_sign() {
    let short = format!("whsec_{}", STANDARD.encode([7; 23]));
    let long = format!("whsec_{}", STANDARD.encode([7; 65]));
    for bad in ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_%%%", &short, &long] {
        assert_eq!(sign(&secret(bad), ID, TIMESTAMP, BODY), Err(SignError::BadSecret), "{bad:?}");
        assert_eq!(verify(&[secret(bad)], headers(SIGNATURE), BODY, TIMESTAMP), Err(VerifyError::BadSecret));
    }
    assert_eq!(verify(&[], headers(SIGNATURE), BODY, TIMESTAMP), Err(VerifyError::BadSecret));
    assert_eq!(sign_all(&[], ID, TIMESTAMP, BODY), Err(SignError::BadSecret));
}

#[test]
fn an_id_carries_no_dot() {
    assert_eq!(message_id("0123abcd"), "msg_0123abcd");
}

proptest! {
    #[test]
    fn during_a_rotation_either_secret_verifies(old in any::<[u8; 32]>(), new in any::<[u8; 32]>(), body in any::<Vec<u8>>()) {
        let (old, new) = (format_secret(&old), format_secret(&new));
        let signatures = sign_all(&[new.clone(), old.clone()], ID, TIMESTAMP, &body).unwrap();
        for secret in [old, new] {
            prop_assert_eq!(verify(&[secret], headers(&signatures), &body, TIMESTAMP), Ok(()));
        }
    }

    #[test]
    fn a_changed_byte_is_noticed(body in proptest::collection::vec(any::<u8>(), 1..200), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let signature = sign(&secret(SECRET), ID, TIMESTAMP, &body).unwrap();
        let mut changed = body.clone();
        changed[at.index(body.len())] ^= 1 << bit;
        let verified = verify(&[secret(SECRET)], headers(&signature), &changed, TIMESTAMP);
        prop_assert_eq!(verified, Err(VerifyError::Mismatch));
    }
}
