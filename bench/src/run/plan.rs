//! What a run does: a scenario's numbers, each of which the command line may change.

use clap::ValueEnum;
use serde::Serialize;

/// The situations that are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    /// A small run that shows that everything works.
    Smoke,
    /// 50,000 monitors every 30 s, a few of which fail.
    #[value(name = "50k")]
    #[serde(rename = "50k")]
    FiftyThousand,
    /// 1,000,000 monitors every 300 s.
    #[value(name = "1m")]
    #[serde(rename = "1m")]
    Million,
    /// 10,000 monitors every 60 s: the table of the peers.
    #[value(name = "10k")]
    #[serde(rename = "10k")]
    TenThousand,
    /// A fifth of 50,000 targets fail at once.
    Storm,
    /// A tenth of the targets accept and never answer.
    Hang,
    /// 0, 1 and 10 live sockets, one after the other.
    Dashboards,
    /// 1,000 changes of configuration a second.
    Churn,
    /// 1,000,000 monitors every 60 s whose checks end at the address guard: the cost of the timers and rows alone.
    Timers,
    /// The best rate that is kept, and twice as much.
    Overload,
    /// 10,000 monitors every 60 s beside `blackbox_exporter` and a `BullMQ` baseline.
    Peers,
}

impl Scenario {
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// The numbers of a run, all bounded.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    pub scenario: Scenario,
    pub monitors: u32,
    pub organizations: u32,
    pub interval_seconds: u32,
    pub timeout_ms: u32,
    /// After the start of the engine, before anything counts.
    pub warm_up_seconds: u32,
    pub window_seconds: u32,
    /// Monitors whose target fails from the window's beginning on.
    pub failing: u32,
    /// Monitors whose target never answers.
    pub hanging: u32,
    /// Live sockets of each pass.
    pub sockets: Vec<u32>,
    pub changes_per_second: u32,
    /// Runs of the same, with the bound measured between them.
    pub passes: u32,
    /// Checks that end at the address guard instead of at a target.
    pub blocked: bool,
    /// How long the bound is measured each time.
    pub bound_seconds: u64,
}

/// What the command line changes.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct Overrides {
    /// How many monitors.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=2_000_000))]
    pub monitors: Option<u32>,
    /// Over how many organizations they are spread.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub organizations: Option<u32>,
    /// Seconds between two checks of a monitor.
    #[arg(long, value_parser = clap::value_parser!(u32).range(5..=86_400))]
    pub interval: Option<u32>,
    /// Seconds before the window.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_200))]
    pub warm_up: Option<u32>,
    /// Seconds that count.
    #[arg(long, value_parser = clap::value_parser!(u32).range(2..=3_600))]
    pub window: Option<u32>,
    /// Monitors whose target fails when the window begins.
    #[arg(long)]
    pub failing: Option<u32>,
    /// How often all is repeated; tables show medians.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub passes: Option<u32>,
}

impl Plan {
    pub fn of(scenario: Scenario, overrides: &Overrides) -> Self {
        let mut plan = Self::defaults(scenario);
        plan.monitors = overrides.monitors.unwrap_or(plan.monitors);
        plan.organizations = overrides.organizations.unwrap_or(plan.organizations).min(plan.monitors);
        plan.interval_seconds = overrides.interval.unwrap_or(plan.interval_seconds);
        plan.timeout_ms = plan.timeout_ms.min(plan.interval_seconds * 1_000 - 1_000);
        plan.warm_up_seconds = overrides.warm_up.unwrap_or(plan.warm_up_seconds);
        plan.window_seconds = overrides.window.unwrap_or(plan.window_seconds);
        plan.passes = overrides.passes.unwrap_or(plan.passes);
        match scenario {
            Scenario::Storm => plan.failing = plan.monitors / 5,
            Scenario::Hang => plan.hanging = plan.monitors / 10,
            // It makes its own passes, with more and more monitors.
            Scenario::Overload => plan.passes = 1,
            Scenario::Smoke
            | Scenario::FiftyThousand
            | Scenario::Million
            | Scenario::TenThousand
            | Scenario::Dashboards
            | Scenario::Churn
            | Scenario::Timers
            | Scenario::Peers => {}
        }
        plan.failing = overrides.failing.unwrap_or(plan.failing).min(plan.monitors);
        plan
    }

