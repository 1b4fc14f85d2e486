//! Which monitors depend on which: a graph without circles.

use crate::ids::MonitorId;
use std::collections::{HashMap, HashSet};

/// Parents by child.
pub type Parents = HashMap<MonitorId, Vec<MonitorId>>;

/// The place of the first of `parents` that depends on `child` itself, however indirectly: taking it would close a circle.
pub fn circle(known: &Parents, child: MonitorId, parents: &[MonitorId]) -> Option<usize> {
    parents.iter().position(|parent| depends(known, *parent, child))
}

/// Whether `monitor` is `on`, or depends on it.
fn depends(known: &Parents, monitor: MonitorId, on: MonitorId) -> bool {
    let (mut seen, mut next) = (HashSet::new(), vec![monitor]);
    while let Some(one) = next.pop() {
        if one == on {
            return true;
        }
        if seen.insert(one) {
            next.extend(known.get(&one).into_iter().flatten());
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn id(number: u128) -> MonitorId {
        MonitorId(Uuid::from_u128(number))
    }

    /// The oracle takes monitors without remaining parents away until none is left, or none can be taken.
    fn has_circle(graph: &Parents) -> bool {
        let mut left = graph.clone();
        loop {
            let before = left.len();
            let remaining: HashSet<MonitorId> = left.keys().copied().collect();
            left.retain(|_, parents| parents.iter().any(|parent| remaining.contains(parent)));
            if left.len() == before {
                return !left.is_empty();
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_not_refused_leaves_no_circle_and_what_is_would(
            edges in proptest::collection::vec((0..7_u128, proptest::collection::vec(0..7_u128, 0..3)), 1..12),
        ) {
            let mut graph = Parents::new();
            for (child, parents) in edges {
                let parents: Vec<MonitorId> = parents.into_iter().map(id).collect();
                let mut changed = graph.clone();
                changed.insert(id(child), parents.clone());
                let refused = circle(&graph, id(child), &parents);
                prop_assert_eq!(refused.is_some(), has_circle(&changed));
                if refused.is_none() {
                    graph = changed;
                }
            }
        }
    }
}
