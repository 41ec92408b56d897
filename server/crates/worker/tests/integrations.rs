//! Does a connection end when it must and only then, is it told, and does it go on by itself whenever it can?
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "integrations/leaving.rs"]
mod leaving;
mod stage;

use std::sync::{Mutex, mpsc};
use std::time::Duration;

use domain::credential::CredentialKind;
use domain::identity::Role;
use domain::integration::{Integration, State, state};
use domain::provisioning::{JobStatus, Step};
use domain::work::{Kind, Mail};
use domain::{BusinessId, IntegrationId};
use ghl::auth;
use outbound::About;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use simulator::demo;
use stage::{Stage, fault, small_order};
use store::credentials::{self, NewSecret};
use store::queue::{self, Work};
use store::{Scope, TenantTx, integrations};
use worker::{KillPoint, testing};

impl Stage {
    async fn work_tx(&self, business: Option<BusinessId>) -> TenantTx {
        let (agency, reach, listed) = (self.agency, domain::identity::Reach::All, Vec::new());
        let scope = match business {
            Some(business) => Scope::AgencyBusiness { user: None, agency, business, reach, listed },
            None => self.scope(),
        };
        TenantTx::begin(&self.work, scope).await.unwrap()
    }

    /// Has the agency's connection checked, or its snapshots read, now.
    async fn do_now(&self, kind: Kind) {
        let mut tx = self.work_tx(None).await;
        queue::add(&mut tx, &Work::new(kind).subject(self.integration.0)).await.unwrap();
        tx.commit().await.unwrap();
        testing::run_due(&self.worker).await;
    }

    /// Everything that has had its time is looked for, now and again.
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

    /// Calls of a path that the simulator was sent.
    fn calls(&self, method: &str, path: &str) -> usize {
        let journal = self.sim.journal();
        journal.iter().filter(|call| call["method"] == method && call["path"] == path).count()
    }

    /// Times a refresh token was sent, whatever came of it.
    fn asked_to_renew(&self) -> usize {
        let journal = self.sim.journal();
        let asked = |call: &&Value| call["path"] == "/oauth/token" && call["body"]["grant_type"] == "refresh_token";
        journal.iter().filter(asked).count()
    }

    /// Mails that told of a death.
    fn told(&self) -> usize {
        self.mails.sent().iter().filter(|(_, mail)| matches!(mail, Mail::NeedsReauth { .. })).count()
    }

    /// Tokens that nobody used for more than a day.
    async fn unused(&self) {
        self.db.execute("update credentials set issued_at = now() - interval '25 hours', last_used_at = null").await;
    }

