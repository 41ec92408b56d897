//! The product works behind a pooler that lends a connection for one transaction, and reports whether it receives
//! notices.

use std::net::SocketAddr;
use std::path::PathBuf;

use axum::http::StatusCode;
use domain::identity::Role;
use simulator::Handle;
use store::testing::Pooler;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::helpers::{CLIENT_SECRET, TestApp, free, master, until};

/// Starts the whole product behind the pooler, with or without a direct database URL.
fn product(app: &TestApp, sim: &Handle, (url, around): (&str, bool), master: &str, at: SocketAddr) -> Child {
    let folder = folder(app);
    std::fs::create_dir_all(&folder).unwrap();
    let defaults = simulator::defaults();
    let mut command = Command::new(env!("CARGO_BIN_EXE_slipway"));
    command
        .args(["serve", "--with-worker"])
        .current_dir(&folder)
        .env_clear()
        .env("LISTEN_ADDR", at.to_string())
        .env("DATABASE_URL", url)
        .env("SLIPWAY_DATA", &folder)
        .env("ENCRYPTION_KEY", master)
        .env("GHL_BASE_URL", sim.base_url())
        .env("GHL_MARKETPLACE_URL", sim.base_url())
        .env("GHL_CLIENT_ID", defaults.client_id)
        .env("GHL_CLIENT_SECRET", CLIENT_SECRET)
        .env("GHL_APP_ID", defaults.app_id)
        .kill_on_drop(true);
    if around {
        command.env("DATABASE_LISTEN_URL", app.base.url());
    }
    command.spawn().unwrap()
}

fn folder(app: &TestApp) -> PathBuf {
    app.mails.with_extension("pooled")
}

async fn asked(at: SocketAddr, path: &str, token: &str) -> Option<String> {
    let mut stream = TcpStream::connect(at).await.ok()?;
    let head =
        format!("GET {path} HTTP/1.1\r\nhost: {at}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    Some(answer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_are_done_behind_a_pooler_and_health_says_whether_notices_are_heard() {
    let Some(pooler) = Pooler::start().await else { return };
    let sim = Handle::start_with(|config| config.client_secret = CLIENT_SECRET.to_owned()).await.unwrap();
    let master = master();
    let app = TestApp::beside(&sim, &master).await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    assert_eq!(app.submit("seed_demo", "", Some(&admin)).await.status, StatusCode::OK);
    let scopes = ["provisioning".to_owned()];
    let token = slipway::cli::tokens::create(&app.db, Some("harbor"), None, &scopes, "t").await.unwrap();
    for (around, word) in [(false, "\"listening\":\"polling\""), (true, "\"listening\":\"ok\"")] {
        let at = free();
        let mut child = product(&app, &sim, (&pooler.url(&app.base), around), &master, at);
        // A process that has just started begins to listen a moment later.
        until(word, async || {
            let health = asked(at, "/health", "").await?;
            (health.starts_with("HTTP/1.1 200") && health.contains(word)).then_some(())
        })
        .await;
        // The job of the demo world that is actually carried out, through the API of the same process.
        until("the job", async || {
            let jobs = asked(at, "/api/v1/provisioning/jobs?q=Pearl+Dental&limit=1", &token).await?;
            jobs.contains("COMPLETED").then_some(())
        })
        .await;
        child.kill().await.unwrap();
    }
    let _ = std::fs::remove_dir_all(folder(&app));
}
