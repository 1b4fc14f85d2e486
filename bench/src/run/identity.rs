//! Names that are computed, so that every run has the same schedule, and a row or a message tells its monitor's number.

use pulse_domain::ids::{ChannelId, MonitorId, OrgId, RuleId, UserId};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// The instant in front of every id: they are of version 7, as the program makes them.
const MADE_MS: u64 = 1_750_000_000_000;

#[derive(Clone, Copy)]
enum Noun {
    Org,
    User,
    Monitor,
    Channel,
    Rule,
}

/// Version 7: the instant, then bits of a hash; the last 32 bits are the number.
fn id(noun: Noun, number: u32) -> Uuid {
    let noun: u8 = match noun {
        Noun::Org => 1,
        Noun::User => 2,
        Noun::Monitor => 3,
        Noun::Channel => 4,
        Noun::Rule => 5,
    };
    let mut hasher = Sha256::new();
    hasher.update([noun]);
    hasher.update(number.to_be_bytes());
    let mut bytes = [0; 16];
    for (byte, hashed) in bytes.iter_mut().zip(hasher.finalize()) {
        *byte = hashed;
    }
    for (byte, made) in bytes.iter_mut().zip(MADE_MS.to_be_bytes().into_iter().skip(2)) {
        *byte = made;
    }
    for (byte, own) in bytes.iter_mut().skip(12).zip(number.to_be_bytes()) {
        *byte = own;
    }
    uuid::Builder::from_bytes(bytes)
        .with_version(uuid::Version::SortRand)
        .with_variant(uuid::Variant::RFC4122)
        .into_uuid()
}

pub fn org_id(number: u32) -> OrgId {
    OrgId(id(Noun::Org, number))
}

pub fn user_id(number: u32) -> UserId {
    UserId(id(Noun::User, number))
}

pub fn monitor_id(number: u32) -> MonitorId {
    MonitorId(id(Noun::Monitor, number))
}

pub fn channel_id(number: u32) -> ChannelId {
    ChannelId(id(Noun::Channel, number))
}

pub fn rule_id(number: u32) -> RuleId {
    RuleId(id(Noun::Rule, number))
}

/// The number of a monitor of ours.
pub fn number_of(id: &str) -> Option<u32> {
    let bytes = id.parse::<Uuid>().ok()?.into_bytes();
    let (_, number) = bytes.split_last_chunk::<4>()?;
    Some(u32::from_be_bytes(*number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_its_number_and_nouns_do_not_share_ids() {
        for number in [0, 1, 999_999, u32::MAX] {
            assert_eq!(number_of(&monitor_id(number).to_string()), Some(number));
            assert_ne!(monitor_id(number).0, org_id(number).0);
        }
        assert_eq!(monitor_id(7).0.get_version_num(), 7);
        assert_eq!(number_of("no id"), None);
    }
}
