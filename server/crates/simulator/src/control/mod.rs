//! The routes that control the simulator. Each takes and answers JSON, or takes a form of the page and redirects
//! back to it.
//!
//! Requests from other origins are refused: a web page that somebody visits must not reset a developer's world.

pub mod actions;

use axum::{
    Router,
    body::Bytes,
    extract::{FromRequest, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{Simulator, webhooks::Signature};

/// All control routes.
pub fn routes() -> Router<Simulator> {
    Router::new()
        .route("/_sim/world", get(world))
        .route("/_sim/journal", get(journal))
        .route("/_sim/faults", get(faults).post(set_faults).delete(clear_faults))
        .route("/_sim/faults/clear", post(clear_faults_by_form))
        .route("/_sim/reset", post(reset))
        .route("/_sim/expire", post(expire))
        .route("/_sim/knobs", get(knobs).post(set_knobs))
        .route("/_sim/company", post(company))
        .route("/_sim/location", post(location))
        .route("/_sim/pit", post(pit))
        .route("/_sim/clock", post(clock))
        .route("/_sim/ghl/authorize", post(authorize))
        .route("/_sim/ghl/events", post(events))
        .layer(middleware::from_fn(own_pages_only))
}

async fn own_pages_only(request: Request, next: Next) -> Response {
    if from_own_page(request.headers()) {
        return next.run(request).await;
    }
    let why = "The simulator is steered from its own page and from this machine only.";
    (StatusCode::FORBIDDEN, axum::Json(json!({"message": why}))).into_response()
}

/// Whether a request comes from this machine and from no page of another origin.
pub(crate) fn from_own_page(headers: &HeaderMap) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let own = text(header::ORIGIN).is_none_or(|origin| origin.strip_prefix("http://") == Some(host));
    matches!(name, "127.0.0.1" | "localhost" | "[::1]") && own
}

/// The body of a request, and whether the page's form sent it.
struct Input {
    body: Value,
    form: bool,
}

impl Input {
    /// Answers programs with JSON. Redirects people back to the page, with the message to show.
    fn answer(&self, outcome: Result<Value, String>) -> Response {
        match (outcome, self.form) {
            (Ok(value), false) => axum::Json(value).into_response(),
            (Err(why), false) => (StatusCode::BAD_REQUEST, axum::Json(json!({"message": why}))).into_response(),
            (Ok(value), true) => back(value["said"].as_str().unwrap_or("Done.")),
            (Err(why), true) => back(&why),
        }
    }

    fn number(&self, name: &str) -> Option<i64> {
        let value = self.body.get(name)?;
        value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
    }

    fn flag(&self, name: &str) -> bool {
        matches!(&self.body[name], Value::Bool(true)) || matches!(self.body[name].as_str(), Some("true" | "on"))
    }
}

fn back(said: &str) -> Response {
    let said: String = url::form_urlencoded::byte_serialize(said.as_bytes()).collect();
    Redirect::to(&format!("/_sim?said={said}")).into_response()
}

impl<S: Send + Sync> FromRequest<S> for Input {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let form = is_form(request.headers());
        let bytes = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        // `curl -d '{…}'` labels every body as a form.
        let form = form && !bytes.trim_ascii_start().starts_with(b"{") && !bytes.trim_ascii_start().starts_with(b"[");
        let body = if form {
            read_form(&bytes)
        } else if bytes.is_empty() {
            json!({})
        } else {
            serde_json::from_slice(&bytes).map_err(|error| {
                let why = format!("The body is no JSON: {error}");
                (StatusCode::BAD_REQUEST, axum::Json(json!({"message": why}))).into_response()
            })?
        };
        Ok(Self { body, form })
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

/// Skips empty fields: the person did not fill them in.
fn read_form(bytes: &[u8]) -> Value {
    let mut fields = Map::new();
    for (name, value) in url::form_urlencoded::parse(bytes).filter(|(_, value)| !value.is_empty()) {
        fields.insert(name.into_owned(), Value::from(value.into_owned()));
    }
    Value::Object(fields)
}

async fn world(State(sim): State<Simulator>) -> axum::Json<Value> {
    let state = sim.lock();
    axum::Json(state.world.to_json(state.now()))
}

#[derive(Deserialize)]
struct Since {
    #[serde(default)]
    since: u64,
    limit: Option<usize>,
}

async fn journal(State(sim): State<Simulator>, Query(asked): Query<Since>) -> impl IntoResponse {
    let calls = sim.lock().journal(asked.since, asked.limit.unwrap_or(usize::MAX));
    ([(header::CONTENT_TYPE, "application/json")], calls)
}

async fn faults(State(sim): State<Simulator>) -> axum::Json<Value> {
    axum::Json(json!(sim.lock().world.faults.values().collect::<Vec<_>>()))
}

async fn set_faults(State(sim): State<Simulator>, input: Input) -> Response {
    let rules = if input.form { rule_of_form(&input) } else { input.body.clone() };
    let outcome = actions::set_faults(&sim, rules);
    let said = outcome.map(|()| json!({"faults": sim.lock().world.faults.len(), "said": "The fault is set."}));
    input.answer(said)
}

/// Builds a rule from the form's fields.
fn rule_of_form(input: &Input) -> Value {
    let mut matches = Map::new();
    for name in ["method", "path", "prefix"] {
        if let Some(value) = input.body.get(name) {
            matches.insert(name.into(), value.clone());
        }
    }
    let mut rule = json!({"match": matches, "fault": input.body["fault"]});
    for name in ["times", "status", "delay_ms"] {
        if let Some(number) = input.number(name) {
            rule[name] = json!(number);
        }
    }
    rule
}

async fn clear_faults(State(sim): State<Simulator>) -> Response {
    let outcome = actions::clear_faults(&sim).map(|()| json!({"faults": 0}));
    Input { body: Value::Null, form: false }.answer(outcome)
}

async fn clear_faults_by_form(State(sim): State<Simulator>) -> Response {
    back(&actions::clear_faults(&sim).map_or_else(|why| why, |()| "No fault is set any more.".into()))
}

async fn reset(State(sim): State<Simulator>, input: Input) -> Response {
    let all = input.flag("all");
    let outcome = actions::reset(&sim, all);
    input.answer(outcome.map(|()| json!({"all": all, "said": "The demo world is back."})))
}

async fn expire(State(sim): State<Simulator>, input: Input) -> Response {
    let outcome = actions::expire(&sim, &input.body);
    input.answer(outcome.map(|hit| json!({"hit": hit, "said": format!("{hit} credentials were hit.")})))
}

async fn knobs(State(sim): State<Simulator>) -> axum::Json<Value> {
    axum::Json(Value::Object(actions::knobs_json(&sim.lock().world.knobs())))
}

async fn set_knobs(State(sim): State<Simulator>, input: Input) -> Response {
    input.answer(actions::set_knobs(&sim, &input.body))
}

async fn company(State(sim): State<Simulator>, input: Input) -> Response {
    input.answer(actions::set_company(&sim, &input.body))
}

async fn location(State(sim): State<Simulator>, input: Input) -> Response {
    input.answer(actions::set_location(&sim, &input.body).map(|()| json!({})))
}

async fn pit(State(sim): State<Simulator>, input: Input) -> Response {
    let outcome = actions::add_pit(&sim, &input.body);
    input.answer(outcome.map(|token| json!({"said": format!("The new token: {token}"), "token": token})))
}

async fn clock(State(sim): State<Simulator>, input: Input) -> Response {
    let milliseconds = input.number("advance_ms").or_else(|| input.number("minutes").map(|m| m.saturating_mul(60_000)));
    let outcome = milliseconds.ok_or_else(|| "Say how far: advance_ms.".to_owned());
    let outcome = outcome.and_then(|milliseconds| actions::advance(&sim, milliseconds));
    input.answer(outcome.map(|()| json!({"now": sim.lock().now(), "said": "The clock was moved."})))
}

async fn authorize(State(sim): State<Simulator>, input: Input) -> Response {
    let consent = actions::consent_of(&sim, &input.body);
    let redirect_uri = input.body["redirectUri"].as_str().unwrap_or_default();
    let outcome = actions::consent(&sim, &consent, redirect_uri);
    input.answer(outcome.map(|code| json!({"code": code})))
}

#[derive(Deserialize)]
struct How {
    url: Option<String>,
    copies: Option<usize>,
    #[serde(default)]
    signature: Signature,
}

async fn events(State(sim): State<Simulator>, Query(how): Query<How>, input: Input) -> Response {
    let sending = actions::Sending { url: how.url, copies: how.copies.unwrap_or(1), signature: how.signature };
    let outcome = actions::emit(&sim, &input.body, sending).await;
    let said = outcome.map(|mut sent| {
        sent["said"] = json!(format!("Sent: {}", sent["deliveries"]));
        sent
    });
    input.answer(said)
}
