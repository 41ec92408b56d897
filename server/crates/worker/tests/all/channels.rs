//! The rules of a channel's connection: Instagram's token is renewed ahead of time, a dead token is found without a message,
//! a step of the setup asks Meta anew, and a disconnected account sends us nothing any more.

use chrono::{TimeDelta, Utc};
use domain::channel_setup::Step;
use domain::credential::CredentialKind;
use domain::integration::{Integration, Kind};
use domain::work::{Kind as WorkKind, Queue};
use domain::{BusinessId, IntegrationId};
use serde_json::{Value, json};
use store::messaging::channels;
use store::queue::{self, Work};
use store::{TenantTx, credentials, integrations};
use worker::{Worker, testing};

use crate::canned::{Answer, Canned};
use crate::harness::Harness;
use crate::harness::business::{self, begin};

const SCOPES: [&str; 2] = ["whatsapp_business_management", "whatsapp_business_messaging"];

/// A business with one account that is connected to a Meta that answers what the test gives it.
struct World {
    harness: Harness,
    meta: Canned,
    worker: Worker,
    business: BusinessId,
    id: IntegrationId,
}

impl World {
    async fn new(kind: Kind, token: CredentialKind) -> Self {
        let (harness, meta) = (Harness::new().await, Canned::start().await);
        let business = harness.db.business(harness.agency).await;
        let until = Some(Utc::now() + TimeDelta::days(9));
        let (id, _) = business::connect(&harness, business, kind, (token, until)).await;
        let worker = business::worker(&harness, &meta.address, business::media());
        Self { harness, meta, worker, business, id }
    }

    async fn tx(&self) -> TenantTx {
        begin(self.harness.agency, &self.harness.work, self.business).await
    }

    async fn facts(&self) -> Integration {
        integrations::get(&mut self.tx().await, self.id).await.unwrap()
    }

    /// Whether messages of the channel wait until it is connected again.
    async fn is_held(&self) -> bool {
        channels::list(&mut self.tx().await).await.unwrap().iter().all(|channel| channel.hold_since.is_some())
    }

    /// Queues this work about the account and does it, with these answers of Meta. Returns how often Meta was asked.
    async fn does(&self, kind: WorkKind, payload: Value, answers: impl IntoIterator<Item = Answer>) -> usize {
        let before = self.meta.asked().len();
        self.meta.answers(answers);
        let mut tx = self.tx().await;
        queue::add(&mut tx, &Work::new(kind).subject(self.id.0).payload(payload)).await.unwrap();
        tx.commit().await.unwrap();
        testing::run_due_in(&self.worker, &[Queue::Background]).await;
        self.meta.asked().len() - before
    }
}

fn dead(code: i64) -> Answer {
    Answer::Says(400, json!({ "error": { "message": "no", "type": "OAuthException", "code": code } }))
}

/// What `debug_token` says of a token with these permissions.
fn alive(scopes: &[&str]) -> Answer {
    Answer::Says(
        200,
        json!({ "data": { "is_valid": true, "app_id": "990000000000001", "scopes": scopes, "expires_at": 0 } }),
    )
}

#[tokio::test]
async fn a_token_of_instagram_is_renewed_once_and_its_death_is_told() {
    let world = World::new(Kind::Instagram, CredentialKind::OauthUser).await;
    let (at, renewed) = (
        |version: i32| json!({ "version": version }),
        Answer::Says(200, json!({ "access_token": "IGAAnew", "token_type": "bearer", "expires_in": 5_183_944 })),
    );
    assert_eq!(world.does(WorkKind::RefreshCredential, at(1), [renewed]).await, 1);
    let facts = world.facts().await;
    assert!(facts.token_expires_at.unwrap() > Utc::now() + TimeDelta::days(50), "{facts:?}");
    assert_eq!(facts.credential.unwrap().version, 2);
    assert_eq!(world.does(WorkKind::RefreshCredential, at(1), []).await, 0, "it was renewed since");
    world.does(WorkKind::RefreshCredential, at(2), [dead(100)]).await;
    assert!(world.facts().await.needs_reauth_at.is_none(), "a refusal of the call is no death");
    world.does(WorkKind::RefreshCredential, at(2), [dead(190)]).await;
    assert!(world.facts().await.needs_reauth_at.is_some() && world.is_held().await);
    assert_eq!(world.does(WorkKind::RefreshCredential, at(2), []).await, 0, "a person is needed");
}

