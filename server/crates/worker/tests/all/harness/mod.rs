//! The test environment: a database, a simulator whose clock stands still, and an agency connected to one of its
//! companies. Tests advance both clocks together.

pub mod business;
pub mod connected;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::identity::Reach;
use domain::provisioning::{Client, JobStatus, JobView, NewJob, NewUser, Resume, UserRole};
use domain::work::Mail;
use domain::{AgencyId, BusinessId, IntegrationId, JobId, SnapshotId};
use ghl::Ghl;
use outbound::{CallContext, Tolerance};
use serde_json::{Value, json};
use simulator::{Handle, demo};
use store::credentials;
use store::provisioning::testing as time;
use store::provisioning::writes::{self, Late};
use store::testing::TestDb;
use store::vault::Vault;
use store::{Db, DbRole, Scope, TenantTx, provisioning};
use worker::{Boxed, Mailer, Parts, Unsent, Worker, testing};

use connected::{CALLBACK, ghl};

/// Everything that a test needs.
pub struct Harness {
    pub db: TestDb,
    pub sim: Handle,
    pub agency: AgencyId,
    pub integration: IntegrationId,
    pub snapshot: SnapshotId,
    pub worker: Worker,
    pub web: Db,
    pub work: Db,
    pub vault: Vault,
    pub mails: Arc<Mails>,
}

/// Stores mails instead of sending them.
#[derive(Default)]
pub struct Mails(Mutex<Vec<(Option<BusinessId>, Mail)>>);

impl Mails {
    pub fn sent(&self) -> Vec<(Option<BusinessId>, Mail)> {
        self.0.lock().unwrap().clone()
    }
}

impl Mailer for Mails {
    fn send(&self, _: Option<AgencyId>, business: Option<BusinessId>, mail: Mail) -> Boxed<'_, Result<(), Unsent>> {
        self.0.lock().unwrap().push((business, mail));
        Box::pin(async { Ok(()) })
    }
}

impl Harness {
    pub async fn new() -> Self {
        Self::of(demo::HARBOR).await
    }

    /// A harness whose agency is connected to this company.
    pub async fn of(company: &str) -> Self {
        Self::bearing(company, Tolerance::default()).await
    }

    /// The same with this tolerance for failures before the circuit breaker opens.
    pub async fn bearing(company: &str, tolerance: Tolerance) -> Self {
        Self::calling(company, |sim| ghl(sim, tolerance)).await
    }

    /// A harness for tests in which an answer is withheld: its calls are given up soon.
    pub async fn hurried() -> Self {
        Self::calling(demo::HARBOR, connected::hurried).await
    }

    async fn calling(company: &str, calls: impl FnOnce(&Handle) -> Ghl) -> Self {
        let db = TestDb::new().await;
        let sim = Handle::start_frozen().await.unwrap();
        let (web, work) = (db.db(DbRole::Web).await, db.sized(DbRole::Worker, 12).await);
        let agency = db.agency().await;
        let vault = store::testing::vault(&work).await;
        let ghl = calls(&sim);
        let tokens = connected::tokens(&ghl, &sim, company).await;
        let integration = connected::connect(&work, &vault, tokens, agency, company).await;
        let snapshot = connected::snapshot(&work, agency).await;
        let mails = Arc::new(Mails::default());
        let worker = Worker::new(Parts {
            db: work.clone(),
            heartbeat_db: db.sized(DbRole::Worker, 1).await,
            meta: connected::meta(&ghl, &sim),
            media: business::media(),
            ghl,
            vault: vault.clone(),
            mailer: mails.clone(),
            public_url: "http://127.0.0.1:3000".parse().unwrap(),
            time_scale: 1.0,
        });
        Self { db, sim, agency, integration, snapshot, worker, web, work, vault, mails }
    }

    /// A worker as in another process, with its own pool, vault and id.
    pub async fn another_process(&self) -> Worker {
        let db = self.db.sized(DbRole::Worker, 12).await;
        let vault = store::testing::vault(&db).await;
        let ghl = ghl(&self.sim, Tolerance::default());
        Worker::new(Parts {
            db,
            heartbeat_db: self.db.sized(DbRole::Worker, 1).await,
            meta: connected::meta(&ghl, &self.sim),
            media: business::media(),
            ghl,
            vault,
            mailer: self.mails.clone(),
            public_url: "http://127.0.0.1:3000".parse().unwrap(),
            time_scale: 1.0,
        })
    }

    pub fn scope(&self) -> Scope {
        Scope::Agency { user: None, agency: self.agency, reach: Reach::All, listed: Vec::new() }
    }

