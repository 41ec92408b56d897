//! How soon after it was added does a job start, at a steady 200 in a second? (Q4) Jobs are added by a page's transaction and
//! picked up the way the worker does: a notice wakes it, then it claims.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use domain::work::Queue;
use store::queue::{self, Claimer};
use store::{Db, Scope, TenantTx, listen, new_id};
use tokio::task::JoinSet;

use super::{Lap, POOL, Rival, Watch, keep, ours, peer_lap};
use crate::Wish;
use crate::cpu;
use crate::ground::{Disk, Ground, Ours};
use crate::peers::Peers;
use crate::report::{Report, median, percentile};

const RATE: f64 = 200.0;
const SECONDS: f64 = 6.0;
const RIVALS: [Rival; 4] = [Rival::OursBatched, Rival::Graphile(0), Rival::Graphile(500), Rival::Boss(100)];

/// When each job was added.
type Added = Arc<Mutex<HashMap<usize, Instant>>>;

/// Runs them in turn.
pub async fn measure(wish: &Wish, report: &mut Report) -> anyhow::Result<()> {
    let peers = Peers::install(&wish.peers, &wish.cache)?;
    let (rounds, seconds) = if report.quick() { (1, 0.5) } else { (3, SECONDS) };
    let jobs = (RATE * seconds) as usize;
    let disk = Disk::all()[0];
    let ground = Ground::start(disk, &wish.out)?;
    let mut waits: HashMap<Rival, Vec<Lap>> = HashMap::new();
    for _ in 0..rounds {
        report.foreign(cpu::others().await);
        for rival in RIVALS {
            let lap = match rival {
                Rival::OursBatched => ours_lap(&ground, jobs).await?,
                _ => peer_lap(&ground, &peers, rival, "latency", jobs, RATE)?,
            };
            keep(report, waits.entry(rival).or_default(), &rival.name(), disk.word(), jobs, lap);
        }
    }
    for rival in RIVALS {
        let share =
            |share: f64| median(&waits[&rival].iter().map(|lap| percentile(&lap.waits, share)).collect::<Vec<_>>());
        let (p50, p99) = (share(0.50), share(0.99));
        report.figure(format!("{}: p50 ms", rival.name()), p50);
        report.figure(format!("{}: p99 ms", rival.name()), p99);
        if rival == Rival::OursBatched && !report.quick() {
            report.at_most("p50 ms from add to start", p50, 3.0, 50.0);
            report.at_most("p99 ms from add to start", p99, 15.0, 50.0);
        }
    }
    Ok(())
}

async fn ours_lap(ground: &Ground, jobs: usize) -> anyhow::Result<Lap> {
    let ours = ground.ours(POOL).await?;
    ground.settle()?;
    let added: Added = Added::default();
    let watch = Watch::start(ground);
    let picking = tokio::spawn(pick_up(ours.worker.clone(), Arc::clone(&added), jobs));
    add_steadily(&ours, &added, jobs).await?;
    let waits = picking.await??;
    let lap = watch.stop(ground, waits.len());
    ours.worker.close().await;
    Ok(Lap { waits, ..lap })
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

/// Gives the milliseconds each job waited.
async fn pick_up(db: Db, added: Added, jobs: usize) -> anyhow::Result<Vec<f64>> {
    let mut notes = listen::start(&db).await?.subscribe();
    let owner = new_id();
    let mut claimer = Claimer { per_tenant: 5, most: 16, ..Claimer::new(Queue::Background, owner) };
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
        // As in the worker: a notice or a freed place, and a poll for the notice that was lost.
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
