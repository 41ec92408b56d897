//! Our side of the comparison: fills the queue for many agencies and drains it as the worker does.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::ensure;
use domain::AgencyId;
use domain::identity::Reach;
use domain::work::{Kind, Queue};
use serde_json::json;
use store::queue::{self, Claimer, Work};
use store::{Db, Scope, TenantTx, new_id};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Number of agencies that the jobs belong to, and how many jobs each may have running.
const AGENCIES: usize = 100;
const PER_AGENCY: i64 = 10;
/// Pieces of work that one worker runs at a time.
const AT_ONCE: i32 = 16;
/// Batch size for claiming and completing, and the number of dispatchers that work in batches.
const BATCH: i32 = 250;
const DISPATCHERS: usize = 3;

/// The same small job that the peers get.
pub fn job(n: usize) -> Work {
    Work::new(Kind::CheckIntegration).payload(json!({ "n": n }))
}

/// New agency ids. The queue does not check whether the agencies exist.
pub fn agencies() -> Vec<AgencyId> {
    (0..AGENCIES).map(|_| new_id()).collect()
}

/// The scope of a page of this agency.
pub fn scope(agency: AgencyId) -> Scope {
    Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() }
}

/// Adds jobs for all agencies, up to a thousand in one transaction.
pub async fn fill(web: &Db, jobs: usize) -> anyhow::Result<()> {
    let agencies = agencies();
    let mut left = jobs;
    while left > 0 {
        for agency in &agencies {
            let count = left.min(1000).min(jobs.div_ceil(AGENCIES));
            if count == 0 {
                break;
            }
            add_many(web, *agency, left, count).await?;
            left -= count;
        }
    }
    Ok(())
}

/// Adds jobs in one statement.
pub async fn add_many(web: &Db, agency: AgencyId, from: usize, count: usize) -> anyhow::Result<()> {
    let works: Vec<Work> = (0..count).map(|n| job(from - n)).collect();
    let mut tx = TenantTx::begin(web, scope(agency)).await?;
    queue::add_many(&mut tx, &works).await?;
    Ok(tx.commit().await?)
}

/// Adds one job in a transaction of its own.
pub async fn add_one(web: &Db, agency: AgencyId, n: usize) -> anyhow::Result<()> {
    let mut tx = TenantTx::begin(web, scope(agency)).await?;
    queue::add(&mut tx, &job(n)).await?;
    Ok(tx.commit().await?)
}

/// How many jobs have not ended: ready, running, scheduled or dead.
pub async fn left(worker: &Db) -> anyhow::Result<usize> {
    let depth = queue::depth(worker).await?;
    Ok(usize::try_from(depth.ready + depth.leased + depth.scheduled + depth.dead)?)
}

/// Drains the queue with one task and one transaction per piece. Returns how many distinct pieces there were.
pub async fn drain_one_by_one(worker: &Db) -> anyhow::Result<usize> {
    let owner = new_id();
    let mut claimer = Claimer { per_tenant: PER_AGENCY, ..Claimer::new(Queue::Background, owner) };
    let (mut running, mut done) = (JoinSet::<anyhow::Result<Uuid>>::new(), HashSet::new());
    loop {
        claimer.max_items = AT_ONCE - i32::try_from(running.len())?;
        let taken = if claimer.max_items > 0 { queue::claim(worker, &mut claimer).await? } else { Vec::new() };
        for work in taken {
            let db = worker.clone();
            running.spawn(async move {
                let mut tx = TenantTx::begin(&db, Scope::Open).await?;
                queue::complete(&mut tx, work.id, owner).await?;
                tx.commit().await?;
                Ok(work.id)
            });
        }
        let Some(ended) = running.join_next().await else { return Ok(done.len()) };
        ensure!(done.insert(ended??), "a piece of work was done twice");
        while let Some(ended) = running.try_join_next() {
            ensure!(done.insert(ended??), "a piece of work was done twice");
        }
    }
}

/// Drains the queue in batches. Returns how many distinct pieces there were.
pub async fn drain_batched(worker: &Db) -> anyhow::Result<usize> {
    let owner = new_id();
    let loops = (0..DISPATCHERS).map(|_| tokio::spawn(dispatch(worker.clone(), owner)));
    let mut all = HashSet::new();
    for ended in futures::future::join_all(loops).await {
        for id in ended?? {
            ensure!(all.insert(id), "a piece of work was done twice");
        }
    }
    Ok(all.len())
}

async fn dispatch(db: Db, owner: Uuid) -> anyhow::Result<Vec<Uuid>> {
    let mut claimer = Claimer { per_tenant: PER_AGENCY, max_items: BATCH, ..Claimer::new(Queue::Background, owner) };
    let mut all = Vec::new();
    loop {
        let taken: Vec<Uuid> = queue::claim(&db, &mut claimer).await?.into_iter().map(|work| work.id).collect();
        if taken.is_empty() {
            // Another dispatcher may be using up the agencies' limits on running work.
            if left(&db).await? == 0 {
                return Ok(all);
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
            continue;
        }
        let mut tx = TenantTx::begin(&db, Scope::Open).await?;
        let done = queue::complete_many(&mut tx, &taken, owner).await?;
        tx.commit().await?;
        ensure!(done.len() == taken.len(), "a lease was lost without anybody taking it");
        all.extend(done);
    }
}
