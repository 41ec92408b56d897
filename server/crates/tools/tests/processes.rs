//! Laws of tool processes on a virtual clock: who gets which process, when it ends, and what a call hears.

#![expect(clippy::unwrap_used, reason = "a test may end where its world ends")]

mod support;

use std::sync::atomic::Ordering;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::{Value, json};
use support::{TIMEOUT, id, processes, spec, spec_of, token};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tools::{CallError, Limits, ProcessState, Processes, ToolProcesses};

async fn echo(processes: &Processes, business: u128, secret: &str) -> Result<Value, CallError> {
    processes.call(&spec(business, 1), &token(secret), "echo", json!({ "n": business }), TIMEOUT).await
}

fn slow(processes: &Processes, business: u128, seconds: u64) -> tokio::task::JoinHandle<Result<Value, CallError>> {
    let processes = processes.clone();
    tokio::spawn(async move {
        let wait = json!({ "seconds": seconds });
        processes.call(&spec(business, 1), &token("t"), "slow", wait, Duration::from_secs(seconds + 60)).await
    })
}

/// Runs the sweeps of a server.
fn swept(processes: &Processes) -> CancellationToken {
    let stopping = CancellationToken::new();
    let (processes, token) = (processes.clone(), stopping.clone());
    tokio::spawn(async move { processes.run(token).await });
    stopping
}

const SOON: Duration = Duration::from_millis(10);

fn in_time(begun: Instant, wanted: Duration) -> bool {
    (wanted..wanted + SOON).contains(&begun.elapsed())
}

#[tokio::test(start_paused = true)]
async fn an_idle_process_ends_after_ten_and_before_twelve_minutes_and_the_figures_show_it() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let figures = recorder.handle();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let (processes, stage) = processes(Limits::default());
    let stopping = swept(&processes);
    sleep(SOON).await;
    for figure in ["active_children 0", "tool_processes_resident_memory_bytes 0"] {
        assert!(figures.render().contains(figure), "before the first start: {}", figures.render());
    }
    echo(&processes, 1, "t").await.unwrap();
    assert!(figures.render().contains("active_children 1"), "{}", figures.render());
    sleep(Duration::from_secs(599)).await;
    assert_eq!(processes.shown().len(), 1);
    sleep(Duration::from_secs(120)).await;
    assert!(processes.shown().is_empty() && stage.actor(0).gone.is_cancelled());
    assert!(figures.render().contains("active_children 0"), "{}", figures.render());
    assert!(figures.render().contains("tool_process_reaps_total 1"), "{}", figures.render());
    stopping.cancel();
}

