//! Is what HighLevel sends checked, stored before it is answered, done once, and shown?

use std::collections::BTreeSet;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::routing;
use chrono::TimeDelta;
use domain::identity::Role;
use domain::work::Queue;
use serde_json::{Value, json};
use simulator::demo::{BRIGHT_DENTAL, HARBOR};
use simulator::{Handle, sign_webhook as sign};
use slipway::http::highlevel_webhook::{LARGEST, PATH};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::helpers::{Answer, TestApp, master};
use crate::meta_webhook::table;

const APP: &str = "app-at-highlevel";

/// Events in the shapes in which they are sent, without their envelopes.
const SAMPLES: &str = include_str!("../../../app/crates/ghl/src/fixtures/webhooks.json");

/// The company and the location of the samples, connected to the one business that there is.
const CONNECT: &str = "insert into integrations (agency_id, sub_account_id, type, platform_id, platform_name, parent_platform_id, connected_at)
    select s.agency_id, case when a.of_business then s.id end, 'GOHIGHLEVEL', a.id, 'Northwind', a.parent, now() - interval '1 day'
    from sub_accounts s, (values ('cmpNorthwind00000001', null, false), ('locNorthwind00000001', 'cmpNorthwind00000001', true)) a (id, parent, of_business)";

/// The company of the simulator, connected to the one agency that there is.
const CONNECT_HARBOR: &str = "insert into integrations (agency_id, type, platform_id, platform_name, connected_at)
    select id, 'GOHIGHLEVEL', 'HarborMktg0000000001', 'Harbor', now() - interval '1 day' from agencies";

async fn app() -> TestApp {
    app_with(APP).await
}

/// A server whose app at HighLevel has this id, and which believes the simulator.
async fn app_with(id: &str) -> TestApp {
    let (master, key) = (master(), simulator::defaults().webhook_public_key);
    TestApp::with(&[
        ("GHL_BASE_URL", "http://127.0.0.1:9"),
        ("GHL_MARKETPLACE_URL", "http://127.0.0.1:9"),
        ("GHL_CLIENT_ID", "app-x"),
        ("GHL_APP_ID", id),
        ("GHL_WEBHOOK_PUBLIC_KEYS", &key),
        ("ENCRYPTION_KEY", &master),
    ])
    .await
}

/// A body as it is sent: the fields of the event in an envelope that is so many seconds old.
fn body(fields: &Value, id: &str, seconds: i64) -> Vec<u8> {
    let at = web::clock::now() - TimeDelta::seconds(seconds);
    let mut all = json!({"appId": APP, "versionId": APP, "timestamp": at.to_rfc3339(), "webhookId": id});
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    serde_json::to_vec_pretty(&all).unwrap()
}

async fn post(app: &TestApp, body: Vec<u8>, signature: Option<&str>) -> Answer {
    let mut request = Request::post(PATH).header(header::CONTENT_TYPE, "application/json");
    if let Some(signature) = signature {
        request = request.header(ghl::signature::HEADER, signature);
    }
    app.send(request.body(Body::from(body)).unwrap()).await
}

async fn send(app: &TestApp, body: &[u8]) -> StatusCode {
    post(app, body.to_vec(), Some(&sign(body))).await.status
}

/// How many rows of a table contain this.
async fn count(app: &TestApp, name: &str, part: &str) -> usize {
    table(app, name).await.iter().filter(|row| row.contains(part)).count()
}

#[tokio::test]
async fn every_sample_is_done_once_and_only_if_it_is_signed() {
    let app = app().await;
    let agency = app.base.agency().await;
    app.base.business(agency).await;
    app.base.execute(CONNECT).await;
    let samples: Vec<Value> = serde_json::from_str(SAMPLES).unwrap();
    let mut needed = 0;
    for (n, sample) in samples.iter().enumerate() {
        let id = format!("webhook-{n}");
        // Each happened a second after the one before.
        let sent = body(sample, &id, i64::try_from(samples.len() - n).unwrap());
        needed += usize::from(ghl::webhook::read(&sent).unwrap().is_needed());
        let signed = sign(&sent);
        let mut changed = sent.clone();
        *changed.last_mut().unwrap() = b' ';
        let old = body(sample, &id, 91 * 60);
        let old_signed = sign(&old);
        for (body, signature) in [
            (sent.clone(), None),
            (sent.clone(), Some("N/A")),
            (changed, Some(signed.as_str())),
            (old, Some(old_signed.as_str())),
        ] {
            assert_eq!(post(&app, body, signature).await.status, StatusCode::UNAUTHORIZED, "{sample}");
        }
        for _ in 0..2 {
            assert_eq!(send(&app, &sent).await, StatusCode::OK, "{sample}");
        }
    }
    assert!((10..samples.len() / 2).contains(&needed), "{needed}");
    assert_eq!(table(&app, "inbound_events").await.len(), 2 * needed, "nothing else was stored");
    worker::testing::run_due_in(&app.worker, &[Queue::MessagesIn]).await;
    assert_eq!(count(&app, "inbound_events", ",done,").await, 2 * needed);
    assert_eq!(count(&app, "inbound_items", ",duplicate,").await, needed);
    for outcome in [",waiting,", ",quarantined,", ",unroutable,"] {
        assert_eq!(count(&app, "inbound_items", outcome).await, 0, "{outcome}");
    }
    assert_eq!(count(&app, "audit_events", "integration.needs_reauth").await, 2, "the location and the company");
    assert!(table(&app, "work_dead").await.is_empty());
    assert_eq!(count(&app, "inbound_items", "ada@example.com").await, 0, "of what was done only the record stays");
}

