//! The oracle walks minute by minute, with the list of the participants in its hand.

use super::*;
use crate::local_time::tests::{day, reading, walk_to, zone};
use chrono::{Datelike, TimeDelta};
use proptest::prelude::*;
use uuid::Uuid;

fn user(id: u8) -> UserId {
    UserId(Uuid::from_u128(id.into()))
}

fn schedule(time_zone: Zone, layers: Vec<Layer>, overrides: Vec<Override>) -> Schedule {
    Schedule {
        id: OnCallScheduleId(Uuid::nil()),
        name: String::from("Primary"),
        time_zone,
        layers,
        overrides,
        version: 1,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    }
}

fn hours() -> impl Strategy<Value = Hours> {
    let all = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
    (prop::sample::subsequence(all.to_vec(), 1..=7), reading(), reading()).prop_map(|(weekdays, from, to)| Hours {
        weekdays,
        from,
        to,
    })
}

fn layer(first: NaiveDate) -> impl Strategy<Value = Layer> {
    let people = prop::collection::vec((0..5_u8).prop_map(user), 1..4);
    (people, 0..40_u64, reading(), 1..15_u32, prop::option::of(hours())).prop_map(
        move |(participants, days, time, shift_days, hours)| Layer {
            name: String::from("A layer"),
            participants,
            start: (first + Days::new(days)).and_time(time),
            shift_days,
            hours,
        },
    )
}

/// A schedule, and an instant near which to look at it.
fn cases() -> impl Strategy<Value = (Schedule, Timestamp)> {
    (zone(), day(), 0..60_u64).prop_flat_map(|(zone, first, ahead)| {
        let from = (first + Days::new(ahead)).and_time(NaiveTime::MIN).and_utc() - TimeDelta::days(2);
        let overrides = prop::collection::vec((0..5_760_i64, 1..3_000_i64, 5..8_u8), 0..3).prop_map(move |list| {
            let one = |(place, (begin, length, person)): (u128, &(i64, i64, u8))| Override {
                id: OverrideId(Uuid::from_u128(place)),
                user_id: user(*person),
                from: from + TimeDelta::minutes(*begin),
                to: from + TimeDelta::minutes(begin + length),
            };
            (0..).zip(&list).map(one).collect::<Vec<Override>>()
        });
        (prop::collection::vec(layer(first), 1..4), overrides)
            .prop_map(move |(layers, overrides)| (schedule(zone, layers, overrides), from))
    })
}

/// A layer's whole life, handover after handover and day after day, with instants that were walked to.
struct Walked {
    handovers: Vec<Timestamp>,
    hours: Option<Vec<(Timestamp, Timestamp)>>,
}

fn walk_layer(layer: &Layer, zone: Zone, until: Timestamp) -> Walked {
    let mut handovers = Vec::new();
    let mut next = layer.start;
    while next.and_utc() < until + TimeDelta::days(2) {
        handovers.push(walk_to(zone, next));
        next = next + Days::new(layer.shift_days.into());
    }
    let hours = layer.hours.as_ref().map(|hours| {
        let mut spans = Vec::new();
        let mut day = until.date_naive() - Days::new(10);
        while day <= until.date_naive() + Days::new(2) {
            if hours.weekdays.contains(&day.weekday()) {
                let last = if hours.to > hours.from { day } else { day + Days::new(1) };
                spans.push((walk_to(zone, day.and_time(hours.from)), walk_to(zone, last.and_time(hours.to))));
            }
            day = day + Days::new(1);
        }
        spans
    });
    Walked { handovers, hours }
}

