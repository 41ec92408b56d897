//! Takes an API call from the socket to its handler and returns the answer, or withholds it.
//!
//! The lock is never held during a wait. A withheld answer ends the connection with a reset.

use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request as Incoming, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use crate::{
    Simulator,
    cut::ResetSwitch,
    faults::{Kind, Rule},
    limits::Rates,
    webhooks,
};

use super::{Handled, Request, handle, match_fault};

const LARGEST_BODY: usize = 1 << 20;
const HOLD_MS: u64 = 60_000;
/// How often is looked whether the fault that delays a call was cleared.
const LOOK: Duration = Duration::from_millis(20);

/// Handles every call to a path that is not one of the simulator's own.
pub async fn wire(State(sim): State<Simulator>, incoming: Incoming) -> Response {
    let reset_switch =
        incoming.extensions().get::<ConnectInfo<ResetSwitch>>().map(|info| info.0.clone()).unwrap_or_default();
    let (parts, body) = incoming.into_parts();
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let Ok(bytes) = to_bytes(body, LARGEST_BODY).await else {
        let body = json!({"statusCode": 413, "message": "request entity too large"});
        return (StatusCode::PAYLOAD_TOO_LARGE, axum::Json(body)).into_response();
    };
    let request = Request {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        authorization: header("authorization"),
        version: header("version"),
        body: read(header("content-type").as_deref(), &bytes),
    };
    // A separate task: as at HighLevel, a call that arrived is executed even if the caller has hung up.
    let answered = tokio::spawn(async move { answer(&sim, &reset_switch, &request).await }).await;
    answered.map_err(std::io::Error::other).flatten().unwrap_or_else(|error| {
        tracing::error!(%error, "the simulator cannot answer");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    })
}

async fn answer(sim: &Simulator, reset_switch: &ResetSwitch, request: &Request) -> std::io::Result<Response> {
    let fault = match_fault(&mut sim.lock(), &request.method, &request.path)?;
    if let Some(rule) = fault.as_ref().filter(|rule| rule.fault != Kind::Timeout && rule.delay_ms > 0) {
        delayed(sim, rule.delay_ms).await;
    }
    let handled = handle(&mut sim.lock(), &sim.config, request, fault.as_ref())?;
    let Handled { answer, rates, events } = handled;
    webhooks::send_all(sim, events);
    let mut response = render(sim, answer.status, &answer.body);
    if let Some(rates) = rates {
        tell_rates(response.headers_mut(), &rates);
    }
    Ok(match fault {
        Some(rule) => apply_fault(sim, reset_switch, &rule, response).await,
        None => response,
    })
}

/// Waits for a simulated time in milliseconds, at most until every fault is cleared.
pub(crate) async fn delayed(sim: &Simulator, milliseconds: u64) {
    let cleared = async {
        while !sim.lock().world.faults.is_empty() {
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::select! {
        () = wait(sim, milliseconds) => {}
        () = cleared => {}
    }
}

/// Waits for a simulated time in milliseconds.
pub(crate) async fn wait(sim: &Simulator, milliseconds: u64) {
    let delay: Duration = sim.lock().clock.delay(milliseconds).to_std().unwrap_or_default();
    tokio::time::sleep(delay).await;
}

fn render(sim: &Simulator, status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status == StatusCode::TOO_MANY_REQUESTS && sim.lock().world.knobs().plain_429 {
        return (status, "Too Many Requests").into_response();
    }
    (status, axum::Json(body)).into_response()
}

/// Applies a fault to an answer.
pub(crate) async fn apply_fault(
    sim: &Simulator,
    reset_switch: &ResetSwitch,
    rule: &Rule,
    response: Response,
) -> Response {
    match rule.fault {
        Kind::Delay => response,
        Kind::ResetBefore | Kind::ResetAfter => {
            reset_switch.reset_connection();
            response
        }
        Kind::Timeout => {
            wait(sim, if rule.delay_ms > 0 { rule.delay_ms } else { HOLD_MS }).await;
            reset_switch.reset_connection();
            response
        }
        Kind::Status => {
            let status = rule.status.and_then(|status| StatusCode::from_u16(status).ok());
            let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            other_status(status, rule.body.clone())
        }
        Kind::Empty => (response.status(), Body::empty()).into_response(),
        Kind::Truncated => {
            let (parts, body) = response.into_parts();
            let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
            let half = bytes.slice(..bytes.len() / 2);
            (parts.status, [(CONTENT_TYPE, "application/json")], half).into_response()
        }
    }
}

/// Gateways answer with HTML, the application with JSON.
fn other_status(status: StatusCode, body: Option<String>) -> Response {
    let reason = status.canonical_reason().unwrap_or("Error");
    let html = matches!(status.as_u16(), 502..=504);
    let kind = if html { "text/html" } else { "application/json" };
    let usual = || match html {
        true => format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"),
        false => json!({"statusCode": status.as_u16(), "message": reason}).to_string(),
    };
    let body = body.unwrap_or_else(usual);
    (status, [(CONTENT_TYPE, kind)], body).into_response()
}

/// Adds the rate-limit headers. They carry the nominal interval: a caller that divides its waits by the time scale
/// then matches the scaled window.
fn tell_rates(headers: &mut HeaderMap, rates: &Rates) {
    let mut set = |name: &'static str, value: i64| {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
    };
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    set("x-ratelimit-max", number(rates.max));
    set("x-ratelimit-remaining", number(rates.remaining));
    set("x-ratelimit-interval-milliseconds", 10_000);
    set("x-ratelimit-limit-daily", number(rates.daily));
    set("x-ratelimit-daily-remaining", number(rates.daily_remaining));
    set("x-ratelimit-daily-reset", rates.daily_reset_ms);
}

/// Reads a body as JSON. A form becomes an object of texts, an empty body an empty object.
fn read(content_type: Option<&str>, bytes: &[u8]) -> Result<Value, String> {
    if bytes.is_empty() {
        return Ok(json!({}));
    }
    if content_type.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        let pairs = url::form_urlencoded::parse(bytes).into_owned();
        return Ok(Value::Object(pairs.map(|(name, value)| (name, Value::String(value))).collect::<Map<_, _>>()));
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => Ok(Value::Object(fields)),
        Ok(_) => Err("Bad Request: the body must be an object".into()),
        Err(error) => Err(format!("Unexpected token in JSON at line {} column {}", error.line(), error.column())),
    }
}
