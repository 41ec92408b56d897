//! What does it cost to store each body in a transaction of its own? A bare server checks the same signature and writes the
//! same rows as ours, body by body. It is a process of its own, as its competitors are, and ends with its input.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::Command;

use anyhow::Context;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde::{Deserialize, Serialize};
use store::inbound::{self, Body, META};
use store::{Db, DbRole};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use super::{PATH, POOL};
use crate::peers::Running;

/// The word with which this program is started as the bare server.
pub const WORD: &str = "serve-bare-intake";

/// What it is told.
#[derive(Deserialize, Serialize)]
struct Options {
    url: String,
    listen: SocketAddr,
}

/// Starts it and waits until it listens.
pub fn start(url: String, listen: SocketAddr) -> anyhow::Result<Running> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(WORD).arg(serde_json::to_string(&Options { url, listen })?);
    Running::start("the bare intake", &mut command, "the bench cannot start itself once more")
}

/// Serves until the input ends.
pub async fn serve(options: &str) -> anyhow::Result<()> {
    let options: Options = serde_json::from_str(options).context("reading what the bare intake is told")?;
    let db = Db::connect(&options.url, DbRole::Web, POOL).await?;
    let router = Router::new().route(PATH, post(receive)).with_state(db);
    let listener = TcpListener::bind(options.listen).await?;
    let served = axum::serve(listener, router).into_future();
    let mut out = io::stdout();
    out.write_all(b"ready\n").and_then(|()| out.flush())?;
    let mut nothing = Vec::new();
    let mut input = tokio::io::stdin();
    tokio::select! {
        ended = served => ended?,
        ended = input.read_to_end(&mut nothing) => {
            ended?;
        }
    }
    Ok(())
}

/// Stores a signed body, then answers.
async fn receive(State(db): State<Db>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = headers.get(meta::signature::HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let secret = simulator::meta_defaults().app_secret.to_owned();
    if meta::signature::verify(&[secret.into()], &body, header).is_none() {
        return StatusCode::UNAUTHORIZED;
    }
    let account = meta::webhook::account(&body);
    let bodies = [Body { bytes: &body, account: account.as_deref() }];
    match inbound::add(&db, META, &bodies).await {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
