//! Delays of the contract, and what each answer leads to.

use super::*;
use proptest::prelude::*;

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

fn delay_millis_of(next: &Next) -> Option<i64> {
    match next {
        Next::RetryAt(at) => Some((*at - now()).num_milliseconds()),
        Next::Sent | Next::Dead { .. } | Next::DisableChannel { .. } => None,
    }
}

fn status(code: u16) -> Answer {
    Answer::Status { code, retry_after_seconds: None }
}

#[test]
fn twelve_attempts_take_about_forty_hours() {
    let mut total = 0;
    for made in 1..ATTEMPTS_MAX {
        total += delay_millis_of(&next(made, &Answer::Connection, now(), 0.5)).unwrap();
    }
    let scheduled: i64 = RETRY_SECONDS.iter().map(|seconds| i64::from(*seconds) * 1_000).sum();
    assert_eq!(total, scheduled);
    assert_eq!(total / 3_600_000, 39);
    assert!(matches!(next(ATTEMPTS_MAX, &Answer::Connection, now(), 0.5), Next::Dead { .. }));
}

#[test]
fn only_2xx_is_success_and_410_disables_the_channel() {
    for code in 100..600 {
        let next = next(1, &status(code), now(), 0.5);
        match code {
            200..=299 => assert_eq!(next, Next::Sent),
            410 => assert!(matches!(next, Next::DisableChannel { .. })),
            _ => assert!(matches!(next, Next::RetryAt(_)), "{code}"),
        }
    }
}

#[test]
fn a_dead_letter_says_why() {
    let Next::Dead { reason } = next(12, &status(503), now(), 0.0) else { panic!("not dead") };
    assert_eq!(reason, "given up after 12 attempts: the receiver answered 503");
}

#[test]
fn a_busy_receiver_gets_a_minute_even_at_first() {
    for answer in [Answer::Timeout, status(429), status(502), status(504)] {
        assert_eq!(delay_millis_of(&next(1, &answer, now(), 0.0)), Some(60_000), "{answer:?}");
    }
    assert_eq!(delay_millis_of(&next(1, &status(503), now(), 0.0)), Some(4_000));
}

#[test]
fn what_a_provider_says_in_its_own_words_is_taken_at_them() {
    let reason = || String::from("the provider says so");
    assert_eq!(next(1, &Answer::Rejected { reason: reason() }, now(), 0.5), Next::Dead { reason: reason() });
    assert_eq!(next(1, &Answer::Unusable { reason: reason() }, now(), 0.5), Next::DisableChannel { reason: reason() });
    let later = |after_seconds| Answer::Later { reason: reason(), after_seconds };
    assert_eq!(delay_millis_of(&next(1, &later(None), now(), 0.0)), Some(60_000), "patience is at least a minute");
    assert_eq!(delay_millis_of(&next(1, &later(Some(90)), now(), 0.0)), Some(90_000));
    let Next::Dead { reason } = next(ATTEMPTS_MAX, &later(None), now(), 0.0) else { panic!("not dead") };
    assert_eq!(reason, "given up after 12 attempts: the provider says so");
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        Just(Answer::Timeout),
        Just(Answer::Connection),
        (prop_oneof![300..410_u16, 411..600_u16], proptest::option::of(any::<u32>()))
            .prop_map(|(code, retry_after_seconds)| Answer::Status { code, retry_after_seconds }),
    ]
}

proptest! {
    #[test]
    fn a_delay_stays_between_four_fifths_and_twice_of_its_schedule(
        made in 1..ATTEMPTS_MAX, answer in answer(), jitter in any::<f64>()
    ) {
        let delay = delay_millis_of(&next(made, &answer, now(), jitter)).unwrap();
        let scheduled = i64::from(RETRY_SECONDS[usize::try_from(made - 1).unwrap()]) * 1_000;
        prop_assert!(delay * 5 >= scheduled * 4);
        prop_assert!(delay <= scheduled.max(60_000) * 2);
        prop_assert!(delay <= 86_400_000);
    }

    #[test]
    fn what_a_receiver_asks_for_is_given_within_bounds(made in 1..ATTEMPTS_MAX, asked in any::<u32>(), jitter in 0.0..1.0) {
        let answer = Answer::Status { code: 503, retry_after_seconds: Some(asked) };
        let delay = delay_millis_of(&next(made, &answer, now(), jitter)).unwrap();
        let scheduled = RETRY_SECONDS[usize::try_from(made - 1).unwrap()];
        prop_assert!(delay >= i64::from(asked.min(2 * scheduled).min(86_400)) * 1_000);
        prop_assert!(delay >= i64::from(scheduled) * 1_000);
    }
}
