//! Sends webhooks, signed over the exact bytes of the body, to one URL on loopback.
//!
//! After a 429, the same body is sent again. After any other refusal the event is lost, as at HighLevel (HighLevel
//! API §6.2).

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, SecondsFormat, Utc};
use ed25519_dalek::Signer;
use serde_json::{Map, Value, json};

use crate::{Simulator, defaults, ids::new_uuid, post};

/// An event to send.
#[derive(Debug, Clone)]
pub struct Event {
    /// The event's own fields, including `type`.
    pub fields: Value,
    /// Delay after the transaction.
    pub after: Duration,
}

/// Whether and how the signature is broken, for tests of the receiver.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Signature {
    /// The signature is correct.
    #[default]
    Valid,
    /// The signature is of other bytes.
    Bad,
    /// The header is missing.
    Missing,
}

const AGAIN_AFTER_MS: u64 = 600_000;
const AGAIN_TIMES: usize = 6;

/// Builds the body of an event: its own fields and those that every real webhook carries.
pub fn envelope(fields: &Value, app_id: &str, now: DateTime<Utc>) -> Vec<u8> {
    let mut body = Map::new();
    body.insert("appId".into(), json!(app_id));
    body.insert("versionId".into(), json!(app_id));
    body.insert("timestamp".into(), json!(now.to_rfc3339_opts(SecondsFormat::Millis, true)));
    body.insert("webhookId".into(), json!(new_uuid()));
    if let Value::Object(fields) = fields {
        body.extend(fields.clone());
    }
    // The JSON spans several lines on purpose: a receiver that verifies a re-serialised body instead of the bytes
    // fails.
    serde_json::to_vec_pretty(&body).expect("a JSON object can always be written")
}

/// Sends events in the background, each after its delay.
pub(crate) fn send_all(sim: &Simulator, events: Vec<Event>) {
    for event in events {
        let sim = sim.clone();
        let send = async move {
            tokio::time::sleep(event.after).await;
            let (url, body) = {
                let state = sim.lock();
                (state.world.knobs().webhook_url, envelope(&event.fields, &sim.config.app_id, state.now()))
            };
            if !url.is_empty() {
                deliver(&sim, &url, &body, Signature::Valid).await;
            }
        };
        // A plain test runs without a runtime. It cannot receive webhooks either, so none are sent.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(send);
        }
    }
}

/// The value of the signature header for a body.
pub fn sign(body: &[u8]) -> String {
    STANDARD.encode(defaults::webhook_key().sign(body).to_bytes())
}

/// Sends a body once. Returns the receiver's status, or why the receiver could not be reached.
pub async fn send(url: &str, body: &[u8], signature: Signature) -> Result<u16, String> {
    let signed = match signature {
        Signature::Valid => Some(sign(body)),
        Signature::Bad => Some(sign(b"other bytes")),
        Signature::Missing => None,
    };
    let mut headers = vec![("content-type", "application/json")];
    if let Some(signed) = &signed {
        headers.push(("x-ghl-signature", signed));
    }
    post::request("POST", url, &headers, body).await.map(|answer| answer.status)
}

/// Sends a body, and sends it again each time the receiver answers 429, up to [`AGAIN_TIMES`] times.
async fn deliver(sim: &Simulator, url: &str, body: &[u8], signature: Signature) {
    for _ in 0..=AGAIN_TIMES {
        match send(url, body, signature).await {
            Ok(429) => {}
            Ok(status) => return tracing::debug!(status, "webhook delivered"),
            Err(error) => return tracing::debug!(%error, "webhook lost"),
        }
        let wait = sim.lock().clock.delay(AGAIN_AFTER_MS).to_std().unwrap_or_default();
        tokio::time::sleep(wait).await;
    }
}

/// Sends a body that was answered with 429 again, in the background.
pub(crate) fn redeliver(sim: &Simulator, url: String, body: Vec<u8>, signature: Signature) {
    let sim = sim.clone();
    tokio::spawn(async move {
        let wait = sim.lock().clock.delay(AGAIN_AFTER_MS).to_std().unwrap_or_default();
        tokio::time::sleep(wait).await;
        deliver(&sim, &url, &body, signature).await;
    });
}
