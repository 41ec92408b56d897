//! What do a call of a tool, a process of a tool server and a business that uses tools cost? The peers read the same rows of
//! the same Postgres over the same protocol.

pub mod bare;
pub mod calls;
pub mod memory;
pub mod processes;
mod tenants;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::ensure;
use futures::future::try_join_all;
use serde_json::json;

use crate::client::Client;
use crate::report::Report;

/// The tool of ours that is called: a read.
const TOOL: &str = "inbox_list_contacts";
/// The fewest contacts that a call asks for, and how many numbers the calls of a business take in turn: a token may make the
/// same call twenty times in a minute.
const FEWEST: usize = 20;
const VARIANTS: usize = 5;

/// Calls to make, each for the next one of some businesses.
#[derive(Clone, Copy)]
struct Load {
    /// Who is called.
    at: SocketAddr,
    /// How many calls are under way at once.
    connections: usize,
    /// The number of the first business, and how many there are.
    first: usize,
    businesses: usize,
    /// How many calls are made in all.
    count: usize,
}

/// Makes calls as fast as possible. Returns the seconds that it took and each call's milliseconds.
async fn flood(load: Load) -> anyhow::Result<(f64, Vec<f64>)> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut clients = Vec::new();
    for _ in 0..load.connections {
        clients.push(Client::connect(load.at).await?);
    }
    let began = Instant::now();
    let loops = clients.into_iter().map(|mut client| {
        let next = Arc::clone(&next);
        async move {
            let mut waits = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= load.count {
                    return anyhow::Ok(waits);
                }
                let (business, turn) = (load.first + n % load.businesses, n / load.businesses);
                let sent = Instant::now();
                call(&mut client, business, FEWEST + turn % VARIANTS).await?;
                waits.push(sent.elapsed().as_secs_f64() * 1000.0);
            }
        }
    });
    let waits = try_join_all(loops).await?.concat();
    Ok((began.elapsed().as_secs_f64(), waits))
}

/// Reads so many contacts of a business and returns the answer. One without contacts is an error.
async fn call(client: &mut Client, business: usize, limit: usize) -> anyhow::Result<Vec<u8>> {
    let bearer = format!("authorization: Bearer {}", tenants::secret(business));
    let headers = ["accept: application/json, text/event-stream", "content-type: application/json", bearer.as_str()];
    let params = json!({ "name": TOOL, "arguments": { "limit": limit } });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }).to_string();
    let answer = client.send("POST", "/mcp", &headers, body.as_bytes()).await?;
    let is_right = answer.status == 200 && String::from_utf8_lossy(&answer.body).contains(tenants::CONTACT);
    ensure!(is_right, "a call was answered with {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
    Ok(answer.body)
}

/// Judges a number that should be large by goal and floor; a quick run only shows it.
fn at_least(report: &mut Report, what: &str, value: f64, (goal, floor): (f64, f64)) {
    if report.quick() {
        report.figure(what, value);
    } else {
        report.at_least(what, value, goal, floor);
    }
}

/// The same for a number that should be small.
fn at_most(report: &mut Report, what: &str, value: f64, (goal, floor): (f64, f64)) {
    if report.quick() {
        report.figure(what, value);
    } else {
        report.at_most(what, value, goal, floor);
    }
}
