//! Checks that the product can run unattended for years. For hours, agencies place orders through the API without
//! pause while the clock runs many times faster. One web process and two worker processes run, and every minute the
//! benchmark samples everything that could grow or stall.
//!
//! It runs only if named (`cargo x bench soak`), takes two hours by default, and belongs to no test run.

mod harness;
mod judge;
mod sample;

use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::{Value, json};

use crate::BenchArgs;
use crate::client::Client;
use crate::product;
use crate::report::Report;
use harness::Harness;
use judge::Run;
use sample::Sample;

/// How often a sample is taken.
const LOOK: Duration = Duration::from_secs(60);
/// Of so many orders one for each agency invites the owner. The mails of a day are counted by the wall clock, which runs no
/// faster, and those above the day's limit would wait in the queue until the end of the run.
const INVITED_OF: u64 = 80;
/// How long the last jobs may take to end, before the time scale.
const PATIENCE: Duration = Duration::from_secs(3 * 3600);

/// Runs the soak.
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    anyhow::ensure!(
        bench_args.rate > 0.0 && bench_args.rate <= 50.0,
        "--rate is jobs a second: more than 0, at most 50."
    );
    let harness = Harness::start(bench_args).await?;
    report.figure("minutes", bench_args.minutes);
    report.figure("jobs a second", bench_args.rate);
    report.figure("the clock runs faster by", bench_args.scale);
    let mut samples = Vec::new();
    let (began, length) = (Instant::now(), Duration::from_secs_f64(bench_args.minutes * 60.0));
    let every = Duration::from_secs_f64(1.0 / bench_args.rate);
    let (mut ordered, mut refused, mut look) = (0_u64, 0_u64, Instant::now());
    let mut clients = Vec::new();
    for _ in &harness.tenants {
        clients.push(Client::connect(harness.product.listen).await?);
    }
    while began.elapsed() < length {
        let at = usize::try_from(ordered).unwrap_or_default() % harness.tenants.len();
        if !order(&harness, &mut clients[at], at, ordered).await {
            refused += 1;
            // A connection that closed or broke is replaced, once per order.
            clients[at] =
                Client::connect(harness.product.listen).await.context("the server takes no connection any more")?;
        }
        ordered += 1;
        if look.elapsed() >= LOOK.min(length / 8) {
            look = Instant::now();
            samples.push(seen(&harness, began).await?);
        }
        let due = began + every.mul_f64(ordered as f64);
        tokio::time::sleep_until(due.into()).await;
    }
    let ended = settle(&harness, bench_args.scale).await?;
    samples.push(seen(&harness, began).await?);
    for sample in &samples {
        report.round(sample.told());
    }
    judge::judge(report, &Run { ordered, refused, ended, scale: bench_args.scale, length, samples: &samples });
    Ok(())
}

async fn seen(harness: &Harness, began: Instant) -> anyhow::Result<Sample> {
    let sample = Sample::take(harness, began.elapsed()).await?;
    eprintln!("  {}", sample.line());
    Ok(sample)
}

/// Orders one business. Returns false if the order was refused.
async fn order(harness: &Harness, client: &mut Client, at: usize, number: u64) -> bool {
    let tenant = &harness.tenants[at];
    let name = format!("Clinic {number}");
    let snapshot = if number.is_multiple_of(2) { tenant.snapshot.clone() } else { Value::Null };
    let mut body = product::order(&snapshot, &name);
    body["custom_values"] = json!({ "Booking link": format!("https://book.example/{number}") });
    // Clients that share a number all resemble the next one, which no agency's do.
    body["client"]["phone"] = json!(format!("+1305{}", 2_000_000 + number));
    body["invite_owner"] = json!(number % INVITED_OF < harness.tenants.len() as u64);
    let path = "/api/v1/provisioning/jobs";
    let taken = harness.product.api(client, &tenant.token, "POST", path, &body).await;
    if let Err(error) = &taken {
        eprintln!("  an order was not taken: {error:#}");
    }
    taken.is_ok()
}

/// Waits until no job is running, and returns how many ended in each state.
async fn settle(harness: &Harness, scale: f64) -> anyhow::Result<Vec<(String, u64)>> {
    let began = Instant::now();
    loop {
        let jobs = harness.jobs()?;
        let open = jobs.iter().filter(|(status, _)| ["PENDING", "IN_PROGRESS", "RETRYING"].contains(&status.as_str()));
        if open.map(|(_, count)| count).sum::<u64>() == 0 || began.elapsed() > PATIENCE.div_f64(scale).max(LOOK) {
            return Ok(jobs);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
