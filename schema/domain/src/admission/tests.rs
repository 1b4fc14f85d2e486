//! The oracle keeps everybody in one list and looks at all of it for every decision.

use super::*;
use proptest::prelude::*;
use uuid::Uuid;

fn org(number: u8) -> OrgId {
    OrgId(Uuid::from_u128(number.into()))
}

fn host(number: u8) -> HostKey {
    let check = serde_json::json!({"type": "tcp", "host": format!("h{number}.example"), "port": 1});
    HostKey::of(&serde_json::from_value(check).unwrap()).unwrap()
}

const BOUNDS: Bounds = Bounds { node: 5, host: 3, waiting: 40 };

/// Who runs and who waits, in the order of arrival.
#[derive(Default)]
struct World {
    running: Vec<(Option<Ticket>, Request)>,
    waiting: Vec<(Ticket, Request)>,
}

impl World {
    fn running_of(&self, org: OrgId) -> usize {
        self.running.iter().filter(|(_, request)| request.org == org).count()
    }

    /// How many are at this host or on their way from it to a permit; unknown to an observer, so counted as running only.
    fn running_at(&self, host: Option<HostKey>) -> usize {
        self.running.iter().filter(|(_, request)| request.host == host).count()
    }

    fn call(&mut self, called: Option<Ticket>) -> Result<(), TestCaseError> {
        let Some(ticket) = called else { return Ok(()) };
        let position = self.waiting.iter().position(|(waiting, _)| *waiting == ticket);
        prop_assert!(position.is_some(), "only who waits is called, and only once");
        let (_, request) = self.waiting.remove(position.unwrap());
        // Nobody without a host to wait for has less under way than whoever goes.
        let least = self
            .waiting
            .iter()
            .filter(|(_, other)| other.host.is_none())
            .map(|(_, other)| self.running_of(other.org))
            .min();
        prop_assert!(least.is_none_or(|least| self.running_of(request.org) <= least));
        self.running.push((Some(ticket), request));
        Ok(())
    }

    fn end(&mut self, admission: &mut Admission, position: usize) -> Result<(), TestCaseError> {
        let (ticket, request) = self.running.remove(position);
        let called = match ticket {
            Some(ticket) => admission.withdraw(ticket, request),
            None => admission.release(request),
        };
        self.call(called)
    }

    fn check(&self, admission: &Admission) -> Result<(), TestCaseError> {
        prop_assert_eq!(usize::try_from(admission.running()).unwrap(), self.running.len());
        prop_assert_eq!(admission.waiting(), self.waiting.len());
        prop_assert!(self.running.len() <= 5 && self.waiting.len() <= BOUNDS.waiting);
        for (_, request) in &self.running {
            prop_assert!(request.host.is_none() || self.running_at(request.host) <= 3);
        }
        // No permit lies idle while somebody waits who needs nothing else.
        let ready =
            self.waiting.iter().any(|(_, request)| request.host.is_none() || self.running_at(request.host) == 0);
        prop_assert!(self.running.len() == 5 || !ready);
        Ok(())
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Ask(u8, Option<u8>),
    End(prop::sample::Index),
    GiveUp(prop::sample::Index),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..5_u8, prop::option::of(0..3_u8)).prop_map(|(org, host)| Step::Ask(org, host)),
        3 => any::<prop::sample::Index>().prop_map(Step::End),
        1 => any::<prop::sample::Index>().prop_map(Step::GiveUp),
    ]
}

