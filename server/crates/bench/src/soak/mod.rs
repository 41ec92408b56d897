//! Does it run for years unattended? Hours of jobs with a clock that runs many times faster: one process that serves, two that
//! work, agencies whose programs order clients without pause. Each minute everything that could grow or stand still is looked at.
//! Started by name only (`cargo x bench soak`); it takes two hours unless told otherwise, and belongs to no test run.

mod judge;
mod sample;
mod stage;

use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::{Value, json};

use crate::Wish;
use crate::client::Client;
use crate::product;
use crate::report::Report;
use judge::Run;
use sample::Sample;
use stage::Stage;

/// How often everything is looked at.
const LOOK: Duration = Duration::from_secs(60);
/// How long the last jobs may take to end, before the time scale.
const PATIENCE: Duration = Duration::from_secs(3 * 3600);

/// The whole run.
pub async fn measure(wish: &Wish, report: &mut Report) -> anyhow::Result<()> {
    anyhow::ensure!(wish.rate > 0.0 && wish.rate <= 50.0, "--rate is jobs a second: more than 0, at most 50.");
    let stage = Stage::start(wish).await?;
    report.figure("minutes", wish.minutes);
    report.figure("jobs a second", wish.rate);
    report.figure("the clock runs faster by", wish.scale);
    let mut samples = Vec::new();
    let (began, length) = (Instant::now(), Duration::from_secs_f64(wish.minutes * 60.0));
    let every = Duration::from_secs_f64(1.0 / wish.rate);
    let (mut ordered, mut refused, mut look) = (0_u64, 0_u64, Instant::now());
    let mut clients = Vec::new();
    for _ in &stage.tenants {
        clients.push(Client::connect(stage.product.listen).await?);
    }
    while began.elapsed() < length {
        let at = usize::try_from(ordered).unwrap_or_default() % stage.tenants.len();
        if !order(&stage, &mut clients[at], at, ordered).await {
            refused += 1;
            // A connection that was closed or broke is made anew, once a turn.
            clients[at] =
                Client::connect(stage.product.listen).await.context("the server takes no connection any more")?;
        }
        ordered += 1;
        if look.elapsed() >= LOOK.min(length / 8) {
            look = Instant::now();
            samples.push(seen(&stage, began).await?);
        }
        let due = began + every.mul_f64(ordered as f64);
        tokio::time::sleep_until(due.into()).await;
    }
    let ended = settle(&stage, wish.scale).await?;
    samples.push(seen(&stage, began).await?);
    for sample in &samples {
        report.round(sample.told());
    }
    judge::judge(report, &Run { ordered, refused, ended, scale: wish.scale, length, samples: &samples });
    Ok(())
}

async fn seen(stage: &Stage, began: Instant) -> anyhow::Result<Sample> {
    let sample = Sample::take(stage, began.elapsed()).await?;
    eprintln!("  {}", sample.line());
    Ok(sample)
}

/// Orders one client; false when it was not taken.
async fn order(stage: &Stage, client: &mut Client, at: usize, number: u64) -> bool {
    let tenant = &stage.tenants[at];
    let name = format!("Clinic {number}");
    let snapshot = if number.is_multiple_of(2) { tenant.snapshot.clone() } else { Value::Null };
    let mut body = product::order(&snapshot, &name);
    body["custom_values"] = json!({ "Booking link": format!("https://book.example/{number}") });
    let path = "/api/v1/provisioning/jobs";
    let taken = stage.product.api(client, &tenant.token, "POST", path, &body).await;
    if let Err(error) = &taken {
        eprintln!("  an order was not taken: {error:#}");
    }
    taken.is_ok()
}

/// Waits until no job is under way any more, and gives how many ended how.
async fn settle(stage: &Stage, scale: f64) -> anyhow::Result<Vec<(String, u64)>> {
    let began = Instant::now();
    loop {
        let jobs = stage.jobs()?;
        let open = jobs.iter().filter(|(status, _)| ["PENDING", "IN_PROGRESS", "RETRYING"].contains(&status.as_str()));
        if open.map(|(_, count)| count).sum::<u64>() == 0 || began.elapsed() > PATIENCE.div_f64(scale).max(LOOK) {
            return Ok(jobs);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
