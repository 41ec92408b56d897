//! Measures how many provisioning jobs one worker completes in a second when nothing outside makes it wait.
//!
//! The orders are the smallest possible and run all eleven steps. The worker runs sixteen jobs at a time, and the
//! simulator runs in this process without limits. The report also says what a job costs the database: commits, rows
//! written, and processor time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{anyhow, ensure};
use chrono::Utc;
use domain::provisioning::{Client, JobStatus, NewJob};
use domain::work::Mail;
use domain::{AgencyId, BusinessId};
use simulator::{Handle, demo};
use store::vault::{Keyring, Vault};
use store::{Db, TenantTx, provisioning};
use tokio_util::sync::CancellationToken;
use worker::{Boxed, Mailer, Parts, Unsent, Worker};

use crate::BenchArgs;
use crate::connected::{self, scope};
use crate::cpu;
use crate::database::{BenchDatabase, Disk};
use crate::report::Report;

/// Database connections, as many as a product process has for work.
const POOL: u32 = 12;
const JOBS: usize = 3000;
/// The encryption key of a database that exists for one run.
const MASTER: &str = "00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0";
/// Maximum length of a run.
const PATIENCE: Duration = Duration::from_secs(600);

/// Discards all mails.
struct NoMails;

impl Mailer for NoMails {
    fn send(&self, _: Option<AgencyId>, _: Option<BusinessId>, _: Mail) -> Boxed<'_, Result<(), Unsent>> {
        Box::pin(async { Ok(()) })
    }
}

/// Places all orders and then starts a worker.
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let jobs = if report.quick() { 10 } else { JOBS };
    let disk = Disk::all()[0];
    let bench_database = BenchDatabase::start(disk, &bench_args.out)?;
    report.other_load(cpu::others().await);
    let ours = bench_database.ours(POOL).await?;
    // At this scale, the rate-limit window of ten seconds lasts two milliseconds.
    let sim = Handle::start_with(|config| config.time_scale = 5000.0).await?;
    let (vault, ghl) = (
        Vault::start(&ours.worker, Keyring::parse(&MASTER.to_owned().into()).map_err(|e| anyhow!("{e}"))?).await?,
        connected::ghl(&sim)?,
    );
    for company in [demo::HARBOR, demo::CANARY] {
        let slug = format!("agency-{}", Utc::now().timestamp_micros());
        let agency = connected::agency(&ours.web, slug.clone(), slug).await?;
        connected::connect(&ours.worker, &vault, &ghl, &sim, agency, company).await?;
        order(&ours.web, agency, jobs / 2).await?;
    }
    bench_database.settle()?;
    let before = Cost::read(&bench_database)?;
    let (began, server, own) = (Instant::now(), bench_database.cpu(), cpu::own());
    let (stop, heartbeat_db) = (CancellationToken::new(), ours.worker.clone());
    let parts = Parts {
        db: ours.worker.clone(),
        heartbeat_db,
        meta: connected::meta(&ghl, &sim.base_url().parse()?),
        media: std::env::temp_dir(),
        ghl,
        vault,
        mailer: Arc::new(NoMails),
        public_url: "http://127.0.0.1:3000".parse()?,
        time_scale: 1.0,
    };
    let working = worker::start(Worker::new(parts), stop.clone());
    let done = until_done(&ours.web, jobs).await;
    let seconds = began.elapsed().as_secs_f64();
    let (server, own, after) = (bench_database.cpu() - server, cpu::own() - own, Cost::read(&bench_database)?);
    stop.cancel();
    working.await?;
    let done = done?;
    if done != jobs {
        report.fail(format!("{jobs} jobs were ordered, {done} completed"));
    }
    ensure!(
        sim.journal().iter().filter(|call| call["method"] == "POST" && call["path"] == "/locations/").count() == jobs,
        "each job makes one location"
    );
    let (each, rate) = (|whole: f64| whole / jobs as f64, jobs as f64 / seconds);
    report.figure("jobs", jobs);
    report.figure("commits a job", each(after.commits - before.commits));
    report.figure("rows written a job", each(after.rows - before.rows));
    report.figure(
        "changes of rows that wrote no index, share",
        (after.hot - before.hot) / (after.updates - before.updates).max(1.0),
    );
    report.figure("worker and stand-in: ms of processor a job", each(own) * 1000.0);
    report.figure("Postgres: ms of processor a job", each(server) * 1000.0);
    report.at_least(format!("jobs a second, one worker, Postgres in {}", disk.word()), rate, 200.0, 20.0);
    ours.worker.close().await;
    Ok(())
}

/// The database's own counters.
struct Cost {
    commits: f64,
    rows: f64,
    updates: f64,
    hot: f64,
}

impl Cost {
    fn read(bench_database: &BenchDatabase) -> anyhow::Result<Self> {
        let ask = |sql: &str| -> anyhow::Result<f64> { Ok(bench_database.ask("ours", sql)?.parse()?) };
        Ok(Self {
            commits: ask("select xact_commit from pg_stat_database where datname = 'ours'")?,
            rows: ask("select tup_inserted + tup_updated + tup_deleted from pg_stat_database where datname = 'ours'")?,
            updates: ask("select sum(n_tup_upd) from pg_stat_user_tables")?,
            hot: ask("select sum(n_tup_hot_upd) from pg_stat_user_tables")?,
        })
    }
}

async fn until_done(web: &Db, jobs: usize) -> anyhow::Result<usize> {
    let began = Instant::now();
    loop {
        let counts = provisioning::open_jobs(web).await?;
        let open: i64 = counts.iter().filter(|(status, _)| !status.is_finished()).map(|(_, count)| count).sum();
        let asks: i64 =
            counts.iter().filter(|(status, _)| *status == JobStatus::AwaitingInput).map(|(_, count)| count).sum();
        ensure!(asks == 0, "{asks} jobs ask something");
        if open == 0 {
            return Ok(jobs);
        }
        ensure!(began.elapsed() < PATIENCE, "{open} jobs are open after {} s", PATIENCE.as_secs());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn order(web: &Db, agency: AgencyId, jobs: usize) -> anyhow::Result<()> {
    for first in (0..jobs).step_by(100) {
        let mut tx = TenantTx::begin(web, scope(agency)).await?;
        for n in first..jobs.min(first + 100) {
            let client = Client {
                name: format!("Client {n}"),
                phone: "+13055550100".to_owned(),
                country: "US".to_owned(),
                timezone: "America/New_York".to_owned(),
                ..Client::default()
            };
            let order = NewJob { client, ..NewJob::default() }.check().map_err(|e| anyhow!("{e:?}"))?;
            provisioning::start(&mut tx, &order, None).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}
