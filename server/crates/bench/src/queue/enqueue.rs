//! How fast are jobs added, one in its own transaction and a thousand in one statement? (Q3)

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Lap, POOL, Rival, Watch, keep, ours, peer_lap, pgbench};
use crate::Wish;
use crate::cpu;
use crate::ground::{Disk, Ground};
use crate::peers::Peers;
use crate::report::{Report, median};

const RIVALS: [Rival; 3] = [Rival::OursBatched, Rival::Boss(1), Rival::Graphile(0)];
/// Jobs of one lap, one by one and in bulk.
const ONE: usize = 5_000;
const MANY: usize = 30_000;
const CEILING: &str = "pgbench";

/// Runs them in turn, in memory where there is such a disk.
pub async fn measure(wish: &Wish, report: &mut Report) -> anyhow::Result<()> {
    let peers = Peers::install(&wish.peers, &wish.cache)?;
    let (rounds, small) = if report.quick() { (1, 20) } else { (5, 1) };
    let disk = Disk::all()[0];
    let ground = Ground::start(disk, &wish.out)?;
    for (part, jobs) in [("one", ONE / small), ("many", MANY / small)] {
        let mut laps: BTreeMap<String, Vec<Lap>> = BTreeMap::new();
        for _ in 0..rounds {
            report.foreign(cpu::others().await);
            for rival in RIVALS {
                let lap = match rival {
                    Rival::OursBatched => ours_lap(&ground, part, jobs).await?,
                    _ => peer_lap(&ground, &peers, rival, part, jobs, 0.0)?,
                };
                keep(report, laps.entry(short(rival)).or_default(), &short(rival), disk.word(), jobs, lap);
            }
            if part == "one" && pgbench::program().is_some() {
                let lap = ceiling_lap(&ground, jobs).await?;
                keep(report, laps.entry(CEILING.to_owned()).or_default(), CEILING, disk.word(), jobs, lap);
            }
        }
        summary(report, part, &laps);
    }
    Ok(())
}

/// Batch sizes of fetching say nothing here.
fn short(rival: Rival) -> String {
    match rival {
        Rival::Boss(_) => "pg-boss".to_owned(),
        other => other.name(),
    }
}

async fn ours_lap(ground: &Ground, part: &str, jobs: usize) -> anyhow::Result<Lap> {
    let ours = ground.ours(POOL).await?;
    ground.settle()?;
    let watch = Watch::start(ground);
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
    let lap = watch.stop(ground, jobs);
    let there = ours::left(&ours.worker).await?;
    ours.worker.close().await;
    Ok(Lap { jobs: there, ..lap })
}

async fn ceiling_lap(ground: &Ground, jobs: usize) -> anyhow::Result<Lap> {
    let ours = ground.ours(POOL).await?;
    ground.settle()?;
    let lap = pgbench::add(ground, POOL as usize, jobs)?;
    let there = ours::left(&ours.worker).await?;
    ours.worker.close().await;
    Ok(Lap { jobs: there, ..lap })
}

fn summary(report: &mut Report, part: &str, laps: &BTreeMap<String, Vec<Lap>>) {
    let what = if part == "one" { "one in its own transaction" } else { "a thousand at once" };
    let rates =
        |name: &str| laps.get(name).map(|laps| laps.iter().map(Lap::rate).collect::<Vec<f64>>()).unwrap_or_default();
    for (name, laps) in laps {
        report.figure(format!("{what}: {name}: jobs/s"), median(&rates(name)));
        report.figure(
            format!("{what}: {name}: cpu-s per 1,000, postgres"),
            median(&laps.iter().map(|lap| lap.cost().1).collect::<Vec<_>>()),
        );
    }
    if report.quick() {
        return;
    }
    let mine = rates(&Rival::OursBatched.name());
    let against =
        |theirs: &[f64]| median(&mine.iter().zip(theirs).map(|(mine, theirs)| mine / theirs).collect::<Vec<f64>>());
    if part == "many" {
        let best = [rates("pg-boss"), rates("graphile-worker")]
            .into_iter()
            .max_by(|a, b| median(a).total_cmp(&median(b)))
            .unwrap_or_default();
        report.spread(&best);
        report.at_least(format!("{what}: ours ÷ best peer"), against(&best), 4.0, 1.5);
    } else if laps.contains_key(CEILING) {
        report.spread(&rates(CEILING));
        report.at_least(format!("{what}: ours ÷ {CEILING}"), against(&rates(CEILING)), 0.90, 0.60);
    }
}
