use super::*;
use std::collections::BTreeMap;
use tokio::sync::mpsc;

/// Reports its own number, the generation and the time of the wake-up.
#[derive(Clone, Debug)]
struct Sleeper {
    number: u32,
    woken: mpsc::Sender<(u32, u32, Instant)>,
}

impl Wake for Sleeper {
    fn wake(&self, generation: u32) {
        self.woken.try_send((self.number, generation, Instant::now())).expect("room for every wake-up");
    }
}

/// The number, the generation and the time of each wake-up.
type Wakes = mpsc::Receiver<(u32, u32, Instant)>;

fn sleepers(wheel: &Arc<Wheel<Sleeper>>, count: u32) -> (Vec<Timer<Sleeper>>, Wakes) {
    let (woken, wakes) = mpsc::channel(1_000);
    let timers = (0..count).map(|number| wheel.register(Sleeper { number, woken: woken.clone() })).collect();
    (timers, wakes)
}

#[tokio::test(start_paused = true)]
async fn every_timer_wakes_once_within_two_slots_after_it_is_due_also_beyond_one_turn() {
    let wheel = Wheel::new();
    let (timers, mut wakes) = sleepers(&wheel, 200);
    let driver = tokio::spawn(Arc::clone(&wheel).drive());
    let start = Instant::now();
    let mut expected = BTreeMap::new();
    for (number, timer) in (0_u32..).zip(&timers) {
        // From now to four turns ahead, many of them in one slot.
        let due = start + Duration::from_millis(u64::from(number % 50) * 6_500 + 3);
        timer.arm(due, number);
        expected.insert(number, due);
    }
    while !expected.is_empty() {
        let (number, generation, woken) = wakes.recv().await.expect("the driver lives");
        assert_eq!(number, generation);
        let due = expected.remove(&number).expect("each wakes once");
        assert!(woken >= due && woken <= due + 2 * SLOT, "{:?} late", woken.saturating_duration_since(due));
    }
    driver.abort();
}

#[tokio::test(start_paused = true)]
async fn a_timer_armed_again_wakes_at_the_new_instant_alone_and_a_dropped_one_never() {
    let wheel = Wheel::new();
    let (mut timers, mut wakes) = sleepers(&wheel, 3);
    let driver = tokio::spawn(Arc::clone(&wheel).drive());
    let start = Instant::now();
    for timer in &timers {
        timer.arm(start + Duration::from_secs(5), 1);
    }
    timers[0].arm(start + Duration::from_secs(9), 2);
    timers[1].disarm();
    drop(timers.remove(2));
    // A key that was given back is used again without its past.
    let (woken, _) = mpsc::channel(1);
    let reused = wheel.register(Sleeper { number: 9, woken });
    let (number, generation, at) = wakes.recv().await.expect("one wakes");
    assert_eq!((number, generation), (0, 2));
    assert!(at >= start + Duration::from_secs(9));
    tokio::time::advance(Duration::from_secs(200)).await;
    assert!(wakes.try_recv().is_err(), "nobody else wakes");
    drop(reused);
    driver.abort();
}

#[tokio::test(start_paused = true)]
async fn a_timer_that_is_sooner_than_all_others_is_not_slept_through() {
    let wheel = Wheel::new();
    let (timers, mut wakes) = sleepers(&wheel, 2);
    let driver = tokio::spawn(Arc::clone(&wheel).drive());
    timers[0].arm(Instant::now() + Duration::from_mins(1), 0);
    tokio::task::yield_now().await;
    let due = Instant::now() + Duration::from_millis(40);
    timers[1].arm(due, 0);
    let (number, _, at) = wakes.recv().await.expect("the driver lives");
    assert_eq!(number, 1);
    assert!(at <= due + 2 * SLOT);
    driver.abort();
}

#[tokio::test(start_paused = true)]
async fn after_a_leap_of_the_clock_everything_overdue_wakes() {
    let wheel = Wheel::new();
    let (timers, mut wakes) = sleepers(&wheel, 100);
    for (number, timer) in (0_u32..).zip(&timers) {
        timer.arm(Instant::now() + Duration::from_secs(u64::from(number) * 10), number);
    }
    tokio::time::advance(Duration::from_secs(100_000)).await;
    let driver = tokio::spawn(Arc::clone(&wheel).drive());
    for _ in 0..100 {
        wakes.recv().await.expect("the driver lives");
    }
    assert!(wakes.try_recv().is_err());
    driver.abort();
}

#[tokio::test(start_paused = true)]
async fn a_stopped_wheel_wakes_nobody() {
    let wheel = Wheel::new();
    let (timers, mut wakes) = sleepers(&wheel, 1);
    timers[0].arm(Instant::now() + Duration::from_secs(1), 0);
    wheel.stop();
    timers[0].arm(Instant::now() + Duration::from_secs(1), 0);
    let driver = tokio::spawn(Arc::clone(&wheel).drive());
    tokio::time::advance(Duration::from_secs(10)).await;
    tokio::task::yield_now().await;
    assert!(wakes.try_recv().is_err());
    driver.abort();
}
