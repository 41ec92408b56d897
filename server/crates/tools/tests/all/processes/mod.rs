//! Laws of tool processes on a virtual clock: who gets which process, when it ends, and what a call hears.

mod calls;
mod endings;
mod room;
mod starts;

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tools::{CallError, Processes};

use super::support::{TIMEOUT, spec, token};

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
