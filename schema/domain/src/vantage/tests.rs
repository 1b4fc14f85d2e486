//! A board like the engine's, fed with the ends of checks.

use super::*;
use proptest::prelude::*;
use uuid::Uuid;

struct Board {
    places: Vec<u64>,
    now_ms: u64,
    guard: Guard,
}

impl Board {
    fn new() -> Self {
        Self { places: vec![0; PLACES], now_ms: 1_000_000, guard: Guard::default() }
    }

    /// One check's end, a second after the one before it.
    fn check(&mut self, org: u8, host: &str, lost: bool) -> Guard {
        self.now_ms += 1_000;
        let site = Site::of(host).expect("a site");
        let org = OrgId(Uuid::from_u128(u128::from(org) + 1));
        let before = Finding::unpack(self.places[place(site)]);
        if let Some(finding) = news(before, site, org, lost, self.now_ms) {
            self.places[place(site)] = finding.pack();
            if lost {
                self.guard = self.guard.on_loss(self.weight(), self.now_ms);
            }
        }
        self.guard
    }

    fn weight(&self) -> Weight {
        Weight::of(self.places.iter().filter_map(|packed| Finding::unpack(*packed)), self.now_ms)
    }
}

fn name(org: u8, site: u8) -> String {
    format!("www.site{site}-of-{org}.example")
}

proptest! {
    #[test]
    fn a_finding_reads_as_it_was_written(lost: bool, at_ms in 1..AT_MASK, org in 0..4_096_u16, site in 0..4_096_u16) {
        let finding = Finding { lost, at_ms, org, site };
        prop_assert_eq!(Finding::unpack(finding.pack()), Some(finding));
    }

    /// However many monitors and organizations watch it.
    #[test]
    fn one_host_that_fails_is_never_suspicious(
        orgs in 1..6_u8, others in 1..30_u8, failures in 1..200_usize, turns in prop::collection::vec(any::<u8>(), 200)
    ) {
        let mut board = Board::new();
        for site in 0..others {
            board.check(site % orgs, &name(site % orgs, site), false);
        }
        board.check(0, "big.example", false);
        for turn in turns.into_iter().take(failures) {
            let guard = board.check(turn % orgs, &format!("host{turn}.big.example"), true);
            prop_assert_eq!(guard, Guard::default());
        }
    }

    /// All its sites, while those of the others go on answering or are not due at all.
    #[test]
    fn one_organization_that_fails_is_never_suspicious_where_there_are_others(
        own in 1..60_u8, others in 1..20_u8, answer in prop::collection::vec(any::<bool>(), 60)
    ) {
        let mut board = Board::new();
        for site in 0..others {
            board.check(1 + site % 3, &name(1 + site % 3, site), false);
        }
        for site in 0..own {
            board.check(0, &name(0, site), false);
        }
        for site in 0..own {
            prop_assert_eq!(board.check(0, &name(0, site), true), Guard::default());
            if answer[usize::from(site)] {
                let other = site % others;
                board.check(1 + other % 3, &name(1 + other % 3, other), false);
            }
        }
    }

    /// After at most ten sites, four of one organization at most.
    #[test]
    fn a_lost_network_is_suspected_within_a_window_of_sites(
        orgs in 1..8_u8, sites in 1..40_u8, order in Just(()).prop_perturb(|(), mut rng| rng.random::<u64>())
    ) {
        let all: Vec<(u8, String)> = (0..orgs).flat_map(|org| (0..sites).map(move |site| (org, name(org, site)))).collect();
        prop_assume!(all.len() >= VANTAGE_SITES_MIN);
        let mut board = Board::new();
        for (org, host) in &all {
            board.check(*org, host, false);
        }
        let mut shuffled = all.clone();
        shuffled.sort_by_key(|(_, host)| crate::admission::number_of(host) ^ order.rotate_left(u32::try_from(host.len()).unwrap()));
        let mut heard = std::collections::BTreeMap::<u8, usize>::new();
        for (org, host) in &shuffled {
            let guard = board.check(*org, host, true);
            *heard.entry(*org).or_default() += 1;
            let cap = if orgs == 1 { VANTAGE_WINDOW_SITES } else { VANTAGE_ORG_SITES_MAX };
            let voices: usize = heard.values().map(|count| (*count).min(cap)).sum();
            // Two sites may share a place of the board, so one more than the window is enough in any case.
            if voices > VANTAGE_WINDOW_SITES {
                prop_assert_eq!(guard, Guard::Suspected);
            }
        }
        prop_assert_eq!(board.guard, Guard::Suspected, "when all of them are lost");
    }

    #[test]
    fn what_was_broken_before_says_nothing(broken in 1..50_u8, rounds in 1..5_u8) {
        let mut board = Board::new();
        for _ in 0..rounds {
            for site in 0..broken {
                prop_assert_eq!(board.check(site % 7, &name(site % 7, site), true), Guard::default());
            }
        }
    }
}

