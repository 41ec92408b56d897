//! Tests the guarantees that everything else relies on: single use, exact limits, lifetimes, restarts and resets.

use std::sync::Arc;

use serde_json::json;

use super::{InstalledSimulator, new_location, refresh_at};
use crate::{
    Handle,
    demo::{self, BRIGHT_DENTAL, HARBOR, LUNA_YOGA},
};

#[tokio::test]
async fn of_a_hundred_refreshes_exactly_one_wins() {
    let installed = InstalledSimulator::start().await;
    let sim = Arc::new(installed.sim);
    let refresh = installed.refresh;
    let tries: Vec<_> = (0..100)
        .map(|_| {
            let (sim, refresh) = (Arc::clone(&sim), refresh.clone());
            tokio::spawn(async move { refresh_at(&sim, &refresh).await })
        })
        .collect();
    let mut won = Vec::new();
    for attempt in tries {
        let reply = attempt.await.unwrap();
        match reply.status {
            200 => won.push(reply.json()["refresh_token"].as_str().unwrap().to_owned()),
            400 => assert_eq!(reply.json()["error"], "invalid_grant"),
            other => panic!("unexpected status {other}"),
        }
    }
    assert_eq!(won.len(), 1);
    assert_eq!(refresh_at(&sim, &won[0]).await.status, 200);
    assert_eq!(refresh_at(&sim, &won[0]).await.status, 400);
}

#[tokio::test]
async fn a_grace_window_lets_a_used_refresh_token_live_exactly_so_long() {
    let installed = InstalledSimulator::start().await;
    installed.sim.knobs(&json!({"refresh_grace_ms": 30_000})).unwrap();
    assert_eq!(installed.refresh(&installed.refresh).await.status, 200);
    installed.advance(29_999);
    assert_eq!(installed.refresh(&installed.refresh).await.status, 200);
    installed.advance(1);
    assert_eq!(installed.refresh(&installed.refresh).await.status, 400);
}

#[tokio::test]
async fn the_window_is_exact_and_each_resource_has_its_own() {
    let installed = InstalledSimulator::start().await;
    let bright = installed.location_token(BRIGHT_DENTAL).await;
    let path = format!("/companies/{HARBOR}");
    // Minting the location token was the first call in the company's window.
    for left in (0..99).rev() {
        let reply = installed.as_company("GET", &path, json!(null)).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("x-ratelimit-remaining"), Some(left.to_string().as_str()));
    }
    let refused = installed.as_company("GET", &path, json!(null)).await;
    assert_eq!(refused.status, 429);
    for (name, value) in
        [("max", "100"), ("remaining", "0"), ("interval-milliseconds", "10000"), ("limit-daily", "200000")]
    {
        assert_eq!(refused.header(&format!("x-ratelimit-{name}")), Some(value), "{name}");
    }
    assert_eq!(refused.header("x-ratelimit-daily-remaining"), Some("199900"));
    let tags = format!("/locations/{BRIGHT_DENTAL}/tags");
    assert_eq!(installed.call("GET", &tags, &bright, json!(null)).await.status, 200);
    installed.advance(9_999);
    assert_eq!(installed.as_company("GET", &path, json!(null)).await.status, 429);
    installed.advance(1);
    assert_eq!(installed.as_company("GET", &path, json!(null)).await.status, 200);
    let limited = installed.sim.journal().iter().filter(|call| call["outcome"] == "limited").count();
    assert_eq!(limited, 2);
}

#[tokio::test]
async fn a_day_has_its_own_limit() {
    let installed = InstalledSimulator::start().await;
    installed.sim.knobs(&json!({"daily_max": 3})).unwrap();
    let path = format!("/companies/{HARBOR}");
    for _ in 0..3 {
        assert_eq!(installed.as_company("GET", &path, json!(null)).await.status, 200);
    }
    installed.advance(10_000);
    let refused = installed.as_company("GET", &path, json!(null)).await;
    assert_eq!(refused.status, 429);
    let reset: u64 = refused.header("x-ratelimit-daily-reset").unwrap().parse().unwrap();
    installed.advance(reset);
    // A day later the token may have expired, so the test uses a new one.
    let token = installed.refresh(&installed.refresh).await.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(installed.call("GET", &path, &token, json!(null)).await.status, 200);
}

