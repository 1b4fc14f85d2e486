//! What arrived since the last flush: every event in order, of each monitor's results the newest alone.

use super::Update;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    updates: Vec<Update>,
}

impl Batch {
    /// Adds an update; true for the first one, which is when a flush has to be planned.
    pub fn push(&mut self, update: Update) -> bool {
        let first = self.updates.is_empty();
        if let Update::Result { monitor_id, .. } = &update {
            let same =
                |known: &Update| matches!(known, Update::Result { monitor_id: known, .. } if known == monitor_id);
            self.updates.retain(|known| !same(known));
        }
        self.updates.push(update);
        first
    }

    /// Hands everything over and begins anew.
    pub fn take(&mut self) -> Vec<Update> {
        std::mem::take(&mut self.updates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::fixture::{monitor_id, outcome};

    #[test]
    fn only_the_newest_result_of_a_monitor_is_kept_and_nothing_else_is_lost() {
        let mut batch = Batch::default();
        let result = |monitor, second| Update::Result { monitor_id: monitor_id(monitor), outcome: outcome(second) };
        assert!(batch.push(result(1, 1)));
        assert!(!batch.push(Update::Resync));
        batch.push(result(2, 1));
        batch.push(result(1, 2));
        batch.push(Update::Resync);
        assert_eq!(batch.take(), [Update::Resync, result(2, 1), result(1, 2), Update::Resync]);
        assert!(batch.push(Update::Resync), "after a flush the next one is the first again");
    }
}
