//! Tests that messages of WhatsApp, Messenger and Instagram are taken, refused and followed as Meta does it, and that
//! webhooks are signed and sent again until they are answered. The customer's phone is tested here, too.

use std::{sync::Arc, time::Duration};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use chrono::Utc;
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
};

use crate::{
    Handle, Reply,
    ids::digest,
    meta::{InstagramAccount, MetaApp, MetaToken, Page, PhoneNumber, Subscription, Waba},
    world::Transaction,
};

const WABA: &str = "102290000000077";
const NUMBER: &str = "106540000000077";
const PAGE: &str = "201000000000077";
const INSTAGRAM: &str = "17841400000000077";
const ADA: &str = "16505550101";
const SECRET: &str = "test-app-secret";
const IG_SECRET: &str = "test-ig-app-secret";

type Arrived = (HeaderMap, Bytes);
type Desk = (mpsc::UnboundedSender<Arrived>, Arc<Mutex<Vec<u16>>>);

/// A simulator in which an app is subscribed to a number, a Page and an Instagram account, and its receiver of webhooks.
struct Connected {
    sim: Handle,
    arrived: mpsc::UnboundedReceiver<Arrived>,
}

impl Connected {
    /// The receiver answers with these statuses in turn and then with 200.
    async fn start(mut statuses: Vec<u16>) -> Self {
        let (sender, arrived) = mpsc::unbounded_channel();
        statuses.reverse();
        let receive = async |State((sender, answers)): State<Desk>, headers: HeaderMap, body: Bytes| {
            let status = answers.lock().await.pop().unwrap_or(200);
            let _ = sender.send((headers, body));
            StatusCode::from_u16(status).unwrap()
        };
        let app = Router::new().route("/hook", post(receive)).with_state((sender, Arc::new(Mutex::new(statuses))));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, app).await });
        let sim = Handle::start_with(|config| config.time_scale = 1_000.0).await.unwrap();
        let connect = |tx: &mut Transaction<'_>| {
            connect(tx, &url);
            Ok::<(), String>(())
        };
        assert!(sim.simulator().run_transaction(connect).is_ok());
        Self { sim, arrived }
    }

    async fn next(&mut self) -> (HeaderMap, Value) {
        let (headers, body) =
            tokio::time::timeout(Duration::from_secs(60), self.arrived.recv()).await.unwrap().unwrap();
        let secrets = [SECRET, IG_SECRET].map(|secret| crate::meta::wire::signature(secret, &body));
        let signed = headers["x-hub-signature-256"].to_str().unwrap().to_owned();
        assert!(body.is_ascii() && secrets.contains(&signed));
        (headers, serde_json::from_slice(&body).unwrap())
    }

    /// The next event of an account, whatever object it is of.
    async fn event(&mut self) -> Value {
        let body = self.next().await.1;
        let entry = &body["entry"][0];
        if entry["changes"].is_array() { entry["changes"][0]["value"].clone() } else { entry["messaging"][0].clone() }
    }

    async fn call(&self, method: &str, path: &str, token: &str, body: Value) -> Reply {
        self.sim.call(method, &format!("/meta{path}"), token, &body).await.unwrap()
    }

    async fn whatsapp(&self, body: Value) -> Reply {
        let mut body = body;
        body["messaging_product"] = json!("whatsapp");
        self.call("POST", &format!("/v23.0/{NUMBER}/messages"), "whatsapp", body).await
    }

    async fn text(&self, to: &str) -> Reply {
        self.whatsapp(json!({"to": to, "type": "text", "text": {"body": "Hi"}})).await
    }

    fn inbound(&self, order: Value) -> Value {
        self.sim.meta_inbound(&order).unwrap()
    }
}

fn connect(tx: &mut Transaction<'_>, url: &str) {
    tx.put(&MetaApp {
        id: "990000000000077".into(),
        secret: SECRET.into(),
        ig_id: "990000000000078".into(),
        ig_secret: IG_SECRET.into(),
        callback_url: url.into(),
        ..MetaApp::default()
    });
    tx.put(&Waba { id: WABA.into(), paid: true, ..Waba::default() });
    tx.put(&PhoneNumber {
        id: NUMBER.into(),
        waba_id: WABA.into(),
        display: "+1 555-010-0077".into(),
        registered: true,
        ..PhoneNumber::default()
    });
    tx.put(&Page { id: PAGE.into(), ..Page::default() });
    tx.put(&InstagramAccount { id: INSTAGRAM.into(), ..InstagramAccount::default() });
    let fields =
        ["messages", "message_echoes", "message_deliveries", "message_reads", "messaging_seen", "message_reactions"];
    for (object, account, app) in [
        ("whatsapp_business_account", WABA, "990000000000077"),
        ("page", PAGE, "990000000000077"),
        ("instagram", INSTAGRAM, "990000000000078"),
    ] {
        tx.put(&Subscription {
            id: Subscription::key(object, account, app),
            object: object.into(),
            account_id: account.into(),
            app_id: app.into(),
            fields: fields.map(str::to_owned).to_vec(),
            override_url: None,
            since: Utc::now(),
        });
    }
    for (secret, kind, account, app) in [
        ("whatsapp", "system_user", None, "990000000000077"),
        ("page", "page", Some(PAGE), "990000000000077"),
        ("instagram", "instagram", Some(INSTAGRAM), "990000000000078"),
    ] {
        let scopes = [
            "whatsapp_business_messaging",
            "whatsapp_business_management",
            "pages_messaging",
            "instagram_business_manage_messages",
        ];
        let token: MetaToken = serde_json::from_value(json!({
            "id": digest(secret), "kind": kind, "appId": app, "consentId": "c", "personId": "p", "accountId": account,
            "scopes": scopes, "assets": {"wabas": [WABA]}, "long": true, "issuedAt": Utc::now(),
        }))
        .unwrap();
        tx.put(&token);
    }
}