#[tokio::test]
async fn what_is_not_for_us_just_now_is_not_stored() {
    let app = app().await;
    let install = json!({"type": "INSTALL", "companyId": "C"});
    let with = |field: &str, value: Value| {
        let mut fields = install.clone();
        fields[field] = value;
        body(&fields, "w", 0)
    };
    for (sent, expected) in [
        (with("appId", json!("another-app")), StatusCode::UNAUTHORIZED),
        (body(&install, "w", -6 * 60), StatusCode::UNAUTHORIZED),
        (with("appId", Value::Null), StatusCode::BAD_REQUEST),
        (with("webhookId", Value::Null), StatusCode::BAD_REQUEST),
        (with("timestamp", Value::Null), StatusCode::BAD_REQUEST),
        (b"no json".to_vec(), StatusCode::BAD_REQUEST),
        (b"".to_vec(), StatusCode::BAD_REQUEST),
        (vec![b' '; LARGEST], StatusCode::BAD_REQUEST),
        (vec![b' '; LARGEST + 1], StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        assert_eq!(send(&app, &sent).await, expected, "{} bytes", sent.len());
    }
    assert!(table(&app, "inbound_events").await.is_empty());
    assert_eq!(count(&app, "audit_events", "highlevel.unsigned").await, 1, "once a minute");
    assert_eq!(send(&app, &body(&install, "w", 89 * 60)).await, StatusCode::OK, "it may have been deferred");
    // Without a key of its own an installation believes HighLevel alone.
    let published = TestApp::new().await;
    assert_eq!(send(&published, &body(&install, "w", 0)).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_customers_of_a_location_that_nobody_connected_are_nowhere() {
    let app = app().await;
    let customer = json!({"id": "cntAda", "locationId": "of-nobody", "email": "ada@example.com", "name": "Ada Lee"});
    for (n, kind) in ["ContactCreate", "InboundMessage", "NoteCreate", "", "SomethingNew"].into_iter().enumerate() {
        let mut fields = customer.clone();
        fields["type"] = json!(kind);
        assert_eq!(send(&app, &body(&fields, &format!("w{n}"), 0)).await, StatusCode::OK, "{kind}");
    }
    worker::testing::run_due_in(&app.worker, &[Queue::MessagesIn]).await;
    assert_eq!(count(&app, "inbound_items", ",unroutable,").await, 1, "people see that there is a new type");
    for (table, rows) in app.base.contents().await {
        assert!(!rows.contains("ada@example.com") && !rows.contains("Ada Lee"), "{table}: {rows}");
    }
}

#[tokio::test]
async fn the_flood_of_one_company_is_one_turn() {
    let app = app().await;
    for (company, location) in [("C1", "L1"), ("C1", "L2"), ("C1", "L3"), ("C2", "L4")] {
        let fields = json!({"type": "INSTALL", "companyId": company, "locationId": location});
        assert_eq!(send(&app, &body(&fields, location, 0)).await, StatusCode::OK);
    }
    let waiting = table(&app, "work_ready").await;
    // The tenant for which the work counts is the fifth column.
    let turns = waiting.iter().filter(|row| row.contains(",messages_in,")).map(|row| row.split(',').nth(4));
    assert_eq!(turns.collect::<BTreeSet<_>>().len(), 2, "{waiting:?}");
}

#[tokio::test]
async fn what_the_database_does_not_take_is_sent_again() {
    let app = app().await;
    app.base.execute("alter table inbound_events add constraint closed check (false) not valid").await;
    let sent = body(&json!({"type": "INSTALL", "companyId": "C"}), "w", 0);
    let answer = post(&app, sent.clone(), Some(&sign(&sent))).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "after anything else the event is lost");
    assert!(answer.headers.contains_key(header::RETRY_AFTER));
    app.base.execute("alter table inbound_events drop constraint closed").await;
    assert_eq!(send(&app, &sent).await, StatusCode::OK);
}

#[tokio::test]
async fn people_see_what_highlevel_sent_without_its_words() {
    let app = app().await;
    let tenant = app.tenant().await;
    app.base.execute(CONNECT).await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let unknown = json!({"type": "SomethingNew", "locationId": "loc-of-nobody", "secret": "words of a customer"});
    let removed = json!({"type": "UNINSTALL", "locationId": "locNorthwind00000001"});
    for (fields, id) in [(&unknown, "w1"), (&removed, "w2")] {
        assert_eq!(send(&app, &body(fields, id, 0)).await, StatusCode::OK);
    }
    worker::testing::run_due_in(&app.worker, &[Queue::MessagesIn]).await;
    let page = app.browse("/admin/incoming", Some(&admin)).await.body;
    assert!(page.contains("SomethingNew") && page.contains("App removed"), "{page}");
    let list = app.browse("/admin/incoming?view=unroutable", Some(&admin)).await.body;
    let id = list.split("event=").find_map(|rest| rest.get(..36)?.parse::<uuid::Uuid>().ok()).unwrap();
    let one = app.browse(&format!("/admin/incoming?event={id}"), Some(&admin)).await.body;
    assert!(one.contains("HighLevel") && one.contains("No connected account has this ID"), "{one}");
    assert!(!one.contains("words of a customer"));
    let told = count(&app, "audit_events", "integration.needs_reauth").await;
    // A replay after somebody connected the location does it for that client.
    app.base.execute("update integrations set platform_id = 'loc-of-nobody' where sub_account_id is not null").await;
    assert_eq!(app.submit("replay_platform_event", &format!("id={id}"), Some(&admin)).await.status, StatusCode::OK);
    worker::testing::run_due_in(&app.worker, &[Queue::MessagesIn]).await;
    assert_eq!(count(&app, "inbound_items", ",unroutable,").await, 0);
    assert_eq!((told, count(&app, "audit_events", "integration.needs_reauth").await), (1, 1));
}

/// A delivery as it arrived.
type Delivery = (HeaderMap, Bytes);

/// An address that takes deliveries, and what arrives at it.
async fn receiver() -> (String, UnboundedReceiver<Delivery>) {
    let (sender, arrived) = unbounded_channel();
    let receive = async |State(sender): State<UnboundedSender<Delivery>>, headers: HeaderMap, body: Bytes| {
        let _ = sender.send((headers, body));
    };
    let router = Router::new().route(PATH, routing::post(receive)).with_state(sender);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}{PATH}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, arrived)
}

