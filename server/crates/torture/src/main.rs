//! Does every client get made exactly once, whatever dies? Kills workers for a while, lets things settle, and judges.
#![doc = include_str!("../README.md")]

mod harness;
mod judge;
mod worker_processes;

use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use harness::Harness;
use worker_processes::WorkerProcesses;

/// Times are divided by this.
pub const SCALE: f64 = 50.0;
/// Jobs kept open while workers are killed.
const OPEN: usize = 6;

/// What it is asked for.
#[derive(Parser)]
#[command(about = "Kills workers while they provision clients, then counts what was lost or made twice")]
struct Words {
    /// How many times a worker dies.
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// Makes faults and waits repeatable.
    #[arg(long)]
    seed: Option<u64>,
    /// Worker processes at a time.
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// Used by itself: be one of those worker processes.
    #[arg(long, hide = true)]
    child: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let words = Words::parse();
    if let Some(child) = &words.child {
        return harness::be_worker(child).await.map(|()| ExitCode::SUCCESS);
    }
    if std::env::var_os("DATABASE_URL").is_none() {
        return again_with_database();
    }
    torture(&words).await
}

/// Starts itself once more beside a database of its own.
fn again_with_database() -> anyhow::Result<ExitCode> {
    let folder = std::env::temp_dir().join(format!("slipway-torture-{}", std::process::id()));
    let postgres = embedded::Postgres::join_or_start(&folder, embedded::Options::default())?;
    let status = Command::new(std::env::current_exe()?)
        .args(std::env::args_os().skip(1))
        .env("DATABASE_URL", postgres.superuser_url("postgres"))
        .status()?;
    postgres.stop();
    embedded::forget(&folder)?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn torture(words: &Words) -> anyhow::Result<ExitCode> {
    let seed = words.seed.unwrap_or_else(rand::random);
    let mut rng = StdRng::seed_from_u64(seed);
    println!("torture: seed {seed}, times ÷ {SCALE}");
    let mut harness = Harness::new(seed).await?;
    let mut processes = WorkerProcesses::start(&harness, words.workers).context("starting workers")?;
    for kill in 1..=words.kills {
        harness.keep_open(OPEN, &mut rng).await?;
        tokio::time::sleep(pause(&mut rng)).await;
        match kill {
            n if n % 20 == 0 => processes.freeze(&mut rng).await?,
            _ => processes.kill(&harness, &mut rng).await?,
        }
        if kill % 10 == 0 {
            harness.crash_postgres().await;
        }
        if kill % 25 == 0 {
            println!("torture: {kill} of {} kills, {} jobs", words.kills, harness.jobs());
        }
    }
    harness.quiet().await?;
    let ended = harness.wait_until_all_end().await?;
    processes.stop().await;
    let verdict = judge::judge(&harness, ended).await?;
    verdict.explain(seed);
    println!(
        "kills {} · jobs {} · lost {} · duplicated {} · unexplained {} · left alive {}",
        words.kills,
        harness.jobs(),
        verdict.lost.len(),
        verdict.duplicated.len(),
        verdict.unexplained.len(),
        verdict.alive.len()
    );
    Ok(if verdict.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// 5 to 800 ms, each order of magnitude as likely as the next.
fn pause(rng: &mut StdRng) -> Duration {
    Duration::from_secs_f64(5e-3 * 160_f64.powf(rng.random_range(0.0..1.0)))
}
