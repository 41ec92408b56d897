//! A change to a client reaches HighLevel once, whatever happens on the way, and an archived client keeps no key.

use domain::BusinessId;
use domain::clients::{ClientDetails, LocationUpdate, UpdateState};
use domain::integration::{State, state};
use serde_json::{Value, json};
use simulator::demo;
use store::{TenantTx, businesses, credentials, integrations};
use worker::testing;

use crate::harness::business::begin;
use crate::harness::{Harness, fault, small_order};

const LOCATION: &str = demo::LUNA_YOGA;

impl Harness {
    async fn business_tx(&self, business: BusinessId) -> TenantTx {
        begin(self.agency, &self.work, business).await
    }

    /// A client whose location HighLevel knows.
    async fn known_client(&self) -> BusinessId {
        let business = self.db.business(self.agency).await;
        let mut tx = self.business_tx(business).await;
        businesses::set_location(&mut tx, business, LOCATION).await.unwrap();
        tx.commit().await.unwrap();
        business
    }

    /// Changes members of a client, as the form does.
    async fn edit(&self, business: BusinessId, change: impl FnOnce(&mut ClientDetails)) {
        let mut tx = self.business_tx(business).await;
        let before = ClientDetails::from(&businesses::get(&mut tx, business).await.unwrap());
        let mut after = before.clone();
        change(&mut after);
        let fields = after.changed(&before);
        businesses::set_details(&mut tx, business, &after.name, &after.details(), &fields).await.unwrap();
        businesses::ask_update(&mut tx, business, &fields).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn update(&self, business: BusinessId) -> LocationUpdate {
        businesses::last_update(&mut self.business_tx(business).await, business).await.unwrap().unwrap()
    }

    async fn retry_update(&self, business: BusinessId) {
        let mut tx = self.business_tx(business).await;
        businesses::retry_update(&mut tx, business).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The bodies of the changes of the location that HighLevel carried out.
    fn changes_told(&self) -> Vec<Value> {
        let path = format!("/locations/{LOCATION}");
        let change = |call: &&Value| call["method"] == "PUT" && call["path"] == path && call["outcome"] == "executed";
        self.sim.journal().iter().filter(change).map(|call| call["body"].clone()).collect()
    }

    fn location(&self) -> Value {
        let world = self.sim.world();
        let all = world["ghl"]["locations"].as_array().unwrap().clone();
        all.into_iter().find(|one| one["id"] == LOCATION).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_told_once_and_only_what_was_changed() {
    let harness = Harness::new().await;
    let business = harness.known_client().await;
    let name = harness.location()["name"].clone();
    harness.edit(business, |client| client.phone = "+13055550199".into()).await;
    testing::run_due(&harness.worker).await;
    assert_eq!(harness.changes_told(), [json!({ "companyId": demo::HARBOR, "phone": "+13055550199" })]);
    assert_eq!(harness.location()["name"], name, "nothing else was touched");
    let update = harness.update(business).await;
    assert_eq!((update.state, update.note), (UpdateState::Done, None));
    // HighLevel shows it already, so nothing is sent.
    harness.edit(business, |client| client.city = "Elsewhere".into()).await;
    harness.edit(business, |client| client.city = harness.location()["city"].as_str().unwrap_or("").into()).await;
    harness.run().await;
    assert_eq!(harness.update(business).await.state, UpdateState::Done);
    assert!(harness.changes_told().len() <= 2, "{:?}", harness.changes_told());
    harness.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withheld_answer_a_lost_call_and_a_failing_service_tell_it_once() {
    for trouble in [
        json!({ "fault": "reset_after", "times": 1 }),
        json!({ "fault": "reset_before", "times": 1 }),
        json!({ "fault": "timeout", "times": 1 }),
        json!({ "fault": "status", "status": 502, "times": 2 }),
        json!({ "fault": "status", "status": 429, "times": 2 }),
    ] {
        let harness = Harness::hurried().await;
        let business = harness.known_client().await;
        harness.sim.faults(fault("PUT", &format!("/locations/{LOCATION}"), &trouble)).unwrap();
        harness.edit(business, |client| client.phone = "+13055550199".into()).await;
        harness.run().await;
        assert_eq!(harness.update(business).await.state, UpdateState::Done, "{trouble}");
        assert_eq!(harness.changes_told().len(), 1, "{trouble}: {:?}", harness.changes_told());
        assert_eq!(harness.location()["phone"], "+13055550199", "{trouble}");
        harness.judge().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_of_a_worker_that_stood_still_is_not_sent_late_but_anew() {
    let harness = Harness::new().await;
    let business = harness.known_client().await;
    harness.edit(business, |client| client.phone = "+13055550199".into()).await;
    testing::stand_still(&harness.worker);
    testing::run_due(&harness.worker).await;
    assert!(harness.changes_told().is_empty(), "its time was over");
    harness.run().await;
    assert_eq!(harness.update(business).await.state, UpdateState::Done);
    assert_eq!(harness.changes_told().len(), 1, "{:?}", harness.changes_told());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_highlevel_rejects_is_said_and_goes_with_a_retry() {
    let harness = Harness::new().await;
    let business = harness.known_client().await;
    let rejected = json!({ "fault": "status", "status": 422, "times": 1 });
    harness.sim.faults(fault("PUT", &format!("/locations/{LOCATION}"), &rejected)).unwrap();
    harness.edit(business, |client| client.phone = "+13055550199".into()).await;
    harness.run().await;
    let update = harness.update(business).await;
    assert_eq!(update.state, UpdateState::Failed);
    assert!(update.note.as_deref().is_some_and(|note| note.starts_with("HighLevel rejected")), "{update:?}");
    harness.retry_update(business).await;
    harness.run().await;
    assert_eq!((harness.update(business).await.state, harness.changes_told().len()), (UpdateState::Done, 1));
    harness.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_location_that_is_gone_is_said() {
    let harness = Harness::new().await;
    let business = harness.known_client().await;
    harness.db.execute("update sub_accounts set ghl_location_id = 'NobodyKnowsThisOne12'").await;
    harness.edit(business, |client| client.phone = "+13055550199".into()).await;
    harness.run().await;
    let update = harness.update(business).await;
    assert_eq!(update.state, UpdateState::Failed);
    assert!(update.note.as_deref().is_some_and(|note| note.contains("deleted there")), "{update:?}");
    harness.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_waits_for_the_job_of_its_client_and_for_a_connection() {
    let harness = Harness::new().await;
    let business = harness.known_client().await;
    let job = harness.start(&small_order("Bay Dental")).await;
    harness
        .db
        .execute("update provisioning_jobs set location_id = (select ghl_location_id from sub_accounts limit 1)")
        .await;
    // Only the client's work is looked at: the job itself does not run.
    harness.db.execute("delete from work_ready where kind = 'provisioning.job'").await;
    harness.edit(business, |client| client.phone = "+13055550199".into()).await;
    testing::run_due(&harness.worker).await;
    let update = harness.update(business).await;
    assert_eq!(update.state, UpdateState::Waiting);
    assert_eq!(update.note.as_deref(), Some("Waiting for job #1 to end."));
    harness.cancel(job).await.unwrap();
    harness.db.execute("update provisioning_jobs set location_id = null").await;
    harness.db.execute("update integrations set paused_at = now()").await;
    harness.retry_update(business).await;
    testing::run_due(&harness.worker).await;
    let update = harness.update(business).await;
    assert!(update.note.as_deref().is_some_and(|note| note.contains("connected again")), "{update:?}");
    assert!(harness.changes_told().is_empty());
    harness.db.execute("update integrations set paused_at = null").await;
    harness.db.execute("update work_scheduled set run_at = now()").await;
    testing::run_due(&harness.worker).await;
    assert_eq!((harness.update(business).await.state, harness.changes_told().len()), (UpdateState::Done, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archived_client_loses_its_routes_and_keys_and_gets_its_connection_back() {
    let harness = Harness::new().await;
    let business = harness.known_client().await;
    let mut tx = harness.business_tx(business).await;
    let id =
        integrations::upsert_location(&mut tx, Some(business), LOCATION, demo::HARBOR, Some("Luna")).await.unwrap();
    let secret = credentials::NewSecret {
        kind: domain::credential::CredentialKind::OauthLocation,
        access: "a".to_owned().into(),
        refresh: None,
        scopes: Vec::new(),
        expires_at: None,
        refresh_expires_at: None,
    };
    credentials::put(&mut tx, &harness.vault, id, &secret).await.unwrap();
    let route = json!({ "number": "+13055550100", "business": business, "timezone": "UTC" });
    let route = store::phone_routes::add(&mut tx, &serde_json::from_value(route).unwrap()).await.unwrap();
    businesses::archive(&mut tx, business).await.unwrap();
    tx.commit().await.unwrap();
    assert!(
        !store::phone_routes::find(&mut harness.tx().await, &route.number).await.unwrap().unwrap().active,
        "at once"
    );
    testing::run_due(&harness.worker).await;
    let mut tx = harness.business_tx(business).await;
    let client = businesses::get(&mut tx, business).await.unwrap();
    let ended = client.offboarding.unwrap();
    assert!(client.offboarded_at.is_some());
    assert_eq!((ended.routes, ended.keys, ended.error), (1, 1, None));
    assert!(!store::phone_routes::get(&mut tx, route.id).await.unwrap().active);
    let now = harness.work.clock().await.unwrap();
    let connection = integrations::get(&mut tx, id).await.unwrap();
    assert_eq!(state(Some(&connection), now).state, State::Paused);
    assert!(credentials::list(&mut tx, id).await.unwrap().is_empty());
    businesses::reactivate(&mut tx, business).await.unwrap();
    let connection = integrations::get(&mut tx, id).await.unwrap();
    assert_ne!(state(Some(&connection), now).state, State::Paused);
    let client = businesses::get(&mut tx, business).await.unwrap();
    assert_eq!((client.status.as_str(), client.archived_at, client.offboarded_at), ("active", None, None));
    tx.commit().await.unwrap();
    assert!(harness.changes_told().is_empty(), "HighLevel is left alone");
    // Work that was queued before does nothing to a client that came back.
    let mut tx = harness.business_tx(business).await;
    businesses::offboard(&mut tx, business).await.unwrap();
    assert!(businesses::get(&mut tx, business).await.unwrap().offboarded_at.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_was_given_up_is_said_and_can_be_tried_again() {
    // The state that processes leave which ended in the middle of the work, each time.
    const WORN_OUT: &str = r#"update work_ready set attempt = 40, payload = '{"anew": true}'"#;
    let harness = Harness::new().await;
    let business = harness.known_client().await;
    harness.edit(business, |client| client.phone = "+13055550199".into()).await;
    harness.db.execute(WORN_OUT).await;
    testing::run_due(&harness.worker).await;
    let update = harness.update(business).await;
    assert_eq!(update.state, UpdateState::Failed);
    assert!(update.note.as_deref().is_some_and(|note| note.contains("Try again")), "{update:?}");
    harness.retry_update(business).await;
    harness.run().await;
    assert_eq!((harness.update(business).await.state, harness.changes_told().len()), (UpdateState::Done, 1));

    let mut tx = harness.business_tx(business).await;
    businesses::archive(&mut tx, business).await.unwrap();
    tx.commit().await.unwrap();
    harness.db.execute(WORN_OUT).await;
    testing::run_due(&harness.worker).await;
    let mut tx = harness.business_tx(business).await;
    let client = businesses::get(&mut tx, business).await.unwrap();
    assert!(client.offboarded_at.is_none() && client.offboarding.is_some_and(|ended| ended.error.is_some()));
    businesses::retry_offboarding(&mut tx, business).await.unwrap();
    tx.commit().await.unwrap();
    testing::run_due(&harness.worker).await;
    let client = businesses::get(&mut harness.business_tx(business).await, business).await.unwrap();
    assert!(client.offboarded_at.is_some());
    harness.judge().await;
}
