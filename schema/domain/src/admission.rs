//! Who may check now: the permits of a node, shared fairly by its organizations, and the places at a target host.
//!
//! ```text
//!                   a place at the host?         a permit of the node?
//!   a check is due ─────────────────────► ... ─────────────────────► under way ──► its end passes both on
//!                    no: the host's line          no: the node's line
//! ```
//!
//! While there is room, a check costs a look at two counters. Only a full node or host makes anybody wait; then the
//! organization with the least under way is next, so that one with a hundred times the work, or one whose targets hang
//! for a minute, doesn't delay the others. At a host the organizations simply take turns.

mod host;
mod line;
#[cfg(test)]
mod tests;

use crate::{
    ids::OrgId,
    limits::{
        CHECKS_WAITING_MAX, FILES_KEPT_MIN, HOST_CHECKS_MAX, NODE_CHECKS_MAX, PERMIT_WAIT_MS_MAX, PERMIT_WAIT_MS_MIN,
    },
};
pub(crate) use host::number_of;
pub use host::{HostKey, host_of};
use line::Line;
use std::collections::HashMap;

/// A place in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

/// For whom, and where to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    pub org: OrgId,
    pub host: Option<HostKey>,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Go,
    /// Not yet: the ticket will be called.
    Wait(Ticket),
    /// More wait than is good for anybody.
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Checks under way at once.
    pub node: u32,
    /// Of these, at one host.
    pub host: u32,
    /// Checks that may wait.
    pub waiting: usize,
}

impl Bounds {
    /// For a process that may open this many files. A check needs one socket at a time; a quarter is kept for the rest.
    pub fn of_open_files(files: u64) -> Self {
        let kept = (files / 4).max(FILES_KEPT_MIN);
        let node = files.saturating_sub(kept).clamp(1, u64::from(NODE_CHECKS_MAX));
        Self::of_node(u32::try_from(node).unwrap_or(NODE_CHECKS_MAX))
    }

    pub fn of_node(node: u32) -> Self {
        Self { node: node.max(1), host: HOST_CHECKS_MAX, waiting: CHECKS_WAITING_MAX }
    }
}

/// How long a check of this interval waits for its permit, in milliseconds.
pub fn permit_wait_ms(interval_seconds: u32) -> u64 {
    (u64::from(interval_seconds) * 500).clamp(PERMIT_WAIT_MS_MIN, PERMIT_WAIT_MS_MAX)
}

/// The permits of a node.
#[derive(Clone, Debug)]
pub struct Admission {
    bounds: Bounds,
    running: u32,
    orgs: HashMap<OrgId, Share>,
    hosts: HashMap<HostKey, Place>,
    /// Those who wait for a permit; each has its place at its host already.
    line: Line,
    waiting: HashMap<Ticket, Waiting>,
    tickets: u64,
}

/// What an organization has under way and in lines; there is one only while either is not zero.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    running: u32,
    waiting: usize,
}

/// A host; there is one only while a place is taken.
#[derive(Clone, Debug, Default)]
struct Place {
    taken: u32,
    line: Option<Box<Line>>,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    request: Request,
    at_host: bool,
}

