//! Measures how fast jobs are added: one per transaction, and a thousand in one statement (Q3).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Competitor, Measurement, POOL, Stopwatch, keep, measure_peer, ours, pgbench};
use crate::BenchArgs;
use crate::cpu;
use crate::database::{BenchDatabase, Disk};
use crate::peers::Peers;
use crate::report::{Report, median};

const COMPETITORS: [Competitor; 3] = [Competitor::OursBatched, Competitor::Boss(1), Competitor::Graphile(0)];
/// Number of jobs in one measurement, one by one and in bulk.
const ONE: usize = 5_000;
const MANY: usize = 30_000;
const CEILING: &str = "pgbench";

/// Runs all competitors in turn, in memory if possible.
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let peers = Peers::install(&bench_args.peers, &bench_args.cache)?;
    let (rounds, small) = if report.quick() { (1, 20) } else { (5, 1) };
    let disk = Disk::all()[0];
    let bench_database = BenchDatabase::start(disk, &bench_args.out)?;
    for (part, jobs) in [("one", ONE / small), ("many", MANY / small)] {
        let mut measurements: BTreeMap<String, Vec<Measurement>> = BTreeMap::new();
        for _ in 0..rounds {
            report.other_load(cpu::others().await);
            for competitor in COMPETITORS {
                let measurement = match competitor {
                    Competitor::OursBatched => measure_ours(&bench_database, part, jobs).await?,
                    _ => measure_peer(&bench_database, &peers, competitor, part, jobs, 0.0)?,
                };
                keep(
                    report,
                    measurements.entry(short(competitor)).or_default(),
                    &short(competitor),
                    disk.word(),
                    jobs,
                    measurement,
                );
            }
            if part == "one" && pgbench::program().is_some() {
                let measurement = measure_ceiling(&bench_database, jobs).await?;
                keep(
                    report,
                    measurements.entry(CEILING.to_owned()).or_default(),
                    CEILING,
                    disk.word(),
                    jobs,
                    measurement,
                );
            }
        }
        summary(report, part, &measurements);
    }
    Ok(())
}

/// The competitor's name without its batch size for fetching, which does not matter here.
fn short(competitor: Competitor) -> String {
    match competitor {
        Competitor::Boss(_) => "pg-boss".to_owned(),
        other => other.name(),
    }
}

async fn measure_ours(bench_database: &BenchDatabase, part: &str, jobs: usize) -> anyhow::Result<Measurement> {
    let ours = bench_database.ours(POOL).await?;
    bench_database.settle()?;
    let stopwatch = Stopwatch::start(bench_database);
    if part == "many" {
        for (n, agency) in ours::agencies().into_iter().cycle().take(jobs.div_ceil(1000)).enumerate() {
            ours::add_many(&ours.web, agency, jobs - n * 1000, 1000.min(jobs - n * 1000)).await?;
        }
    } else {
        let (left, agencies) = (Arc::new(AtomicUsize::new(jobs)), ours::agencies());
        let loops = agencies.into_iter().take(POOL as usize).map(|agency| {
            let (web, left) = (ours.web.clone(), Arc::clone(&left));
            tokio::spawn(async move {
                while let Ok(n) = left.try_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)) {
                    ours::add_one(&web, agency, n).await?;
                }
                anyhow::Ok(())
            })
        });
        for ended in futures::future::join_all(loops).await {
            ended??;
        }
    }
    let measurement = stopwatch.stop(bench_database, jobs);
    let there = ours::left(&ours.worker).await?;
    ours.worker.close().await;
    Ok(Measurement { jobs: there, ..measurement })
}

async fn measure_ceiling(bench_database: &BenchDatabase, jobs: usize) -> anyhow::Result<Measurement> {
    let ours = bench_database.ours(POOL).await?;
    bench_database.settle()?;
    let measurement = pgbench::add(bench_database, POOL as usize, jobs)?;
    let there = ours::left(&ours.worker).await?;
    ours.worker.close().await;
    Ok(Measurement { jobs: there, ..measurement })
}

fn summary(report: &mut Report, part: &str, measurements: &BTreeMap<String, Vec<Measurement>>) {
    let what = if part == "one" { "one in its own transaction" } else { "a thousand at once" };
    let rates = |name: &str| {
        measurements
            .get(name)
            .map(|measurements| measurements.iter().map(Measurement::rate).collect::<Vec<f64>>())
            .unwrap_or_default()
    };
    for (name, measurements) in measurements {
        report.figure(format!("{what}: {name}: jobs/s"), median(&rates(name)));
        report.figure(
            format!("{what}: {name}: cpu-s per 1,000, postgres"),
            median(&measurements.iter().map(|measurement| measurement.cost().1).collect::<Vec<_>>()),
        );
    }
    if report.quick() {
        return;
    }
    let mine = rates(&Competitor::OursBatched.name());
    let against =
        |theirs: &[f64]| median(&mine.iter().zip(theirs).map(|(mine, theirs)| mine / theirs).collect::<Vec<f64>>());
    if part == "many" {
        let best = [rates("pg-boss"), rates("graphile-worker")]
            .into_iter()
            .max_by(|a, b| median(a).total_cmp(&median(b)))
            .unwrap_or_default();
        report.spread(&best);
        report.at_least(format!("{what}: ours ÷ best peer"), against(&best), 4.0, 1.5);
    } else if measurements.contains_key(CEILING) {
        report.spread(&rates(CEILING));
        report.at_least(format!("{what}: ours ÷ {CEILING}"), against(&rates(CEILING)), 0.90, 0.60);
    }
}