    /// A location with a consent of its own; `parent` is the company it is said to belong to.
    async fn single(&self, parent: &str) -> (BusinessId, IntegrationId) {
        let business = self.db.business(self.agency).await;
        // The app is on the location as well.
        let redirect = "http://127.0.0.1:3000/api/integrations/ghl/callback";
        self.sim.authorize(demo::HARBOR, &[demo::LUNA_YOGA], redirect).unwrap();
        let opened = self.opened_now(self.integration, None).await;
        let about = About::default();
        let call = ghl::Call { token: &opened.access, resource: demo::HARBOR, about: &about };
        let tokens =
            auth::location_token(&stage::client(&self.sim), call, demo::HARBOR, demo::LUNA_YOGA).await.unwrap();
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
    let stage = Stage::new().await;
    for role in [Role::AgencyOwner, Role::AgencyAdmin, Role::AgencyStaff] {
        stage.db.person(role, Some(stage.agency), None).await;
    }
    stage.sim.expire(&json!({ "what": "refresh" })).unwrap();
    stage.unused().await;
    stage.sweep().await;
    assert_eq!((stage.word().await, stage.asked_to_renew(), stage.told()), (State::Expired, 1, 2));
    for _ in 0..4 {
        stage.unused().await;
        stage.advance(Duration::from_secs(600)).await;
        testing::run_due(&stage.worker).await;
    }
    assert_eq!((stage.asked_to_renew(), stage.told()), (1, 2), "it stays dead in silence");
    // Repaired, and dead again: that is told again.
    stage.connect_again().await;
    stage.sim.expire(&json!({ "what": "refresh" })).unwrap();
    stage.unused().await;
    stage.sweep().await;
    assert_eq!((stage.asked_to_renew(), stage.told()), (2, 4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 6)]
async fn five_jobs_that_are_refused_with_one_token_renew_it_once() {
    let stage = Stage::new().await;
    let processes = [stage.another_process().await, stage.another_process().await];
    let (mut gates, mut running, mut jobs) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..5_usize {
        jobs.push(stage.start(&small_order(&format!("Fifth {n} Dental"))).await);
        let ((here, there), (go, wait)) = (mpsc::channel(), mpsc::channel());
        let gate = Mutex::new((Some(here), wait));
        // Each stops once, with its token in hand and its write not sent.
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
    stage.sim.expire(&json!({ "what": "access" })).unwrap();
    // One after the other, so that each hears of its refusal after the one before has renewed.
    for (gate, run) in gates.into_iter().zip(running) {
        gate.send(()).unwrap();
        run.await.unwrap();
    }
    stage.run().await;
    for job in jobs {
        assert_eq!(stage.status(job).await, JobStatus::Completed);
    }
    assert_eq!((stage.asked_to_renew(), stage.version().await), (1, 2));
    stage.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locations_refusal_makes_its_token_anew_and_leaves_the_companys_alone() {
    let stage = Stage::new().await;
    let order = stage::full_order(&stage, "Local Dental");
    let job = stage.start(&order).await;
    let mortal = stage.worker.ended_by(|step, _| step == Step::FillValues);
    while stage.job(job).await.row.current_step != Some(Step::FillValues) {
        testing::run_due(&mortal).await;
        stage.advance(Duration::from_secs(16)).await;
    }
    stage.advance(Duration::from_secs(61)).await;
    let location = stage.job(job).await.row.location_id.unwrap();
    let minted = stage.calls("POST", "/oauth/locationToken");
    stage.sim.expire(&json!({ "what": "access", "locationId": location })).unwrap();
    stage.run().await;
    assert_eq!(stage.status(job).await, JobStatus::Completed);
    assert_eq!(stage.calls("POST", "/oauth/locationToken"), minted + 1);
    assert_eq!((stage.asked_to_renew(), stage.version().await), (0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_and_a_list_of_snapshots_renew_a_refused_token_once_as_a_job_does() {
    for (kind, path) in
        [(Kind::CheckIntegration, format!("/companies/{}", demo::HARBOR)), (Kind::SyncSnapshots, "/snapshots/".into())]
    {
        let stage = Stage::new().await;
        stage.sim.expire(&json!({ "what": "access" })).unwrap();
        stage.do_now(kind).await;
        assert_eq!((stage.asked_to_renew(), stage.calls("GET", &path)), (1, 2), "{kind:?}");
        let facts = stage.connection(stage.integration).await;
        assert!(facts.last_error_at.is_none() && facts.last_ok_at.is_some(), "{kind:?}: {facts:?}");
        if kind == Kind::CheckIntegration {
            assert_eq!(facts.installs_future_locations, Some(true), "asked, since it was not known");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_refusals_in_a_row_ask_nobody_and_the_job_goes_on() {
    let stage = Stage::new().await;
    let refused = json!({ "fault": "status", "status": 401, "times": 2 });
    stage.sim.faults(fault("POST", "/locations/", &refused)).unwrap();
    let job = stage.start(&small_order("Twice Dental")).await;
    testing::run_due(&stage.worker).await;
    assert_eq!((stage.status(job).await, stage.word().await), (JobStatus::Retrying, State::Working), "it looks first");
    stage.run().await;
    assert_eq!(
        (stage.status(job).await, stage.word().await),
        (JobStatus::Completed, State::Working),
        "nobody answered"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_account_keeps_its_tokens_is_asked_slowly_and_goes_on_by_itself() {
    for (status, says) in
        [(400, "Location is not active"), (401, "Location is not active"), (400, "Company is not active")]
    {
        let stage = Stage::new().await;
        stage.db.person(Role::AgencyOwner, Some(stage.agency), None).await;
        let body = json!({ "statusCode": status, "message": says }).to_string();
        let paused = json!({ "fault": "status", "status": status, "body": body, "times": 1000 });
        stage.sim.faults(fault("POST", "/oauth/token", &paused)).unwrap();
        stage.unused().await;
        stage.sweep().await;
        assert_eq!((stage.word().await, stage.asked_to_renew()), (State::Suspended, 1), "{status} {says}");
        for _ in 0..5 {
            stage.advance(Duration::from_secs(600)).await;
            stage.sweep().await;
        }
        assert_eq!(stage.asked_to_renew(), 1, "once an hour");
        stage.advance(Duration::from_secs(1_000)).await;
        stage.sweep().await;
        assert!(stage.asked_to_renew() >= 2 && stage.told() == 0);
        stage.sim.clear_faults().unwrap();
        stage.advance(Duration::from_secs(4_000)).await;
        stage.sweep().await;
        assert_eq!((stage.word().await, stage.version().await), (State::Working, 2), "{status} {says}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_location_is_healed_by_its_company_and_one_without_is_told_once() {
    let stage = Stage::new().await;
    stage.db.person(Role::AgencyOwner, Some(stage.agency), None).await;
    let (business, location) = stage.single(demo::HARBOR).await;
    stage.sim.expire(&json!({ "what": "refresh", "locationId": demo::LUNA_YOGA })).unwrap();
    stage.unused().await;
    stage.sweep().await;
    assert_eq!(stage.connection(location).await.needs_reauth_at, None);
    stage.renew_now(location, Some(business)).await;
    assert_eq!(stage.opened_now(location, Some(business)).await.version, 2, "a new one from the company");
    let facts = stage.connection(location).await;
    assert!(facts.needs_reauth_at.is_none() && facts.last_ok_at.is_some());

    // The app was taken off this location alone: nothing but a person helps, and one mail says so.
    stage.sim.expire(&json!({ "what": "grant", "locationId": demo::LUNA_YOGA })).unwrap();
    for _ in 0..3 {
        stage.renew_now(location, Some(business)).await;
    }
    assert!(stage.connection(location).await.needs_reauth_at.is_some());
    assert_eq!((stage.told(), stage.word().await), (1, State::Working), "the company is as well as before");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_location_is_no_death_and_ends_by_itself() {
    let stage = Stage::new().await;
    stage.db.person(Role::AgencyOwner, Some(stage.agency), None).await;
    let (business, location) = stage.single(demo::HARBOR).await;
    let pause = json!({ "id": demo::LUNA_YOGA, "active": false });
    stage.sim.set_location(&pause).unwrap();
    stage.renew_now(location, Some(business)).await;
    let facts = stage.connection(location).await;
    assert!(facts.suspended_at.is_some() && facts.needs_reauth_at.is_none());
    let word = state(Some(&facts), stage.work.clock().await.unwrap());
    assert!(word.state == State::Suspended && word.because.contains("paused this location"), "{word:?}");
    stage.sim.set_location(&json!({ "id": demo::LUNA_YOGA, "active": true })).unwrap();
    stage.advance(Duration::from_secs(3_700)).await;
    stage.sweep().await;
    let facts = stage.connection(location).await;
    assert!(facts.suspended_at.is_none() && stage.told() == 0, "{facts:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_location_whose_company_was_never_here_renews_itself_and_dies_alone() {
    let stage = Stage::new().await;
    stage.db.person(Role::AgencyOwner, Some(stage.agency), None).await;
    let (business, location) = stage.single("a-company-of-nobody-here").await;
    stage.unused().await;
    stage.sweep().await;
    assert_eq!(stage.opened_now(location, Some(business)).await.version, 2);
    stage.sim.expire(&json!({ "what": "refresh", "locationId": demo::LUNA_YOGA })).unwrap();
    for _ in 0..3 {
        stage.unused().await;
        stage.sweep().await;
        stage.advance(Duration::from_secs(300)).await;
    }
    assert!(stage.connection(location).await.needs_reauth_at.is_some());
    assert_eq!(stage.told(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_days_limit_is_said_and_nothing_is_asked_until_it_is_over() {
    let stage = Stage::new().await;
    stage.sim.knobs(&json!({ "daily_max": 1 })).unwrap();
    stage.do_now(Kind::CheckIntegration).await;
    stage.do_now(Kind::CheckIntegration).await;
    let facts = stage.connection(stage.integration).await;
    assert!(facts.limited_until.is_some_and(|until| until > chrono::Utc::now()), "{facts:?}");
    assert_eq!(stage.word().await, State::Working, "it says nothing against the connection");
    stage.sim.knobs(&json!({ "daily_max": 1000 })).unwrap();
    stage.do_now(Kind::CheckIntegration).await;
    assert_eq!(stage.connection(stage.integration).await.limited_until, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_without_a_refresh_token_leaves_the_old_one_in_use() {
    let stage = Stage::new().await;
    let before = stage.opened_now(stage.integration, None).await;
    let body = json!({ "access_token": "renewed", "token_type": "Bearer", "expires_in": 86399, "userType": "Company" });
    let bare = json!({ "fault": "status", "status": 200, "body": body.to_string() });
    stage.sim.faults(fault("POST", "/oauth/token", &bare)).unwrap();
    testing::renew(&stage.worker, stage.agency).await.unwrap();
    let after = stage.opened_now(stage.integration, None).await;
    assert_eq!((after.version, after.access.expose_secret()), (2, "renewed"));
    assert_eq!(after.refresh.unwrap().expose_secret(), before.refresh.unwrap().expose_secret());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_tokens_of_a_connection_that_was_removed_meanwhile_are_not_carried_about() {
    let stage = Stage::new().await;
    stage
        .db
        .execute(
            "create function gone() returns trigger language plpgsql security definer as $$ begin delete from public.integrations; return null; end $$",
        )
        .await;
    stage
        .db
        .execute(
            "create trigger gone after insert on audit_events for each row when (new.action = 'credential.opened' and new.payload ->> 'purpose' = 'renewal') execute function gone()",
        )
        .await;
    let ended = testing::renew_since(&stage.worker, stage.agency, stage.integration, 1);
    let ended = tokio::time::timeout(Duration::from_secs(60), ended)
        .await
        .expect("it ends instead of trying for a quarter of an hour");
    assert_eq!((ended, stage.asked_to_renew()), (Err("NotConnected".to_owned()), 1));
}
