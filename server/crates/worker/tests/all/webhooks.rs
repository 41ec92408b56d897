//! The rules of outgoing webhooks: each event goes once to each endpoint that wants it, a delivery is tried as often as
//! promised whatever the endpoint answers, and an endpoint that is dead holds up no other.

use std::collections::BTreeSet;

use domain::notifications::Kind;
use domain::webhooks::schedule::ATTEMPTS;
use domain::webhooks::{Delivery, DeliveryState, Format, NewWebhook, Off, Trouble, Webhook};
use domain::{AgencyId, WebhookId, work};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use store::queue::{self, Work};
use store::webhooks;
use store::{TenantTx, new_id};
use uuid::Uuid;

use crate::harness::{Harness, small_order};

/// An endpoint at a receiver of the simulator, in the agency of the harness or another one.
struct Endpoint {
    webhook: Webhook,
    secret: String,
    name: &'static str,
}

async fn begin(harness: &Harness, agency: AgencyId) -> TenantTx {
    TenantTx::begin(&harness.web, Harness::scope_of(agency)).await.unwrap()
}

async fn endpoint_of(harness: &Harness, agency: AgencyId, name: &'static str, events: &[Kind]) -> Endpoint {
    let new = NewWebhook {
        url: format!("{}/_sim/hooks/{name}", harness.sim.base_url()),
        format: Format::Json,
        description: String::new(),
        events: events.to_vec(),
        active: true,
    };
    let mut tx = begin(harness, agency).await;
    let (webhook, secret) = webhooks::add(&mut tx, &harness.vault, &new).await.unwrap();
    tx.commit().await.unwrap();
    let secret = secret.unwrap().expose_secret().to_owned();
    harness.sim.set_hook(name, &json!({ "secret": secret })).unwrap();
    Endpoint { webhook, secret, name }
}

async fn endpoint(harness: &Harness, name: &'static str) -> Endpoint {
    endpoint_of(harness, harness.agency, name, &[Kind::ClientCreated]).await
}

/// A client was added, as far as endpoints are told.
async fn happens(harness: &Harness) -> String {
    let key = new_id::<Uuid>().to_string();
    let mut tx = harness.tx().await;
    webhooks::happened(&mut tx, Kind::ClientCreated, Some(new_id()), &key).await.unwrap();
    tx.commit().await.unwrap();
    key
}

async fn deliveries(harness: &Harness) -> Vec<Delivery> {
    webhooks::deliveries(&mut harness.tx().await, &domain::page::ListQuery::default()).await.unwrap().rows
}

async fn state(harness: &Harness, id: WebhookId) -> Webhook {
    webhooks::get(&mut harness.tx().await, id).await.unwrap()
}

