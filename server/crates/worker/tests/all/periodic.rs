//! Periodic jobs are independent, for every job in the table: if one is broken in any way, all others continue,
//! the broken one is reported, and it is on time again once it works.

use std::collections::BTreeMap;

use domain::work::Kind;
use store::periodic::{self, State};
use store::queue::{self, Work};
use store::{Scope, TenantTx};
use worker::Worker;
use worker::periodic::{Broken, all, claim_and_vanish};

use crate::harness::Harness;

async fn states(harness: &Harness) -> BTreeMap<String, State> {
    let states = periodic::list(&harness.web).await.unwrap();
    states.into_iter().map(|state| (state.name.clone(), state)).collect()
}

/// Every job last succeeded so long ago that it is overdue.
async fn long_ago(harness: &Harness) {
    harness.db.execute("update periodic_jobs set succeeded_at = now() - interval '40 days'").await;
}

async fn run(worker: &Worker) {
    worker::testing::run_periodic(worker).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_periodic_job_is_broken_all_others_go_on_and_it_is_reported() {
    let harness = Harness::new().await;
    run(&harness.worker).await;
    let well = states(&harness).await;
    assert_eq!(well.len(), all().count());
    for state in well.values() {
        assert_eq!((state.failures, &state.last_error, state.overdue), (0, &None, false), "{state:?}");
        assert!(state.succeeded_at.is_some(), "{state:?}");
    }
    let ways = [
        (Broken::Fails, "broken by a test"),
        (Broken::Panics, "It ended in a panic"),
        (Broken::Hangs, "It took longer than it may"),
    ];
    for (number, job) in all().enumerate() {
        let (how, says) = ways[number % ways.len()];
        long_ago(&harness).await;
        assert!(states(&harness).await.values().all(|state| state.overdue), "each is late when it did not run");
        run(&harness.worker.with_broken(job.name, how)).await;
        for (name, state) in states(&harness).await {
            if name == job.name {
                let error = state.last_error.as_deref().unwrap_or_default();
                assert!(error.starts_with(says), "{how:?}: {state:?}");
                assert!(state.overdue && !state.running && state.failures == 1, "{how:?}: {state:?}");
            } else {
                assert!(!state.overdue && state.failures == 0, "{name} while {} {how:?}: {state:?}", job.name);
            }
        }
        run(&harness.worker).await;
        assert!(states(&harness).await.values().all(|state| !state.overdue && state.failures == 0), "{}", job.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_processes_one_runs_a_job_and_when_it_dies_the_other_does() {
    let harness = Harness::new().await;
    run(&harness.worker).await;
    long_ago(&harness).await;
    periodic::make_all_due(&harness.work).await.unwrap();
    let taken = claim_and_vanish(&harness.worker).await.unwrap();
    assert_eq!(taken.len(), all().count());
    let other = harness.worker.restarted();
    run(&other).await;
    assert!(states(&harness).await.values().all(|state| state.running && state.overdue), "each is claimed by one");
    // The leases expire by the clock.
    harness.db.execute("update periodic_jobs set lease_until = now() - interval '1 second'").await;
    run(&other).await;
    for state in states(&harness).await.values() {
        assert!(!state.overdue && !state.running && state.failures == 0, "{state:?}");
    }
}

/// A job that a newer version brought, or an older one had, is not late because nobody here knows it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_no_running_version_knows_is_not_overdue() {
    let harness = Harness::new().await;
    run(&harness.worker).await;
    harness
        .db
        .execute(
            "insert into periodic_jobs (name, title, every_seconds, overdue_seconds, known_at, created_at)
             values ('former', 'Of a former version', 60, 60, now() - interval '2 hours', now() - interval '2 days')",
        )
        .await;
    run(&harness.worker).await;
    assert_eq!(states(&harness).await.len(), all().count());
    // With no worker at all, everything is late.
    harness.db.execute("update periodic_jobs set known_at = now() - interval '3 hours' where name <> 'former'").await;
    long_ago(&harness).await;
    let late = states(&harness).await.values().filter(|state| state.overdue).count();
    assert_eq!(late, all().count() + 1);
}

/// A process of the version before puts one row into the queue for everything. Here it is done once and goes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_row_of_the_version_before_runs_every_job_and_goes() {
    let harness = Harness::new().await;
    let mut tx = TenantTx::begin(&harness.work, Scope::Open).await.unwrap();
    queue::add(&mut tx, &Work::new(Kind::Sweep).once("sweep")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(worker::testing::run_due(&harness.worker).await, 1);
    let depth = queue::depth(&harness.work).await.unwrap();
    assert_eq!((depth.ready, depth.scheduled, depth.leased, depth.dead), (0, 0, 0, 0));
    assert!(states(&harness).await.values().all(|state| state.succeeded_at.is_some()));
}

/// The scheduler itself: jobs run because their time has come, and what runs at the end is given back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_started_worker_runs_what_is_due_and_gives_back_what_it_holds() {
    let harness = Harness::new().await;
    let stop = tokio_util::sync::CancellationToken::new();
    let started = worker::start(harness.worker.clone(), stop.clone());
    while !states(&harness).await.values().any(|state| state.succeeded_at.is_some()) {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    started.await.unwrap();
    assert!(states(&harness).await.values().all(|state| !state.running));
}