#[test]
fn three_sites_of_a_lone_organization_are_enough_and_two_are_not() {
    let mut board = Board::new();
    for site in 0..3 {
        board.check(0, &name(0, site), false);
    }
    assert_eq!(board.check(0, &name(0, 0), true), Guard::default());
    assert_eq!(board.check(0, &name(0, 1), true), Guard::default());
    assert_eq!(board.check(0, &name(0, 2), true), Guard::Suspected);
}

#[test]
fn canaries_decide() {
    let silent = Canaries { names: Some(false), path: Some(false) };
    let heard = Canaries { names: Some(true), path: Some(true) };
    let none = Canaries::default();
    let nothing = Weight::default();
    assert_eq!(
        Guard::Suspected.on_canaries(heard, nothing, 5),
        Guard::Clear { trusted_until_ms: 5 + VANTAGE_TRUSTED_MS }
    );
    assert_eq!(
        Guard::Suspected.on_canaries(none, nothing, 5),
        Guard::Clear { trusted_until_ms: 5 + VANTAGE_TRUSTED_MS }
    );
    let lost = Guard::Suspected.on_canaries(silent, nothing, 5);
    assert_eq!(lost, Guard::Lost { names: true, path: true });
    assert_eq!(lost.on_canaries(silent, nothing, 9), lost);
    assert_eq!(lost.on_canaries(heard, nothing, 9).vantage(), Vantage::Clear);
    let answering = Weight { sites: 10, lost: 2, is_shared: true };
    assert_eq!(
        lost.on_canaries(silent, answering, 9).vantage(),
        Vantage::Clear,
        "targets answer: a canary may die as well"
    );
    assert_eq!(Guard::default().on_canaries(silent, nothing, 9), Guard::default(), "nobody asked");
}

#[test]
fn a_lost_name_server_excuses_only_what_needs_names() {
    let lost = Guard::Suspected.on_canaries(Canaries { names: Some(false), path: Some(true) }, Weight::default(), 0);
    assert_eq!((lost.is_ours(Part::Names), lost.is_ours(Part::Path)), (Some(true), Some(false)));
    let lost = Guard::Suspected.on_canaries(Canaries { names: None, path: Some(false) }, Weight::default(), 0);
    assert_eq!((lost.is_ours(Part::Names), lost.is_ours(Part::Path)), (Some(true), Some(true)));
    assert_eq!(Guard::Suspected.is_ours(Part::Path), None);
}

#[test]
fn failures_are_taken_at_their_word_for_a_while_after_the_canaries_answered() {
    let all_lost = Weight { sites: 10, lost: 10, is_shared: true };
    let trusted = Guard::Clear { trusted_until_ms: 100 };
    assert_eq!(trusted.on_loss(all_lost, 99), trusted);
    assert_eq!(trusted.on_loss(all_lost, 100), Guard::Suspected);
}

#[test]
fn every_reason_hints_at_something_definite() {
    for reason in Reason::ALL {
        let hint = hint(Some(*reason));
        assert!(hint == Hint::Nothing || !reason.is_ours() || *reason == Reason::VantageLost, "{reason:?}");
    }
    assert_eq!(hint(None), Hint::Answered);
    assert_eq!(hint(Some(Reason::ConnectRefused)), Hint::Answered, "a refusal has come all the way");
}

#[test]
fn only_a_monitor_that_was_up_not_long_ago_vouches_for_its_site() {
    let now = Timestamp::from_timestamp(1_800_000_000, 0).unwrap();
    let ago = |seconds: i64| Some(now - TimeDelta::seconds(seconds));
    assert!(answered_lately(Status::Up, ago(599), now));
    assert!(!answered_lately(Status::Up, ago(601), now), "findings of that age say nothing");
    assert!(!answered_lately(Status::Up, None, now));
    assert!(!answered_lately(Status::Degraded, ago(1), now), "its last outcome may have been a failure");
    assert!(!answered_lately(Status::Down, ago(1), now));
}
