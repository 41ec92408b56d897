//! Measures whether an agency with a hundred thousand pieces of work makes 99 others wait (Q6). The others add work
//! steadily, a hundred pieces per second together, first alone and then beside the big agency's backlog. Their
//! waits from add to start are compared.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use domain::AgencyId;
use domain::work::Queue;
use store::queue::{self, Claimer};
use store::{Db, Scope, TenantTx, listen, new_id};
use tokio::task::JoinSet;

use super::{POOL, ours};
use crate::BenchArgs;
use crate::cpu;
use crate::database::{BenchDatabase, Disk, Ours};
use crate::report::{Report, percentile};

const DUMP: usize = 100_000;
const RATE: f64 = 100.0;
const SECONDS: f64 = 20.0;
/// Pieces of the big agency are numbered from here. Their waits are not measured.
const BIG: usize = 1_000_000;

type Added = Arc<Mutex<HashMap<usize, Instant>>>;

/// Runs both parts.
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let (dump, seconds) = if report.quick() { (500, 0.5) } else { (DUMP, SECONDS) };
    let jobs = (RATE * seconds) as usize;
    let bench_database = BenchDatabase::start(Disk::all()[0], &bench_args.out)?;
    report.other_load(cpu::others().await);
    let ours = bench_database.ours(POOL).await?;
    let agencies = ours::agencies();
    let (big, small) = agencies.split_first().ok_or_else(|| anyhow::anyhow!("no agencies"))?;
    let quiet = waits(&ours, small, jobs).await?;
    for first in (0..dump).step_by(1000) {
        let count = (dump - first).min(1000);
        ours::add_many(&ours.web, *big, BIG + first + count, count).await?;
    }
    bench_database.settle()?;
    let beside = waits(&ours, small, jobs).await?;
    let left = ours::left(&ours.worker).await?;
    for (name, waits) in [("alone", &quiet), ("beside the backlog", &beside)] {
        if waits.len() != jobs {
            report.fail(format!("{name}: {jobs} in, {} out", waits.len()));
        }
        report.figure(format!("{name}: p50 ms"), percentile(waits, 0.5));
        report.figure(format!("{name}: p99 ms"), percentile(waits, 0.99));
    }
    report.figure("of the backlog done meanwhile", dump.saturating_sub(left));
    if !report.quick() {
        report.at_most(
            "p99 beside the backlog ÷ alone",
            percentile(&beside, 0.99) / percentile(&quiet, 0.99).max(0.001),
            1.5,
            3.0,
        );
    }
    ours.worker.close().await;
    Ok(())
}

async fn waits(ours: &Ours, agencies: &[AgencyId], jobs: usize) -> anyhow::Result<Vec<f64>> {
    let added = Added::default();
    let picking = tokio::spawn(pick_up(ours.worker.clone(), Arc::clone(&added), jobs));
    let (began, mut adding) = (Instant::now(), JoinSet::new());
    for n in 0..jobs {
        tokio::time::sleep_until((began + Duration::from_secs_f64(n as f64 / RATE)).into()).await;
        let (web, agency) = (ours.web.clone(), agencies[n % agencies.len()]);
        added.lock().expect("nobody panics while holding it").insert(n, Instant::now());
        adding.spawn(async move { ours::add_one(&web, agency, n).await });
    }
    while let Some(ended) = adding.join_next().await {
        ended??;
    }
    picking.await?
}

/// Works like a worker whose pieces take ten milliseconds each: one claim follows all ends since the last one. Returns
/// how many milliseconds the small agencies' pieces waited.
async fn pick_up(db: Db, added: Added, jobs: usize) -> anyhow::Result<Vec<f64>> {
    let mut notes = listen::start(&db).await?.subscribe();
    let owner = new_id();
    let at_once = 16;
    let mut claimer = Claimer { per_tenant: 5, ..Claimer::new(Queue::Background, owner) };
    let (mut waits, mut running) = (Vec::with_capacity(jobs), JoinSet::<anyhow::Result<()>>::new());
    while waits.len() < jobs {
        claimer.max_items = at_once - i32::try_from(running.len())?;
        let taken = if claimer.max_items > 0 { queue::claim(&db, &mut claimer).await? } else { Vec::new() };
        for work in taken {
            let n = work.payload["n"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(BIG);
            if let Some(since) = added.lock().expect("nobody panics while holding it").remove(&n) {
                waits.push(since.elapsed().as_secs_f64() * 1000.0);
            }
            let db = db.clone();
            running.spawn(async move {
                tokio::time::sleep(Duration::from_millis(10)).await;
                let mut tx = TenantTx::begin(&db, Scope::Open).await?;
                queue::complete(&mut tx, work.id, owner).await?;
                Ok(tx.commit().await?)
            });
        }
        tokio::select! {
            _ = notes.recv() => while notes.try_recv().is_ok() {},
            Some(ended) = running.join_next() => ended??,
            () = tokio::time::sleep(Duration::from_secs(2)) => {}
        }
        while let Some(ended) = running.try_join_next() {
            ended??;
        }
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok(waits)
}
