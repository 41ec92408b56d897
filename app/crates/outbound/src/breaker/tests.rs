//! Tests the circuit breaker against a plain list of past calls, on a virtual clock.

use super::*;
use crate::test_random::TestRandom;

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn fail(breaker: &mut Breaker, now: Duration, times: u32) -> bool {
    (0..times).any(|_| breaker.ended(now, false, true, &Tolerance::default()))
}

#[test]
fn it_opens_at_half_of_twenty_and_not_before() {
    let tolerance = Tolerance::default();
    let mut breaker = Breaker::default();
    assert!(!fail(&mut breaker, secs(1), 19), "nineteen say nothing");
    assert_eq!(breaker.admit(secs(1), &tolerance), Admission::Allow);
    assert!(fail(&mut breaker, secs(1), 1));
    let counted = FailureCount { failed: 20, of: 20 };
    assert_eq!(breaker.admit(secs(2), &tolerance), Admission::Wait(secs(14), counted));

    let mut breaker = Breaker::default();
    for call in 0..40 {
        assert!(!breaker.ended(secs(1), false, call % 5 < 2, &tolerance), "four in ten are borne");
    }
}

#[test]
fn what_is_older_than_the_window_is_forgotten() {
    let mut breaker = Breaker::default();
    assert!(!fail(&mut breaker, secs(0), 19));
    assert!(!fail(&mut breaker, secs(30), 19), "the first nineteen are gone");
    assert!(fail(&mut breaker, secs(31), 1));
}

#[test]
fn one_probe_leaves_every_fifteen_seconds_and_the_first_that_works_ends_it() {
    let tolerance = Tolerance::default();
    let mut breaker = Breaker::default();
    assert!(fail(&mut breaker, secs(0), 20));
    assert!(matches!(breaker.admit(secs(15), &tolerance), Admission::Probe(_)));
    assert!(matches!(breaker.admit(secs(15), &tolerance), Admission::Wait(wait, _) if wait == secs(15)));
    assert!(!breaker.ended(secs(16), false, false, &tolerance), "one that left before it opened decides nothing");
    assert!(matches!(breaker.admit(secs(16), &tolerance), Admission::Wait(..)));
    breaker.ended(secs(17), true, true, &tolerance);
    assert!(matches!(breaker.admit(secs(29), &tolerance), Admission::Wait(..)));
    // The second probe never ends; the third succeeds.
    assert!(matches!(breaker.admit(secs(30), &tolerance), Admission::Probe(_)));
    assert!(matches!(breaker.admit(secs(45), &tolerance), Admission::Probe(_)));
    breaker.ended(secs(46), true, false, &tolerance);
    assert_eq!(breaker.admit(secs(46), &tolerance), Admission::Allow);
    assert!(!fail(&mut breaker, secs(46), 19), "it begins to count anew");
}

#[test]
fn over_random_histories_it_is_open_exactly_when_the_rule_says_so() {
    let tolerance = Tolerance::default();
    let mut opened = 0;
    for seed in 1..=500 {
        let mut random = TestRandom::seed(seed);
        let (mut breaker, mut now) = (Breaker::default(), Duration::ZERO);
        let mut ended: Vec<(Duration, bool)> = Vec::new();
        let mut last_probe: Option<Duration> = None;
        for _ in 0..1_000 {
            now += Duration::from_millis(random.next(2_000));
            let failed = random.next(100) < 20 + 40 * (now.as_secs() / 60 % 2);
            match breaker.admit(now, &tolerance) {
                Admission::Allow => {
                    assert!(last_probe.is_none(), "seed {seed}: let through while open");
                    ended.push((now, failed));
                    let lately = ended.iter().filter(|(at, _)| *at + tolerance.window > now);
                    let (all, bad) = lately.fold((0, 0), |(all, bad), (_, failed)| (all + 1, bad + u32::from(*failed)));
                    let opens = all >= tolerance.min_calls && bad * 2 >= all;
                    assert_eq!(breaker.ended(now, false, failed, &tolerance), opens, "seed {seed}: {bad} of {all}");
                    if opens {
                        (last_probe, opened) = (Some(now), opened + 1);
                    }
                }
                Admission::Probe(_) => {
                    let since = last_probe.expect("a probe leaves an open breaker only");
                    assert!(now - since >= tolerance.probe_interval, "seed {seed}: a probe too early");
                    breaker.ended(now, true, failed, &tolerance);
                    last_probe = failed.then_some(now);
                    if !failed {
                        ended.clear();
                    }
                }
                Admission::Wait(wait, _) => {
                    let since = last_probe.expect("only an open breaker holds back");
                    assert_eq!(now + wait, since + tolerance.probe_interval, "seed {seed}");
                }
            }
        }
    }
    assert!(opened > 500, "histories in which it hardly ever opens test nothing: {opened}");
}
