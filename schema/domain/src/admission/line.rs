//! A fair line: organizations take turns, the one with the least under way first; within one, first come first served.

use super::Ticket;
use crate::ids::OrgId;
use std::collections::{BTreeSet, HashMap};

#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    queues: HashMap<OrgId, Queue>,
    /// Who is next: the least load, then the longest without a turn.
    order: BTreeSet<(u32, u64, OrgId)>,
    turns: u64,
}

#[derive(Clone, Debug, Default)]
struct Queue {
    tickets: BTreeSet<Ticket>,
    load: u32,
    turn: u64,
}

impl Line {
    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Joins the end of the organization's queue.
    pub(super) fn push(&mut self, org: OrgId, ticket: Ticket, load: u32) {
        let queue = self.queues.entry(org).or_default();
        if queue.tickets.is_empty() {
            self.turns += 1;
            (queue.load, queue.turn) = (load, self.turns);
            self.order.insert((load, self.turns, org));
        }
        queue.tickets.insert(ticket);
    }

    /// Whose turn it is. The organization's next ticket goes behind those of the others.
    pub(super) fn pop(&mut self) -> Option<Ticket> {
        let (load, _, org) = self.order.pop_first()?;
        let queue = self.queues.get_mut(&org)?;
        let ticket = queue.tickets.pop_first();
        if queue.tickets.is_empty() {
            self.queues.remove(&org);
        } else {
            self.turns += 1;
            queue.turn = self.turns;
            self.order.insert((load, self.turns, org));
        }
        ticket
    }

    /// Leaves the line without a turn.
    pub(super) fn remove(&mut self, org: OrgId, ticket: Ticket) {
        let Some(queue) = self.queues.get_mut(&org) else { return };
        queue.tickets.remove(&ticket);
        if queue.tickets.is_empty() {
            self.order.remove(&(queue.load, queue.turn, org));
            self.queues.remove(&org);
        }
    }

    /// What the organization has under way has changed.
    pub(super) fn reload(&mut self, org: OrgId, load: u32) {
        let Some(queue) = self.queues.get_mut(&org) else { return };
        self.order.remove(&(queue.load, queue.turn, org));
        queue.load = load;
        self.order.insert((load, queue.turn, org));
    }
}