#[tokio::test]
async fn an_access_token_lives_a_day_and_not_a_second_longer() {
    let installed = InstalledSimulator::start().await;
    let path = format!("/companies/{HARBOR}");
    installed.advance(86_398_999);
    assert_eq!(installed.as_company("GET", &path, json!(null)).await.status, 200);
    installed.advance(1);
    let reply = installed.as_company("GET", &path, json!(null)).await;
    assert_eq!((reply.status, super::message(&reply).as_str()), (401, "Invalid token: access token is invalid"));
}

/// Callers rely on this when a process is killed: nothing that was answered or withheld is forgotten.
#[tokio::test]
async fn a_restart_keeps_everything() {
    let folder = std::env::temp_dir().join(format!("slipway-simulator-restart-{}", crate::ids::new_id(10)));
    let start = |folder: std::path::PathBuf| Handle::start_with(move |config| config.data_dir = folder);
    let first = InstalledSimulator::to(start(folder.clone()).await.unwrap()).await;
    first.sim.knobs(&json!({"rate_max": 4, "search_lag_ms": 0})).unwrap();
    first.sim.faults(json!([{"match": {"path": "/locations/"}, "fault": "reset_after"}, {"match": {"prefix": "/never"}, "fault": "delay"}])).unwrap();
    assert!(first.sim.call("POST", "/locations/", &first.company, &new_location("Withheld")).await.is_err());
    first.as_company("POST", "/locations/", new_location("Answered")).await;
    first.as_company("GET", "/snapshots/?companyId=nobody", json!(null)).await;
    let before = (first.sim.world()["ghl"].clone(), first.sim.world()["faults"].clone(), first.sim.journal());
    let (company, refresh) = (first.company.clone(), first.refresh.clone());
    // The append simulates a process that was killed while it wrote a line.
    let log = folder.join("simulator/log.ndjson");
    let mut torn = std::fs::read(&log).unwrap();
    torn.extend_from_slice(b"{\"call\":{\"n\":99,\"at\":");
    first.sim.stop().await;
    std::fs::write(&log, torn).unwrap();

    let second = start(folder.clone()).await.unwrap();
    let after = (second.world()["ghl"].clone(), second.world()["faults"].clone(), second.journal());
    assert_eq!(before, after);
    let search = format!("/locations/search?companyId={HARBOR}&email=ana@new.example");
    let found = second.call("GET", &search, &company, &json!(null)).await.unwrap();
    assert_eq!(found.json()["locations"].as_array().map(Vec::len), Some(2));
    // Three calls before the restart and one after it use up the limit of four.
    assert_eq!(second.call("GET", &search, &company, &json!(null)).await.unwrap().status, 429);
    assert_eq!(refresh_at(&second, &refresh).await.status, 200);
    assert_eq!(refresh_at(&second, &refresh).await.status, 400);
    second.stop().await;
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_reset_brings_the_demo_world_back_and_leaves_connections_alone_unless_told() {
    let installed = InstalledSimulator::start().await;
    installed.as_company("POST", "/locations/", new_location("Extra")).await;
    let numbers = installed.sim.journal().len() as u64;
    let reset =
        |body| crate::post::request("POST", format!("{}/_sim/reset", installed.sim.base_url()).leak(), &[], body);
    assert_eq!(reset(b"{}").await.unwrap().status, 200);
    let world = installed.sim.world();
    assert_eq!(world["ghl"]["locations"].as_array().map(Vec::len), Some(8 + demo::EARLIER.len() + demo::BY_HAND.len()));
    assert!(installed.sim.journal().is_empty());
    assert_eq!(installed.location_token(LUNA_YOGA).await.len(), 59);
    assert_eq!(installed.sim.journal()[0]["n"], numbers + 1);
    assert_eq!(reset(b"{\"all\":true}").await.unwrap().status, 200);
    let reply = installed.as_company("GET", &format!("/companies/{HARBOR}"), json!(null)).await;
    assert_eq!(reply.status, 401);
    assert_eq!(installed.refresh(&installed.refresh).await.status, 400);
}