fn code(reply: &Reply) -> (u64, u64) {
    let error = &reply.json()["error"];
    (error["code"].as_u64().unwrap_or_default(), error["error_subcode"].as_u64().unwrap_or_default())
}

#[tokio::test]
async fn a_message_of_a_customer_arrives_signed_and_opens_the_window_for_an_answer_whose_statuses_follow() {
    let mut meta = Connected::start(vec![]).await;
    assert_eq!(code(&meta.text(ADA).await), (131_047, 0));
    let ids = meta
        .inbound(json!({"channel": "whatsapp", "account": NUMBER, "customer": "Ada Example", "text": "Zoë ☕ a/b"}));
    let event = meta.event().await;
    assert_eq!(event["messages"][0]["text"]["body"], "Zoë ☕ a/b");
    assert_eq!((&event["messages"][0]["id"], &event["messages"][0]["from"]), (&ids["message_id"], &json!(ADA)));
    assert_eq!(event["contacts"][0]["user_id"], event["messages"][0]["from_user_id"]);
    let sent = meta.text("+1 (650) 555-0101").await;
    assert_eq!((sent.status, &sent.json()["contacts"][0]["wa_id"]), (200, &json!(ADA)));
    let id = sent.json()["messages"][0]["id"].clone();
    for status in ["sent", "delivered", "read"] {
        let one = &meta.event().await["statuses"][0];
        assert_eq!((&one["id"], &one["status"]), (&id, &json!(status)));
    }
    let kept = meta.sim.meta_messages(NUMBER);
    assert!(kept.iter().any(|message| message["id"] == id && message["status"] == "read"));
}

#[tokio::test]
async fn refusals_have_the_codes_of_what_is_wrong() {
    let meta = Connected::start(vec![]).await;
    meta.inbound(json!({"account": NUMBER, "customer": "Ada Example"}));
    let bsuid = "US.13491208655300000101";
    let template = json!({"name": "none", "language": {"code": "en_US"}});
    for (body, expected) in [
        (json!({"recipient": bsuid, "text": {"body": "Hi"}}), 0),
        (json!({"to": bsuid, "text": {"body": "Hi"}}), 131_009),
        (json!({"text": {"body": "Hi"}}), 131_008),
        (json!({"to": ADA, "type": "text"}), 131_008),
        (json!({"to": "15550100077", "text": {"body": "Hi"}}), 131_021),
        (json!({"to": ADA, "type": "image", "image": {"id": "1"}}), 131_009),
        (json!({"to": ADA, "type": "template", "template": template}), 132_001),
        (json!({"status": "read", "message_id": "wamid.none"}), 100),
    ] {
        assert_eq!(code(&meta.whatsapp(body.clone()).await).0, expected, "{body}");
    }
    meta.sim.meta_knobs(&json!({"pair_max": 0})).unwrap();
    assert_eq!(code(&meta.text(ADA).await), (131_056, 0));
    for (token, expected) in [("", 2_500), ("unknown", 190), ("page", 100)] {
        let reply = meta.call("POST", &format!("/v23.0/{NUMBER}/messages"), token, json!({})).await;
        assert_eq!(code(&reply).0, expected, "{token}");
        assert!(reply.json()["error"]["fbtrace_id"].is_string());
    }
}

#[tokio::test]
async fn a_closed_window_can_be_told_late_and_any_code_can_fail_a_message() {
    let mut meta = Connected::start(vec![]).await;
    meta.sim.meta_knobs(&json!({"window_late": true})).unwrap();
    assert_eq!(meta.text(ADA).await.status, 200);
    assert_eq!(meta.event().await["statuses"][0]["errors"][0]["code"], 131_047);
    meta.sim.meta_knobs(&json!({"fail_code": 131_026})).unwrap();
    meta.inbound(json!({"account": NUMBER}));
    meta.event().await;
    assert_eq!(meta.text(ADA).await.status, 200);
    assert_eq!(meta.event().await["statuses"][0]["errors"][0]["code"], 131_026);
    assert!(meta.sim.meta_knobs(&json!({"echo": "sometimes"})).is_err());
    assert!(meta.sim.meta_knobs(&json!({"unknown": 1})).is_err());
}

