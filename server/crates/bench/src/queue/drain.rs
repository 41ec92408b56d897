//! Measures how fast a full queue is drained, with everything done exactly once (Q1, and Q2: the share of pgbench's
//! speed).

use std::collections::BTreeMap;

use super::{Competitor, Measurement, POOL, Stopwatch, keep, measure_peer, ours, pgbench};
use crate::BenchArgs;
use crate::cpu;
use crate::database::{BenchDatabase, Disk};
use crate::peers::Peers;
use crate::report::{Report, median};

/// The competitors, each with as many jobs as it completes in a few seconds.
const COMPETITORS: [(Competitor, usize); 6] = [
    (Competitor::OursBatched, 40_000),
    (Competitor::OursOneByOne, 8_000),
    (Competitor::Boss(1), 2_000),
    (Competitor::Boss(100), 20_000),
    (Competitor::Graphile(0), 6_000),
    (Competitor::Graphile(500), 20_000),
];
const CEILING: &str = "pgbench";

/// Runs all competitors in turn, in memory and on disk.
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let peers = Peers::install(&bench_args.peers, &bench_args.cache)?;
    for package in ["pg-boss", "graphile-worker"] {
        report.note(format!("{package} {}", peers.version(package)));
    }
    for disk in Disk::all() {
        let rounds = match (report.quick(), disk) {
            (true, _) => 1,
            (false, Disk::Ram) => 5,
            (false, Disk::Real) => 3,
        };
        let bench_database = BenchDatabase::start(disk, &bench_args.out)?;
        if disk == Disk::all()[0] {
            report.note(bench_database.ask("postgres", "select split_part(version(), ' on ', 1)")?);
        }
        let mut measurements: BTreeMap<String, Vec<Measurement>> = BTreeMap::new();
        for _ in 0..rounds {
            report.other_load(cpu::others().await);
            round(&bench_database, &peers, report, &mut measurements, disk).await?;
        }
        summary(report, disk, &measurements);
    }
    Ok(())
}

async fn round(
    bench_database: &BenchDatabase,
    peers: &Peers,
    report: &mut Report,
    measurements: &mut BTreeMap<String, Vec<Measurement>>,
    disk: Disk,
) -> anyhow::Result<()> {
    let small = if report.quick() { 20 } else { 1 };
    for (competitor, jobs) in COMPETITORS {
        let jobs = jobs / small;
        let measurement = match competitor {
            Competitor::OursOneByOne | Competitor::OursBatched => {
                measure_ours(bench_database, competitor, jobs).await?
            }
            _ => measure_peer(bench_database, peers, competitor, "drain", jobs, 0.0)?,
        };
        keep(
            report,
            measurements.entry(competitor.name()).or_default(),
            &competitor.name(),
            disk.word(),
            jobs,
            measurement,
        );
    }
    if pgbench::program().is_some() {
        let jobs = 40_000 / small;
        let measurement = measure_ceiling(bench_database, jobs).await?;
        keep(report, measurements.entry(CEILING.to_owned()).or_default(), CEILING, disk.word(), jobs, measurement);
    }
    Ok(())
}

async fn measure_ours(
    bench_database: &BenchDatabase,
    competitor: Competitor,
    jobs: usize,
) -> anyhow::Result<Measurement> {
    let ours = bench_database.ours(POOL).await?;
    ours::fill(&ours.web, jobs).await?;
    bench_database.settle()?;
    let stopwatch = Stopwatch::start(bench_database);
    let done = match competitor {
        Competitor::OursOneByOne => ours::drain_one_by_one(&ours.worker).await?,
        _ => ours::drain_batched(&ours.worker).await?,
    };
    let measurement = stopwatch.stop(bench_database, done);
    let left = ours::left(&ours.worker).await?;
    ours.worker.close().await;
    anyhow::ensure!(left == 0, "ours left {left} jobs");
    Ok(measurement)
}

async fn measure_ceiling(bench_database: &BenchDatabase, jobs: usize) -> anyhow::Result<Measurement> {
    let ours = bench_database.ours(POOL).await?;
    ours::fill(&ours.web, jobs).await?;
    bench_database.settle()?;
    let measurement = pgbench::drain(bench_database, jobs)?;
    let left = ours::left(&ours.worker).await?;
    ours.worker.close().await;
    Ok(Measurement { jobs: jobs - left, ..measurement })
}

fn summary(report: &mut Report, disk: Disk, measurements: &BTreeMap<String, Vec<Measurement>>) {
    let rates = |name: &str| {
        measurements.get(name).map(|measurements| measurements.iter().map(Measurement::rate).collect::<Vec<f64>>())
    };
    for (name, measurements) in measurements {
        let costs: Vec<(f64, f64)> = measurements.iter().map(Measurement::cost).collect();
        let place = disk.word();
        report.figure(format!("{place}: {name}: jobs/s"), median(&rates(name).unwrap_or_default()));
        report.figure(
            format!("{place}: {name}: cpu-s per 1,000, client"),
            median(&costs.iter().map(|cost| cost.0).collect::<Vec<_>>()),
        );
        report.figure(
            format!("{place}: {name}: cpu-s per 1,000, postgres"),
            median(&costs.iter().map(|cost| cost.1).collect::<Vec<_>>()),
        );
    }
    if report.quick() {
        return;
    }
    let Some(mine) = rates(&Competitor::OursBatched.name()) else { return };
    for (competitor, goal, floor) in
        [(Competitor::Boss(1), 20.0, 8.0), (Competitor::Boss(100), 4.0, 2.0), (Competitor::Graphile(500), 3.0, 1.5)]
    {
        let Some(theirs) = rates(&competitor.name()) else { continue };
        report.spread(&theirs);
        // Rounds are compared in pairs, because a disturbance affects neighbouring rounds alike.
        let ratios: Vec<f64> = mine.iter().zip(&theirs).map(|(mine, theirs)| mine / theirs).collect();
        report.at_least(format!("{}: ours ÷ {}", disk.word(), competitor.name()), median(&ratios), goal, floor);
    }
    if let Some(ceiling) = rates(CEILING) {
        let ratios: Vec<f64> = mine.iter().zip(&ceiling).map(|(mine, ceiling)| mine / ceiling).collect();
        report.at_least(format!("{}: ours ÷ {CEILING}", disk.word()), median(&ratios), 0.60, 0.35);
    }
}