#[tokio::test(start_paused = true)]
async fn a_process_in_use_is_never_reaped() {
    let (processes, stage) = processes(Limits::default());
    let _stopping = swept(&processes);
    let call = slow(&processes, 1, 3000);
    sleep(Duration::from_secs(2900)).await;
    assert_eq!(processes.shown()[0].in_use, 1);
    assert_eq!(call.await.unwrap().unwrap(), json!({ "said": "late" }));
    assert_eq!(stage.starts(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_process_of_a_server_that_may_not_run_ends_at_once_and_no_other_one() {
    let (processes, stage) = processes(Limits::default());
    let busy = slow(&processes, 1, 3000);
    sleep(SOON).await;
    processes.call(&spec(1, 2), &token("t"), "echo", json!({}), TIMEOUT).await.unwrap();
    echo(&processes, 2, "t").await.unwrap();
    let keys = [spec(1, 1).key, spec(1, 2).key, spec(2, 1).key];
    assert!(processes.keys().into_iter().eq(keys));
    assert_eq!((processes.stop_server(keys[0]), processes.stop_server(spec(3, 1).key)), (1, 0));
    assert_eq!(busy.await.unwrap(), Err(CallError::Ended));
    sleep(SOON).await;
    let gone: Vec<bool> = (0..3).map(|at| stage.actor(at).gone.is_cancelled()).collect();
    assert_eq!(gone, [true, false, false]);
    echo(&processes, 1, "t").await.unwrap();
    assert_eq!(stage.starts(), 4, "an end that was wanted is no crash, so the next call starts one at once");
}

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
async fn every_process_of_a_business_ends_at_once_and_no_other_one() {
    let (processes, stage) = processes(Limits::default());
    let busy = slow(&processes, 1, 3000);
    sleep(SOON).await;
    processes.call(&spec(1, 2), &token("t"), "echo", json!({}), TIMEOUT).await.unwrap();
    echo(&processes, 2, "t").await.unwrap();
    assert_eq!(processes.businesses().len(), 2);
    assert_eq!(processes.stop_of(spec(1, 1).key.business), 2);
    assert_eq!(busy.await.unwrap(), Err(CallError::Ended));
    sleep(SOON).await;
    let gone: Vec<bool> = (0..3).map(|at| stage.actor(at).gone.is_cancelled()).collect();
    assert_eq!(gone, [true, true, false]);
    echo(&processes, 1, "t").await.unwrap();
    assert_eq!(stage.starts(), 4, "an end that was wanted is no crash, so the next call starts one at once");
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
async fn a_process_that_does_not_end_when_asked_is_killed() {
    let (processes, stage) = processes(Limits::default());
    stage.stubborn.store(true, Ordering::SeqCst);
    echo(&processes, 1, "t").await.unwrap();
    assert!(processes.stop(&id(&spec(1, 1))));
    sleep(SOON).await;
    assert_eq!(processes.shown()[0].state, ProcessState::Stopping);
    sleep(Limits::default().grace).await;
    assert!(stage.actor(0).gone.is_cancelled() && processes.shown().is_empty());
}

#[tokio::test(start_paused = true)]
async fn stop_ends_calls_and_restart_lets_them_end() {
    let (processes, _stage) = processes(Limits::default());
    let call = slow(&processes, 1, 20);
    sleep(SOON).await;
    assert!(processes.stop(&id(&spec(1, 1))));
    assert_eq!(call.await.unwrap(), Err(CallError::Ended));
    let call = slow(&processes, 1, 20);
    sleep(SOON).await;
    assert!(processes.restart(&id(&spec(1, 1))));
    echo(&processes, 1, "t").await.unwrap();
    assert_eq!(processes.shown().len(), 2);
    call.await.unwrap().unwrap();
    for unknown in ["", "1.2", id(&spec(9, 9)).as_str()] {
        assert!(!processes.stop(unknown) && !processes.restart(unknown));
    }
}

#[tokio::test(start_paused = true)]
async fn a_person_stops_the_process_that_is_on_its_way_out_by_its_own_name() {
    let (processes, _stage) = processes(Limits::default());
    let call = slow(&processes, 1, 20);
    sleep(SOON).await;
    echo(&processes, 1, "refreshed").await.unwrap();
    let page: &dyn ToolProcesses = &processes;
    let shown = page.shown().await;
    let states: Vec<ProcessState> = shown.iter().map(|one| one.state).collect();
    assert_eq!(states, [ProcessState::Running, ProcessState::Stopping]);
    assert!(page.stop(&shown[1].id).await);
    assert_eq!(call.await.unwrap(), Err(CallError::Ended));
    echo(&processes, 1, "refreshed").await.unwrap();
    assert!(page.restart(&shown[0].id).await && !page.stop(&shown[1].id).await);
    sleep(SOON).await;
    assert!(page.shown().await.is_empty());
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

#[tokio::test(start_paused = true)]
async fn closing_ends_all_and_starts_none() {
    let (processes, stage) = processes(Limits::default());
    let stopping = swept(&processes);
    let call = slow(&processes, 1, 20);
    echo(&processes, 2, "t").await.unwrap();
    stopping.cancel();
    assert_eq!(call.await.unwrap(), Err(CallError::Ended));
    sleep(SOON).await;
    assert!((0..2).all(|at| stage.actor(at).gone.is_cancelled()));
    assert_eq!(echo(&processes, 2, "t").await, Err(CallError::Busy));
}
