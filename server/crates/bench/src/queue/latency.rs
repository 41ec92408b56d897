//! Measures how soon after it was added a job starts, at a steady 200 per second (Q4). Jobs are added by a page's
//! transaction and claimed as the worker does it: a notification wakes it, then it claims.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use domain::work::Queue;
use store::queue::{self, Claimer};
use store::{Db, Scope, TenantTx, listen, new_id};
use tokio::task::JoinSet;

use super::{Competitor, Measurement, POOL, Stopwatch, keep, measure_peer, ours};
use crate::BenchArgs;
use crate::cpu;
use crate::database::{BenchDatabase, Disk, Ours};
use crate::peers::Peers;
use crate::report::{Report, median, percentile};

const RATE: f64 = 200.0;
const SECONDS: f64 = 6.0;
const COMPETITORS: [Competitor; 4] =
    [Competitor::OursBatched, Competitor::Graphile(0), Competitor::Graphile(500), Competitor::Boss(100)];

/// When each job was added.
type Added = Arc<Mutex<HashMap<usize, Instant>>>;

/// Runs all competitors in turn.
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let peers = Peers::install(&bench_args.peers, &bench_args.cache)?;
    let (rounds, seconds) = if report.quick() { (1, 0.5) } else { (3, SECONDS) };
    let jobs = (RATE * seconds) as usize;
    let disk = Disk::all()[0];
    let bench_database = BenchDatabase::start(disk, &bench_args.out)?;
    let mut waits: HashMap<Competitor, Vec<Measurement>> = HashMap::new();
    for _ in 0..rounds {
        report.other_load(cpu::others().await);
        for competitor in COMPETITORS {
            let measurement = match competitor {
                Competitor::OursBatched => measure_ours(&bench_database, jobs).await?,
                _ => measure_peer(&bench_database, &peers, competitor, "latency", jobs, RATE)?,
            };
            keep(report, waits.entry(competitor).or_default(), &competitor.name(), disk.word(), jobs, measurement);
        }
    }
    for competitor in COMPETITORS {
        let share = |share: f64| {
            median(
                &waits[&competitor].iter().map(|measurement| percentile(&measurement.waits, share)).collect::<Vec<_>>(),
            )
        };
        let (p50, p99) = (share(0.50), share(0.99));
        report.figure(format!("{}: p50 ms", competitor.name()), p50);
        report.figure(format!("{}: p99 ms", competitor.name()), p99);
        if competitor == Competitor::OursBatched && !report.quick() {
            report.at_most("p50 ms from add to start", p50, 3.0, 50.0);
            report.at_most("p99 ms from add to start", p99, 15.0, 50.0);
        }
    }
    Ok(())
}

async fn measure_ours(bench_database: &BenchDatabase, jobs: usize) -> anyhow::Result<Measurement> {
    let ours = bench_database.ours(POOL).await?;
    bench_database.settle()?;
    let added: Added = Added::default();
    let stopwatch = Stopwatch::start(bench_database);
    let picking = tokio::spawn(pick_up(ours.worker.clone(), Arc::clone(&added), jobs));
    add_steadily(&ours, &added, jobs).await?;
    let waits = picking.await??;
    let measurement = stopwatch.stop(bench_database, waits.len());
    ours.worker.close().await;
    Ok(Measurement { waits, ..measurement })
}

async fn add_steadily(ours: &Ours, added: &Added, jobs: usize) -> anyhow::Result<()> {
    let (began, agencies) = (Instant::now(), ours::agencies());
    let mut adding = JoinSet::new();
    for n in 0..jobs {
        let due = Duration::from_secs_f64(n as f64 / RATE);
        tokio::time::sleep_until((began + due).into()).await;
        let (web, agency) = (ours.web.clone(), agencies[n % agencies.len()]);
        added.lock().expect("nobody panics while holding it").insert(n, Instant::now());
        adding.spawn(async move { ours::add_one(&web, agency, n).await });
    }
    while let Some(ended) = adding.join_next().await {
        ended??;
    }
    Ok(())
}

/// Claims and completes the jobs and returns how many milliseconds each waited.
async fn pick_up(db: Db, added: Added, jobs: usize) -> anyhow::Result<Vec<f64>> {
    let mut notes = listen::start(&db).await?.subscribe();
    let owner = new_id();
    let mut claimer = Claimer { per_tenant: 5, max_items: 16, ..Claimer::new(Queue::Background, owner) };
    let (mut waits, mut running) = (Vec::with_capacity(jobs), JoinSet::new());
    while waits.len() < jobs {
        for work in queue::claim(&db, &mut claimer).await? {
            let n = work.payload["n"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or_default();
            let since = added.lock().expect("nobody panics while holding it").remove(&n);
            let wait = since.ok_or_else(|| anyhow::anyhow!("job {n} came twice"))?.elapsed();
            waits.push(wait.as_secs_f64() * 1000.0);
            let db = db.clone();
            running.spawn(async move {
                let busy = Instant::now();
                while busy.elapsed() < Duration::from_millis(1) {}
                let mut tx = TenantTx::begin(&db, Scope::Open).await?;
                queue::complete(&mut tx, work.id, owner).await?;
                anyhow::Ok(tx.commit().await?)
            });
        }
        if waits.len() == jobs {
            break;
        }
        // As in the worker: wait for a notification or a free place, and poll in case a notification was lost.
        tokio::select! {
            _ = notes.recv() => while notes.try_recv().is_ok() {},
            Some(ended) = running.join_next() => ended??,
            () = tokio::time::sleep(Duration::from_secs(2)) => {}
        }
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok(waits)
}