proptest! {
    #[test]
    fn permits_are_never_exceeded_lost_or_left_idle(steps in prop::collection::vec(step(), 0..400)) {
        let mut admission = Admission::new(BOUNDS);
        let mut world = World::default();
        for step in steps {
            match step {
                Step::Ask(number, at) => {
                    let request = Request { org: org(number), host: at.map(host) };
                    match admission.ask(request) {
                        Answer::Go => world.running.push((None, request)),
                        Answer::Wait(ticket) => world.waiting.push((ticket, request)),
                        Answer::Refused => prop_assert!(world.waiting.len() * 2 >= BOUNDS.waiting, "only when many wait"),
                    }
                }
                Step::End(index) if !world.running.is_empty() => {
                    let position = index.index(world.running.len());
                    world.end(&mut admission, position)?;
                }
                Step::GiveUp(index) if !world.waiting.is_empty() => {
                    let (ticket, request) = world.waiting.remove(index.index(world.waiting.len()));
                    let called = admission.withdraw(ticket, request);
                    world.call(called)?;
                }
                Step::End(_) | Step::GiveUp(_) => {}
            }
            world.check(&admission)?;
        }
        while !world.running.is_empty() {
            world.end(&mut admission, 0)?;
        }
        prop_assert!(world.waiting.is_empty(), "everybody was called in the end");
        prop_assert!(admission.orgs.is_empty() && admission.hosts.is_empty() && admission.waiting.is_empty(), "nothing is left behind");
    }

    #[test]
    fn whoever_has_little_to_do_is_next_however_much_the_others_have(greedy in 10..400_usize, modest in 1..5_usize) {
        let mut admission = Admission::new(Bounds::of_node(8));
        let (big, small) = (Request { org: org(1), host: None }, Request { org: org(2), host: None });
        for _ in 0..greedy {
            admission.ask(big);
        }
        let asked = (0..modest).map(|_| admission.ask(small)).filter(|answer| matches!(answer, Answer::Wait(_))).count();
        prop_assert_eq!(asked, modest);
        // Each end of a big one's check is a small one's beginning, until they hold as much.
        for done in 0..modest.min(4) {
            admission.release(big).expect("somebody waits");
            prop_assert_eq!(usize::try_from(admission.load(org(2))).unwrap(), done + 1);
        }
    }
}

#[test]
fn a_host_is_not_hammered_and_holds_up_nobody_else() {
    let mut admission = Admission::new(Bounds { node: 10, host: 2, waiting: 100 });
    let at = |number| Request { org: org(1), host: Some(host(number)) };
    assert_eq!([admission.ask(at(1)), admission.ask(at(1))], [Answer::Go, Answer::Go]);
    assert!(matches!(admission.ask(at(1)), Answer::Wait(_)));
    assert_eq!(admission.ask(at(2)), Answer::Go);
    assert!(admission.release(at(2)).is_none(), "another host's end is no place at this one");
    assert!(admission.release(at(1)).is_some());
}

#[test]
fn organizations_take_turns_at_a_host() {
    let mut admission = Admission::new(Bounds { node: 10, host: 1, waiting: 100 });
    let of = |number| Request { org: org(number), host: Some(host(1)) };
    admission.ask(of(1));
    let greedy: Vec<Answer> = (0..10).map(|_| admission.ask(of(1))).collect();
    let modest = admission.ask(of(2));
    let first = admission.release(of(1)).map(Answer::Wait);
    let second = admission.release(of(1)).map(Answer::Wait);
    assert_eq!((first, second), (Some(greedy[0]), Some(modest)));
}

#[test]
fn a_newcomer_finds_room_however_long_the_line_of_another() {
    let mut admission = Admission::new(Bounds { node: 1, host: 1, waiting: 100 });
    let of = |number| Request { org: org(number), host: None };
    let answers: Vec<Answer> = (0..1_000).map(|_| admission.ask(of(1))).collect();
    assert!(answers.contains(&Answer::Refused));
    assert!(matches!(admission.ask(of(2)), Answer::Wait(_)));
    assert!(admission.waiting() <= 100);
}

#[test]
fn permits_follow_what_the_process_may_open() {
    assert_eq!(Bounds::of_open_files(1_024).node, 768);
    assert_eq!(Bounds::of_open_files(300).node, 44);
    assert_eq!(Bounds::of_open_files(10).node, 1);
    assert_eq!(Bounds::of_open_files(u64::MAX).node, NODE_CHECKS_MAX);
}

#[test]
fn a_check_waits_for_half_its_interval_within_bounds() {
    assert_eq!([5, 30, 60, 86_400].map(permit_wait_ms), [2_500, 15_000, 30_000, 30_000]);
    assert_eq!(permit_wait_ms(0), PERMIT_WAIT_MS_MIN);
}