    fn defaults(scenario: Scenario) -> Self {
        let base = Self {
            scenario,
            monitors: 50_000,
            organizations: 50,
            interval_seconds: 30,
            timeout_ms: 10_000,
            warm_up_seconds: 20,
            window_seconds: 60,
            failing: 0,
            hanging: 0,
            sockets: vec![0],
            changes_per_second: 0,
            passes: 1,
            blocked: false,
            bound_seconds: 8,
        };
        match scenario {
            Scenario::Smoke => Self {
                monitors: 200,
                // Two failures each: that is no storm.
                organizations: 10,
                interval_seconds: 5,
                warm_up_seconds: 2,
                window_seconds: 6,
                failing: 20,
                bound_seconds: 1,
                ..base
            },
            // A hundred monitors each, so that the failures have nothing to do with each other.
            Scenario::FiftyThousand => Self { failing: 200, organizations: 500, ..base },
            Scenario::Million => Self {
                monitors: 1_000_000,
                organizations: 500,
                interval_seconds: 300,
                warm_up_seconds: 120,
                window_seconds: 300,
                ..base
            },
            Scenario::TenThousand => Self { monitors: 10_000, organizations: 10, interval_seconds: 60, ..base },
            Scenario::Peers => Self { monitors: 10_000, organizations: 10, interval_seconds: 60, passes: 3, ..base },
            Scenario::Storm => Self { window_seconds: 45, ..base },
            Scenario::Hang => base,
            Scenario::Dashboards => Self { sockets: vec![0, 1, 10], organizations: 10, ..base },
            Scenario::Churn => Self { changes_per_second: 1_000, ..base },
            Scenario::Timers => Self {
                monitors: 1_000_000,
                organizations: 500,
                interval_seconds: 60,
                warm_up_seconds: 120,
                blocked: true,
                ..base
            },
            Scenario::Overload => Self { monitors: 10_000, interval_seconds: 5, window_seconds: 20, ..base },
        }
    }

    /// Checks a second that the schedule asks for.
    pub fn rate(&self) -> f64 {
        f64::from(self.monitors) / f64::from(self.interval_seconds)
    }

    /// Whether the target of this monitor fails during the window. They are spread over all organizations and instants.
    pub fn fails(&self, monitor: u32) -> bool {
        self.failing > 0 && monitor.is_multiple_of(self.failing_step())
    }

    /// Every so many monitors one fails.
    pub fn failing_step(&self) -> u32 {
        self.monitors.checked_div(self.failing).unwrap_or(u32::MAX).max(1)
    }

    /// Every so many monitors one hangs, counted from the second, so that none does both.
    pub fn hanging_step(&self) -> u32 {
        self.monitors.checked_div(self.hanging).unwrap_or(u32::MAX).max(2)
    }

    pub fn hangs(&self, monitor: u32) -> bool {
        self.hanging > 0 && monitor % self.hanging_step() == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenarios_shares_follow_the_number_of_monitors() {
        let plan = Plan::of(Scenario::Storm, &Overrides { monitors: Some(1_000), ..Overrides::default() });
        assert_eq!((plan.failing, (0..1_000).filter(|monitor| plan.fails(*monitor)).count()), (200, 200));
        let plan = Plan::of(Scenario::Hang, &Overrides { monitors: Some(1_000), ..Overrides::default() });
        assert_eq!((0..1_000).filter(|monitor| plan.hangs(*monitor)).count(), 100);
    }

    #[test]
    fn a_plan_stays_within_what_a_monitor_may_be() {
        let overrides = Overrides { monitors: Some(3), interval: Some(5), ..Overrides::default() };
        let plan = Plan::of(Scenario::TenThousand, &overrides);
        assert_eq!((plan.organizations, plan.timeout_ms), (3, 4_000));
        assert!(!plan.fails(0) && !plan.hangs(1));
    }
}
