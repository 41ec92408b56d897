//! Who gets a place where there are fewer than processes that are wanted?

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep};
use tools::{CallError, Limits};

use super::super::support::{TIMEOUT, processes, spec, spec_of, token};
use super::{SOON, echo, in_time, slow};

fn small(places: usize) -> Limits {
    Limits { processes: places, ..Limits::default() }
}

#[tokio::test(start_paused = true)]
async fn the_process_that_was_idle_for_longest_makes_room() {
    let (processes, stage) = processes(small(3));
    for business in [1, 2, 3, 1] {
        echo(&processes, business, "t").await.unwrap();
        sleep(SOON).await;
    }
    echo(&processes, 4, "t").await.unwrap();
    let gone: Vec<bool> = (0..4).map(|at| stage.actor(at).gone.is_cancelled()).collect();
    assert_eq!(gone, [false, true, false, false]);
}

#[tokio::test(start_paused = true)]
async fn a_business_with_more_than_its_share_makes_room_first() {
    let (processes, stage) = processes(small(4));
    echo(&processes, 1, "t").await.unwrap();
    for server in [2, 3, 4] {
        sleep(SOON).await;
        processes.list(&spec(2, server), &token("t")).await.unwrap();
    }
    echo(&processes, 3, "t").await.unwrap();
    let gone: Vec<bool> = (0..5).map(|at| stage.actor(at).gone.is_cancelled()).collect();
    assert_eq!(gone, [false, true, false, false, false]);
}

#[tokio::test(start_paused = true)]
async fn an_agency_whose_tools_are_all_busy_leaves_room_for_another() {
    let (processes, stage) = processes(small(4));
    let calls: Vec<_> = (1..=4)
        .map(|business| {
            let processes = processes.clone();
            tokio::spawn(async move {
                let (spec, wait) = (spec_of(1, business, 1), json!({ "seconds": 60 }));
                processes.call(&spec, &token("t"), "slow", wait, Duration::from_secs(90)).await
            })
        })
        .collect();
    sleep(SOON).await;
    assert_eq!(stage.starts(), 3, "three quarters are the most of one agency");
    processes.call(&spec_of(2, 9, 1), &token("t"), "echo", json!({}), TIMEOUT).await.unwrap();
    let heard: Vec<_> = futures::future::join_all(calls).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(heard.iter().filter(|one| **one == Err(CallError::Busy)).count(), 1, "{heard:?}");
}

#[tokio::test(start_paused = true)]
async fn an_agency_that_holds_all_it_may_ends_an_idle_process_of_its_own() {
    let (processes, stage) = processes(small(4));
    for (agency, business) in [(2, 9), (1, 1), (1, 2), (1, 3), (1, 4)] {
        processes.list(&spec_of(agency, business, 1), &token("t")).await.unwrap();
        sleep(SOON).await;
    }
    let gone: Vec<bool> = (0..5).map(|at| stage.actor(at).gone.is_cancelled()).collect();
    assert_eq!(gone, [false, true, false, false, false], "the other agency was idle for longer and keeps its process");
}

#[tokio::test(start_paused = true)]
async fn where_all_are_in_use_a_start_waits_and_then_hears_so() {
    let (processes, _stage) = processes(small(1));
    let call = slow(&processes, 1, 20);
    sleep(SOON).await;
    let begun = Instant::now();
    assert_eq!(echo(&processes, 2, "t").await, Err(CallError::Busy));
    assert!(in_time(begun, Limits::default().room));
    sleep(Duration::from_secs(13)).await;
    echo(&processes, 2, "t").await.unwrap();
    call.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_place_of_a_start_that_failed_goes_to_whoever_waits_for_one() {
    let (processes, stage) = processes(small(1));
    stage.slow.store(true, Ordering::SeqCst);
    stage.broken.store(true, Ordering::SeqCst);
    let start = |business| {
        let processes = processes.clone();
        tokio::spawn(async move { echo(&processes, business, "t").await })
    };
    let begun = Instant::now();
    let failing = start(1);
    sleep(SOON).await;
    let waiting = start(2);
    assert!(matches!(failing.await.unwrap(), Err(CallError::NotStarted(_))));
    stage.broken.store(false, Ordering::SeqCst);
    waiting.await.unwrap().unwrap();
    assert!(in_time(begun, Duration::from_secs(2)), "two starts of a second each, one after the other");
}
