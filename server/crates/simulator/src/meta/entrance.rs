//! Takes a call to Graph from the socket to its handler, writes the journal, and answers or withholds the answer.

use std::collections::BTreeMap;

use axum::{
    body::to_bytes,
    extract::{ConnectInfo, Request as Incoming, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use crate::{
    Simulator,
    cut::ResetSwitch,
    faults::{Kind, Rule},
    ghl::{entrance as wire, match_fault},
    journal::{self, Delivery, Entry, Outcome as Came},
    simulator::SimulatorState,
    world::Transaction,
};

use super::{
    access_records::MetaToken,
    callbacks, deliver,
    graph::{self, GraphCall},
    multipart, registration,
    reply::{Outcome, Refused, error, of_status},
};

/// Largest body: a document of 100 MB and what surrounds it.
const LARGEST: usize = 101 << 20;
/// Parameters that the journal masks.
const SECRETS: [&str; 8] = [
    "client_secret",
    "code",
    "access_token",
    "input_token",
    "fb_exchange_token",
    "appsecret_proof",
    "pin",
    "verify_token",
];

/// Handles every call below `/meta` that is not a page.
pub async fn receive(State(sim): State<Simulator>, incoming: Incoming) -> Response {
    let reset_switch =
        incoming.extensions().get::<ConnectInfo<ResetSwitch>>().map(|info| info.0.clone()).unwrap_or_default();
    let (parts, body) = incoming.into_parts();
    let header = |name: header::HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let Ok(bytes) = to_bytes(body, LARGEST).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let query: BTreeMap<String, String> =
        url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let content_type = header(header::CONTENT_TYPE).unwrap_or_default();
    let body = read(content_type, &bytes);
    let bearer = header(header::AUTHORIZATION).and_then(|value| value.split_once(' '));
    let bearer = bearer.filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    let of_body = || body.as_ref().ok().and_then(|body| body["access_token"].as_str());
    let token = bearer.or_else(|| query.get("access_token").map(String::as_str)).or_else(of_body).map(str::to_owned);
    let (instagram, segments) = graph::split(parts.uri.path());
    let call = GraphCall {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        instagram,
        segments,
        query,
        body: body.clone().unwrap_or_default(),
        parts: multipart::read(content_type, &bytes),
        bearer: token,
        base: sim.base_url(),
    };
    // A separate task: a call that arrived is executed even if the caller has hung up.
    let answered = tokio::spawn(async move { answer(&sim, &reset_switch, &call, body.is_err()).await }).await;
    answered.map_err(std::io::Error::other).flatten().unwrap_or_else(|error| {
        tracing::error!(%error, "the simulator cannot answer");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    })
}

/// Reads a body as JSON. A form becomes an object of texts; a form with files and an empty body become nothing.
fn read(content_type: &str, bytes: &[u8]) -> Result<Value, ()> {
    if bytes.is_empty() || content_type.starts_with("multipart/") {
        return Ok(Value::Null);
    }
    if content_type.starts_with("application/json") {
        return serde_json::from_slice(bytes).map_err(|_| ());
    }
    let pairs = url::form_urlencoded::parse(bytes).into_owned();
    Ok(Value::Object(pairs.map(|(name, value)| (name, Value::String(value))).collect::<Map<_, _>>()))
}

async fn answer(
    sim: &Simulator,
    reset_switch: &ResetSwitch,
    call: &GraphCall,
    unreadable: bool,
) -> std::io::Result<Response> {
    let fault = match_fault(&mut sim.lock(), &call.method, &call.path)?;
    if let Some(rule) = fault.as_ref().filter(|rule| rule.fault != Kind::Timeout && rule.delay_ms > 0) {
        wire::delayed(sim, rule.delay_ms).await;
    }
    let early = match unreadable {
        true => Some(error(400, 100, None, "(#100) The body is not valid JSON")),
        false => callbacks::verify_override(sim, call).await.err(),
    };
    let outcome = execute(&mut sim.lock(), call, fault.as_ref(), early)?;
    if outcome.is_ok() && call.path.ends_with("/messages") && sim.lock().world.meta_knobs().echo == "before" {
        deliver::flush(sim).await;
    }
    let (status, body) = match outcome {
        Ok(body) => (200, body),
        Err(Refused { status, body }) => (status, body),
    };
    let mut response = render(status, &body);
    let usage = HeaderValue::from_static("{\"call_count\":1,\"total_cputime\":1,\"total_time\":1}");
    response.headers_mut().insert("x-app-usage", usage);
    Ok(match fault {
        Some(rule) => wire::apply_fault(sim, reset_switch, &in_metas_words(rule), response).await,
        None => response,
    })
}

/// Graph answers with JSON that it labels as a script's.
fn render(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "application/json; charset=UTF-8")], body.to_string()).into_response()
}

