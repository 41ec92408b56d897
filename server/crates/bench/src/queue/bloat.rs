//! Measures what a forgotten session costs the queue (Q5). Work is added, claimed and completed at full speed,
//! first normally, then while a session holds an old snapshot, so that no dead row can be vacuumed.

use std::time::{Duration, Instant};

use domain::work::Queue;
use store::queue::{self, Claimer, Eras};
use store::{Db, Scope, TenantTx, new_id};
use tokio_util::task::AbortOnDropHandle;

use super::{POOL, ours};
use crate::BenchArgs;
use crate::cpu;
use crate::database::{BenchDatabase, Disk, Ours};
use crate::report::{Report, percentile};

/// Seconds of the normal part and of the part with the old snapshot.
const ALONE: f64 = 20.0;
const HELD: f64 = 300.0;
/// Number of agencies, and of loops that work for them.
const AGENCIES: usize = 20;
const LOOPS: usize = 4;

/// Result of one part.
struct Part {
    /// Pieces of work completed per second in the last tenth of the time.
    rate: f64,
    /// 99th percentile of a whole turn in that time, in milliseconds.
    p99: f64,
    added: usize,
    done: usize,
}

/// Runs both parts.
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let (alone, held) = if report.quick() { (0.3, 0.3) } else { (ALONE, HELD) };
    let bench_database = BenchDatabase::start(Disk::all()[0], &bench_args.out)?;
    report.other_load(cpu::others().await);
    let ours = bench_database.ours(POOL).await?;
    let quiet = part(&ours, alone).await?;
    let mut session = bench_database.session("ours")?;
    session.run("begin isolation level repeatable read")?;
    session.run("select pg_current_xact_id(), (select count(*) from work_ready)")?;
    let bloated = part(&ours, held).await?;
    let dead = bench_database.ask(
        "ours",
        "select sum(n_dead_tup) from pg_stat_user_tables where relname in ('work_ready', 'work_leases')",
    )?;
    session.run("rollback")?;
    for (name, part) in [("alone", &quiet), ("with an old snapshot", &bloated)] {
        if part.added != part.done {
            report.fail(format!("{name}: {} pieces in, {} out", part.added, part.done));
        }
        report.figure(format!("{name}: pieces a second"), part.rate);
        report.figure(format!("{name}: p99 ms of a turn"), part.p99);
    }
    report.figure("dead rows at the end", dead.parse::<f64>().unwrap_or_default());
    if !report.quick() {
        report.at_least(format!("throughput kept after {held:.0} s"), bloated.rate / quiet.rate, 0.97, 0.10);
        report.figure("p99 drift", bloated.p99 / quiet.p99.max(0.001));
    }
    ours.worker.close().await;
    Ok(())
}

async fn part(ours: &Ours, seconds: f64) -> anyhow::Result<Part> {
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let late = end - Duration::from_secs_f64(seconds / 10.0);
    let loops =
        (0..LOOPS).map(|_| tokio::spawn(turns(Ours { web: ours.web.clone(), worker: ours.worker.clone() }, end, late)));
    let _tidying = AbortOnDropHandle::new(tokio::spawn(tidy(ours.worker.clone())));
    let (mut turns, mut added, mut done) = (Vec::new(), 0, 0);
    for ended in futures::future::join_all(loops).await {
        let (times, put, taken) = ended??;
        turns.extend(times);
        added += put;
        done += taken;
    }
    done += ours::drain_one_by_one(&ours.worker).await?;
    Ok(Part { rate: turns.len() as f64 / (seconds / 10.0), p99: percentile(&turns, 0.99), added, done })
}

/// Adds a piece of work, claims one and completes it, repeatedly. Returns the milliseconds of the turns that began
/// after `late`, and how many pieces were added and completed.
async fn turns(ours: Ours, end: Instant, late: Instant) -> anyhow::Result<(Vec<f64>, usize, usize)> {
    let agencies: Vec<_> = ours::agencies().into_iter().take(AGENCIES).collect();
    let owner = new_id();
    let mut claimer = Claimer { per_tenant: 1000, max_items: 1, ..Claimer::new(Queue::Background, owner) };
    let (mut times, mut added, mut done) = (Vec::new(), 0, 0);
    while Instant::now() < end {
        let began = Instant::now();
        ours::add_one(&ours.web, agencies[added % agencies.len()], added).await?;
        added += 1;
        for work in queue::claim(&ours.worker, &mut claimer).await? {
            let mut tx = TenantTx::begin(&ours.worker, Scope::Open).await?;
            queue::complete(&mut tx, work.id, owner).await?;
            tx.commit().await?;
            done += 1;
            if began > late {
                times.push(began.elapsed().as_secs_f64() * 1000.0);
            }
        }
    }
    Ok((times, added, done))
}

/// Tidies the queue as often as a worker does.
async fn tidy(db: Db) -> anyhow::Result<()> {
    let mut eras = Eras::default();
    loop {
        queue::promote_and_recover(&db, &mut eras, 500).await?;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
