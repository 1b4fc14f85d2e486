//! One batch, settled: all of it in one transaction, unless the database refuses that.
//!
//! ```text
//!   refused: · · · x · · · ·  →  · · · x │ · · · ·  →  · · │ · x  →  · │ x
//! ```
//!
//! Then the batch is halved until the monitor that is refused stands alone; every half without it is committed on the way.
//! That monitor's transitions wait from then on, in order, and are tried alone, so that it costs the others one short
//! transaction now and then.

use pulse_domain::refusal::Standing;
use pulse_store::{Commit, Committed, StoreError};
use std::{collections::HashMap, time::Duration};

use super::{Answer, Offer, announce, key};
use crate::context::Context;

const RETRY_DELAY_MIN: Duration = Duration::from_millis(50);
const RETRY_DELAY_MAX: Duration = Duration::from_secs(2);

/// The transitions of one monitor, in order, by their places in the batch.
type Line = Vec<usize>;

/// Answers in the order of the batch.
pub(super) async fn settle(context: &Context, batch: &[Offer]) -> Vec<Answer> {
    let mut settling = Settling { context, batch, answers: HashMap::with_capacity(batch.len()) };
    // The last one is next: first those that nothing is known against.
    let mut parts: Vec<Vec<Line>> = Vec::new();
    let mut together = Vec::new();
    for line in lines(batch) {
        let Some(first) = line.first().and_then(|place| batch.get(*place)) else { continue };
        match context.committer.standing(&first.commit) {
            Standing::Clear => together.push(line),
            Standing::Suspect => parts.push(vec![line]),
            Standing::Waits(pause) => settling.refuse(&line, pause),
        }
    }
    parts.push(together);
    while let Some(mut part) = parts.pop() {
        match part.as_slice() {
            [] => {}
            [line] => settling.one_by_one(line).await,
            [_, _, ..] => {
                if !settling.all(&part).await {
                    let later = part.split_off(part.len() / 2);
                    parts.push(later);
                    parts.push(part);
                }
            }
        }
    }
    let answer = |place: usize| settling.answers.get(&place).copied().unwrap_or(Answer::Stale);
    (0..batch.len()).map(answer).collect()
}

/// The batch by monitor, in the order in which each appears.
fn lines(batch: &[Offer]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut known = HashMap::new();
    for (place, offer) in batch.iter().enumerate() {
        let number = *known.entry(key(&offer.commit)).or_insert(lines.len());
        match lines.get_mut(number) {
            Some(line) => line.push(place),
            None => lines.push(vec![place]),
        }
    }
    lines
}

struct Settling<'a> {
    context: &'a Context,
    batch: &'a [Offer],
    answers: HashMap<usize, Answer>,
}

impl Settling<'_> {
    /// Commits all of it, or answers false: the database refuses something of it.
    async fn all(&mut self, part: &[Line]) -> bool {
        let mut places: Vec<usize> = part.iter().flatten().copied().collect();
        places.sort_unstable();
        self.try_to_commit(&places).await.is_ok()
    }

    /// Commits what there is of one monitor. What follows a refused transition rests on it and waits with it.
    async fn one_by_one(&mut self, line: &[usize]) {
        if self.try_to_commit(line).await.is_ok() {
            return;
        }
        for (number, place) in line.iter().enumerate() {
            let Err(error) = self.try_to_commit(&[*place]).await else { continue };
            let Some(offer) = self.batch.get(*place) else { continue };
            let pause = self.context.committer.refuse(&offer.commit, &error);
            return self.refuse(line.get(number..).unwrap_or_default(), pause);
        }
    }

    async fn try_to_commit(&mut self, places: &[usize]) -> Result<(), StoreError> {
        let offers = places.iter().filter_map(|place| Some((*place, self.batch.get(*place)?)));
        let (places, commits): (Vec<usize>, Vec<&Commit>) = offers.map(|(place, offer)| (place, &offer.commit)).unzip();
        let owned: Vec<Commit> = commits.iter().map(|commit| (*commit).clone()).collect();
        let answers = insist(self.context, &owned).await?;
        let answers = answers.into_iter().map(|answer| match answer {
            Committed::Done => Answer::Done,
            Committed::Stale => Answer::Stale,
            Committed::Fenced => Answer::Fenced,
        });
        let settled: Vec<(&Commit, Answer)> = commits.into_iter().zip(answers).collect();
        announce(self.context, &settled);
        for (place, (commit, answer)) in places.into_iter().zip(settled) {
            self.context.committer.settled(commit);
            self.answers.insert(place, answer);
        }
        Ok(())
    }

    fn refuse(&mut self, line: &[usize], pause: Duration) {
        self.answers.extend(line.iter().map(|place| (*place, Answer::Refused(pause))));
    }
}

/// Tries until the database answers; fails when it answers that it takes this never.
async fn insist(context: &Context, commits: &[Commit]) -> Result<Vec<Committed>, StoreError> {
    let mut delay = RETRY_DELAY_MIN;
    loop {
        if context.leases.are_fresh() {
            match context.engine.commit_transitions(&context.leases.all(), commits).await {
                Ok(answers) => return Ok(answers),
                Err(error @ StoreError::Unavailable(_)) => {
                    tracing::warn!(%error, transitions = commits.len(), "transitions wait: the database is away");
                }
                Err(error) => return Err(error),
            }
        }
        tokio::time::sleep(delay).await;
        delay = (delay * 2).min(RETRY_DELAY_MAX);
    }
}
