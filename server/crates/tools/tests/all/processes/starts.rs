//! When is a process started, how often, and what becomes of one that cannot start or dies?

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;
use tools::{CallError, Limits, ProcessState};

use super::super::support::{TIMEOUT, id, processes, spec, token};
use super::{SOON, echo, slow};

#[tokio::test(start_paused = true)]
async fn fifty_calls_at_once_share_one_start() {
    let (processes, stage) = processes(Limits::default());
    stage.slow.store(true, Ordering::SeqCst);
    let calls = (0..50).map(|_| echo(&processes, 1, "t"));
    let answers = futures::future::join_all(calls).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!((stage.starts(), processes.shown()[0].calls), (1, 50));
}

#[tokio::test(start_paused = true)]
async fn a_start_goes_on_when_the_first_who_asked_goes_away() {
    let (processes, stage) = processes(Limits::default());
    stage.slow.store(true, Ordering::SeqCst);
    assert!(tokio::time::timeout(SOON, echo(&processes, 1, "t")).await.is_err());
    assert_eq!(processes.shown()[0].state, ProcessState::Starting);
    echo(&processes, 1, "t").await.unwrap();
    assert_eq!(stage.starts(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refreshed_token_reaches_the_next_call_and_drops_none() {
    let (processes, stage) = processes(Limits::default());
    let old = slow(&processes, 1, 20);
    sleep(SOON).await;
    let answer = echo(&processes, 1, "refreshed").await.unwrap();
    assert_eq!(answer["with"], "opaque-refreshed".len());
    let states: Vec<ProcessState> = processes.shown().into_iter().map(|one| one.state).collect();
    assert_eq!(states, [ProcessState::Running, ProcessState::Stopping]);
    assert!(!stage.actor(0).gone.is_cancelled());
    old.await.unwrap().unwrap();
    sleep(SOON).await;
    assert!(stage.actor(0).gone.is_cancelled() && !stage.actor(1).gone.is_cancelled());
    assert_eq!((stage.starts(), processes.shown().len()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_process_that_died_is_replaced_and_its_call_hears_it() {
    let (processes, stage) = processes(Limits::default());
    let died = processes.call(&spec(1, 1), &token("t"), "die", json!({}), TIMEOUT).await;
    assert_eq!(died, Err(CallError::Ended));
    sleep(SOON).await;
    echo(&processes, 1, "t").await.unwrap();
    assert_eq!(stage.starts(), 2);
}

#[tokio::test(start_paused = true)]
async fn every_call_hears_that_its_process_died_and_no_other_business_does() {
    let (processes, stage) = processes(Limits::default());
    let calls: Vec<_> = (0..10).map(|_| slow(&processes, 1, 20)).collect();
    let other = slow(&processes, 2, 20);
    sleep(SOON).await;
    let died = processes.call(&spec(1, 1), &token("t"), "die", json!({}), TIMEOUT).await;
    assert_eq!(died, Err(CallError::Ended));
    for call in calls {
        assert_eq!(call.await.unwrap(), Err(CallError::Ended));
    }
    assert_eq!(other.await.unwrap().unwrap(), json!({ "said": "late" }));
    assert_eq!(stage.starts(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_crash_loop_is_left_alone_for_longer_each_time_and_others_are_not() {
    let (processes, _stage) = processes(Limits::default());
    let mut waits = Vec::new();
    while waits.len() < 4 {
        match processes.call(&spec(1, 1), &token("t"), "die", json!({}), TIMEOUT).await {
            Err(CallError::BackingOff { retry_after }) => {
                assert_eq!(processes.shown()[0].state, ProcessState::BackingOff);
                echo(&processes, 2, "t").await.unwrap();
                waits.push(retry_after.as_secs_f64().round() as u64);
                sleep(retry_after).await;
            }
            other => assert_eq!(other, Err(CallError::Ended)),
        }
        sleep(SOON).await;
    }
    assert_eq!(waits, [1, 2, 4, 8]);
    assert!(processes.restart(&id(&spec(1, 1))), "a person may start it at once");
    echo(&processes, 1, "t").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_start_that_fails_says_why_and_is_not_tried_at_once() {
    let (processes, stage) = processes(Limits::default());
    for (fault, wanted) in [
        (&stage.broken, "no such command"),
        (&stage.mute, "it gave no first answer in time"),
        (&stage.foreign, "it speaks another version of the protocol"),
    ] {
        fault.store(true, Ordering::SeqCst);
        let mut calls = Vec::new();
        for _ in 0..2 {
            calls.push(processes.call(&spec(1, 1), &token("t"), "echo", json!({}), TIMEOUT).await);
        }
        assert_eq!(calls[0], Err(CallError::NotStarted(wanted.to_owned())));
        assert!(matches!(calls[1], Err(CallError::BackingOff { .. })), "{calls:?}");
        fault.store(false, Ordering::SeqCst);
        sleep(Duration::from_secs(600)).await;
        echo(&processes, 1, "t").await.unwrap();
        assert!(processes.stop(&id(&spec(1, 1))));
        sleep(SOON).await;
        assert!(processes.shown().is_empty());
    }
}
