//! The monitor actor: one per enabled monitor. It owns the monitor's timer, its check under way and its hysteresis.
//!
//! Supervised by its shard. It survives nothing and need not: a new one goes on from the stored state and the outcomes
//! recorded after it. It never waits: checks run beside it, rows are written by the recorder and the committer.

mod due;
mod flight;
mod pushes;
mod standing;
mod unwritten;

use pulse_domain::{
    Timestamp,
    monitor::{Check, Monitor},
    outcome::Outcome,
    verdict,
};
use pulse_store::{Commit, Recorded, Watched};
use ractor::{Actor, ActorProcessingErr, ActorRef};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

use crate::{
    clock,
    committer::{Answer, Offer},
    context::{Ask, Context, Reload},
    probe::push::Ledger,
    wheel::{Timer, Wake},
};
use flight::Flight;
pub(crate) use flight::{Probed, PushesRead, observe};
use standing::Standing;
use unwritten::Unwritten;

/// When a full committer is asked again.
const OFFER_AGAIN_AFTER: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(crate) enum Message {
    /// The timer of this generation fired.
    Tick(u32),
    /// A check ended.
    Probed(Box<Probed>),
    /// Its URL was called; with the newest call's instant, if that is known.
    Pushed(Option<Timestamp>),
    /// A reading of its pushes ended.
    PushesRead(Box<PushesRead>),
    /// The configuration or the stored state may have changed.
    Configured(Box<Watched>),
    /// Check now, and tell.
    CheckNow(Ask),
    /// What became of the transition with this sequence.
    Committed(i64, Answer),
    /// The committer was full, or a pause after a refusal is over.
    OfferAgain,
}

impl Wake for ActorRef<Message> {
    fn wake(&self, generation: u32) {
        // An actor that has just stopped has no use for its timer.
        let _gone = self.cast(Message::Tick(generation));
    }
}

#[derive(Debug)]
pub(crate) struct State {
    context: Arc<Context>,
    monitor: Arc<Monitor>,
    standing: Standing,
    unwritten: Unwritten,
    timer: Timer<ActorRef<Message>>,
    /// When the next check, or the one under way, is due.
    due: Timestamp,
    flight: Option<Flight>,
    /// Of a monitor that is told by pushes.
    ledger: Option<Box<Ledger>>,
    /// Whether `OfferAgain` is on its way.
    offers_again: bool,
    /// Raised whenever an earlier timer or check no longer counts.
    generation: u32,
    /// Who waits for a check on demand; the first `answering` of them for the one under way.
    asks: Vec<Ask>,
    answering: usize,
}

#[derive(Debug)]
pub(crate) struct MonitorActor;

impl Actor for MonitorActor {
    type Msg = Message;
    type State = State;
    type Arguments = (Arc<Context>, Box<Watched>);

    async fn pre_start(
        &self,
        myself: ActorRef<Message>,
        (context, watched): Self::Arguments,
    ) -> Result<State, ActorProcessingErr> {
        let wheel = context.wheel(watched.monitor.id).ok_or("there is no wheel")?;
        let timer = wheel.register(myself.clone());
        let (standing, found) = Standing::of(&watched, &context.calendar);
        let unwritten = Unwritten::after(watched.tail.len());
        let now = clock::now();
        let (org, check) = (watched.monitor.org_id, &watched.monitor.config.check);
        context.vantage.remember(org, check, (standing.health.status, standing.last_at), now);
        let ledger = pushes::ledger(&watched.monitor, &standing, now);
        let due = match ledger {
            Some(_) => due::soon(watched.monitor.id, now),
            None => due::first(&watched.monitor, &standing.health, standing.last_at, watched.status_since, now),
        };
        let monitor = lean(watched.monitor);
        let mut state = State {
            context,
            monitor,
            standing,
            unwritten,
            timer,
            due,
            flight: None,
            ledger,
            offers_again: false,
            generation: 0,
            asks: Vec::new(),
            answering: 0,
        };
        state.offer(&myself, found);
        state.arm(now);
        Ok(state)
    }

    async fn handle(
        &self,
        myself: ActorRef<Message>,
        message: Message,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Message::Tick(generation) => state.on_tick(&myself, generation),
            Message::Probed(probed) => state.on_probed(&myself, &probed),
            Message::Pushed(newest) => state.on_pushed(&myself, newest),
            Message::PushesRead(read) => state.on_pushes_read(&myself, &read),
            Message::Configured(watched) => state.on_configured(&myself, *watched),
            Message::CheckNow(ask) => state.on_check_now(&myself, ask),
            Message::Committed(sequence, answer) => state.on_committed(&myself, sequence, answer),
            Message::OfferAgain => state.on_offer_again(&myself),
        }
        Ok(())
    }
}

impl State {
    fn on_tick(&mut self, myself: &ActorRef<Message>, generation: u32) {
        if generation == self.generation && self.flight.is_none() {
            self.begin(myself, self.due);
        }
    }

    fn on_check_now(&mut self, myself: &ActorRef<Message>, ask: Ask) {
        self.asks.push(ask);
        // A check under way may have begun before whatever the person wants to see; another one follows it.
        if self.flight.is_none() {
            self.begin(myself, ask.asked_at);
        }
    }

    /// Starts the check that counts as the one of `due`.
    fn begin(&mut self, myself: &ActorRef<Message>, due: Timestamp) {
        if self.ledger.is_some() {
            return self.begin_reading(myself);
        }
        self.timer.disarm();
        self.due = due;
        self.answering = self.asks.len();
        self.flight =
            Some(flight::start(&self.context, myself.clone(), self.generation, Arc::clone(&self.monitor), due));
    }