impl Walked {
    /// The place in the list of participants, if the layer has someone.
    fn at(&self, at: Timestamp, count: usize) -> Option<usize> {
        let turns = self.handovers.iter().filter(|handover| **handover <= at).count();
        let staffed = self.hours.as_ref().is_none_or(|hours| hours.iter().any(|(from, to)| *from <= at && at < *to));
        (turns > 0 && staffed).then(|| (turns - 1) % count)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn who_is_on_call_is_whom_walking_minute_by_minute_finds((schedule, from) in cases()) {
        let until = from + TimeDelta::days(5);
        let walked: Vec<Walked> =
            schedule.layers.iter().map(|layer| walk_layer(layer, schedule.time_zone, until)).collect();
        let shifts = shifts(&schedule, from, until);
        let mut at = from;
        while at < until {
            let mut expected = None;
            for (layer, walked) in schedule.layers.iter().zip(&walked) {
                if let Some(place) = walked.at(at, layer.participants.len()) {
                    expected = Some(layer.participants[place]);
                }
            }
            for other in &schedule.overrides {
                if other.from <= at && at < other.to {
                    expected = Some(other.user_id);
                }
            }
            prop_assert_eq!(who(&schedule, at).map(|on_call| on_call.user_id), expected, "at {}", at);
            let on_shift: Vec<UserId> =
                shifts.iter().filter(|shift| shift.from <= at && at < shift.to).map(|shift| shift.user_id).collect();
            prop_assert_eq!(on_shift, Vec::from_iter(expected), "at {}", at);
            at += TimeDelta::minutes(1);
        }
    }

    #[test]
    fn shifts_are_in_order_and_differ_from_their_neighbours((schedule, from) in cases()) {
        let to = from + TimeDelta::days(40);
        let shifts = shifts(&schedule, from, to);
        for pair in shifts.windows(2) {
            prop_assert!(pair[0].to <= pair[1].from);
            let meet = pair[0].to == pair[1].from;
            prop_assert!(!meet || (pair[0].user_id, pair[0].because) != (pair[1].user_id, pair[1].because));
        }
        prop_assert!(shifts.iter().all(|shift| shift.from < shift.to && from <= shift.from && shift.to <= to));
    }
}

fn weekly() -> Schedule {
    let layer = Layer {
        name: String::from("Weeks"),
        participants: vec![user(1), user(2)],
        start: "2026-03-16T09:00:00".parse().unwrap(),
        shift_days: 7,
        hours: None,
    };
    schedule("Europe/Berlin".parse().unwrap(), vec![layer], Vec::new())
}

#[test]
fn a_week_with_a_change_of_clocks_is_an_hour_shorter() {
    let shifts = shifts(&weekly(), "2026-03-16T08:00:00Z".parse().unwrap(), "2026-04-06T07:00:00Z".parse().unwrap());
    let hours: Vec<i64> = shifts.iter().map(|shift| (shift.to - shift.from).num_hours()).collect();
    assert_eq!(hours, [168, 167, 168]);
    assert_eq!(shifts.iter().map(|shift| shift.user_id).collect::<Vec<_>>(), [user(1), user(2), user(1)]);
}

#[test]
fn nobody_is_on_call_before_the_first_handover() {
    assert_eq!(who(&weekly(), "2026-03-16T07:59:59Z".parse().unwrap()), None);
    assert_eq!(who(&weekly(), "2026-03-16T08:00:00Z".parse().unwrap()).unwrap().because, Because::Layer(0));
}

#[test]
fn a_schedule_is_stored_as_it_reads() {
    let mut schedule = weekly();
    schedule.layers[0].hours = Some(Hours {
        weekdays: vec![Weekday::Mon, Weekday::Fri],
        from: NaiveTime::from_hms_opt(9, 0, 0).unwrap(),
        to: NaiveTime::from_hms_opt(17, 0, 0).unwrap(),
    });
    let stored = serde_json::to_value(&schedule).unwrap();
    assert_eq!(
        stored["layers"][0]["hours"],
        serde_json::json!({"weekdays": ["mon", "fri"], "from": "09:00:00", "to": "17:00:00"})
    );
    assert_eq!(serde_json::from_value::<Schedule>(stored).unwrap(), schedule);
    assert!(serde_json::from_str::<Hours>(r#"{"weekdays":["someday"],"from":"09:00:00","to":"17:00:00"}"#).is_err());
}

#[test]
fn what_is_wrong_with_a_layer_is_named_by_its_pointer() {
    let mut layers = weekly().layers;
    assert_eq!(problems(&layers), []);
    layers[0].participants.clear();
    layers[0].shift_days = 0;
    let places: Vec<String> = problems(&layers).into_iter().map(|problem| problem.below.join("/")).collect();
    assert_eq!(places, ["0/participants", "0/shift_days"]);
    assert_eq!(problems(&[])[0].below, Vec::<String>::new());
}