/// Gives a fault that asks for a status Meta's body. Gateways' answers stay HTML.
fn in_metas_words(mut rule: Rule) -> Rule {
    let status = rule.status.unwrap_or(500);
    if rule.fault == Kind::Status && rule.body.is_none() && !(502..=504).contains(&status) {
        rule.body = Some(of_status(status).to_string());
    }
    rule
}

/// Executes a call, unless a fault keeps it from being executed, and writes it to the journal.
fn execute(
    state: &mut SimulatorState,
    call: &GraphCall,
    fault: Option<&Rule>,
    early: Option<Refused>,
) -> std::io::Result<Outcome> {
    let mut caller = None;
    let executes = fault.is_none_or(Rule::executes);
    let mut tx = Transaction::new(&state.world, &state.clock);
    let outcome = match early {
        _ if !executes => Ok(Value::Null),
        Some(refused) => Err(refused),
        None => graph::handle(&mut tx, call, &mut caller),
    };
    if let Err(refused) = &outcome {
        tx = Transaction::new(&state.world, &state.clock);
        registration::note_wrong_pin(&mut tx, call, refused);
    }
    let done = tx.done();
    let came = match &outcome {
        _ if !executes => Came::NotExecuted,
        Ok(_) => Came::Executed,
        Err(_) => Came::Refused,
    };
    let status = outcome.as_ref().map_or_else(|refused| refused.status, |_| 200);
    let mut entry = entry(state, call, caller.as_ref());
    entry.status = if executes { status } else { fault.and_then(|rule| rule.status).unwrap_or(500) };
    entry.outcome = came;
    entry.answer = if fault.is_some_and(Rule::withholds) { Delivery::Withheld } else { Delivery::Answered };
    entry.fault = fault.map(|rule| rule.fault.word().to_owned());
    entry.created = done.created;
    entry.changed = done.changes.iter().map(|change| format!("{}/{}", change.0, change.1)).collect();
    state.commit(Some(entry), done.changes)?;
    Ok(outcome)
}

/// What the journal says of a call before it is handled.
fn entry(state: &SimulatorState, call: &GraphCall, caller: Option<&MetaToken>) -> Entry {
    let hidden = |name: &str, value: &str| if SECRETS.contains(&name) { "***".to_owned() } else { value.to_owned() };
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in &call.query {
        query.append_pair(name, &hidden(name, value));
    }
    let mut body = journal::masked(&call.body);
    for secret in SECRETS {
        if let Some(value) = body.get_mut(secret) {
            *value = json!("***");
        }
    }
    Entry {
        n: state.next(),
        at: state.now(),
        method: call.method.clone(),
        path: call.path.clone(),
        query: query.finish(),
        body,
        token: caller.map_or("none", |token| token.kind.word()).into(),
        app: caller.map(|token| token.app_id.clone()),
        resource: None,
        status: 200,
        outcome: Came::Executed,
        answer: Delivery::Answered,
        fault: None,
        created: None,
        changed: Vec::new(),
    }
}
