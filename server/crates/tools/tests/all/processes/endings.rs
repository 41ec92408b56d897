//! When does a process end, and which calls and other processes does its end leave alone?

use std::sync::atomic::Ordering;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::json;
use tokio::time::{sleep, timeout};
use tools::{CallError, Limits, ProcessState, ToolProcesses};

use super::super::support::{TIMEOUT, id, processes, spec, token};
use super::{SOON, echo, slow, swept};

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
async fn a_process_that_was_starting_when_its_business_was_stopped_is_told_of_and_can_be_ended() {
    let (processes, stage) = processes(Limits::default());
    stage.slow.store(true, Ordering::SeqCst);
    let call = slow(&processes, 1, 3000);
    sleep(SOON).await;
    let business = spec(1, 1).key.business;
    assert_eq!(processes.stop_of(business), 0, "there is none yet");
    timeout(TIMEOUT, processes.begun()).await.expect("its start is told");
    assert_eq!(processes.stop_of(business), 1);
    assert!(call.await.unwrap().is_err());
    assert!(timeout(TIMEOUT, processes.begun()).await.is_err(), "each start is told once");
}

#[tokio::test(start_paused = true)]
async fn a_process_that_does_not_end_when_asked_is_killed() {
    let (processes, stage) = processes(Limits::default());
    stage.stubborn.store(true, Ordering::SeqCst);
    echo(&processes, 1, "t").await.unwrap();
    assert!(processes.stop(&id(&spec(1, 1))));
    sleep(SOON).await;
    let shown = processes.shown().remove(0);
    assert_eq!(shown.state, ProcessState::Stopping);
    assert!(processes.is_ending(&shown.id), "a second press finds it stopped");
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
    assert!(shown.iter().all(|one| !page.is_ending(&one.id)), "neither was stopped");
    assert!(page.stop(&shown[1].id).await);
    assert_eq!(call.await.unwrap(), Err(CallError::Ended));
    echo(&processes, 1, "refreshed").await.unwrap();
    assert!(page.restart(&shown[0].id).await && !page.stop(&shown[1].id).await);
    sleep(SOON).await;
    assert!(page.shown().await.is_empty());
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
