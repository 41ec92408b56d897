//! Receivers for the product's own webhooks. Each name under `/_sim/hooks/` is a receiver that records what it got,
//! says whether the signature is right, and answers as it was told: with a failure, slowly, or with a redirect.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{
    Simulator,
    page::html::{chip, esc, page},
};

/// Deliveries that a receiver remembers.
const KEPT: usize = 500;

/// All receivers, by name.
pub type Hooks = BTreeMap<String, Hook>;

/// A receiver.
#[derive(Debug, Clone, Default)]
pub struct Hook {
    /// The secret that signatures are checked with.
    secret: Option<String>,
    /// The next answers, one for each delivery.
    answers: VecDeque<Answer>,
    /// The answer after those.
    always: Answer,
    got: Vec<Got>,
}

/// How a delivery is answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Answer {
    status: u16,
    body: String,
    delay_ms: u64,
    retry_after: Option<String>,
    location: Option<String>,
}

impl Default for Answer {
    fn default() -> Self {
        Self { status: 200, body: "ok".to_owned(), delay_ms: 0, retry_after: None, location: None }
    }
}

/// A delivery as it arrived.
#[derive(Debug, Clone, Serialize)]
struct Got {
    at: String,
    id: String,
    /// `valid`, `invalid`, `missing`, or `unchecked` without a secret to check it with.
    signature: &'static str,
    /// How many signatures it had.
    signatures: usize,
    headers: BTreeMap<String, String>,
    body: Value,
    answered: u16,
}

/// What a receiver is told.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Orders {
    secret: Option<String>,
    answers: Vec<Answer>,
    always: Option<Answer>,
    /// True to forget what it got.
    forget: bool,
}

/// All routes of the receivers.
pub fn routes() -> Router<Simulator> {
    Router::new().route("/_sim/hooks", get(list)).route("/_sim/hooks/{name}", get(show).post(receive).put(order))
}

/// Records a delivery and answers it.
async fn receive(State(sim): State<Simulator>, Path(name): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let answer = {
        let mut state = sim.lock();
        let at = state.now().to_rfc3339();
        let hook = state.hooks.entry(name).or_default();
        let answer = hook.answers.pop_front().unwrap_or_else(|| hook.always.clone());
        let got = hook.read(at, &headers, &body, answer.status);
        hook.got.push(got);
        let surplus = hook.got.len().saturating_sub(KEPT);
        hook.got.drain(..surplus);
        answer
    };
    if answer.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(answer.delay_ms)).await;
    }
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, answer.body).into_response();
    for (name, value) in [(header::RETRY_AFTER, answer.retry_after), (header::LOCATION, answer.location)] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

impl Hook {
    fn read(&self, at: String, headers: &HeaderMap, body: &[u8], answered: u16) -> Got {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let (id, signed) = (text("webhook-id"), text("webhook-signature"));
        let message = [format!("{id}.{}.", text("webhook-timestamp")).as_bytes(), body].concat();
        let signature = match &self.secret {
            _ if signed.is_empty() => "missing",
            None => "unchecked",
            Some(secret) if signed.split(' ').any(|one| is_valid(secret, one, &message)) => "valid",
            Some(_) => "invalid",
        };
        let named = headers.keys().map(|name| (name.to_string(), text(name.as_str())));
        Got {
            at,
            id,
            signature,
            signatures: signed.split(' ').filter(|one| !one.is_empty()).count(),
            headers: named.collect(),
            body: serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into()),
            answered,
        }
    }

    fn follow(&mut self, orders: Orders) {
        if orders.forget {
            self.got.clear();
        }
        self.secret = orders.secret.or_else(|| self.secret.take());
        self.answers = orders.answers.into();
        self.always = orders.always.unwrap_or_default();
    }
}

/// Whether one signature of the header is right.
fn is_valid(secret: &str, signature: &str, message: &[u8]) -> bool {
    let decoded = |text: &str, prefix: &str| STANDARD.decode(text.strip_prefix(prefix)?).ok();
    let (Some(key), Some(signed)) = (decoded(secret, "whsec_"), decoded(signature, "v1,")) else { return false };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { return false };
    mac.update(message);
    mac.verify_slice(&signed).is_ok()
}

/// Tells a receiver how to answer and what to check signatures with.
pub fn set(sim: &Simulator, name: &str, orders: &Value) -> Result<(), String> {
    let orders: Orders = serde_json::from_value(orders.clone()).map_err(|error| error.to_string())?;
    sim.lock().hooks.entry(name.to_owned()).or_default().follow(orders);
    Ok(())
}

/// Everything that a receiver got, oldest first.
pub fn got(sim: &Simulator, name: &str) -> Vec<Value> {
    let state = sim.lock();
    state.hooks.get(name).map(|hook| hook.got.iter().map(|got| json!(got)).collect()).unwrap_or_default()
}

async fn order(State(sim): State<Simulator>, Path(name): Path<String>, body: Bytes) -> Response {
    let orders = serde_json::from_slice(&body).map_err(|error| error.to_string());
    match orders.and_then(|orders: Value| set(&sim, &name, &orders)) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(why) => (StatusCode::BAD_REQUEST, axum::Json(json!({ "message": why }))).into_response(),
    }
}

/// What a receiver got: JSON for programs, a page for people.
async fn show(State(sim): State<Simulator>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let got = got(&sim, &name);
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !accepts.contains("text/html") {
        return axum::Json(got).into_response();
    }
    let mut inner = String::new();
    for one in got.iter().rev() {
        let kind = match one["signature"].as_str() {
            Some("valid") => "good",
            Some("invalid") => "bad",
            _ => "",
        };
        let signature = chip(kind, format!("signature {}", one["signature"].as_str().unwrap_or_default()));
        let body = serde_json::to_string_pretty(&one["body"]).unwrap_or_default();
        inner.push_str(&format!(
            "<section><h2>{}</h2><p class=\"dim\">{} · answered {}</p>{signature}<pre>{}</pre></section>",
            esc(one["id"].as_str().unwrap_or_default()),
            esc(one["at"].as_str().unwrap_or_default()),
            one["answered"],
            esc(body)
        ));
    }
    if got.is_empty() {
        inner.push_str("<section><p>Nothing arrived yet.</p></section>");
    }
    Html(page(&format!("Webhooks to {name}"), &framed(&inner))).into_response()
}

/// The receivers that got something.
async fn list(State(sim): State<Simulator>) -> Html<String> {
    let mut inner = String::new();
    for (name, hook) in &sim.lock().hooks {
        let link: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        let link = esc(link.replace('+', "%20"));
        inner.push_str(&format!(
            "<section><h2><a href=\"/_sim/hooks/{link}\">{}</a></h2><p>{} deliveries</p></section>",
            esc(name),
            hook.got.len()
        ));
    }
    if inner.is_empty() {
        inner.push_str("<section><p>Point a webhook at /_sim/hooks/anything on this address.</p></section>");
    }
    Html(page("Webhooks", &framed(&inner)))
}

fn framed(inner: &str) -> String {
    format!(
        "<main><header><h1>Webhooks</h1><nav><a href=\"/_sim\">Simulator</a><a href=\"/_sim/hooks\">All receivers</a></nav></header>{inner}</main>"
    )
}