impl Admission {
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            running: 0,
            orgs: HashMap::new(),
            hosts: HashMap::new(),
            line: Line::default(),
            waiting: HashMap::new(),
            tickets: 0,
        }
    }

    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Checks under way.
    pub fn running(&self) -> u32 {
        self.running
    }

    /// Checks that wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Asks for a permit. Whoever is told to go must `release`; whoever waits must `withdraw` instead, called or not.
    pub fn ask(&mut self, request: Request) -> Answer {
        let has_place = self.take_place(request.host);
        if has_place && self.running < self.bounds.node {
            self.start(request.org);
            return Answer::Go;
        }
        let share = self.orgs.entry(request.org).or_default();
        // An organization's lines may be as long as the room that is left: a newcomer always finds some.
        if share.waiting >= self.bounds.waiting.saturating_sub(self.waiting.len()) {
            self.forget_idle(request.org);
            if has_place {
                // Nobody waits for this place: it was free a moment ago.
                self.leave_place(request.host);
            }
            return Answer::Refused;
        }
        share.waiting += 1;
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.waiting.insert(ticket, Waiting { request, at_host: !has_place });
        if has_place {
            let load = self.load(request.org);
            self.line.push(request.org, ticket, load);
        } else if let Some(place) = request.host.and_then(|host| self.hosts.get_mut(&host)) {
            place.line.get_or_insert_default().push(request.org, ticket, 0);
        }
        Answer::Wait(ticket)
    }

    /// A check has ended. Answers whose turn it is now.
    pub fn release(&mut self, request: Request) -> Option<Ticket> {
        self.running = self.running.saturating_sub(1);
        if let Some(share) = self.orgs.get_mut(&request.org) {
            share.running = share.running.saturating_sub(1);
            self.line.reload(request.org, share.running);
        }
        self.forget_idle(request.org);
        self.pass_place(request.host);
        self.call()
    }

    /// The holder of a ticket has waited long enough, or its check has ended. Answers whose turn it is now.
    pub fn withdraw(&mut self, ticket: Ticket, request: Request) -> Option<Ticket> {
        let Some(Waiting { at_host, .. }) = self.waiting.remove(&ticket) else {
            return self.release(request);
        };
        if let Some(share) = self.orgs.get_mut(&request.org) {
            share.waiting = share.waiting.saturating_sub(1);
        }
        self.forget_idle(request.org);
        if at_host {
            if let Some(line) = request.host.and_then(|host| self.hosts.get_mut(&host)?.line.as_mut()) {
                line.remove(request.org, ticket);
            }
        } else {
            self.line.remove(request.org, ticket);
            self.pass_place(request.host);
        }
        self.call()
    }

    /// Whoever is next in the node's line goes, if there is a permit.
    fn call(&mut self) -> Option<Ticket> {
        if self.running >= self.bounds.node {
            return None;
        }
        let ticket = self.line.pop()?;
        let org = self.waiting.remove(&ticket)?.request.org;
        if let Some(share) = self.orgs.get_mut(&org) {
            share.waiting = share.waiting.saturating_sub(1);
        }
        self.start(org);
        Some(ticket)
    }

    fn start(&mut self, org: OrgId) {
        self.running += 1;
        let share = self.orgs.entry(org).or_default();
        share.running += 1;
        if !self.line.is_empty() {
            self.line.reload(org, share.running);
        }
    }

    fn load(&self, org: OrgId) -> u32 {
        self.orgs.get(&org).map_or(0, |share| share.running)
    }

    fn forget_idle(&mut self, org: OrgId) {
        if self.orgs.get(&org).is_some_and(|share| share.running == 0 && share.waiting == 0) {
            self.orgs.remove(&org);
        }
    }

    fn take_place(&mut self, host: Option<HostKey>) -> bool {
        let Some(host) = host else { return true };
        let place = self.hosts.entry(host).or_default();
        let free = place.taken < self.bounds.host;
        place.taken += u32::from(free);
        free
    }

    /// Hands a place to the next in the host's line, who then waits for a permit; or leaves it.
    fn pass_place(&mut self, host: Option<HostKey>) {
        let line = host.and_then(|host| self.hosts.get_mut(&host)?.line.as_mut());
        let Some(ticket) = line.and_then(|line| line.pop()) else { return self.leave_place(host) };
        if let Some(waiting) = self.waiting.get_mut(&ticket) {
            waiting.at_host = false;
            let org = waiting.request.org;
            let load = self.load(org);
            self.line.push(org, ticket, load);
        }
    }

    fn leave_place(&mut self, host: Option<HostKey>) {
        let Some(host) = host else { return };
        if let Some(place) = self.hosts.get_mut(&host) {
            place.taken = place.taken.saturating_sub(1);
            if place.taken == 0 {
                self.hosts.remove(&host);
            }
        }
    }
}
