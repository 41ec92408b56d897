//! How close does provisioning come to what HighLevel's limits allow, and how often is it told 429? Fifty clients of one
//! agency, every step of the plan, against the simulator's true sliding window of 100 calls in 10 seconds. (D2)

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
/// Calls that one resource allows in ten seconds.
const BURST: usize = 100;
/// What is asked of the company before a snapshot is loaded; the rest of a job waits for the load.
const BEFORE: [(&str, &str); 4] =
    [("GET", "/companies/"), ("GET", "/snapshots/"), ("POST", "/locations/"), ("GET", "/snapshots/snapshot-status/")];

/// One job alone, then fifty together.
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let Some(product) = Product::start(bench_args, &["serve", "--with-worker"]).await? else {
        report.note("skipped: there is no release build; `cargo x up --release` makes one");
        return Ok(());
    };
    report.foreign(cpu::others().await);
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

/// Seconds that so many calls to one resource take at least.
fn window(calls: usize) -> f64 {
    10.0 * (calls.saturating_sub(1) / BURST) as f64
}

/// `waits` are the seconds of one job alone and of loading a snapshot.
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
    // Every job must also ask once after its load, or it would not know.
    let after = clients + calls.iter().filter(|call| call["resource"] == company && !is_before_the_load(call)).count();
    // Nothing can be faster than the window of the busiest resource, than its window over what can begin only when the first
    // snapshot is loaded, or than one job that has everything to itself.
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
    /// Orders all of them and gives the seconds until the last is done.
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

/// Everything the simulator holds.
async fn world(product: &Product) -> anyhow::Result<Value> {
    Client::connect(product.simulator).await?.get("/_sim/world", &[]).await?.json()
}

/// What the simulator was asked since entry `since`.
async fn journal(product: &Product, since: u64) -> anyhow::Result<Vec<Value>> {
    let mut client = Client::connect(product.simulator).await?;
    let answer = client.get(&format!("/_sim/journal?since={since}&limit=100000"), &[]).await?;
    answer.json()?.as_array().cloned().context("the journal is a list")
}