    /// A transaction in the agency, as a page begins it.
    pub async fn tx(&self) -> TenantTx {
        TenantTx::begin(&self.web, self.scope()).await.unwrap()
    }

    pub async fn start(&self, order: &NewJob) -> JobId {
        let mut tx = self.tx().await;
        let started = provisioning::start(&mut tx, &order.check().unwrap(), None).await.unwrap();
        tx.commit().await.unwrap();
        started.job
    }

    pub const fn scope_of(agency: AgencyId) -> Scope {
        Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() }
    }

    /// Another agency, connected to another company.
    pub async fn another_agency(&self) -> AgencyId {
        let agency = self.db.agency().await;
        let tokens = connected::tokens(&client(&self.sim), &self.sim, demo::CANARY).await;
        connected::connect(&self.work, &self.vault, tokens, agency, demo::CANARY).await;
        agency
    }

    pub async fn start_in(&self, agency: AgencyId, order: &NewJob) -> JobId {
        let mut tx = TenantTx::begin(&self.web, Self::scope_of(agency)).await.unwrap();
        let started = provisioning::start(&mut tx, &order.check().unwrap(), None).await.unwrap();
        tx.commit().await.unwrap();
        started.job
    }

    /// How often the company's secret was decrypted for this purpose.
    pub async fn opened(&self, purpose: &str) -> i64 {
        time::opened(&self.db, self.integration, purpose).await
    }

    pub async fn job(&self, job: JobId) -> JobView {
        provisioning::get(&mut self.tx().await, job).await.unwrap()
    }

    pub async fn status(&self, job: JobId) -> JobStatus {
        self.job(job).await.row.status
    }

    pub async fn cancel(&self, job: JobId) -> store::Result<JobStatus> {
        let mut tx = self.tx().await;
        let status = provisioning::cancel(&mut tx, job).await?;
        tx.commit().await.map(|()| status)
    }

    pub async fn undo(&self, job: JobId) -> store::Result<JobStatus> {
        let mut tx = self.tx().await;
        let status = provisioning::undo(&mut tx, job).await?;
        tx.commit().await.map(|()| status)
    }

    pub async fn retry(&self, job: JobId) -> store::Result<JobStatus> {
        let mut tx = self.tx().await;
        let status = provisioning::retry(&mut tx, job).await?;
        tx.commit().await.map(|()| status)
    }

    pub async fn resume(&self, job: JobId, with: Value) -> JobStatus {
        let with: Resume = serde_json::from_value(with).unwrap();
        let mut tx = self.tx().await;
        let status = provisioning::resume(&mut tx, job, &with).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        status
    }

    /// Sets the agency to forbid markers in names.
    pub async fn forbid_markers_in_names(&self) {
        let mut tx = self.tx().await;
        let settings = domain::agency::Settings { name_marker: false, ..Default::default() };
        store::agencies::set_settings(&mut tx, &settings).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// How often a location with this name was actually created, by the simulator's journal.
    pub fn created(&self, name: &str) -> usize {
        let create = |call: &&Value| {
            call["method"] == "POST" && call["path"] == "/locations/" && call["body"].to_string().contains(name)
        };
        self.sim.journal().iter().filter(create).filter(|call| call["outcome"] == "executed").count()
    }

    /// Runs all work there is with the default worker.
    pub async fn run(&self) {
        self.run_as(&self.worker).await;
    }

    pub async fn run_as(&self, worker: &Worker) {
        testing::run_until_idle(worker, || time::until_next(&self.db), |by| self.advance(by)).await;
    }

    pub async fn advance(&self, by: Duration) {
        self.sim.advance(by);
        time::advance(&self.db, by).await;
    }

    /// The simulator's locations whose names contain this text.
    pub fn locations(&self, name: &str) -> Vec<Value> {
        all(&self.sim.world(), "locations")
            .into_iter()
            .filter(|location| location["name"].as_str().is_some_and(|have| have.contains(name)))
            .collect()
    }

    /// Rows of one of the simulator's tables that belong to a location.
    pub fn in_location(&self, table: &str, location: &str) -> Vec<Value> {
        all(&self.sim.world(), table).into_iter().filter(|row| row["locationId"] == location).collect()
    }

    /// The simulator's users who have access to a location.
    pub fn people(&self, location: &str) -> Vec<Value> {
        let reaches = |user: &Value| user.to_string().contains(location);
        all(&self.sim.world(), "users").into_iter().filter(reaches).collect()
    }

    /// Number of businesses with this name that are not in the trash.
    pub async fn businesses(&self, name: &str) -> usize {
        let query = domain::page::ListQuery { q: name.into(), ..Default::default() };
        store::businesses::list(&mut self.tx().await, &query)
            .await
            .unwrap()
            .rows
            .iter()
            .filter(|row| row.deleted_at.is_none())
            .count()
    }

    /// Version of the agency's tokens.
    pub async fn version(&self) -> i32 {
        let mut tx = TenantTx::begin(&self.work, self.scope()).await.unwrap();
        credentials::current(&mut tx, &self.vault, self.integration, "test").await.unwrap().unwrap().version
    }

    /// Reconnects the agency, as a person does.
    pub async fn connect_again(&self) {
        self.connect_to(demo::HARBOR).await;
    }

    /// Gives a new consent that grants only these scopes; `future` says whether new locations get the app.
    pub async fn consent(&self, company: &str, future: bool, scopes: &[&str]) {
        let code = self.sim.authorize_with_scopes(company, future, scopes, CALLBACK).unwrap();
        let tokens = connected::exchanged(&client(&self.sim), &code).await;
        connected::connect(&self.work, &self.vault, tokens, self.agency, company).await;
    }

    /// Gives a new consent for this company.
    pub async fn connect_to(&self, company: &str) -> IntegrationId {
        let tokens = connected::tokens(&client(&self.sim), &self.sim, company).await;
        connected::connect(&self.work, &self.vault, tokens, self.agency, company).await
    }

    /// Creates a location with the agency's own token, as somebody else would.
    pub async fn create_behind_our_back(&self, name: &str) {
        let mut tx = TenantTx::begin(&self.work, self.scope()).await.unwrap();
        let token = credentials::current(&mut tx, &self.vault, self.integration, "test").await.unwrap().unwrap().access;
        let about = CallContext::default();
        let call = ghl::Call { token: &token, resource: demo::HARBOR, about: &about };
        let new =
            ghl::locations::NewLocation { name: name.into(), company_id: demo::HARBOR.into(), ..Default::default() };
        ghl::locations::create(&client(&self.sim), call, &new).await.unwrap();
    }

    /// Checks that the writes which the simulator carried out are exactly those that we recorded as confirmed.
    pub async fn judge(&self) {
        let effects = time::effects(&self.db).await;
        let found = writes::differences(&self.sim.journal(), &effects, Late::Never);
        assert!(found.is_empty(), "{found:#?} in {effects:?}");
    }
}

