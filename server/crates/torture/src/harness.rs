//! The test environment: a database, a simulator that misbehaves, an agency connected to it, and the orders.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use chrono::{TimeDelta, Utc};
use domain::credential::CredentialKind;
use domain::identity::Reach;
use domain::integration::Kind;
use domain::page::ListQuery;
use domain::provisioning::{Answer, Client, JobRow, JobStatus, JobView, NewJob, NewUser, Resume, UserRole};
use domain::snapshot::SeenSnapshot;
use domain::work::Mail;
use domain::{AgencyId, BusinessId, JobId, SnapshotId};
use ghl::Ghl;
use ghl::auth::{self, Class};
use outbound::CallContext;
use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::json;
use simulator::{Handle, demo};
use store::credentials::{self, NewSecret};
use store::testing::TestDb;
use store::vault::{Keyring, Vault};
use store::{Db, DbRole, Scope, TenantTx, integrations, provisioning, snapshots};
use tokio_util::sync::CancellationToken;
use worker::{Boxed, Mailer, Parts, Unsent, Worker};

use crate::clients::{ghl, meta};
use crate::{SCALE, worker_processes};

const CALLBACK: &str = "http://127.0.0.1:3000/api/integrations/ghl/callback";
/// An encryption key for test data, the same in every process of a run.
pub const KEY: &str = "7f3a91c2d4e85b06179fa3c8e2d14b6950a7c3e8f1b2d4960718293a4b5c6d7e";
/// How long the jobs may take to end after the last worker was killed.
const PATIENCE: Duration = Duration::from_secs(900);

/// Everything except the workers.
pub struct Harness {
    pub db: TestDb,
    pub sim: Handle,
    /// Connections as those of the pages.
    pub web: Db,
    agency: AgencyId,
    snapshot: SnapshotId,
    orders: Vec<(JobId, String)>,
    /// Jobs to be undone while they run: every third.
    undone: HashSet<JobId>,
}

impl Harness {
    /// Connects an agency to a simulator that often answers with faults.
    pub async fn new(seed: u64) -> anyhow::Result<Self> {
        let db = TestDb::new().await;
        check_durable(&db).await?;
        let sim = Handle::start_with(|config| config.time_scale = SCALE).await?;
        let (web, work) = (db.db(DbRole::Web).await, db.db(DbRole::Worker).await);
        let agency = db.agency().await;
        let vault = vault(&work).await?;
        let ghl = ghl(&sim.base_url())?;
        let mut tx = TenantTx::begin(&work, scope(agency)).await?;
        connect(&mut tx, &vault, &ghl, &sim).await?;
        let seen = SeenSnapshot { ghl_snapshot_id: demo::DENTAL_PRO.into(), name: "Dental Pro".into(), kind: None };
        snapshots::sync(&mut tx, &[seen]).await?;
        let snapshot = snapshots::offered(&mut tx).await?.first().context("no snapshot")?.id;
        tx.commit().await?;
        sim.knobs(&json!({"search_lag_ms": 0, "search_lag_jitter_ms": 60_000})).map_err(|why| anyhow!(why))?;
        sim.faults(json!([
            {"match": {"method": "POST", "prefix": "/locations/"}, "fault": "reset_after", "p": 0.1, "seed": seed},
            {"match": {"method": "PUT"}, "fault": "reset_after", "p": 0.1, "seed": seed ^ 1},
            {"match": {"method": "POST", "path": "/users/"}, "fault": "reset_after", "p": 0.1, "seed": seed ^ 2},
            {"match": {"method": "DELETE"}, "fault": "reset_after", "p": 0.1, "seed": seed ^ 3},
            {"match": {"method": "POST", "path": "/locations/"}, "fault": "status", "status": 422, "executed": true, "p": 0.05, "seed": seed ^ 5},
            {"match": {"method": "POST", "path": "/users/"}, "fault": "status", "status": 400, "executed": true, "p": 0.05, "seed": seed ^ 6},
            {"match": {}, "fault": "status", "status": 502, "p": 0.05, "seed": seed ^ 4},
        ]))
        .map_err(|why| anyhow!(why))?;
        Ok(Self { db, sim, web, agency, snapshot, orders: Vec::new(), undone: HashSet::new() })
    }

    /// The command-line argument of a worker process: database URL and simulator URL.
    pub fn child_argument(&self) -> String {
        format!("{} {}", self.db.url(), self.sim.base_url())
    }

    /// Orders placed so far.
    pub const fn jobs(&self) -> usize {
        self.orders.len()
    }

