//! Tests of the queue in front of the window: order, consideration for other callers of the same key, and giving
//! up. Their clock stands still while something can be done, so no test depends on how fast the machine is. The window's
//! own tests prove how long a wait may be; these tests only prove that it ends.

use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::quota::Quota;
use crate::slots::{Boxed, LedgerDown, LocalLedger};

fn limits(burst: u32, interval: Duration) -> Limits {
    Limits { burst, interval, daily: 200_000, hold: interval }
}

/// A governor whose slots are in this process only.
fn local(limits: Limits) -> Governor {
    Governor::new(limits, Arc::new(LocalLedger::default()))
}

const SHORT: Duration = Duration::from_millis(200);
const PATIENT: Duration = Duration::from_secs(20);

async fn call(governor: &Governor, priority: Priority) -> Result<(), Full> {
    let slot = governor.take("key", priority, PATIENT).await?;
    governor.settle("key", slot, LimitFeedback::default()).await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn people_go_before_background_work_that_came_earlier() {
    let governor = local(limits(1, SHORT));
    call(&governor, Priority::Background).await.unwrap();
    let order = Mutex::new(Vec::new());
    let one = |name, priority| {
        let (governor, order) = (&governor, &order);
        async move {
            call(governor, priority).await.unwrap();
            order.lock().unwrap().push(name);
        }
    };
    tokio::join!(
        one("work 1", Priority::Background),
        one("work 2", Priority::Background),
        one("person", Priority::Interactive),
    );
    assert_eq!(order.into_inner().unwrap(), ["person", "work 1", "work 2"]);
}

#[tokio::test(start_paused = true)]
async fn many_at_once_take_as_long_as_the_window_says() {
    let governor = local(limits(10, SHORT));
    let start = Instant::now();
    let mut calls = tokio::task::JoinSet::new();
    let governor = Arc::new(governor);
    for _ in 0..35 {
        let governor = Arc::clone(&governor);
        calls.spawn(async move { call(&governor, Priority::Background).await });
    }
    assert!(calls.join_all().await.iter().all(Result::is_ok));
    let took = start.elapsed();
    assert!(took >= SHORT * 3, "{took:?}: 35 calls at 10 per window need three more windows");
    assert!(took < PATIENT, "{took:?}: waited more than needed");
}

#[tokio::test(start_paused = true)]
async fn the_last_hundredth_of_the_day_is_left_to_people() {
    let governor = local(limits(10, SHORT));
    let after = async |left: u32| {
        let slot = governor.take("key", Priority::Background, PATIENT).await.unwrap();
        let quota = Quota {
            daily_limit: Some(200_000),
            daily_remaining: Some(left),
            daily_reset: Some(Duration::from_secs(7_200)),
            ..Quota::default()
        };
        governor.settle("key", slot, LimitFeedback { quota, limited: false }).await;
    };
    after(2_001).await;
    call(&governor, Priority::Background).await.unwrap();
    after(2_000).await;
    let full = call(&governor, Priority::Background).await.unwrap_err();
    assert!(full.daily && full.wait > Duration::from_secs(60), "{full:?}");
    call(&governor, Priority::Interactive).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn one_key_never_delays_another() {
    let governor = local(limits(1, Duration::from_secs(60)));
    call(&governor, Priority::Background).await.unwrap();
    let limited = LimitFeedback { limited: true, ..LimitFeedback::default() };
    let slot = governor.take("other", Priority::Background, PATIENT).await.unwrap();
    governor.settle("other", slot, limited).await;
    assert!(governor.take("third", Priority::Background, Duration::ZERO).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn who_cannot_be_served_in_time_hears_it_at_once() {
    let governor = local(limits(1, Duration::from_secs(60)));
    call(&governor, Priority::Interactive).await.unwrap();
    let full = governor.take("key", Priority::Interactive, PATIENT).await.unwrap_err();
    assert!(!full.daily && full.wait > Duration::from_secs(50), "{full:?}");
}

#[tokio::test(start_paused = true)]
async fn a_429_closes_the_key_and_the_end_of_the_day_says_so() {
    let governor = local(limits(100, Duration::from_secs(10)));
    let slot = governor.take("key", Priority::Background, PATIENT).await.unwrap();
    let quota = Quota { daily_remaining: Some(0), daily_reset: Some(Duration::from_secs(900)), ..Quota::default() };
    governor.settle("key", slot, LimitFeedback { quota, limited: true }).await;
    let full = governor.take("key", Priority::Interactive, PATIENT).await.unwrap_err();
    assert!(full.daily && full.wait > Duration::from_secs(890), "{full:?}");
}

#[tokio::test(start_paused = true)]
async fn calls_of_others_slow_background_work_and_spare_people() {
    let governor = local(limits(100, Duration::from_secs(60)));
    let slot = governor.take("key", Priority::Background, PATIENT).await.unwrap();
    let quota = Quota { remaining: Some(8), ..Quota::default() };
    governor.settle("key", slot, LimitFeedback { quota, limited: false }).await;
    let background = governor.take("key", Priority::Background, PATIENT).await;
    assert!(background.is_err(), "91 are somebody else's: nothing left for background work");
    for n in 0..8 {
        let person = governor.take("key", Priority::Interactive, PATIENT).await;
        assert!(person.is_ok(), "person {n}");
    }
    assert!(governor.take("key", Priority::Interactive, PATIENT).await.is_err());
}

struct Flaky(AtomicU32, LocalLedger);

impl Ledger for Flaky {
    fn take<'a>(
        &'a self,
        key: &'a str,
        want: u32,
        spare: u32,
        limits: &'a Limits,
    ) -> Boxed<'a, Result<Grant, LedgerDown>> {
        if self.0.fetch_add(1, Ordering::SeqCst) == 0 {
            return Box::pin(std::future::ready(Err(LedgerDown)));
        }
        self.1.take(key, want, spare, limits)
    }

    fn release_after_interval<'a>(&'a self, key: &'a str, place: SlotId) -> Boxed<'a, ()> {
        self.1.release_after_interval(key, place)
    }
}

#[tokio::test(start_paused = true)]
async fn without_its_ledger_nothing_is_sent_and_it_recovers() {
    let limits = limits(5, SHORT);
    let governor = Governor::new(limits, Arc::new(Flaky(AtomicU32::new(0), LocalLedger::default())));
    let refused = governor.take("key", Priority::Background, Duration::ZERO).await;
    assert!(refused.is_err());
    assert!(governor.take("key", Priority::Background, PATIENT).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn leaving_the_queue_early_blocks_nobody() {
    let governor = local(limits(1, SHORT));
    call(&governor, Priority::Background).await.unwrap();
    let left = tokio::time::timeout(SHORT / 20, governor.take("key", Priority::Interactive, PATIENT)).await;
    assert!(left.is_err());
    assert!(call(&governor, Priority::Background).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn three_processes_on_one_ledger_stay_within_one_limit() {
    let limits = limits(10, SHORT);
    let ledger: Arc<dyn Ledger> = Arc::new(LocalLedger::default());
    let counted = Arc::new(Mutex::new(Vec::new()));
    let start = Instant::now();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let governor = Arc::new(Governor::new(limits, Arc::clone(&ledger)));
        for n in 0..20 {
            let (governor, counted) = (Arc::clone(&governor), Arc::clone(&counted));
            let priority = if n % 5 == 0 { Priority::Interactive } else { Priority::Background };
            calls.spawn(async move {
                let slot = governor.take("key", priority, PATIENT).await.unwrap();
                tokio::task::yield_now().await;
                counted.lock().unwrap().push(start.elapsed());
                tokio::task::yield_now().await;
                governor.settle("key", slot, LimitFeedback::default()).await;
            });
        }
    }
    calls.join_all().await;
    let counted = counted.lock().unwrap();
    assert_eq!(counted.len(), 60);
    for first in counted.iter() {
        let within = counted.iter().filter(|at| *at >= first && **at <= *first + SHORT).count();
        assert!(within <= 10, "{within} calls within one interval");
    }
    assert!(start.elapsed() < PATIENT, "{:?}: 60 calls at 10 per interval need five more intervals", start.elapsed());
}