fn all(world: &Value, table: &str) -> Vec<Value> {
    world["ghl"][table].as_array().cloned().unwrap_or_default()
}

/// An API client for calls that somebody else makes.
pub fn client(sim: &Handle) -> Ghl {
    ghl(sim, Tolerance::default())
}

/// An order that uses every step.
pub fn full_order(harness: &Harness, name: &str) -> NewJob {
    let word = name.to_lowercase().replace(' ', "-");
    NewJob {
        client: Client {
            name: name.into(),
            email: format!("owner@{word}.example"),
            phone: "+13055550100".into(),
            first_name: "Ana".into(),
            last_name: "Lee".into(),
            country: "US".into(),
            timezone: "America/New_York".into(),
            ..Client::default()
        },
        snapshot_id: Some(harness.snapshot),
        users: vec![NewUser {
            first_name: "Tess".into(),
            last_name: "Lee".into(),
            email: format!("tess@{word}.example"),
            role: UserRole::Admin,
        }],
        custom_values: [("Booking link".to_owned(), "https://book.example".to_owned())].into(),
        tags: vec!["vip".into()],
        invite_owner: true,
        create_anyway: false,
    }
}

/// The smallest possible order.
pub fn small_order(name: &str) -> NewJob {
    NewJob {
        client: Client {
            name: name.into(),
            phone: "+13055550100".into(),
            country: "US".into(),
            timezone: "America/New_York".into(),
            ..Client::default()
        },
        ..NewJob::default()
    }
}

/// Every way in which a call breaks. A hurried harness does not wait for the one that is answered late.
pub fn faults() -> [Value; 8] {
    [
        json!({"fault": "reset_before"}),
        json!({"fault": "reset_after"}),
        json!({"fault": "timeout", "delay_ms": 4000}),
        json!({"fault": "status", "status": 502}),
        json!({"fault": "status", "status": 500, "executed": true}),
        json!({"fault": "status", "status": 429}),
        json!({"fault": "truncated"}),
        json!({"fault": "empty"}),
    ]
}

/// A fault rule for one call.
pub fn fault(method: &str, path: &str, kind: &Value) -> Value {
    let mut rule = json!({ "match": { "method": method, "path": path }, "times": 1 });
    for (key, value) in kind.as_object().unwrap() {
        rule[key] = value.clone();
    }
    json!([rule])
}
