//! The permits of this node: the shell around `domain::admission`.
//!
//! One short lock, because a decision looks at the node, the organization and the host together; it is held for some
//! hundred nanoseconds and never across a wait. Whatever ends a check, also an abort or a panic, drops its permit, and
//! dropping it is the only way to give it back.

use pulse_domain::admission::{Admission, Answer, Bounds, Request, Ticket};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::oneshot, time::timeout};

#[cfg(test)]
mod tests;

#[derive(Debug)]
pub(crate) struct Permits {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    admission: Admission,
    called: HashMap<Ticket, oneshot::Sender<()>>,
}

/// The right to check, or a place in the line for it. Dropping it passes it on.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    permits: &'a Permits,
    request: Request,
    ticket: Option<Ticket>,
}

/// Checks under way and checks that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Load {
    pub(crate) running: u32,
    pub(crate) running_max: u32,
    pub(crate) waiting: usize,
}

impl Permits {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { inner: Mutex::new(Inner { admission: Admission::new(bounds), called: HashMap::new() }) }
    }

    /// Waits for a permit, or answers none when `patience` is over or too many wait already.
    pub(crate) async fn admit(&self, request: Request, patience: Duration) -> Option<Permit<'_>> {
        let (permit, called) = self.ask(request)?;
        match called {
            None => Some(permit),
            Some(called) => timeout(patience, called).await.is_ok_and(|called| called.is_ok()).then_some(permit),
        }
    }

    pub(crate) fn load(&self) -> Load {
        let admission = &self.lock().admission;
        let (running, running_max) = (admission.running(), admission.bounds().node);
        Load { running, running_max, waiting: admission.waiting() }
    }

    fn ask(&self, request: Request) -> Option<(Permit<'_>, Option<oneshot::Receiver<()>>)> {
        let mut inner = self.lock();
        match inner.admission.ask(request) {
            Answer::Go => Some((Permit { permits: self, request, ticket: None }, None)),
            Answer::Wait(ticket) => {
                let (call, called) = oneshot::channel();
                inner.called.insert(ticket, call);
                Some((Permit { permits: self, request, ticket: Some(ticket) }, Some(called)))
            }
            Answer::Refused => None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // The rules below don't panic.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut inner = self.permits.lock();
        let next = match self.ticket {
            None => inner.admission.release(self.request),
            Some(ticket) => {
                inner.called.remove(&ticket);
                inner.admission.withdraw(ticket, self.request)
            }
        };
        let call = next.and_then(|ticket| inner.called.remove(&ticket));
        drop(inner);
        if let Some(call) = call {
            // Whoever gives up in this moment passes the permit on by dropping it.
            let _gone = call.send(());
        }
    }
}

/// What this process may check at once: as many as the operator says, or as it may open files for. Its soft limit is
/// raised to the hard one first; the soft one is low for programs that look at every possible descriptor, and this is none.
pub(crate) fn bounds(checks_max: Option<u32>) -> Bounds {
    let files = open_files();
    let bounds = checks_max.map_or_else(|| Bounds::of_open_files(files), Bounds::of_node);
    tracing::info!(open_files = files, checks = bounds.node, "checks that may be under way at once");
    bounds
}

fn open_files() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => maximum.unwrap_or(u64::MAX),
        Err(error) => {
            tracing::warn!(%error, "the limit of open files could not be raised");
            current.unwrap_or(u64::MAX)
        }
    }
}