#[tokio::test]
async fn a_failed_request_is_sent_again_with_the_same_body_until_it_is_answered_with_200() {
    let mut meta = Connected::start(vec![500, 503]).await;
    meta.sim.meta_knobs(&json!({"again_ms": 10})).unwrap();
    meta.inbound(json!({"account": NUMBER, "text": "Once"}));
    let bodies = [meta.next().await.1, meta.next().await.1, meta.next().await.1];
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    meta.sim.meta_knobs(&json!({"copies": 2})).unwrap();
    meta.inbound(json!({"account": NUMBER, "text": "Twice"}));
    assert_eq!(meta.next().await.1, meta.next().await.1);
}

#[tokio::test]
async fn messenger_and_instagram_answer_inside_their_windows_and_echo_with_the_secret_of_their_app() {
    for (channel, account, token, path, customer, outside) in [
        ("facebook", PAGE, "page", "/v23.0/me/messages", "7100000000000101", 2_018_278),
        ("instagram", INSTAGRAM, "instagram", "/ig/v23.0/me/messages", "8100000000000101", 2_534_022),
    ] {
        let mut meta = Connected::start(vec![]).await;
        let body = json!({"recipient": {"id": customer}, "message": {"text": "Hi"}});
        assert_eq!(code(&meta.call("POST", path, token, body.clone()).await), (10, outside), "{channel}");
        let old = json!({"channel": channel, "account": account, "customer": customer, "seconds_ago": 90_000});
        meta.inbound(old);
        assert_eq!(meta.event().await["message"]["text"], "Hello");
        assert_eq!(code(&meta.call("POST", path, token, body.clone()).await), (10, outside), "{channel}");
        let mut tagged = body.clone();
        tagged["messaging_type"] = json!("MESSAGE_TAG");
        tagged["tag"] = json!("HUMAN_AGENT");
        let sent = meta.call("POST", path, token, tagged).await;
        assert_eq!((sent.status, &sent.json()["recipient_id"]), (200, &json!(customer)));
        let echo = meta.event().await;
        assert_eq!((&echo["message"]["is_echo"], &echo["message"]["mid"]), (&json!(true), &sent.json()["message_id"]));
        assert_eq!(echo["sender"]["id"], account);
        let typing = json!({"recipient": {"id": customer}, "sender_action": "typing_on"});
        assert_eq!(meta.call("POST", path, token, typing).await.status, 200);
        let stranger = json!({"recipient": {"id": "1"}, "message": {"text": "Hi"}});
        assert_eq!(code(&meta.call("POST", path, token, stranger).await).0, 100);
    }
}

#[tokio::test]
async fn a_hidden_number_is_left_out_everywhere_and_a_file_is_fetched_in_two_steps() {
    let mut meta = Connected::start(vec![]).await;
    meta.inbound(json!({"account": NUMBER, "customer": "Ada Example", "kind": "username", "new": "ada.example"}));
    meta.inbound(json!({"account": NUMBER, "customer": "Ada Example", "kind": "image", "text": "Look"}));
    let event = meta.event().await;
    assert!(event["messages"][0]["from"].is_null() && event["contacts"][0]["wa_id"].is_null());
    assert_eq!(event["contacts"][0]["profile"]["username"], "ada.example");
    let id = event["messages"][0]["image"]["id"].as_str().unwrap().to_owned();
    let there = meta.call("GET", &format!("/v23.0/{id}?phone_number_id={NUMBER}"), "whatsapp", Value::Null).await;
    let url = there.json()["url"].as_str().unwrap().to_owned();
    let path = url.strip_prefix(&meta.sim.base_url()).unwrap();
    assert_eq!(meta.sim.call("GET", path, "", &Value::Null).await.unwrap().status, 401);
    let file = meta.sim.call("GET", path, "whatsapp", &Value::Null).await.unwrap();
    assert!(file.status == 200 && file.body.starts_with(b"\x89PNG"));
    meta.sim.advance(Duration::from_secs(301));
    assert_eq!(meta.sim.call("GET", path, "whatsapp", &Value::Null).await.unwrap().status, 404);
    assert_eq!(meta.call("GET", &format!("/v23.0/{id}?phone_number_id=1"), "whatsapp", Value::Null).await.status, 404);
}

#[tokio::test]
async fn the_customers_phone_shows_threads_and_hostile_text_stays_text() {
    let meta = Connected::start(vec![]).await;
    let url = format!("{}/_sim/phone", meta.sim.base_url());
    let form = format!("channel=whatsapp&account={NUMBER}&customer=customer-1&kind=text&text=%3Cimg+src%3Dx%3E");
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let done = crate::request("POST", &url, &headers, form.as_bytes()).await.unwrap();
    assert_eq!(done.status, 303);
    let back = format!("{}{}", meta.sim.base_url(), done.header("location").unwrap());
    let shown = crate::request("GET", &back, &[], b"").await.unwrap();
    let html = String::from_utf8_lossy(&shown.body).into_owned();
    assert!(html.contains("&lt;img src=x&gt;") && !html.contains("<img src=x>") && html.contains("Ada Example"));
    let foreign = [("content-type", "application/x-www-form-urlencoded"), ("origin", "http://evil.example")];
    assert_eq!(crate::request("POST", &url, &foreign, b"kind=text").await.unwrap().status, 403);
}
