//! What does a call hear of its process, and what does a process hear of calls that nobody waits for any more?

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use tools::{CallError, Limits};

use super::super::support::{TIMEOUT, processes, spec, token};
use super::{SOON, echo, in_time, slow};

#[tokio::test(start_paused = true)]
async fn a_call_without_answer_ends_in_time_and_is_cancelled() {
    let (processes, stage) = processes(Limits::default());
    echo(&processes, 1, "t").await.unwrap();
    let begun = Instant::now();
    let answer = processes.call(&spec(1, 1), &token("t"), "silent", json!({}), TIMEOUT).await;
    assert!(answer == Err(CallError::TimedOut) && in_time(begun, TIMEOUT), "{answer:?}");
    sleep(SOON).await;
    let actor = stage.actor(0);
    assert_eq!(actor.cancelled(), actor.ids("tools/call")[1..]);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_answers_nothing_any_more_is_replaced() {
    let (processes, stage) = processes(Limits::default());
    for _ in 0..3 {
        let answer = processes.call(&spec(1, 1), &token("t"), "silent", json!({}), TIMEOUT).await;
        assert_eq!(answer, Err(CallError::TimedOut));
    }
    sleep(SOON).await;
    echo(&processes, 1, "t").await.unwrap();
    assert_eq!(stage.starts(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_reads_nothing_any_more_counts_as_ended() {
    let (processes, stage) = processes(Limits::default());
    stage.stubborn.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        let answer = processes.call(&spec(1, 1), &token("t"), "deaf", json!({}), TIMEOUT).await;
        assert_eq!(answer, Err(CallError::TimedOut));
        sleep(SOON).await;
    }
    assert!(matches!(echo(&processes, 1, "t").await, Err(CallError::BackingOff { .. })));
    assert_eq!(stage.starts(), 2);
}

#[tokio::test(start_paused = true)]
async fn who_goes_away_cancels_only_the_own_call() {
    let (processes, stage) = processes(Limits::default());
    let (gone, stays, other) = (slow(&processes, 1, 20), slow(&processes, 1, 20), slow(&processes, 2, 20));
    sleep(SOON).await;
    gone.abort();
    sleep(SOON).await;
    assert_eq!(stage.actor(0).cancelled().len() + stage.actor(1).cancelled().len(), 1);
    stays.await.unwrap().unwrap();
    other.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_process_that_ignores_a_cancellation_answers_nobody_with_it() {
    let (processes, stage) = processes(Limits::default());
    let gone = slow(&processes, 1, 20);
    sleep(SOON).await;
    gone.abort();
    sleep(SOON).await;
    let stays = slow(&processes, 1, 60);
    // The answer to the call that nobody waits for comes while the next one runs.
    sleep(Duration::from_secs(30)).await;
    assert_eq!(stage.actor(0).cancelled().len(), 1);
    assert!(!stays.is_finished(), "the late answer is not its own");
    assert_eq!(echo(&processes, 1, "t").await.unwrap()["said"], json!({ "n": 1 }));
    assert_eq!(stays.await.unwrap().unwrap(), json!({ "said": "late" }));
    assert_eq!((stage.starts(), processes.shown()[0].in_use), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn equal_ids_of_two_businesses_never_meet() {
    let (processes, stage) = processes(Limits::default());
    let calls = (0..1000_u128).flat_map(|n| [1_u128, 2].map(|business| (business, n)));
    let answers = calls.map(|(business, n)| {
        let processes = processes.clone();
        async move {
            let says = json!({ "of": business.to_string(), "n": n.to_string() });
            let answer = processes.call(&spec(business, 1), &token("t"), "echo", says.clone(), TIMEOUT).await;
            assert_eq!(answer.unwrap()["said"], says);
        }
    });
    futures::future::join_all(answers).await;
    let ids = [0, 1].map(|at| {
        let mut ids: Vec<u64> = stage.actor(at).ids("tools/call").iter().filter_map(Value::as_u64).collect();
        ids.sort_unstable();
        ids
    });
    assert_eq!(ids[0].len(), 1000);
    assert_eq!(ids[0], ids[1], "both processes saw the same ids");
}

#[tokio::test(start_paused = true)]
async fn a_process_hears_that_we_are_there_and_is_refused_everything_else() {
    let (processes, stage) = processes(Limits::default());
    processes.call(&spec(1, 1), &token("t"), "asks", json!({}), TIMEOUT).await.unwrap();
    sleep(SOON).await;
    let actor = stage.actor(0);
    let read = actor.read.lock().unwrap();
    let answer = |id: &str| read.iter().find(|message| message["id"] == id).cloned().unwrap_or_default();
    assert_eq!(answer("ours")["result"], json!({}));
    assert_eq!(answer("theirs")["error"]["code"], -32601, "it gets no files of ours: {read:?}");
}

#[tokio::test(start_paused = true)]
async fn tools_are_read_page_by_page_and_once() {
    let (processes, stage) = processes(Limits::default());
    for _ in 0..3 {
        let tools = processes.list(&spec(1, 1), &token("t")).await.unwrap();
        let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
        assert_eq!(names, ["one", "two"], "a tool without a name is left out");
    }
    assert_eq!(stage.actor(0).ids("tools/list").len(), 2);
    processes.call(&spec(1, 1), &token("t"), "changed", json!({}), TIMEOUT).await.unwrap();
    processes.list(&spec(1, 1), &token("t")).await.unwrap();
    assert_eq!(stage.actor(0).ids("tools/list").len(), 4, "they changed, so they are read again");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_no_result_is_named_so() {
    let (processes, _stage) = processes(Limits::default());
    let answer = processes.call(&spec(1, 1), &token("t"), "array", json!({}), TIMEOUT).await;
    assert_eq!(answer, Err(CallError::Malformed));
}
