//! Measures how close provisioning comes to the speed that HighLevel's rate limits allow, and how often it is
//! answered 429 (D2). It provisions fifty businesses of one agency with every step, against the simulator's true
//! sliding window of 100 calls in 10 seconds.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use crate::BenchArgs;
use crate::client::Client;
use crate::cpu;
use crate::product::{self, Product};
use crate::report::Report;

const CLIENTS: usize = 50;
/// A run that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(175);
/// Calls that one company or location allows in ten seconds.
const BURST: usize = 100;
/// Calls to the company that come before a snapshot is loaded. The rest of a job waits for the load.
const BEFORE: [(&str, &str); 4] =
    [("GET", "/companies/"), ("GET", "/snapshots/"), ("POST", "/locations/"), ("GET", "/snapshots/snapshot-status/")];

/// Runs one job alone and then fifty together.
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let Some(product) = Product::start(bench_args, &["serve", "--with-worker"]).await? else {
        report.note("skipped: there is no release build; `cargo x up --release` makes one");
        return Ok(());
    };
    report.other_load(cpu::others().await);
    let clients = if report.quick() { 2 } else { CLIENTS };
    let token = product.token()?;
    let mut run = Run { product: &product, token: &token, client: Client::connect(product.listen).await? };
    let alone = if report.quick() { 0.0 } else { run.jobs(&["Alone".to_owned()]).await? };
    let mark = journal(&product, 0).await?.last().and_then(|entry| entry["n"].as_u64()).unwrap_or_default();
    let names: Vec<String> = (0..clients).map(|n| format!("Client {n}")).collect();
    let together = run.jobs(&names).await?;
    let calls = journal(&product, mark).await?;
    let load = world(&product).await?["knobs"]["snapshot_ms"].as_f64().context("a load takes no time")? / 1000.0;
    judge(report, clients, (alone, load), together, &calls)
}

/// Minimum number of seconds that this many calls to one company or location take.
fn window(calls: usize) -> f64 {
    10.0 * (calls.saturating_sub(1) / BURST) as f64
}

/// Reports the result. `waits` is the length in seconds of one job alone and of loading a snapshot.
fn judge(report: &mut Report, clients: usize, waits: (f64, f64), together: f64, calls: &[Value]) -> anyhow::Result<()> {
    let (alone, load) = waits;
    let mut by_resource: HashMap<&str, usize> = HashMap::new();
    for call in calls {
        *by_resource.entry(call["resource"].as_str().unwrap_or_default()).or_default() += 1;
    }
    let limited = calls.iter().filter(|call| call["outcome"] == "limited").count();
    let made: usize = calls
        .iter()
        .filter(|call| call["method"] == "POST" && call["path"] == "/locations/" && call["outcome"] == "executed")
        .count();
    ensure!(made == clients, "{clients} clients were ordered and {made} locations made");
    let (company, busiest) = by_resource.into_iter().max_by_key(|(_, count)| *count).unwrap_or_default();
    // After its load, every job must ask at least once more, to learn that the load is complete.
    let after = clients + calls.iter().filter(|call| call["resource"] == company && !is_before_the_load(call)).count();
    // The minimum is the largest of three times: the window of the busiest company or location; loading the first
    // snapshot plus the window of the calls that come after a load; and one job alone.
    let least = window(busiest).max(load + window(after)).max(alone);
    report.figure("clients", clients);
    report.figure("calls", calls.len());
    report.figure("calls of the busiest resource (the company)", busiest);
    report.figure("one job alone, seconds", alone);
    report.figure("all together, seconds", together);
    report.figure("of these after a snapshot is loaded", after);
    report.figure("loading a snapshot, seconds", load);
    report.figure("least that limits and loading allow, seconds", least);
    report.figure("429s", limited);
    let share = least / together;
    if report.quick() {
        report.figure("ideal ÷ actual", share);
    } else {
        report.at_least("ideal ÷ actual", share, 0.97, 0.90);
        report.at_most("429s per 1,000 calls", limited as f64 * 1000.0 / calls.len().max(1) as f64, 0.0, 1.0);
    }
    Ok(())
}

fn is_before_the_load(call: &Value) -> bool {
    let (method, path) = (call["method"].as_str().unwrap_or_default(), call["path"].as_str().unwrap_or_default());
    BEFORE.iter().any(|(name, start)| method == *name && path.starts_with(start))
}

struct Run<'a> {
    product: &'a Product,
    token: &'a str,
    client: Client,
}

impl Run<'_> {
    /// Places all orders and returns the seconds until the last job is done.
    async fn jobs(&mut self, names: &[String]) -> anyhow::Result<f64> {
        let snapshot = self.product.snapshot(&mut self.client, self.token).await?;
        let orders: Vec<Value> = names.iter().map(|name| product::order(&snapshot, name)).collect();
        let (began, mut left) = (Instant::now(), Vec::new());
        for order in &orders {
            let started =
                self.product.api(&mut self.client, self.token, "POST", "/api/v1/provisioning/jobs", order).await?;
            left.push(started["id"].as_str().context("a job without an id")?.to_owned());
        }
        while let Some(id) = left.last() {
            let job = self
                .product
                .api(&mut self.client, self.token, "GET", &format!("/api/v1/provisioning/jobs/{id}"), &Value::Null)
                .await?;
            match job["status"].as_str().unwrap_or_default() {
                "COMPLETED" => {
                    left.pop();
                    continue;
                }
                "FAILED" | "CANCELLED" | "AWAITING_INPUT" => bail!("a job stopped: {} {}", job["status"], job["error"]),
                _ if began.elapsed() > PATIENCE => bail!(
                    "{} of {} jobs were not done after {} s; one waits: {}",
                    left.len(),
                    names.len(),
                    PATIENCE.as_secs(),
                    job["waiting"]
                ),
                _ => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
        Ok(began.elapsed().as_secs_f64())
    }
}

/// Everything that exists in the simulator.
async fn world(product: &Product) -> anyhow::Result<Value> {
    Client::connect(product.simulator).await?.get("/_sim/world", &[]).await?.json()
}

/// The simulator's journal after entry `since`.
async fn journal(product: &Product, since: u64) -> anyhow::Result<Vec<Value>> {
    let mut client = Client::connect(product.simulator).await?;
    let answer = client.get(&format!("/_sim/journal?since={since}&limit=100000"), &[]).await?;
    answer.json()?.as_array().cloned().context("the journal is a list")
}
