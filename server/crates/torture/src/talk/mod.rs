//! Checks that no message to or from a customer is lost or sent twice, whatever process dies: customers write, people and
//! the assistant answer, and workers and Postgres are killed meanwhile.

mod intake;
mod judge;
mod world;

use std::process::ExitCode;

use anyhow::Context;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::former::{self, Former};
use crate::harness::crash_postgres;
use crate::worker_processes::WorkerProcesses;
use crate::{Options, SCALE, pause};
use world::World;

/// Lets people talk while processes die, and judges what is left.
pub async fn torture(options: &Options) -> anyhow::Result<ExitCode> {
    let seed = options.seed.unwrap_or_else(rand::random);
    let mut rng = StdRng::seed_from_u64(seed);
    println!("torture: the world talk, seed {seed}, times ÷ {SCALE}");
    let former = Former::of(options)?;
    let mut world = World::new(seed).await?;
    former::begin(former.as_ref(), &world.db).await?;
    let mut processes =
        WorkerProcesses::start(world.child_argument(), options.workers, former.as_ref()).context("starting workers")?;
    for kill in 1..=options.kills {
        for _ in 0..rng.random_range(1..=4) {
            world.go_on(&mut rng).await?;
        }
        tokio::time::sleep(pause(&mut rng)).await;
        match kill {
            n if n % 20 == 0 => processes.freeze(&mut rng).await?,
            _ => processes.kill(&mut rng).await?,
        }
        if kill % 10 == 0 {
            crash_postgres(&world.db, &world.web).await;
        }
        if kill % 25 == 0 {
            println!("torture: {kill} of {} kills, {} messages", options.kills, world.at_meta().len());
        }
    }
    world.clear_faults()?;
    world.wait_until_quiet().await;
    processes.stop().await;
    let mut verdict = judge::judge(&world).await;
    verdict.refused = former::refusal(former.as_ref(), &world.db).await;
    verdict.explain(seed, "talk");
    println!("{}", verdict.last_line(options.kills, &format!("messages {}", world.at_meta().len())));
    Ok(verdict.exit_code())
}
