//! A worker that is asked to stop in the middle of a write to HighLevel finishes that step, starts no other, and
//! releases the job at once for the next worker.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use embedded::process::{Signal, send};
use serde_json::{Value, json};
use simulator::Handle;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::helpers::{CLIENT_SECRET, TestApp, free, master, until};

/// The job of the demo world that is actually carried out, as the API returns it.
async fn job(app: &TestApp, token: &str) -> Value {
    let read = async |path: &str| -> Value {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        serde_json::from_str(&app.send(request.body(Body::empty()).unwrap()).await.body).unwrap()
    };
    let newest = read("/api/v1/provisioning/jobs?q=Pearl+Dental&limit=1").await;
    read(&format!("/api/v1/provisioning/jobs/{}", newest["rows"][0]["id"].as_str().unwrap())).await
}

fn step<'a>(job: &'a Value, name: &str) -> &'a Value {
    job["steps"].as_array().unwrap().iter().find(|step| step["step"] == name).unwrap_or(&Value::Null)
}

/// Starts the real binary as a worker on the same database, with the same simulator.
fn worker(app: &TestApp, sim: &Handle, master: &str, folder: &Path, at: SocketAddr) -> Child {
    std::fs::create_dir_all(folder).unwrap();
    let defaults = simulator::defaults();
    Command::new(env!("CARGO_BIN_EXE_slipway"))
        .args(["worker", "--listen", &at.to_string()])
        .current_dir(folder)
        .env_clear()
        .env("DATABASE_URL", app.base.url())
        .env("SLIPWAY_DATA", folder)
        .env("ENCRYPTION_KEY", master)
        .env("GHL_BASE_URL", sim.base_url())
        .env("GHL_MARKETPLACE_URL", sim.base_url())
        .env("GHL_CLIENT_ID", defaults.client_id)
        .env("GHL_CLIENT_SECRET", CLIENT_SECRET)
        .env("GHL_APP_ID", defaults.app_id)
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// The worker's answer at an address; `None` before it listens and after it has ended.
async fn asked(at: SocketAddr, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(at).await.ok()?;
    let head = format!("GET {path} HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    Some(answer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_asked_to_end_finishes_its_step_and_leaves_the_job_to_the_next() {
    let sim = Handle::start_with(|config| config.client_secret = CLIENT_SECRET.to_owned()).await.unwrap();
    let master = master();
    let app = TestApp::beside(&sim, &master).await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(domain::identity::Role::SuperAdmin, &tenant).await).await;
    assert_eq!(app.submit("seed_demo", "", Some(&admin)).await.status, StatusCode::OK);
    let token =
        slipway::cli::tokens::create(&app.db, Some("harbor"), None, &["provisioning".to_owned()], "t").await.unwrap();

    // The location is created and answered once the worker was asked to stop.
    sim.faults(json!([{ "match": { "method": "POST", "path": "/locations/" }, "fault": "delay", "delay_ms": 40_000 }]))
        .unwrap();
    let folder = app.mails.with_extension("worker");
    let at = free();
    let mut child = worker(&app, &sim, &master, &folder, at);
    until("the write", async || {
        let job = job(&app, &token).await;
        let doubtful = job["effects"].as_array()?.iter().any(|effect| effect["state"] == "IN_DOUBT");
        doubtful.then_some(())
    })
    .await;
    let well = asked(at, "/health").await.unwrap();
    assert!(well.starts_with("HTTP/1.1 200") && well.contains("\"database\":\"ok\""), "{well}");
    let figures = asked(at, "/metrics").await.unwrap();
    assert!(
        figures.contains("\nwork_leased ") && !figures.contains("\nwork_leased 0") && figures.contains("pool=\"work\""),
        "{figures}"
    );

    assert!(send(child.id().unwrap(), Signal::Terminate));
    let leaving = until("the news that it leaves", async || {
        asked(at, "/health").await.filter(|answer| answer.starts_with("HTTP/1.1 503"))
    });
    assert!(leaving.await.contains("\"accepting\":\"failed\""));
    sim.clear_faults().unwrap();
    let ended =
        tokio::time::timeout(Duration::from_secs(60), child.wait()).await.expect("it ends in its time").unwrap();
    assert_eq!(ended.code(), Some(0));
    std::fs::remove_dir_all(&folder).unwrap();

    let left = job(&app, &token).await;
    assert_eq!(step(&left, "CREATE_LOCATION")["status"], "COMPLETED", "{left:#}");
    assert_eq!(step(&left, "WAIT_SNAPSHOT")["status"], Value::Null, "{left:#}");
    assert_eq!((&left["status"], &left["retry_count"]), (&json!("IN_PROGRESS"), &json!(0)), "{left:#}");

    // The next worker need not wait for a lease to expire.
    worker::testing::run_due(&app.worker).await;
    let next = job(&app, &token).await;
    assert_ne!(step(&next, "WAIT_SNAPSHOT")["status"], Value::Null, "{next:#}");
    let world = sim.world();
    let made = world["ghl"]["locations"].as_array().unwrap().iter();
    assert_eq!(made.filter(|one| one["name"].as_str().is_some_and(|name| name.starts_with("Pearl Dental"))).count(), 1);
}
