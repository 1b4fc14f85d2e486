//! What the time of a check was spent on, as the layers of the chart.

use pulse_domain::outcome::{Outcome, Reason, Verdict};

/// A layer; the stack grows from `Dns` upwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    Dns,
    Connect,
    Tls,
    FirstByte,
    /// Between the first byte and the end of a whole answer.
    Transfer,
    /// Of a check that knows no phases, or not all of them.
    Rest,
    /// Between the end of the last phase that finished and the failure: waiting, mostly.
    UntilFailure,
}

pub(super) const LAYERS: usize = 7;

impl Layer {
    pub(super) const ALL: [Self; LAYERS] =
        [Self::Dns, Self::Connect, Self::Tls, Self::FirstByte, Self::Transfer, Self::Rest, Self::UntilFailure];

    /// As its style is named.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::FirstByte => "first_byte",
            Self::Transfer => "transfer",
            Self::Rest => "rest",
            Self::UntilFailure => "until_failure",
        }
    }

    pub(super) fn words(self, alone: bool) -> &'static str {
        match self {
            Self::Rest if alone => "whole check",
            Self::Dns => "DNS",
            Self::Connect => "connect",
            Self::Tls => "TLS",
            Self::FirstByte => "first byte",
            Self::Transfer => "transfer",
            Self::Rest => "rest",
            Self::UntilFailure => "until failure",
        }
    }
}

/// How thick each layer is, in microseconds.
pub(super) fn thickness(outcome: &Outcome) -> [f64; LAYERS] {
    let timings = &outcome.timings;
    let phases = [timings.dns_us, timings.connect_us, timings.tls_us, timings.first_byte_us];
    let measured: f64 = phases.iter().flatten().copied().map(f64::from).sum();
    let rest = (outcome.latency_us.map_or(0.0, f64::from) - measured).max(0.0);
    let kind = rest_of(outcome);
    let mut layers = [0.0; LAYERS];
    for (layer, phase) in layers.iter_mut().zip(phases) {
        *layer = phase.map_or(0.0, f64::from);
    }
    for (layer, which) in layers.iter_mut().zip(Layer::ALL) {
        if which == kind {
            *layer = rest;
        }
    }
    layers
}

/// What the time after the last phase was.
fn rest_of(outcome: &Outcome) -> Layer {
    // These judge an answer that arrived whole; any other reason cut the check short.
    let whole_answer = matches!(outcome.reason, Some(Reason::StatusCode | Reason::AssertionFailed));
    match (outcome.verdict, outcome.timings.first_byte_us) {
        (Verdict::Failure | Verdict::Unknown, _) if !whole_answer => Layer::UntilFailure,
        (_, Some(_)) => Layer::Transfer,
        (_, None) => Layer::Rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::fixture::outcome;
    use pulse_domain::outcome::Timings;

    fn found(verdict: Verdict, reason: Option<Reason>, timings: Timings) -> Vec<(Layer, f64)> {
        let outcome = Outcome { verdict, reason, latency_us: Some(100), timings, ..outcome(0) };
        Layer::ALL.into_iter().zip(thickness(&outcome)).filter(|(_, thick)| *thick > 0.0).collect()
    }

    #[test]
    fn a_refused_connection_transfers_nothing() {
        let timings = Timings { dns_us: Some(40), ..Timings::default() };
        let refused = found(Verdict::Failure, Some(Reason::ConnectRefused), timings);
        assert_eq!(refused, [(Layer::Dns, 40.0), (Layer::UntilFailure, 60.0)]);
    }

    #[test]
    fn a_wrong_answer_was_transferred_all_the_same() {
        let timings = Timings { connect_us: Some(10), first_byte_us: Some(70), ..Timings::default() };
        let phases = [(Layer::Connect, 10.0), (Layer::FirstByte, 70.0), (Layer::Transfer, 20.0)];
        assert_eq!(found(Verdict::Failure, Some(Reason::StatusCode), timings), phases);
        assert_eq!(found(Verdict::Success, None, timings), phases);
    }

    #[test]
    fn a_check_without_phases_is_one_layer() {
        assert_eq!(found(Verdict::Success, None, Timings::default()), [(Layer::Rest, 100.0)]);
    }
}
