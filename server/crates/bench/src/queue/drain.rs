//! How fast is a full queue worked off, everything done exactly once? (Q1, and Q2: the share of what pgbench reaches.)

use std::collections::BTreeMap;

use super::{Lap, POOL, Rival, Watch, keep, ours, peer_lap, pgbench};
use crate::Wish;
use crate::cpu;
use crate::ground::{Disk, Ground};
use crate::peers::Peers;
use crate::report::{Report, median};

/// Each with as many jobs as it works off in a few seconds.
const RIVALS: [(Rival, usize); 6] = [
    (Rival::OursBatched, 40_000),
    (Rival::OursOneByOne, 8_000),
    (Rival::Boss(1), 2_000),
    (Rival::Boss(100), 20_000),
    (Rival::Graphile(0), 6_000),
    (Rival::Graphile(500), 20_000),
];
const CEILING: &str = "pgbench";

/// Runs them all in turn, in memory and on disk.
pub async fn measure(wish: &Wish, report: &mut Report) -> anyhow::Result<()> {
    let peers = Peers::install(&wish.peers, &wish.cache)?;
    for package in ["pg-boss", "graphile-worker"] {
        report.note(format!("{package} {}", peers.version(package)));
    }
    for disk in Disk::all() {
        let rounds = match (report.quick(), disk) {
            (true, _) => 1,
            (false, Disk::Ram) => 5,
            (false, Disk::Real) => 3,
        };
        let ground = Ground::start(disk, &wish.out)?;
        if disk == Disk::all()[0] {
            report.note(ground.ask("postgres", "select split_part(version(), ' on ', 1)")?);
        }
        let mut laps: BTreeMap<String, Vec<Lap>> = BTreeMap::new();
        for _ in 0..rounds {
            report.foreign(cpu::others().await);
            round(&ground, &peers, report, &mut laps, disk).await?;
        }
        summary(report, disk, &laps);
    }
    Ok(())
}

async fn round(
    ground: &Ground,
    peers: &Peers,
    report: &mut Report,
    laps: &mut BTreeMap<String, Vec<Lap>>,
    disk: Disk,
) -> anyhow::Result<()> {
    let small = if report.quick() { 20 } else { 1 };
    for (rival, jobs) in RIVALS {
        let jobs = jobs / small;
        let lap = match rival {
            Rival::OursOneByOne | Rival::OursBatched => ours_lap(ground, rival, jobs).await?,
            _ => peer_lap(ground, peers, rival, "drain", jobs, 0.0)?,
        };
        keep(report, laps.entry(rival.name()).or_default(), &rival.name(), disk.word(), jobs, lap);
    }
    if pgbench::program().is_some() {
        let jobs = 40_000 / small;
        let lap = ceiling_lap(ground, jobs).await?;
        keep(report, laps.entry(CEILING.to_owned()).or_default(), CEILING, disk.word(), jobs, lap);
    }
    Ok(())
}

async fn ours_lap(ground: &Ground, rival: Rival, jobs: usize) -> anyhow::Result<Lap> {
    let ours = ground.ours(POOL).await?;
    ours::fill(&ours.web, jobs).await?;
    ground.settle()?;
    let watch = Watch::start(ground);
    let done = match rival {
        Rival::OursOneByOne => ours::drain_one_by_one(&ours.worker).await?,
        _ => ours::drain_batched(&ours.worker).await?,
    };
    let lap = watch.stop(ground, done);
    let left = ours::left(&ours.worker).await?;
    ours.worker.close().await;
    anyhow::ensure!(left == 0, "ours left {left} jobs");
    Ok(lap)
}

async fn ceiling_lap(ground: &Ground, jobs: usize) -> anyhow::Result<Lap> {
    let ours = ground.ours(POOL).await?;
    ours::fill(&ours.web, jobs).await?;
    ground.settle()?;
    let lap = pgbench::drain(ground, jobs)?;
    let left = ours::left(&ours.worker).await?;
    ours.worker.close().await;
    Ok(Lap { jobs: jobs - left, ..lap })
}

fn summary(report: &mut Report, disk: Disk, laps: &BTreeMap<String, Vec<Lap>>) {
    let rates = |name: &str| laps.get(name).map(|laps| laps.iter().map(Lap::rate).collect::<Vec<f64>>());
    for (name, laps) in laps {
        let costs: Vec<(f64, f64)> = laps.iter().map(Lap::cost).collect();
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
    let Some(mine) = rates(&Rival::OursBatched.name()) else { return };
    for (rival, goal, floor) in
        [(Rival::Boss(1), 20.0, 8.0), (Rival::Boss(100), 4.0, 2.0), (Rival::Graphile(500), 3.0, 1.5)]
    {
        let Some(theirs) = rates(&rival.name()) else { continue };
        report.spread(&theirs);
        // Round against round: what disturbs one disturbs its neighbours.
        let ratios: Vec<f64> = mine.iter().zip(&theirs).map(|(mine, theirs)| mine / theirs).collect();
        report.at_least(format!("{}: ours ÷ {}", disk.word(), rival.name()), median(&ratios), goal, floor);
    }
    if let Some(ceiling) = rates(CEILING) {
        let ratios: Vec<f64> = mine.iter().zip(&ceiling).map(|(mine, ceiling)| mine / ceiling).collect();
        report.at_least(format!("{}: ours ÷ {CEILING}", disk.word()), median(&ratios), 0.60, 0.35);
    }
}