#[tokio::test]
async fn what_the_simulator_installs_and_removes_reaches_the_connection() {
    let (url, mut arrived) = receiver().await;
    let set = move |config: &mut simulator::Config| {
        config.webhook_url = Some(url);
        config.time_scale = 100_000.0;
    };
    let sim = Handle::start_with(set).await.unwrap();
    let id = simulator::defaults().app_id;
    let app = app_with(&id).await;
    let agency = app.base.agency().await;
    app.base.business(agency).await;
    app.base.execute(CONNECT_HARBOR).await;
    let callback = "http://127.0.0.1:3000/api/integrations/ghl/callback";
    let code = sim.authorize(HARBOR, &[BRIGHT_DENTAL], callback).unwrap();
    let token = sim.exchange(&code, callback).await.unwrap()["access_token"].as_str().unwrap().to_owned();
    let removal = json!({ "companyId": HARBOR, "reason": "test" });
    for (kind, lost) in [("INSTALL", 0), ("UNINSTALL", 1)] {
        if kind == "UNINSTALL" {
            sim.call("DELETE", &format!("/marketplace/app/{id}/installations"), &token, &removal).await.unwrap();
        }
        let (headers, body) = arrived.recv().await.unwrap();
        let said: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((&said["type"], &said["companyId"]), (&json!(kind), &json!(HARBOR)));
        let signature = headers[ghl::signature::HEADER].to_str().unwrap();
        assert_eq!(post(&app, body.to_vec(), Some(signature)).await.status, StatusCode::OK);
        worker::testing::run_due_in(&app.worker, &[Queue::MessagesIn]).await;
        assert_eq!(count(&app, "audit_events", "integration.needs_reauth").await, lost, "{kind}");
    }
}