    fn on_probed(&mut self, myself: &ActorRef<Message>, probed: &Probed) {
        if probed.generation != self.generation {
            return;
        }
        self.flight = None;
        if self.context.figures.count_check() == 1 {
            tracing::info!("the first check has ended");
        }
        let config = &self.monitor.config;
        let outcome = verdict::judge(&probed.observation, &config.assertions, config.policy.degraded.as_ref());
        let at = outcome.at;
        let found = self.standing.take(&self.monitor, &outcome, &self.context.calendar);
        self.offer(myself, found.into_iter().collect());
        for ask in self.asks.drain(..self.answering.min(self.asks.len())) {
            self.context.answer(ask, outcome.clone());
        }
        self.answering = 0;
        self.record(outcome);
        self.go_on(myself, at);
    }

    /// Arms the timer for the next check, or begins one that somebody asked for meanwhile.
    fn go_on(&mut self, myself: &ActorRef<Message>, last_due: Timestamp) {
        let now = clock::now();
        self.due = due::next(&self.monitor, &self.standing.health, last_due, last_due);
        if self.due < now {
            let planned =
                std::mem::replace(&mut self.due, due::next(&self.monitor, &self.standing.health, last_due, now));
            if planned < self.due {
                self.context.figures.count_missed();
            }
        }
        match self.asks.last() {
            Some(ask) => self.begin(myself, ask.asked_at.max(now)),
            None => self.arm(now),
        }
    }

    fn arm(&self, now: Timestamp) {
        let wait = (self.due - now).to_std().unwrap_or_default();
        self.timer.arm(Instant::now() + wait, self.generation);
    }

    fn on_configured(&mut self, myself: &ActorRef<Message>, watched: Watched) {
        let newer = watched.monitor.version > self.monitor.version;
        let overtaken = self.standing.is_overtaken_by(&watched);
        if !newer && !overtaken {
            return;
        }
        if overtaken {
            let (standing, found) = Standing::of(&watched, &self.context.calendar);
            self.standing = standing;
            self.offer(myself, found);
            // What is under way belongs to the state that was lost.
            self.generation = self.generation.wrapping_add(1);
            self.flight = None;
        }
        let since = watched.status_since;
        let before = std::mem::replace(&mut self.monitor, lean(watched.monitor));
        let (old, new) = (&before.config, &self.monitor.config);
        if overtaken || self.ledger.is_some() != matches!(new.check, Check::Push(_)) {
            self.ledger = pushes::ledger(&self.monitor, &self.standing, clock::now());
        }
        let same_question = old.check == new.check
            && old.assertions == new.assertions
            && old.policy == new.policy
            && old.timeout_ms == new.timeout_ms;
        if !same_question {
            // What is under way answers an old question. The next outcome re-evaluates all kept ones under the new policy.
            self.generation = self.generation.wrapping_add(1);
            self.flight = None;
            self.begin(myself, clock::now());
        } else if self.flight.is_none() && (overtaken || old.interval_seconds != new.interval_seconds) {
            let now = clock::now();
            self.due = match self.ledger {
                Some(_) => now,
                None => due::first(&self.monitor, &self.standing.health, self.standing.last_at, since, now),
            };
            if self.asks.is_empty() {
                self.arm(now);
            } else {
                self.begin(myself, now);
            }
        }
    }

    fn on_committed(&mut self, myself: &ActorRef<Message>, sequence: i64, answer: Answer) {
        let is_lost = match answer {
            Answer::Done => self.standing.acknowledge(sequence),
            Answer::Stale => self.standing.lose(sequence),
            Answer::Refused(pause) => {
                // Those behind it wait for it, and are offered again with it.
                if self.standing.is_next(sequence) {
                    self.offer_again_after(myself, pause);
                }
                false
            }
            // The shard is about to be stopped, and this actor with it.
            Answer::Fenced => false,
        };
        if is_lost {
            // Read only when all that was found is recorded, or what is folded in again would lack the latest.
            let (context, monitor) = (Arc::clone(&self.context), self.monitor.id);
            self.context.when_flushed(move || context.reload(Reload::Monitor(monitor)));
        }
    }

    fn on_offer_again(&mut self, myself: &ActorRef<Message>) {
        self.offers_again = false;
        let waiting = self.standing.unacknowledged();
        self.offer(myself, waiting);
    }

    fn offer_again_after(&mut self, myself: &ActorRef<Message>, pause: Duration) {
        if !std::mem::replace(&mut self.offers_again, true) {
            let _task = myself.send_after(pause, || Message::OfferAgain);
        }
    }

    /// Offers transitions in order; all of them again later if the committer is full.
    fn offer(&mut self, myself: &ActorRef<Message>, commits: Vec<Commit>) {
        for commit in commits {
            if !self.context.committer.offer(Offer { commit, from: myself.clone() }) {
                return self.offer_again_after(myself, OFFER_AGAIN_AFTER);
            }
        }
    }

    fn record(&mut self, mut outcome: Outcome) {
        let state = self
            .unwritten
            .is_due(&outcome, self.monitor.config.interval_seconds)
            .then(|| self.standing.reached().map(Box::new))
            .flatten();
        if state.is_none() && self.context.recorder.is_behind() {
            // Facts are for who looks now; a buffer that fills keeps only what becomes a row.
            outcome.facts = None;
        }
        let recorded = Recorded { org_id: self.monitor.org_id, monitor_id: self.monitor.id, outcome, state };
        if !self.context.recorder.offer(recorded) {
            self.context.figures.count_result_lost();
        }
    }
}

/// Without what only people read: there may be a million of them.
fn lean(mut monitor: Monitor) -> Arc<Monitor> {
    monitor.config.name = String::new();
    monitor.config.tags = Vec::new();
    monitor.config.assertions.shrink_to_fit();
    Arc::new(monitor)
}
