//! An integration ends only when it must, people are notified, and it resumes by itself whenever it can.

mod elsewhere;
mod leaving;
mod removed;

use std::sync::{Mutex, mpsc};
use std::time::Duration;

use domain::credential::CredentialKind;
use domain::identity::Role;
use domain::integration::{Integration, State, state};
use domain::provisioning::{JobStatus, Step};
use domain::snapshot::sync::{Link, SyncFailure, SyncState};
use domain::work::Kind;
use domain::{BusinessId, IntegrationId};
use ghl::auth;
use outbound::CallContext;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use simulator::demo;
use store::credentials::{self, NewSecret};
use store::queue::{self, Work};
use store::{Scope, TenantTx, integrations};
use worker::{KillPoint, testing};

use crate::harness::{Harness, client, fault, full_order, small_order};

impl Harness {
    async fn work_tx(&self, business: Option<BusinessId>) -> TenantTx {
        let (agency, reach, listed) = (self.agency, domain::identity::Reach::All, Vec::new());
        let scope = match business {
            Some(business) => Scope::AgencyBusiness { user: None, agency, business, reach, listed },
            None => self.scope(),
        };
        TenantTx::begin(&self.work, scope).await.unwrap()
    }

    /// Runs a check of the agency's integration or a snapshot sync now.
    async fn do_now(&self, kind: Kind) {
        let mut tx = self.work_tx(None).await;
        queue::add(&mut tx, &Work::new(kind).subject(self.integration.0)).await.unwrap();
        tx.commit().await.unwrap();
        testing::run_due(&self.worker).await;
    }

    /// Enqueues and runs the previous version's sweep, which runs every periodic job.
    async fn sweep(&self) {
        let mut tx = TenantTx::begin(&self.work, Scope::Open).await.unwrap();
        queue::add(&mut tx, &Work::new(Kind::Sweep).once("sweep")).await.unwrap();
        tx.commit().await.unwrap();
        testing::run_due(&self.worker).await;
    }

    async fn connection(&self, id: IntegrationId) -> Integration {
        integrations::get(&mut self.work_tx(None).await, id).await.unwrap()
    }

    async fn word(&self) -> State {
        state(Some(&self.connection(self.integration).await), self.work.clock().await.unwrap()).state
    }

    /// Number of calls with this method and path that the simulator received.
    fn calls(&self, method: &str, path: &str) -> usize {
        let journal = self.sim.journal();
        journal.iter().filter(|call| call["method"] == method && call["path"] == path).count()
    }

    /// How often a refresh token was sent, whatever the result.
    fn asked_to_renew(&self) -> usize {
        let journal = self.sim.journal();
        let asked = |call: &&Value| call["path"] == "/oauth/token" && call["body"]["grant_type"] == "refresh_token";
        journal.iter().filter(asked).count()
    }

    /// How often somebody was told that an integration needs reconnection.
    async fn told(&self) -> usize {
        let contents = self.db.contents().await;
        let (_, rows) = contents.into_iter().find(|(table, _)| table == "notifications").unwrap();
        rows.lines().filter(|row| row.contains("connection.lost:")).count()
    }

    /// Marks the tokens as unused for more than a day.
    async fn unused(&self) {
        self.db.execute("update credentials set issued_at = now() - interval '25 hours', last_used_at = null").await;
    }

    /// Connects a location with its own consent; `parent` is the company that it is stored under.
    async fn single(&self, parent: &str) -> (BusinessId, IntegrationId) {
        let business = self.db.business(self.agency).await;
        // The app is installed in the location too.
        let redirect = "http://127.0.0.1:3000/api/integrations/ghl/callback";
        self.sim.authorize(demo::HARBOR, &[demo::LUNA_YOGA], redirect).unwrap();
        let opened = self.opened_now(self.integration, None).await;
        let about = CallContext::default();
        let call = ghl::Call { token: &opened.access, resource: demo::HARBOR, about: &about };
        let tokens = auth::location_token(&client(&self.sim), call, demo::HARBOR, demo::LUNA_YOGA).await.unwrap();
        let mut tx = self.work_tx(Some(business)).await;
        let id =
            integrations::upsert_location(&mut tx, Some(business), demo::LUNA_YOGA, parent, Some("Luna Yoga")).await;
        let id = id.unwrap();
        let secret = NewSecret {
            kind: CredentialKind::OauthLocation,
            access: tokens.access,
            refresh: tokens.refresh,
            scopes: tokens.scopes,
            expires_at: Some(self.work.clock().await.unwrap() + chrono::TimeDelta::days(1)),
            refresh_expires_at: None,
        };
        credentials::put(&mut tx, &self.vault, id, &secret).await.unwrap();
        tx.commit().await.unwrap();
        (business, id)
    }

