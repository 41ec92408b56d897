//! Tests the window against a strict provider, on a virtual clock.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::*;
use crate::test_random::TestRandom;

const SECOND: Duration = Duration::from_secs(1);

/// HighLevel's limit: 100 calls in any 10 s and 200 000 a day.
fn highlevel() -> Limits {
    Limits { burst: 100, interval: SECOND * 10, daily: 200_000, hold: SECOND * 45 }
}

/// Sends `arrivals` (sorted) as early as the window allows. Each call reaches the provider somewhere within its
/// latency. Returns for each call when it was sent and when the provider counted it.
fn run(
    limits: Limits,
    arrivals: &[Duration],
    mut latency: impl FnMut() -> (Duration, Duration),
) -> Vec<(Duration, Duration)> {
    let mut window = Window::new(limits);
    let mut answers: BinaryHeap<Reverse<(Duration, SlotId)>> = BinaryHeap::new();
    let mut calls = Vec::with_capacity(arrivals.len());
    let mut now = Duration::ZERO;
    for arrival in arrivals {
        now = now.max(*arrival);
        loop {
            while let Some(Reverse((at, place))) = answers.peek().copied().filter(|next| next.0.0 <= now) {
                window.answered(at, place);
                answers.pop();
            }
            let grant = window.take(now, 1, 0);
            if let [place] = grant.places[..] {
                let (there, back) = latency();
                answers.push(Reverse((now + there + back, place)));
                calls.push((now, now + there));
                break;
            }
            assert_eq!(grant.used, limits.burst, "refused although a place was free");
            let answer = answers.peek().map(|next| next.0.0);
            now = answer.map_or(now + grant.wait, |at| at.min(now + grant.wait));
        }
    }
    calls
}

/// The largest number of calls that the provider counts in any interval, both ends included.
fn busiest(limits: Limits, calls: &[(Duration, Duration)]) -> usize {
    let mut counted: Vec<Duration> = calls.iter().map(|(_, counted)| *counted).collect();
    counted.sort();
    let mut first = 0;
    let mut most = 0;
    for (last, at) in counted.iter().enumerate() {
        while counted[first] + limits.interval < *at {
            first += 1;
        }
        most = most.max(last - first + 1);
    }
    most
}

#[test]
fn a_thousand_random_schedules_never_pass_the_limit() {
    let limits = highlevel();
    let mut full = 0;
    for seed in 1..=1000 {
        let mut random = TestRandom::seed(seed);
        let count = 50 + random.next(300);
        let spread = 1 + random.next(40_000);
        let mut arrivals: Vec<Duration> = (0..count).map(|_| Duration::from_millis(random.next(spread))).collect();
        arrivals.sort();
        let slow = 1 + random.next(400);
        let calls = run(limits, &arrivals, || {
            (Duration::from_millis(random.next(slow)), Duration::from_millis(random.next(slow)))
        });
        let most = busiest(limits, &calls);
        assert!(most <= 100, "seed {seed}: {most}");
        full += usize::from(most == 100);
    }
    assert!(full > 300, "the limit was reached in {full} schedules only: the test proves little");
}

#[test]
fn no_call_waits_longer_than_the_ideal() {
    let limits = highlevel();
    let arrivals = vec![Duration::ZERO; 450];
    let calls = run(limits, &arrivals, || (Duration::ZERO, Duration::ZERO));
    for (n, (sent, _)) in calls.iter().enumerate() {
        let rounds = u32::try_from(n / 100).unwrap();
        assert_eq!(*sent, (limits.interval + EDGE) * rounds, "call {n}");
    }
}

#[test]
fn latency_costs_its_own_length_per_round_and_no_more() {
    let limits = highlevel();
    let mut random = TestRandom::seed(7);
    let arrivals = vec![Duration::ZERO; 250 * 4];
    let calls = run(limits, &arrivals, || {
        let half = Duration::from_millis(10 + random.next(91));
        (half, half)
    });
    let ideal = limits.interval * 9;
    let last = calls.iter().map(|(sent, _)| *sent).max().unwrap();
    assert!(last < ideal.mul_f64(1.0 / 0.97), "{last:?} against {ideal:?}: below 97 % of the ideal");
    assert!(busiest(limits, &calls) <= 100);
}

#[test]
fn an_answer_never_seen_frees_its_place_in_the_end() {
    let limits = Limits { burst: 1, ..highlevel() };
    let mut window = Window::new(limits);
    assert_eq!(window.take(Duration::ZERO, 1, 0).places.len(), 1);
    let refused = window.take(SECOND, 1, 0);
    assert!(refused.places.is_empty() && !refused.daily);
    assert_eq!(refused.wait, SECOND * 54 + EDGE);
    assert_eq!(window.take(SECOND * 55 + EDGE, 1, 0).places.len(), 1);
}

#[test]
fn what_others_use_is_left_alone() {
    let mut window = Window::new(highlevel());
    assert_eq!(window.take(Duration::ZERO, 200, 40).places.len(), 60);
    assert_eq!(window.take(Duration::ZERO, 200, 0).places.len(), 40);
    let mut other = Window::new(highlevel());
    assert_eq!(other.take(Duration::ZERO, 5, 500).places.len(), 1, "never shut for good");
}

#[test]
fn the_day_ends_too() {
    let limits = Limits { daily: 150, ..highlevel() };
    let mut window = Window::new(limits);
    let first = window.take(Duration::ZERO, 100, 0);
    first.places.iter().for_each(|place| window.answered(SECOND, *place));
    let second = window.take(SECOND * 20, 100, 0);
    assert_eq!((second.places.len(), second.daily), (50, true));
    assert_eq!(second.wait, DAY - SECOND * 20);
    assert!(!window.is_idle(SECOND * 3600));
    assert_eq!(window.take(DAY, 100, 0).places.len(), 100);
}
