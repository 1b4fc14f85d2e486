//! How fast a channel may be sent to: the generic cell rate algorithm, which allows a burst and then an even flow.

/// Milliseconds of the even flow that a burst may run ahead.
const BURST_MS: u64 = 10_000;

/// Decides when the next message may leave. `booked_ms` is when the flow so far ends, on a clock of the caller's; it starts
/// at 0. Answers the wait from `now_ms` on, and the new `booked_ms` if the message is sent.
pub fn wait(per_minute: u32, booked_ms: u64, now_ms: u64) -> (u64, u64) {
    let gap_ms = 60_000 / u64::from(per_minute.max(1));
    let flow = booked_ms.max(now_ms);
    let wait_ms = flow.saturating_sub(now_ms.saturating_add(BURST_MS.saturating_sub(gap_ms)));
    (wait_ms, flow.saturating_add(gap_ms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_minute_sees_more_than_the_flow_and_one_burst(
            per_minute in 1..600_u32,
            pauses in proptest::collection::vec(0..5_000_u64, 1..400),
        ) {
            let (mut booked, mut now, mut sent) = (0, 0, Vec::new());
            for pause in pauses {
                now += pause;
                let (wait_ms, next) = wait(per_minute, booked, now);
                booked = next;
                now += wait_ms;
                sent.push(now);
            }
            let gap = 60_000 / u64::from(per_minute);
            let most = usize::try_from((60_000 + BURST_MS) / gap.max(1)).unwrap() + 2;
            for (index, first) in sent.iter().enumerate() {
                let within = sent.iter().skip(index).take_while(|at| **at < first + 60_000).count();
                prop_assert!(within <= most, "{within} of {most}");
            }
        }
    }

    #[test]
    fn a_message_after_a_silence_does_not_wait() {
        assert_eq!(wait(20, 0, 500_000), (0, 503_000));
        let mut booked = 0;
        let waits: Vec<u64> = (0..5)
            .map(|_| {
                let (wait_ms, next) = wait(20, booked, 0);
                booked = next;
                wait_ms
            })
            .collect();
        assert_eq!(waits, [0, 0, 0, 2_000, 5_000]);
    }
}
