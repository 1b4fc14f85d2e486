use super::*;
use proptest::prelude::*;
use uuid::Uuid;

fn at(minute: i64) -> Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
}

fn silence(id: u128, from: i64, until: i64, matches: Match) -> Silence {
    Silence {
        id: SilenceId(Uuid::from_u128(id)),
        matches,
        incident_id: None,
        reason: format!("reason {id}"),
        from: at(from),
        until: at(until),
        created_by: None,
    }
}

fn monitor(id: u128) -> MonitorId {
    MonitorId(Uuid::from_u128(id))
}

proptest! {
    /// The oracle asks each minute of each silence.
    #[test]
    fn the_silence_that_lasts_longest_of_those_in_force_holds(
        spans in prop::collection::vec((0..100_i64, 1..50_i64, 0..3_u128), 0..6), look in 0..160_i64, of in 0..3_u128
    ) {
        let silences: Vec<Silence> = (1..).zip(&spans).map(|(id, (from, length, about))| {
            silence(id, *from, from + length, Match { monitor_ids: vec![monitor(*about)], ..Match::default() })
        }).collect();
        let mut expected = None;
        for until in 0..200 {
            for (number, (from, length, about)) in spans.iter().enumerate() {
                if from + length == until && (*from..until).contains(&look) && *about == of {
                    expected = Some(silences[number].id);
                }
            }
        }
        let held = held(&silences, Some((monitor(of), &[])), None, at(look));
        prop_assert_eq!(held.map(|held| held.id), expected);
    }
}

#[test]
fn a_silence_of_an_incident_holds_for_whatever_monitor_has_part_in_it() {
    let incident = IncidentId(Uuid::from_u128(9));
    let silences = [Silence { incident_id: Some(incident), ..silence(1, 0, 10, Match::default()) }];
    assert!(held(&silences, Some((monitor(1), &[])), Some(incident), at(5)).is_some());
    assert!(held(&silences, None, Some(incident), at(5)).is_some());
    assert_eq!(held(&silences, Some((monitor(1), &[])), None, at(5)), None);
    assert_eq!(held(&silences, None, Some(IncidentId(Uuid::nil())), at(5)), None);
}

#[test]
fn a_silence_tells_why_and_until_when() {
    let silences = [silence(1, 0, 10, Match { tags: vec![String::from("prod")], ..Match::default() })];
    let tags = [String::from("prod")];
    let held = held(&silences, Some((monitor(1), &tags)), None, at(5)).unwrap();
    assert_eq!((held.until, held.reason), (at(10), "reason 1"));
}

#[test]
fn a_silence_ends_within_a_month() {
    assert_eq!(end_problem(at(0), at(60)), None);
    assert!(end_problem(at(0), at(0)).is_some());
    assert!(end_problem(at(0), at(0) + TimeDelta::days(32)).is_some());
}