#[tokio::test]
async fn a_look_finds_a_dead_token_and_lost_permissions_and_believes_no_outage() {
    let world = World::new(Kind::Whatsapp, CredentialKind::SystemUser).await;
    world.does(WorkKind::CheckChannel, json!({}), [alive(&SCOPES)]).await;
    let facts = world.facts().await;
    assert_eq!((facts.scopes_missing.len(), facts.token_expires_at), (0, None), "Meta says that it has no end");
    world.does(WorkKind::CheckChannel, json!({}), [alive(&SCOPES[..1])]).await;
    assert_eq!(world.facts().await.scopes_missing, SCOPES[1..]);
    let odd = Answer::Says(200, json!({ "data": { "is_valid": true } }));
    world.does(WorkKind::CheckChannel, json!({}), [odd]).await;
    assert_eq!(world.facts().await.scopes_missing, SCOPES[1..], "silence gives nothing back");
    world.does(WorkKind::CheckChannel, json!({}), [dead(190)]).await;
    assert!(world.facts().await.needs_reauth_at.is_none(), "our own token was refused, not the channel's");
    let death = json!({ "data": { "is_valid": false, "error": { "code": 190, "message": "m", "subcode": 460 } } });
    world.does(WorkKind::CheckChannel, json!({}), [Answer::Says(200, death)]).await;
    let facts = world.facts().await;
    assert_eq!(facts.last_error_code.as_deref(), Some("password changed"));
    assert!(facts.needs_reauth_at.is_some() && world.is_held().await);
    assert_eq!(world.does(WorkKind::CheckChannel, json!({}), []).await, 0, "it is told once");
}

#[tokio::test]
async fn a_step_that_failed_finds_what_was_granted_meanwhile() {
    let world = World::new(Kind::Whatsapp, CredentialKind::SystemUser).await;
    let step = async |step| {
        let mut tx = world.tx().await;
        integrations::set_setup(&mut tx, world.id, Some(step), None).await.unwrap();
        tx.commit().await.unwrap();
    };
    step(Step::Permissions).await;
    world.does(WorkKind::SetUpChannel, json!({}), [alive(&SCOPES[..1])]).await;
    let facts = world.facts().await;
    assert!(facts.setup_error.is_some_and(|error| error.contains(SCOPES[1])));
    step(Step::Permissions).await;
    let number = Answer::Says(200, json!({ "id": "1065", "platform_type": "CLOUD_API", "status": "CONNECTED" }));
    let done = Answer::Says(200, json!({ "success": true }));
    let answers = [alive(&SCOPES), number.clone(), done, number];
    world.does(WorkKind::SetUpChannel, json!({}), answers).await;
    let facts = world.facts().await;
    assert_eq!((facts.setup_step.as_deref(), facts.setup_error), (Some("test"), None));
    step(Step::Subscribe).await;
    world.does(WorkKind::SetUpChannel, json!({}), [dead(190)]).await;
    let facts = world.facts().await;
    assert!(facts.setup_error.is_some() && facts.needs_reauth_at.is_some(), "{facts:?}");
}

#[tokio::test]
async fn a_disconnected_account_is_unsubscribed_and_its_token_deleted_whatever_meta_says() {
    let done = || Answer::Says(200, json!({ "success": true }));
    for (answers, calls) in [(vec![done()], 1), (vec![dead(190)], 1), (vec![dead(200)], 1)] {
        let world = World::new(Kind::Whatsapp, CredentialKind::SystemUser).await;
        let mut tx = world.tx().await;
        integrations::disconnect(&mut tx, world.id, "test").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(world.does(WorkKind::LeaveChannel, json!({}), answers).await, calls);
        let mut tx = world.tx().await;
        let left = credentials::open_ended(&mut tx, &world.harness.vault, world.id, "test").await.unwrap();
        assert!(left.is_none(), "the token is gone");
        assert_eq!(world.does(WorkKind::LeaveChannel, json!({}), []).await, 0, "twice is once");
    }
}

#[tokio::test]
async fn an_account_that_was_connected_again_keeps_its_messages() {
    let world = World::new(Kind::Whatsapp, CredentialKind::SystemUser).await;
    let done = || Answer::Says(200, json!({ "success": true }));
    let calls = world.does(WorkKind::LeaveChannel, json!({}), [done(), done()]).await;
    assert!(calls >= 2, "it is subscribed once more, and its number is read");
    assert_eq!(world.facts().await.setup_step.as_deref(), Some("test"));
}
