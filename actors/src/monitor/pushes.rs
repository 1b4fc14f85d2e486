//! A monitor that is told: its actor reads the pushes when it hears of one, and when one is missing.

use pulse_domain::{
    Timestamp,
    monitor::{Check, Monitor},
    outcome::Outcome,
    push,
    status::Status,
};
use ractor::ActorRef;
use std::{sync::Arc, time::Duration};

use super::{
    Message, State,
    flight::{self, PushesRead},
    standing::Standing,
};
use crate::{clock, probe::push::Ledger};

/// When a table that could not be read is read again.
const READ_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// The ledger of a push monitor. One that is pending begins anew: what it was told before it was paused is history.
pub(super) fn ledger(monitor: &Monitor, standing: &Standing, now: Timestamp) -> Option<Box<Ledger>> {
    let is_fresh = standing.health.status == Status::Pending;
    matches!(monitor.config.check, Check::Push(_)).then(|| Box::new(Ledger::new(standing.last_at, is_fresh, now)))
}

impl State {
    pub(super) fn on_pushed(&mut self, myself: &ActorRef<Message>, newest: Option<Timestamp>) {
        let Some(ledger) = &mut self.ledger else { return };
        if newest.is_some_and(|at| ledger.has_counted(at)) {
            return;
        }
        if self.flight.is_some() {
            // The reading under way may have begun before.
            ledger.again = true;
        } else {
            self.due = clock::now();
            self.begin_reading(myself);
        }
    }

    pub(super) fn begin_reading(&mut self, myself: &ActorRef<Message>) {
        let Some(ledger) = &mut self.ledger else { return };
        ledger.again = false;
        let wanted = ledger.wanted();
        self.timer.disarm();
        self.answering = self.asks.len();
        let monitor = Arc::clone(&self.monitor);
        self.flight = Some(flight::read_pushes(&self.context, myself.clone(), self.generation, monitor, wanted));
    }

    pub(super) fn on_pushes_read(&mut self, myself: &ActorRef<Message>, read: &PushesRead) {
        if read.generation != self.generation {
            return;
        }
        self.flight = None;
        // Taken out while the outcomes go through the rest of the state.
        let Some(mut ledger) = self.ledger.take() else { return };
        let now = clock::now();
        let monitor = Arc::clone(&self.monitor);
        let mut last = None;
        let next = if let Some(found) = &read.found {
            ledger.take(&monitor.config, found, (self.due, now), self.push_standing(), |outcome| {
                self.conclude(myself, &outcome);
                // Also when nothing is concluded for a while: the next one comes after this one.
                let standing = self.push_standing();
                let last_at = standing.last_at.max(Some(outcome.at));
                last = Some(outcome);
                push::Standing { last_at, ..standing }
            })
        } else {
            ledger.failed();
            Some(now + READ_AGAIN_AFTER)
        };
        for ask in self.asks.drain(..self.answering.min(self.asks.len())) {
            let report = last.clone().unwrap_or_else(|| ledger.report(&monitor.config, ask.asked_at));
            self.context.answer(ask, report);
        }
        self.answering = 0;
        let is_again = ledger.again || !self.asks.is_empty();
        self.ledger = Some(ledger);
        if let Some(next) = next {
            self.due = next;
            self.arm(now);
        }
        if is_again {
            self.due = now;
            self.begin_reading(myself);
        }
    }

    fn conclude(&mut self, myself: &ActorRef<Message>, outcome: &Outcome) {
        self.context.figures.count_check();
        let found = self.standing.take(&self.monitor, outcome, &self.context.calendar);
        self.record(outcome.clone());
        self.offer(myself, found.into_iter().collect());
    }

    fn push_standing(&self) -> push::Standing {
        push::Standing { last_at: self.standing.last_at, retries: self.standing.health.retries() }
    }
}