    async fn opened_now(&self, id: IntegrationId, business: Option<BusinessId>) -> credentials::Opened {
        let mut tx = self.work_tx(business).await;
        credentials::current(&mut tx, &self.vault, id, "test").await.unwrap().unwrap()
    }

    async fn renew_now(&self, id: IntegrationId, business: Option<BusinessId>) {
        let mut tx = self.work_tx(business).await;
        let version = credentials::peek(&mut tx, id).await.unwrap().unwrap().version;
        let work = Work::new(Kind::RefreshCredential).subject(id.0).payload(json!({ "version": version }));
        queue::add(&mut tx, &work).await.unwrap();
        tx.commit().await.unwrap();
        testing::run_due(&self.worker).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_chain_is_tried_once_and_each_owner_and_admin_gets_one_mail() {
    let harness = Harness::new().await;
    for role in [Role::AgencyOwner, Role::AgencyAdmin, Role::AgencyStaff] {
        harness.db.person(role, Some(harness.agency), None).await;
    }
    harness.sim.expire(&json!({ "what": "refresh" })).unwrap();
    harness.unused().await;
    harness.sweep().await;
    assert_eq!((harness.word().await, harness.asked_to_renew(), harness.told().await), (State::Expired, 1, 2));
    for _ in 0..4 {
        harness.unused().await;
        harness.advance(Duration::from_secs(600)).await;
        testing::run_due(&harness.worker).await;
    }
    assert_eq!((harness.asked_to_renew(), harness.told().await), (1, 2), "it stays dead in silence");
    // Repaired and broken again: people are notified again.
    harness.connect_again().await;
    harness.sim.expire(&json!({ "what": "refresh" })).unwrap();
    harness.unused().await;
    harness.sweep().await;
    assert_eq!((harness.asked_to_renew(), harness.told().await), (2, 4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 6)]
async fn five_jobs_that_are_refused_with_one_token_renew_it_once() {
    let harness = Harness::new().await;
    let processes = [harness.another_process().await, harness.another_process().await];
    let (mut gates, mut running, mut jobs) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..5_usize {
        jobs.push(harness.start(&small_order(&format!("Fifth {n} Dental"))).await);
        let ((here, there), (go, wait)) = (mpsc::channel(), mpsc::channel());
        let gate = Mutex::new((Some(here), wait));
        // Each worker pauses once, after it read its token and before it sends its write.
        let worker = processes[n % 2].ended_by(move |step, point| {
            if step == Step::CreateLocation && point == KillPoint::C1 {
                tokio::task::block_in_place(|| {
                    let mut gate = gate.lock().unwrap();
                    if let Some(here) = gate.0.take() {
                        here.send(()).unwrap();
                        gate.1.recv().unwrap();
                    }
                });
            }
            false
        });
        running.push(tokio::spawn(async move { testing::run_due(&worker).await }));
        tokio::task::block_in_place(|| there.recv_timeout(Duration::from_secs(120))).unwrap();
        gates.push(go);
    }
    harness.sim.expire(&json!({ "what": "access" })).unwrap();
    // They continue one after another, so that each is refused after the previous one has renewed the token.
    for (gate, run) in gates.into_iter().zip(running) {
        gate.send(()).unwrap();
        run.await.unwrap();
    }
    harness.run().await;
    for job in jobs {
        assert_eq!(harness.status(job).await, JobStatus::Completed);
    }
    assert_eq!((harness.asked_to_renew(), harness.version().await), (1, 2));
    harness.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locations_refusal_makes_its_token_anew_and_leaves_the_companys_alone() {
    let harness = Harness::new().await;
    let order = full_order(&harness, "Local Dental");
    let job = harness.start(&order).await;
    let mortal = harness.worker.ended_by(|step, _| step == Step::FillValues);
    while harness.job(job).await.row.current_step != Some(Step::FillValues) {
        testing::run_due(&mortal).await;
        harness.advance(Duration::from_secs(16)).await;
    }
    harness.advance(Duration::from_secs(61)).await;
    let location = harness.job(job).await.row.location_id.unwrap();
    let minted = harness.calls("POST", "/oauth/locationToken");
    harness.sim.expire(&json!({ "what": "access", "locationId": location })).unwrap();
    harness.run().await;
    assert_eq!(harness.status(job).await, JobStatus::Completed);
    assert_eq!(harness.calls("POST", "/oauth/locationToken"), minted + 1);
    assert_eq!((harness.asked_to_renew(), harness.version().await), (0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_and_a_list_of_snapshots_renew_a_refused_token_once_as_a_job_does() {
    for (kind, path) in
        [(Kind::CheckIntegration, format!("/companies/{}", demo::HARBOR)), (Kind::SyncSnapshots, "/snapshots/".into())]
    {
        let harness = Harness::new().await;
        harness.sim.expire(&json!({ "what": "access" })).unwrap();
        harness.do_now(kind).await;
        assert_eq!((harness.asked_to_renew(), harness.calls("GET", &path)), (1, 2), "{kind:?}");
        let facts = harness.connection(harness.integration).await;
        assert!(facts.last_error_at.is_none() && facts.last_ok_at.is_some(), "{kind:?}: {facts:?}");
        if kind == Kind::CheckIntegration {
            assert_eq!(facts.installs_future_locations, Some(true), "asked, since it was not known");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn why_the_list_of_snapshots_was_not_read_is_kept_until_it_is() {
    let harness = Harness::new().await;
    let state = async || {
        let facts = store::snapshots::syncs::facts(&mut harness.work_tx(None).await).await.unwrap();
        facts.state(Link::Connected)
    };
    harness.sim.faults(fault("GET", "/snapshots/", &json!({ "fault": "status", "status": 500 }))).unwrap();
    harness.do_now(Kind::SyncSnapshots).await;
    let failed = state().await;
    assert!(matches!(failed, SyncState::Failed(SyncFailure::Unavailable, Some(_), Some(_))), "{failed:?}");
    harness.run().await;
    assert!(matches!(state().await, SyncState::Synced(_)), "it was tried again by itself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_refusals_in_a_row_ask_nobody_and_the_job_goes_on() {
    let harness = Harness::new().await;
    let refused = json!({ "fault": "status", "status": 401, "times": 2 });
    harness.sim.faults(fault("POST", "/locations/", &refused)).unwrap();
    let job = harness.start(&small_order("Twice Dental")).await;
    testing::run_due(&harness.worker).await;
    assert_eq!(
        (harness.status(job).await, harness.word().await),
        (JobStatus::Retrying, State::Working),
        "it looks first"
    );
    harness.run().await;
    assert_eq!(
        (harness.status(job).await, harness.word().await),
        (JobStatus::Completed, State::Working),
        "nobody answered"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_account_keeps_its_tokens_is_asked_slowly_and_goes_on_by_itself() {
    for (status, says) in
        [(400, "Location is not active"), (401, "Location is not active"), (400, "Company is not active")]
    {
        let harness = Harness::new().await;
        harness.db.person(Role::AgencyOwner, Some(harness.agency), None).await;
        let body = json!({ "statusCode": status, "message": says }).to_string();
        let paused = json!({ "fault": "status", "status": status, "body": body, "times": 1000 });
        harness.sim.faults(fault("POST", "/oauth/token", &paused)).unwrap();
        harness.unused().await;
        harness.sweep().await;
        assert_eq!((harness.word().await, harness.asked_to_renew()), (State::Suspended, 1), "{status} {says}");
        for _ in 0..5 {
            harness.advance(Duration::from_secs(600)).await;
            harness.sweep().await;
        }
        assert_eq!(harness.asked_to_renew(), 1, "once an hour");
        harness.advance(Duration::from_secs(1_000)).await;
        harness.sweep().await;
        assert!(harness.asked_to_renew() >= 2 && harness.told().await == 0);
        harness.sim.clear_faults().unwrap();
        harness.advance(Duration::from_secs(4_000)).await;
        harness.sweep().await;
        assert_eq!((harness.word().await, harness.version().await), (State::Working, 2), "{status} {says}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_location_is_healed_by_its_company_and_one_without_is_told_once() {
    let harness = Harness::new().await;
    harness.db.person(Role::AgencyOwner, Some(harness.agency), None).await;
    let (business, location) = harness.single(demo::HARBOR).await;
    harness.sim.expire(&json!({ "what": "refresh", "locationId": demo::LUNA_YOGA })).unwrap();
    harness.unused().await;
    harness.sweep().await;
    assert_eq!(harness.connection(location).await.needs_reauth_at, None);
    harness.renew_now(location, Some(business)).await;
    assert_eq!(harness.opened_now(location, Some(business)).await.version, 2, "a new one from the company");
    let facts = harness.connection(location).await;
    assert!(facts.needs_reauth_at.is_none() && facts.last_ok_at.is_some());

    // The app was removed from this location only: only a person can help, and one mail says so.
    harness.sim.expire(&json!({ "what": "grant", "locationId": demo::LUNA_YOGA })).unwrap();
    for _ in 0..3 {
        harness.renew_now(location, Some(business)).await;
    }
    assert!(harness.connection(location).await.needs_reauth_at.is_some());
    assert_eq!((harness.told().await, harness.word().await), (1, State::Working), "the company is as well as before");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_location_is_no_death_and_ends_by_itself() {
    let harness = Harness::new().await;
    harness.db.person(Role::AgencyOwner, Some(harness.agency), None).await;
    let (business, location) = harness.single(demo::HARBOR).await;
    let pause = json!({ "id": demo::LUNA_YOGA, "active": false });
    harness.sim.set_location(&pause).unwrap();
    harness.renew_now(location, Some(business)).await;
    let facts = harness.connection(location).await;
    assert!(facts.suspended_at.is_some() && facts.needs_reauth_at.is_none());
    let word = state(Some(&facts), harness.work.clock().await.unwrap());
    assert!(word.state == State::Suspended && word.because.contains("paused this sub-account"), "{word:?}");
    harness.sim.set_location(&json!({ "id": demo::LUNA_YOGA, "active": true })).unwrap();
    harness.advance(Duration::from_secs(3_700)).await;
    harness.sweep().await;
    let facts = harness.connection(location).await;
    assert!(facts.suspended_at.is_none() && harness.told().await == 0, "{facts:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_location_whose_company_was_never_here_renews_itself_and_dies_alone() {
    let harness = Harness::new().await;
    harness.db.person(Role::AgencyOwner, Some(harness.agency), None).await;
    let (business, location) = harness.single("a-company-of-nobody-here").await;
    harness.unused().await;
    harness.sweep().await;
    assert_eq!(harness.opened_now(location, Some(business)).await.version, 2);
    harness.sim.expire(&json!({ "what": "refresh", "locationId": demo::LUNA_YOGA })).unwrap();
    for _ in 0..3 {
        harness.unused().await;
        harness.sweep().await;
        harness.advance(Duration::from_secs(300)).await;
    }
    assert!(harness.connection(location).await.needs_reauth_at.is_some());
    assert_eq!(harness.told().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_days_limit_is_said_and_nothing_is_asked_until_it_is_over() {
    let harness = Harness::new().await;
    harness.sim.knobs(&json!({ "daily_max": 1 })).unwrap();
    harness.do_now(Kind::CheckIntegration).await;
    harness.do_now(Kind::CheckIntegration).await;
    let facts = harness.connection(harness.integration).await;
    assert!(facts.limited_until.is_some_and(|until| until > chrono::Utc::now()), "{facts:?}");
    assert_eq!(harness.word().await, State::Working, "it says nothing against the connection");
    harness.sim.knobs(&json!({ "daily_max": 1000 })).unwrap();
    harness.do_now(Kind::CheckIntegration).await;
    assert_eq!(harness.connection(harness.integration).await.limited_until, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_without_a_refresh_token_leaves_the_old_one_in_use() {
    let harness = Harness::new().await;
    let before = harness.opened_now(harness.integration, None).await;
    let body = json!({ "access_token": "renewed", "token_type": "Bearer", "expires_in": 86399, "userType": "Company" });
    let bare = json!({ "fault": "status", "status": 200, "body": body.to_string() });
    harness.sim.faults(fault("POST", "/oauth/token", &bare)).unwrap();
    testing::renew(&harness.worker, harness.agency).await.unwrap();
    let after = harness.opened_now(harness.integration, None).await;
    assert_eq!((after.version, after.access.expose_secret()), (2, "renewed"));
    assert_eq!(after.refresh.unwrap().expose_secret(), before.refresh.unwrap().expose_secret());
}