    /// The orders placed so far: the job and the name of its business.
    pub fn orders(&self) -> &[(JobId, String)] {
        &self.orders
    }

    /// Places orders until `open` jobs are running. Cancels the jobs that are to be undone, each at a random time.
    pub async fn keep_open(&mut self, open: usize, rng: &mut StdRng) -> anyhow::Result<()> {
        let Ok(rows) = self.rows("running").await else { return Ok(()) };
        for _ in rows.len()..open {
            self.order(rng).await;
        }
        for row in rows.iter().filter(|row| self.undone.contains(&row.id) && !row.cancelling) {
            if rng.random_bool(0.15) {
                self.ask(row.id, JobRequest::Cancel).await;
            }
        }
        Ok(())
    }

    /// Places one order. A database that is crashing may refuse it; then the order does not count.
    async fn order(&mut self, rng: &mut StdRng) {
        let name = format!("Clinic {}", self.orders.len() + 1);
        let order = order(&name, self.orders.len() + 1, rng.random_bool(0.5).then_some(self.snapshot));
        let Ok(checked) = order.check() else { return };
        let key = format!("torture-{name}");
        // A commit whose answer was lost may have succeeded. Repeating it with the same idempotency key tells.
        for _ in 0..200 {
            let placed = async {
                let mut tx = TenantTx::begin(&self.web, scope(self.agency)).await?;
                let started = provisioning::start(&mut tx, &checked, Some(&key)).await?;
                tx.commit().await.map(|()| started.job)
            };
            if let Ok(job) = placed.await {
                if self.orders.len().is_multiple_of(3) {
                    self.undone.insert(job);
                }
                return self.orders.push((job, name));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Everything about one job.
    pub async fn view(&self, job: JobId) -> store::Result<JobView> {
        let mut tx = TenantTx::begin(&self.web, scope(self.agency)).await?;
        provisioning::get(&mut tx, job).await
    }

    /// Every job of a list view.
    pub async fn rows(&self, view: &str) -> store::Result<Vec<JobRow>> {
        let mut all = Vec::new();
        let mut query = ListQuery { view: view.into(), limit: 100, ..ListQuery::default() };
        loop {
            let mut tx = TenantTx::begin(&self.web, scope(self.agency)).await?;
            let page = provisioning::list(&mut tx, &query).await?;
            all.extend(page.rows);
            match page.next {
                Some(next) => query.cursor = Some(next),
                None => return Ok(all),
            }
        }
    }

    /// Removes every fault, so the simulator behaves from now on.
    pub async fn clear_faults(&self) -> anyhow::Result<()> {
        self.sim.clear_faults().map_err(|why| anyhow!(why))
    }

    /// Waits until every job has ended. Retries failed jobs, as a person would.
    pub async fn wait_until_all_end(&self) -> anyhow::Result<Vec<JobRow>> {
        let began = tokio::time::Instant::now();
        loop {
            tokio::time::sleep(Duration::from_millis(300)).await;
            let Ok(rows) = self.rows("").await else { continue };
            for row in &rows {
                let undone = self.undone.contains(&row.id);
                match row.status {
                    JobStatus::Failed | JobStatus::AwaitingInput if undone => self.ask(row.id, JobRequest::Undo).await,
                    JobStatus::Failed => self.ask(row.id, JobRequest::Retry).await,
                    JobStatus::AwaitingInput => self.ask(row.id, JobRequest::Again).await,
                    _ => {}
                }
            }
            let ended = rows.iter().all(|row| matches!(row.status, JobStatus::Completed | JobStatus::Cancelled));
            if ended || began.elapsed() > PATIENCE {
                return Ok(rows);
            }
        }
    }

    async fn ask(&self, job: JobId, what: JobRequest) {
        let request = async {
            let mut tx = TenantTx::begin(&self.web, scope(self.agency)).await?;
            match what {
                JobRequest::Cancel => provisioning::cancel(&mut tx, job).await.map(|_| ())?,
                JobRequest::Undo => provisioning::undo(&mut tx, job).await.map(|_| ())?,
                JobRequest::Retry => provisioning::retry(&mut tx, job).await.map(|_| ())?,
                JobRequest::Again => {
                    let answer = Answer { choice: "again".into(), value: None };
                    let with = Resume { answer: Some(answer), ..Resume::default() };
                    provisioning::resume(&mut tx, job, &with).await.map(|_| ())?;
                }
            }
            tx.commit().await
        };
        // Another process was faster, or the database is still starting. The next round asks again.
        drop(request.await);
    }
}

/// Kills a process of Postgres with SIGKILL. All of Postgres then stops at once and recovers.
pub async fn crash_postgres(db: &TestDb, web: &Db) {
    let Some(id) = provisioning::testing::backend(db).await else { return };
    if !worker_processes::signal("-KILL", id).await.unwrap_or(false) {
        println!("torture: Postgres belongs to somebody else and is left alone");
    }
    for _ in 0..300 {
        if web.ping().await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Refuses a Postgres that does not keep what it commits.
pub async fn check_durable(db: &TestDb) -> anyhow::Result<()> {
    let off = db.not_durable().await;
    anyhow::ensure!(
        off.is_empty(),
        "This Postgres does not keep what it commits ({} off), so a crash of it loses work whatever Slipway does. Turn that on, or leave DATABASE_URL out: then a Postgres of our own is started.",
        off.join(" and ")
    );
    Ok(())
}

/// A request to change a job.
enum JobRequest {
    Cancel,
    Undo,
    Retry,
    Again,
}

fn scope(agency: AgencyId) -> Scope {
    Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() }
}

/// Opens and seals the credentials of a run.
pub async fn vault(db: &Db) -> anyhow::Result<Vault> {
    let keyring = Keyring::parse(&KEY.to_owned().into()).map_err(|why| anyhow!(why))?;
    Ok(Vault::start(db, keyring).await?)
}

async fn connect(tx: &mut TenantTx, vault: &Vault, ghl: &Ghl, sim: &Handle) -> anyhow::Result<()> {
    let code = sim.authorize(demo::HARBOR, &[], CALLBACK).map_err(|why| anyhow!(why))?;
    let tokens = auth::exchange(ghl, &CallContext::default(), &code, &CALLBACK.parse()?, &Class::Company).await?;
    let new = integrations::NewConnection {
        kind: Kind::Gohighlevel,
        platform_id: demo::HARBOR,
        name: Some("Harbor"),
        parent: None,
    };
    let (id, _) = integrations::upsert(tx, &new).await?;
    let secret = NewSecret {
        kind: CredentialKind::OauthCompany,
        access: tokens.access,
        refresh: tokens.refresh,
        expires_at: Some(Utc::now() + TimeDelta::days(1)),
        refresh_expires_at: None,
        scopes: tokens.scopes,
    };
    credentials::put(tx, vault, id, &secret).await?;
    Ok(())
}

fn order(name: &str, number: usize, snapshot_id: Option<SnapshotId>) -> NewJob {
    NewJob {
        client: Client {
            name: name.into(),
            email: format!("owner@clinic{number}.example"),
            phone: "+13055550100".into(),
            first_name: "Ana".into(),
            // The search by e-mail works only if all three names are given. Otherwise the markers in names must
            // suffice.
            last_name: if number.is_multiple_of(3) { String::new() } else { "Lee".into() },
            country: "US".into(),
            timezone: "America/New_York".into(),
            ..Client::default()
        },
        snapshot_id,
        users: vec![NewUser {
            first_name: "Tess".into(),
            last_name: "Lee".into(),
            email: format!("tess@clinic{number}.example"),
            role: UserRole::User,
        }],
        custom_values: [("Booking link".to_owned(), "https://book.example".to_owned())].into(),
        tags: vec!["vip".into()],
        invite_owner: true,
        create_anyway: false,
    }
}

/// Discards all mails.
struct NoMails;

impl Mailer for NoMails {
    fn send(&self, _: Option<AgencyId>, _: Option<BusinessId>, _: Mail) -> Boxed<'_, Result<(), Unsent>> {
        Box::pin(async { Ok(()) })
    }
}

/// Runs as one of the worker processes that get killed. Retries its start while the database is unavailable.
pub async fn be_worker(argument: &str) -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let (database, base) = argument.split_once(' ').context("two words are needed")?;
    let (db, heartbeat_db, vault) = loop {
        if let Ok(db) = Db::connect(database, DbRole::Worker, 12).await
            && let Ok(heartbeat_db) = Db::connect(database, DbRole::Worker, 2).await
            && let Ok(vault) = vault(&db).await
        {
            break (db, heartbeat_db, vault);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let (ghl, mailer, public_url) = (ghl(base)?, Arc::new(NoMails), base.parse()?);
    let (meta, media) = (meta(&ghl, base)?, std::env::temp_dir());
    let parts = Parts { db, heartbeat_db, ghl, meta, media, vault, mailer, public_url, time_scale: SCALE };
    worker::start(Worker::new(parts), CancellationToken::new()).await?;
    Ok(())
}
