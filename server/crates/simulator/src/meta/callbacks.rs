//! What Meta sends to the app besides webhooks: the handshake of a callback address, and that a person removed the app or wants
//! their data deleted.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use url::Url;

use crate::{Simulator, ids::new_id, post};

use super::{
    graph::GraphCall,
    reply::{Refused, error},
};

/// Asks a callback address to repeat a challenge. Returns why it did not.
pub async fn handshake(url: &str, verify_token: &str) -> Result<(), String> {
    let mut address = Url::parse(url).map_err(|error| format!("{url} is no address: {error}"))?;
    let challenge = rand::random::<u32>().to_string();
    address
        .query_pairs_mut()
        .append_pair("hub.mode", "subscribe")
        .append_pair("hub.challenge", &challenge)
        .append_pair("hub.verify_token", verify_token);
    let reply = post::request("GET", address.as_str(), &[("user-agent", "facebookplatform/1.0")], b"").await?;
    if reply.status == 200 && reply.body == challenge.as_bytes() {
        return Ok(());
    }
    Err(format!("The callback answered {} and did not repeat the challenge.", reply.status))
}

/// Verifies the overriding callback of a subscription to a WhatsApp Business Account, if the call has one.
pub async fn verify_override(sim: &Simulator, call: &GraphCall) -> Result<(), Refused> {
    let url = call.param("override_callback_uri");
    let subscribes = call.method == "POST" && call.segments.get(1).is_some_and(|edge| edge == "subscribed_apps");
    if url.is_empty() || !subscribes || !sim.lock().world.wabas.contains_key(&call.segments[0]) {
        return Ok(());
    }
    let verified = handshake(url, call.param("verify_token")).await;
    verified.map_err(|why| error(400, 2200, None, format!("(#2200) Callback verification failed: {why}")))
}

/// The `signed_request` that says who removed the app or wants data deleted.
pub fn signed_request(secret: &str, user: &str, now: DateTime<Utc>) -> String {
    let expires = (now + TimeDelta::hours(1)).timestamp();
    let payload = format!(
        "{{\"algorithm\":\"HMAC-SHA256\",\"expires\":{expires},\"issued_at\":{},\"user_id\":{}}}",
        now.timestamp(),
        json!(user)
    );
    let payload = URL_SAFE_NO_PAD.encode(payload);
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length fits");
    mac.update(payload.as_bytes());
    format!("{}.{payload}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// A signature that fits nothing.
pub fn forged(signed: &str) -> String {
    let payload = signed.split_once('.').map_or("", |(_, payload)| payload);
    format!("{}.{payload}", new_id(43))
}

/// Posts a `signed_request` and returns the answer.
pub async fn send(url: &str, signed: &str) -> Result<Value, String> {
    let body = url::form_urlencoded::Serializer::new(String::new()).append_pair("signed_request", signed).finish();
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("user-agent", "facebookplatform/1.0")];
    let reply = post::request("POST", url, &headers, body.as_bytes()).await?;
    let text = || Value::from(String::from_utf8_lossy(&reply.body).into_owned());
    Ok(json!({"status": reply.status, "body": serde_json::from_slice(&reply.body).unwrap_or_else(|_| text())}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signed_request_is_that_of_the_published_vector() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        assert_eq!(
            signed_request("test-app-secret", "218471000000001", now),
            "NJNWsJ8iMvSUxRgbfnHxjqR8thlQ-M9ToZoa3fcDg4Y.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImV4cGlyZXMiOjE3OTAwMDM2MDAsImlzc3VlZF9hdCI6MTc5MDAwMDAwMCwidXNlcl9pZCI6IjIxODQ3MTAwMDAwMDAwMSJ9"
        );
    }
}
