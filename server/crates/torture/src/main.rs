//! Checks that every business is provisioned exactly once, and that no message is lost or sent twice, whatever process
//! dies. It kills workers for a while, waits until everything has ended, and compares the records.
#![doc = include_str!("../README.md")]

mod clients;
mod former;
mod harness;
mod judge;
mod talk;
mod worker_processes;

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use former::Former;
use harness::Harness;
use worker_processes::WorkerProcesses;

/// All times are divided by this.
pub const SCALE: f64 = 50.0;
/// Number of jobs kept open while workers are killed.
const OPEN: usize = 6;

/// What goes on while workers are killed.
#[derive(Clone, Copy, ValueEnum)]
enum World {
    /// Clients are provisioned.
    Clients,
    /// Customers write, and people and the assistant answer.
    Talk,
}

/// Command-line options.
#[derive(Parser)]
#[command(about = "Kills workers while they work, then counts what was lost or done twice")]
struct Options {
    /// What goes on meanwhile.
    #[arg(long, value_enum, default_value = "clients")]
    world: World,
    /// How many times a worker is killed.
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// Makes faults and waits repeatable.
    #[arg(long)]
    seed: Option<u64>,
    /// Number of worker processes that run at the same time.
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// Folder with the programs `torture` and `slipway` of a former revision. Every second worker is then the former
    /// one, on the schema of this one; `cargo x torture --former REV` builds them.
    #[arg(long, value_name = "FOLDER")]
    former: Option<PathBuf>,
    /// For internal use: run as one of the worker processes.
    #[arg(long, hide = true)]
    child: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    if let Some(child) = &options.child {
        return harness::be_worker(child).await.map(|()| ExitCode::SUCCESS);
    }
    if std::env::var_os("DATABASE_URL").is_none() {
        return again_with_database();
    }
    match options.world {
        World::Clients => torture(&options).await,
        World::Talk => talk::torture(&options).await,
    }
}

/// Runs this program again, with a database of its own.
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

async fn torture(options: &Options) -> anyhow::Result<ExitCode> {
    let seed = options.seed.unwrap_or_else(rand::random);
    let mut rng = StdRng::seed_from_u64(seed);
    println!("torture: seed {seed}, times ÷ {SCALE}");
    let former = Former::of(options)?;
    let mut harness = Harness::new(seed).await?;
    former::begin(former.as_ref(), &harness.db).await?;
    let mut processes = WorkerProcesses::start(harness.child_argument(), options.workers, former.as_ref())
        .context("starting workers")?;
    for kill in 1..=options.kills {
        harness.keep_open(OPEN, &mut rng).await?;
        tokio::time::sleep(pause(&mut rng)).await;
        match kill {
            n if n % 20 == 0 => processes.freeze(&mut rng).await?,
            _ => processes.kill(&mut rng).await?,
        }
        if kill % 10 == 0 {
            harness::crash_postgres(&harness.db, &harness.web).await;
        }
        if kill % 25 == 0 {
            println!("torture: {kill} of {} kills, {} jobs", options.kills, harness.jobs());
        }
    }
    harness.clear_faults().await?;
    let ended = harness.wait_until_all_end().await?;
    processes.stop().await;
    let mut verdict = judge::judge(&harness, ended).await?;
    verdict.refused = former::refusal(former.as_ref(), &harness.db).await;
    verdict.explain(seed, "clients");
    println!("{}", verdict.last_line(options.kills, &format!("jobs {}", harness.jobs())));
    Ok(verdict.exit_code())
}

/// A pause of 5 to 800 ms, distributed evenly on a logarithmic scale.
fn pause(rng: &mut StdRng) -> Duration {
    Duration::from_secs_f64(5e-3 * 160_f64.powf(rng.random_range(0.0..1.0)))
}
