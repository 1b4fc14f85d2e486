//! Placement must be even, stable, and the same on every node.

use super::*;
use proptest::prelude::*;
use uuid::Uuid;

fn nodes() -> impl Strategy<Value = Vec<Incarnation>> {
    proptest::collection::btree_set(any::<u128>(), 1..9)
        .prop_map(|ids| ids.into_iter().map(|id| Incarnation(Uuid::from_u128(id))).collect())
}

proptest! {
    #[test]
    fn a_leaving_node_moves_its_own_shards_only(live in nodes(), index in any::<prop::sample::Index>()) {
        let gone = live[index.index(live.len())];
        let rest: Vec<Incarnation> = live.iter().copied().filter(|node| *node != gone).collect();
        for shard in 0..SHARDS {
            let before = owner(shard, &live);
            if before != Some(gone) {
                prop_assert_eq!(owner(shard, &rest), before);
            }
        }
    }

    #[test]
    fn the_order_of_nodes_does_not_matter(live in nodes()) {
        let reversed: Vec<Incarnation> = live.iter().rev().copied().collect();
        for shard in 0..SHARDS {
            prop_assert_eq!(owner(shard, &live), owner(shard, &reversed));
        }
    }

    #[test]
    fn a_joining_node_takes_about_its_share(live in nodes(), id in any::<u128>()) {
        let joining = Incarnation(Uuid::from_u128(id));
        prop_assume!(!live.contains(&joining));
        let more: Vec<Incarnation> = live.iter().copied().chain([joining]).collect();
        let moved = (0..SHARDS).filter(|shard| owner(*shard, &live) != owner(*shard, &more)).count();
        let share = usize::from(SHARDS) / more.len();
        prop_assert!(moved <= share + usize::from(SHARDS) / 10, "{} moved of a share of {}", moved, share);
    }

    #[test]
    fn every_shard_is_in_range(id in any::<u128>()) {
        prop_assert!(of_monitor(MonitorId(Uuid::from_u128(id))) < SHARDS);
        prop_assert!(of_org(OrgId(Uuid::from_u128(id))) < SHARDS);
    }
}

#[test]
fn nobody_alive_owns_nothing() {
    assert_eq!(owner(0, &[]), None);
}

#[test]
fn monitors_fill_all_shards_evenly() {
    let mut counts = vec![0_u32; usize::from(SHARDS)];
    for id in 0..102_400_u128 {
        counts[usize::from(of_monitor(MonitorId(Uuid::from_u128(id))))] += 1;
    }
    let (fewest, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
    assert!(*fewest > 50 && *most < 160, "{fewest} to {most} of 100 expected");
}

/// Rows name their shard, so a placement that changes with a release would orphan them.
#[test]
fn placement_is_pinned() {
    let id = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
    // Computed independently: SHA-256 over noun and id, each led by its length in eight bytes; the first eight mod 1024.
    assert_eq!((of_monitor(MonitorId(id)), of_org(OrgId(id))), (693, 262));
}