fn ids(got: &[Value]) -> BTreeSet<String> {
    got.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finished_job_is_told_once_to_each_endpoint_that_wants_it_and_to_nobody_elses() {
    let harness = Harness::new().await;
    let other = harness.another_agency().await;
    let first = endpoint_of(&harness, harness.agency, "first", &[Kind::JobFinished]).await;
    let second = endpoint_of(&harness, harness.agency, "second", &[Kind::JobFinished, Kind::JobFailed]).await;
    endpoint_of(&harness, harness.agency, "failures", &[Kind::JobFailed]).await;
    endpoint_of(&harness, other, "elsewhere", &Kind::ALL).await;
    let job = harness.start(&small_order("Plain Yoga")).await;
    harness.run().await;
    for endpoint in [&first, &second] {
        let got = harness.sim.hook(endpoint.name);
        assert_eq!(got.len(), 1, "{}: {got:?}", endpoint.name);
        assert_eq!((&got[0]["signature"], &got[0]["body"]["type"]), (&json!("valid"), &json!("job.finished")));
        let told = &got[0]["body"]["data"]["job"];
        assert_eq!((&told["id"], &told["client_name"]), (&json!(job), &json!("Plain Yoga")));
        assert!(got[0]["headers"]["content-type"].as_str().unwrap().starts_with("application/json"));
    }
    assert_eq!(ids(&harness.sim.hook("first")), ids(&harness.sim.hook("second")), "one event has one id");
    assert!(harness.sim.hook("failures").is_empty() && harness.sim.hook("elsewhere").is_empty());
    assert!(deliveries(&harness).await.iter().all(|one| one.state == DeliveryState::Delivered && one.attempts == 1));
    assert!(state(&harness, first.webhook.id).await.delivered_at.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_is_told_again_makes_no_second_delivery() {
    let harness = Harness::new().await;
    let endpoint = endpoint(&harness, "crm").await;
    for _ in 0..2 {
        let mut tx = harness.tx().await;
        webhooks::happened(&mut tx, Kind::ClientCreated, None, "the same").await.unwrap();
        tx.commit().await.unwrap();
    }
    // A transaction that does not commit tells nothing.
    let mut tx = harness.tx().await;
    webhooks::happened(&mut tx, Kind::ClientCreated, None, "rolled back").await.unwrap();
    drop(tx);
    // Nor does an event that nobody chose leave any work.
    let mut tx = harness.tx().await;
    webhooks::happened(&mut tx, Kind::JobFailed, None, "not chosen").await.unwrap();
    tx.commit().await.unwrap();
    harness.run().await;
    assert_eq!((harness.sim.hook(endpoint.name).len(), deliveries(&harness).await.len()), (1, 1));
}

/// Each fault, and how often a delivery is tried then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_endpoint_answers_a_delivery_is_tried_as_often_as_promised() {
    for (status, trouble, attempts) in [
        (500, Trouble::Refused, ATTEMPTS),
        (404, Trouble::Refused, ATTEMPTS),
        (401, Trouble::Refused, ATTEMPTS),
        (429, Trouble::Refused, ATTEMPTS),
        (302, Trouble::Redirected, ATTEMPTS),
        (410, Trouble::Gone, 1),
    ] {
        let harness = Harness::new().await;
        let endpoint = endpoint(&harness, "crm").await;
        let always =
            json!({ "status": status, "location": "/_sim/hooks/elsewhere", "body": "no whsec_0123456789abcdef" });
        harness.sim.set_hook(endpoint.name, &json!({ "secret": endpoint.secret, "always": always })).unwrap();
        happens(&harness).await;
        harness.run().await;
        let delivery = deliveries(&harness).await.remove(0);
        assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Failed, attempts), "{status}");
        assert_eq!((delivery.status, delivery.trouble), (Some(status), Some(trouble)), "{status}");
        let got = harness.sim.hook(endpoint.name);
        assert_eq!(got.len(), usize::try_from(attempts).unwrap(), "{status}");
        assert_eq!(ids(&got).len(), 1, "{status}: every attempt has the same id");
        assert!(got.iter().all(|one| one["signature"] == "valid"), "{status}");
        assert!(harness.sim.hook("elsewhere").is_empty(), "a redirect is not followed");
        let detail = webhooks::detail(&mut harness.tx().await, delivery.id).await.unwrap();
        assert_eq!(detail.tries.len(), got.len(), "{status}");
        assert!(detail.tries.iter().all(|one| one.answer == "no [token]"), "{status}: {:?}", detail.tries[0]);
        let off = (status == 410).then_some(Off::Gone);
        assert_eq!(state(&harness, endpoint.webhook.id).await.off_because, off, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_arrives_as_soon_as_the_endpoint_takes_it() {
    let harness = Harness::new().await;
    let endpoint = endpoint(&harness, "crm").await;
    let answers =
        json!([{ "status": 503, "retry_after": "60" }, { "status": 500 }, { "status": 502 }, { "status": 500 }]);
    harness.sim.set_hook(endpoint.name, &json!({ "secret": endpoint.secret, "answers": answers })).unwrap();
    happens(&harness).await;
    harness.run().await;
    let delivery = deliveries(&harness).await.remove(0);
    assert_eq!((delivery.state, delivery.attempts, delivery.trouble), (DeliveryState::Delivered, 5, None));
    let webhook = state(&harness, endpoint.webhook.id).await;
    assert!(webhook.active && webhook.failing_since.is_none() && webhook.delivered_at.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_endpoint_holds_up_no_other_and_is_called_ever_less() {
    let harness = Harness::new().await;
    let (dead, sound) = (endpoint(&harness, "dead").await, endpoint(&harness, "sound").await);
    harness.sim.set_hook(dead.name, &json!({ "always": { "status": 500 } })).unwrap();
    for _ in 0..12 {
        happens(&harness).await;
    }
    worker::testing::run_due(&harness.worker).await;
    assert_eq!(harness.sim.hook(sound.name).len(), 12, "all of them, at once");
    let tried = harness.sim.hook(dead.name).len();
    assert!(tried < 12, "after a few failures one delivery at a time: {tried}");
    // Once it works again, everything arrives, each once.
    harness.sim.set_hook(dead.name, &json!({ "always": { "status": 200 }, "forget": true })).unwrap();
    harness.run().await;
    let got = harness.sim.hook(dead.name);
    assert_eq!((got.len(), ids(&got).len()), (12, 12));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_is_sent_again_under_its_id_with_as_many_attempts_as_the_first_time() {
    let harness = Harness::new().await;
    let endpoint = endpoint(&harness, "crm").await;
    harness.sim.set_hook(endpoint.name, &json!({ "always": { "status": 500 } })).unwrap();
    happens(&harness).await;
    harness.run().await;
    let failed = deliveries(&harness).await.remove(0);
    let mut tx = harness.tx().await;
    let waiting = webhooks::replay(&mut tx, failed.id).await.unwrap();
    assert_eq!((waiting.state, waiting.event_id), (DeliveryState::Waiting, failed.event_id));
    assert!(matches!(webhooks::replay(&mut tx, failed.id).await, Err(store::Error::Stale)), "it is on its way");
    tx.commit().await.unwrap();
    // Two rounds of failures would turn the endpoint off.
    harness.db.execute("update webhook_endpoints set failing_since = now()").await;
    harness.run().await;
    let got = harness.sim.hook(endpoint.name);
    assert_eq!((got.len(), ids(&got).len()), (usize::try_from(2 * ATTEMPTS).unwrap(), 1));
    harness.sim.set_hook(endpoint.name, &json!({})).unwrap();
    let mut tx = harness.tx().await;
    webhooks::replay(&mut tx, failed.id).await.unwrap();
    tx.commit().await.unwrap();
    harness.run().await;
    let delivery = deliveries(&harness).await.remove(0);
    assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Delivered, 2 * ATTEMPTS + 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_rotation_both_secrets_sign_for_a_day() {
    let harness = Harness::new().await;
    let endpoint = endpoint(&harness, "crm").await;
    let mut tx = harness.tx().await;
    let (_, fresh) = webhooks::rotate(&mut tx, &harness.vault, endpoint.webhook.id).await.unwrap();
    tx.commit().await.unwrap();
    let fresh = fresh.unwrap().expose_secret().to_owned();
    assert_ne!(fresh, endpoint.secret);
    for (secret, day_over, signature, signatures) in [
        (&endpoint.secret, false, "valid", 2),
        (&fresh, false, "valid", 2),
        (&endpoint.secret, true, "invalid", 1),
        (&fresh, true, "valid", 1),
    ] {
        if day_over {
            harness.db.execute("update webhook_endpoints set previous_until = now() - interval '1 second'").await;
        }
        harness.sim.set_hook(endpoint.name, &json!({ "secret": secret, "forget": true })).unwrap();
        happens(&harness).await;
        harness.run().await;
        let got = harness.sim.hook(endpoint.name).remove(0);
        assert_eq!((&got["signature"], &got["signatures"]), (&json!(signature), &json!(signatures)), "{day_over}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_is_turned_off_after_days_of_failures_and_what_waited_is_not_lost() {
    let harness = Harness::new().await;
    let endpoint = endpoint(&harness, "crm").await;
    harness.sim.set_hook(endpoint.name, &json!({ "always": { "status": 500 } })).unwrap();
    happens(&harness).await;
    worker::testing::run_due(&harness.worker).await;
    let failing = state(&harness, endpoint.webhook.id).await;
    assert!(failing.active && failing.failing_since.is_some(), "one failure turns nothing off");
    harness.db.execute("update webhook_endpoints set failing_since = now() - interval '121 hours'").await;
    harness.run().await;
    let off = state(&harness, endpoint.webhook.id).await;
    assert_eq!((off.active, off.off_because), (false, Some(Off::Failures)));
    let delivery = deliveries(&harness).await.remove(0);
    assert_eq!((delivery.state, delivery.trouble), (DeliveryState::Failed, Some(Trouble::EndpointOff)));
    let tried = harness.sim.hook(endpoint.name).len();
    happens(&harness).await;
    harness.run().await;
    assert_eq!(harness.sim.hook(endpoint.name).len(), tried, "nothing more is sent");
    harness.sim.set_hook(endpoint.name, &json!({ "forget": true })).unwrap();
    let mut tx = harness.tx().await;
    webhooks::set_active(&mut tx, endpoint.webhook.id, true).await.unwrap();
    webhooks::replay(&mut tx, delivery.id).await.unwrap();
    tx.commit().await.unwrap();
    harness.run().await;
    assert_eq!(harness.sim.hook(endpoint.name).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_whose_process_ended_is_sent_under_the_same_id() {
    let harness = Harness::new().await;
    let endpoint = endpoint(&harness, "crm").await;
    happens(&harness).await;
    harness.run().await;
    // The work of a process that ended after the call, but before it stored the answer, comes again.
    harness
        .db
        .execute(
            "update webhook_deliveries set state = 'waiting', finished_at = null, attempts = 0, round_attempts = 0",
        )
        .await;
    let delivery = deliveries(&harness).await.remove(0);
    let mut tx = harness.tx().await;
    for _ in 0..2 {
        queue::add(&mut tx, &Work::new(work::Kind::SendWebhook).subject(delivery.id.0)).await.unwrap();
    }
    tx.commit().await.unwrap();
    harness.run().await;
    let got = harness.sim.hook(endpoint.name);
    assert_eq!((got.len(), ids(&got).len()), (2, 1), "the second piece of work finds nothing to do");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_leads_into_a_closed_network_is_never_called() {
    let harness = Harness::new().await;
    let endpoint = endpoint(&harness, "crm").await;
    for set in [
        "update webhook_endpoints set url = replace(url, '127.0.0.1', 'localhost')",
        "update webhook_endpoints set url = 'https://127.0.0.1/x'",
        "update webhook_endpoints set url = 'https://169.254.169.254/'",
        "update webhook_endpoints set url = 'https://[::1]/'",
        "update webhook_endpoints set url = 'no address'",
    ] {
        harness.db.execute(set).await;
        happens(&harness).await;
        worker::testing::run_due(&harness.worker).await;
        let delivery = deliveries(&harness).await.remove(0);
        assert_eq!((delivery.attempts, delivery.trouble), (1, Some(Trouble::NotPublic)), "{set}");
        harness.db.execute("update webhook_deliveries set state = 'failed', finished_at = now(); update webhook_endpoints set failures = 0, not_before = null").await;
    }
    assert!(harness.sim.hook(endpoint.name).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_whose_work_is_given_up_waits_no_more() {
    let harness = Harness::new().await;
    let endpoint = endpoint(&harness, "crm").await;
    // Nobody can open this secret, which is a fault of ours.
    harness.db.execute("update webhook_endpoints set sealed_secret = 'x'").await;
    let mut tx = harness.tx().await;
    webhooks::add_test(&mut tx, endpoint.webhook.id, Format::Json, "https://x.test").await.unwrap();
    tx.commit().await.unwrap();
    worker::testing::run_due(&harness.worker).await;
    assert_eq!(deliveries(&harness).await[0].state, DeliveryState::Waiting, "it is tried again");
    harness.db.execute("update work_scheduled set attempt = 199 where kind = 'webhooks.send'").await;
    harness.run().await;
    let delivery = deliveries(&harness).await.remove(0);
    assert_eq!((delivery.state, delivery.trouble), (DeliveryState::Failed, Some(Trouble::EndpointFailing)));
    let mut tx = harness.tx().await;
    assert!(!webhooks::test_waits(&mut tx, endpoint.webhook.id).await.unwrap(), "another test can be sent");
    assert!(webhooks::replay(&mut tx, delivery.id).await.is_ok(), "and so can this one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_when_its_agency_goes_to_the_trash_can_be_sent_after_a_restore() {
    let harness = Harness::new().await;
    let endpoint = endpoint(&harness, "crm").await;
    let mut tx = harness.tx().await;
    webhooks::add_test(&mut tx, endpoint.webhook.id, Format::Json, "https://x.test").await.unwrap();
    tx.commit().await.unwrap();
    harness.db.execute("update agencies set deleted_at = now()").await;
    worker::testing::run_due(&harness.worker).await;
    harness.db.execute("update agencies set deleted_at = null").await;
    let delivery = deliveries(&harness).await.remove(0);
    assert_eq!((delivery.state, delivery.trouble), (DeliveryState::Failed, Some(Trouble::EndpointOff)));
    assert!(harness.sim.hook(endpoint.name).is_empty());
    let mut tx = harness.tx().await;
    webhooks::replay(&mut tx, delivery.id).await.unwrap();
    tx.commit().await.unwrap();
    harness.run().await;
    assert_eq!(harness.sim.hook(endpoint.name).len(), 1);
}
