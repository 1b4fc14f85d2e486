//! Numbers and names computed from other names, so that every node computes the same.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// SHA-256 of the parts, each led by its length, so that no two lists of parts collide.
fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// The first eight bytes, big-endian, of the hash of the parts: spread evenly over all of `u64`.
pub(crate) fn number(parts: &[&[u8]]) -> u64 {
    sha256(parts).iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

/// A number for an id and a step, spread evenly over all of `u64`: the finaliser of splitmix64 (Steele, Lea, Flood 2014)
/// over both halves of the id. No defence against anybody, but a hundredth of the cost of a hash that is; schedules are
/// computed several times a check.
pub(crate) fn mixed(id: uuid::Uuid, step: u64) -> u64 {
    let (high, low) = id.as_u64_pair();
    finalise(finalise(finalise(high) ^ low) ^ step)
}

fn finalise(mut number: u64) -> u64 {
    number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// The plain SHA-256 of some bytes as lower-case hex.
pub(crate) fn hex_sha256(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// `fraction · whole`, where the hash is read as a fraction of 1: at least 0 and below `whole`.
pub(crate) fn share_of(hash: u64, whole: u64) -> u64 {
    let scaled = (u128::from(hash) * u128::from(whole)) >> 64;
    u64::try_from(scaled).unwrap_or(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_the_published_value_of_the_empty_text() {
        assert_eq!(hex_sha256(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn moving_a_byte_between_parts_changes_the_number() {
        assert_ne!(number(&[b"ab", b"c"]), number(&[b"a", b"bc"]));
    }

    #[test]
    fn mixing_is_the_published_function() {
        // The first output of splitmix64 with seed 0.
        assert_eq!(finalise(0), 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn a_share_stays_below_the_whole() {
        assert_eq!(share_of(0, 1_000), 0);
        assert_eq!(share_of(u64::MAX, 1_000), 999);
        assert_eq!(share_of(1 << 63, 1_000), 500);
    }
}
