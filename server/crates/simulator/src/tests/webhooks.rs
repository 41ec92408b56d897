//! Tests that webhooks are signed, sent again after a 429, and not sent again after any other refusal.

use std::sync::Arc;

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
};

use super::{CALLBACK, InstalledSimulator};
use crate::{
    Handle,
    demo::{BRIGHT_DENTAL, HARBOR, LUNA_YOGA},
};

type Arrived = (HeaderMap, Bytes);
type Desk = (mpsc::UnboundedSender<Arrived>, Arc<Mutex<Vec<u16>>>);

/// Starts a receiver that answers with these statuses in turn and then with 200.
async fn receiver(mut statuses: Vec<u16>) -> (String, mpsc::UnboundedReceiver<Arrived>) {
    let (sender, arrived) = mpsc::unbounded_channel();
    statuses.reverse();
    let answers = Arc::new(Mutex::new(statuses));
    let receive = async |State((sender, answers)): State<Desk>, headers: HeaderMap, body: Bytes| {
        let status = answers.lock().await.pop().unwrap_or(200);
        let _ = sender.send((headers, body));
        StatusCode::from_u16(status).unwrap()
    };
    let app = Router::new().route("/hook", post(receive)).with_state((sender, answers));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, app).await });
    (url, arrived)
}

fn signed(headers: &HeaderMap, body: &[u8]) -> bool {
    let key = STANDARD.decode(crate::defaults().webhook_public_key).unwrap();
    let key = VerifyingKey::from_bytes(key[12..].try_into().unwrap()).unwrap();
    let Some(signature) = headers.get("x-ghl-signature") else { return false };
    let signature = STANDARD.decode(signature.as_bytes()).unwrap();
    key.verify(body, &Signature::from_bytes(signature.as_slice().try_into().unwrap())).is_ok()
}

async fn emit(sim: &Handle, query: &str, event: Value) -> crate::Reply {
    let url = format!("{}/_sim/ghl/events{query}", sim.base_url());
    crate::request("POST", &url, &[], event.to_string().as_bytes()).await.unwrap()
}

#[tokio::test]
async fn an_event_is_signed_over_its_very_bytes() {
    let (url, mut arrived) = receiver(vec![]).await;
    let sim = Handle::start_with(move |config| config.webhook_url = Some(url)).await.unwrap();
    let event = json!({"type": "ContactCreate", "locationId": BRIGHT_DENTAL, "firstName": "Zoë ☕"});
    let reply = emit(&sim, "?copies=2", event).await;
    assert_eq!(reply.json()["deliveries"], json!([{"status": 200}, {"status": 200}]));
    let (headers, first) = arrived.recv().await.unwrap();
    let (_, second) = arrived.recv().await.unwrap();
    assert!(signed(&headers, &first));
    assert_eq!(first, second);
    let body: Value = serde_json::from_slice(&first).unwrap();
    assert_eq!(
        (&body["type"], &body["firstName"], &body["appId"]),
        (&json!("ContactCreate"), &json!("Zoë ☕"), &json!(crate::defaults().app_id))
    );
    assert!(body["webhookId"].is_string() && body["timestamp"].is_string());
    assert_ne!(serde_json::to_vec(&body).unwrap(), first);
}

#[tokio::test]
async fn a_signature_can_be_bad_or_missing() {
    let (url, mut arrived) = receiver(vec![]).await;
    let sim = Handle::start_with(move |config| config.webhook_url = Some(url)).await.unwrap();
    for how in ["?signature=bad", "?signature=missing"] {
        emit(&sim, how, json!({"type": "INSTALL", "companyId": HARBOR})).await;
        let (headers, body) = arrived.recv().await.unwrap();
        assert!(!signed(&headers, &body), "{how}");
    }
    assert_eq!(emit(&sim, "", json!({"companyId": HARBOR})).await.status, 400);
    assert_eq!(
        emit(&sim, "?url=http%3A%2F%2Fexample.com", json!({"type": "INSTALL"})).await.json()["deliveries"][0]["status"],
        json!(null)
    );
}

#[tokio::test]
async fn a_429_is_delivered_again_with_the_same_body() {
    let (url, mut arrived) = receiver(vec![429, 429]).await;
    let sim = Handle::start_with(move |config| {
        config.webhook_url = Some(url);
        config.time_scale = 1_000_000.0;
    })
    .await
    .unwrap();
    emit(&sim, "", json!({"type": "UNINSTALL", "companyId": HARBOR})).await;
    let mut bodies = Vec::new();
    for _ in 0..3 {
        bodies.push(arrived.recv().await.unwrap().1);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
}

#[tokio::test]
async fn installing_tells_one_event_for_each_location_and_new_locations_follow() {
    let (url, mut arrived) = receiver(vec![]).await;
    let sim = Handle::start_with(move |config| {
        config.webhook_url = Some(url);
        config.time_scale = 100_000.0;
    })
    .await
    .unwrap();
    let code = sim.authorize(HARBOR, &[BRIGHT_DENTAL, LUNA_YOGA], CALLBACK).unwrap();
    let mut installed = Vec::new();
    for _ in 0..2 {
        let body: Value = serde_json::from_slice(&arrived.recv().await.unwrap().1).unwrap();
        assert_eq!((&body["type"], &body["companyId"]), (&json!("INSTALL"), &json!(HARBOR)));
        installed.push(body["locationId"].as_str().unwrap().to_owned());
    }
    installed.sort();
    assert_eq!(installed, [BRIGHT_DENTAL, LUNA_YOGA]);
    let token = sim.exchange(&code, CALLBACK).await.unwrap()["access_token"].as_str().unwrap().to_owned();
    let made = sim.call("POST", "/locations/", &token, &super::new_location("Follower")).await.unwrap().json();
    let mut types = Vec::new();
    for _ in 0..2 {
        let body: Value = serde_json::from_slice(&arrived.recv().await.unwrap().1).unwrap();
        assert!(body["id"] == made["id"] || body["locationId"] == made["id"]);
        types.push(body["type"].as_str().unwrap().to_owned());
    }
    types.sort();
    assert_eq!(types, ["INSTALL", "LocationCreate"]);
}

#[tokio::test]
async fn no_address_means_no_webhook_and_no_trouble() {
    let installed = InstalledSimulator::start().await;
    assert_eq!(emit(&installed.sim, "", json!({"type": "INSTALL"})).await.status, 400);
}
