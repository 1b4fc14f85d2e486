//! What a node says about itself: written beside its heartbeat, so that every process can show how the engine does.

use serde::{Deserialize, Serialize};

/// A node's state and its counts since its start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct NodeReport {
    /// Monitors that it watches now.
    pub monitors: usize,
    /// How late checks began, over the last one or two minutes; absent while none did.
    pub lateness_p99_ms: Option<u32>,
    pub checks: u64,
    pub checks_in_flight: u32,
    pub checks_in_flight_max: u32,
    /// Checks that wait for a permit.
    pub checks_waiting: usize,
    /// Checks that got no permit in time.
    pub overloaded: u64,
    /// Checks after which at least one slot had passed unseen.
    pub missed: u64,
    /// Results that are no rows yet.
    pub results_waiting: usize,
    pub results_lost: u64,
    /// Transitions that are no rows yet.
    pub transitions_waiting: usize,
    /// Monitors whose transitions the database refuses although it answers; they are offered again until it takes them.
    pub transitions_refused: usize,
    /// How long the database has not answered a heartbeat; absent while it does. No result waits longer than this.
    pub database_away_seconds: Option<u64>,
    pub vantage: Vantage,
    /// What has ever answered it; a node that starts on the same machine takes these for witnesses.
    pub canaries: Canaries,
}

/// Of what a node needs to see its targets, what its canaries have vouched for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Canaries {
    pub names: bool,
    pub path: bool,
}

/// Whether the node trusts its own network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Vantage {
    #[default]
    Clear,
    /// Many unrelated targets failed at once; canaries are being asked.
    Suspected,
    /// The canaries do not answer either: outcomes are unknown until they do.
    Lost,
}

impl NodeReport {
    /// Whether something is wrong that asks for a person, rather than merely much to do.
    pub fn is_failing(&self) -> bool {
        self.database_away_seconds.is_some() || self.vantage == Vantage::Lost
    }

    /// What is wrong, in one line; nothing when nothing is.
    pub fn complaint(&self) -> Option<String> {
        let mut lines = Vec::new();
        if let Some(seconds) = self.database_away_seconds {
            lines.push(format!(
                "the database has been away for {seconds} s; {} results and {} transitions wait",
                self.results_waiting, self.transitions_waiting
            ));
        }
        if self.vantage == Vantage::Lost {
            lines.push("the node lost its network: outcomes are unknown, nobody is paged".to_owned());
        }
        if self.transitions_refused > 0 {
            lines.push(format!(
                "the database refuses the transitions of {} monitors (named in this node's log): their status stands still",
                self.transitions_refused
            ));
        }
        if self.checks_waiting > 0 {
            lines.push(format!(
                "{} checks wait for one of {} permits; {} got none in time since the start",
                self.checks_waiting, self.checks_in_flight_max, self.overloaded
            ));
        }
        if self.results_lost > 0 {
            lines.push(format!("{} results were lost since the start", self.results_lost));
        }
        (!lines.is_empty()).then(|| lines.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_in_trouble_says_what_it_is() {
        assert_eq!(NodeReport::default().complaint(), None);
        assert!(!NodeReport { checks_waiting: 9, ..NodeReport::default() }.is_failing());
        let report = NodeReport {
            database_away_seconds: Some(12),
            results_waiting: 340,
            vantage: Vantage::Lost,
            ..NodeReport::default()
        };
        assert!(report.is_failing());
        let line = report.complaint().unwrap();
        assert!(line.contains("12 s") && line.contains("340") && line.contains("network"), "{line}");
    }

    #[test]
    fn refused_transitions_are_told_and_are_no_failure_of_the_node() {
        let report = NodeReport { transitions_refused: 2, ..NodeReport::default() };
        assert!(!report.is_failing());
        assert!(report.complaint().is_some_and(|line| line.contains("2 monitors")));
    }

    #[test]
    fn a_report_of_an_older_node_is_readable() {
        let report: NodeReport = serde_json::from_str(r#"{"checks": 7, "unheard_of": true}"#).unwrap();
        assert_eq!(report.checks, 7);
    }
}
