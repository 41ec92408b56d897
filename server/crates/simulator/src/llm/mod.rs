//! The simulated chat model behind `/llm/v1`, which speaks the published chat completions API, and its controls.
//!
//! The name of the model in a request chooses what happens (`sim-hand_off`, `sim-slow`, …) unless `POST /_sim/llm` has ordered
//! something else. Every request is kept in a journal that tests read.

mod passages;
mod reply;
mod scripts;
mod structured;

use std::collections::VecDeque;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Simulator;

use scripts::{Said, Script};

/// How long the model writes on a piece of a streamed answer, in milliseconds before the time scale.
const PIECE_MS: u64 = 60;
/// Requests that the journal remembers.
const KEPT: usize = 1_000;

/// The orders of the chat model and its journal. Both are forgotten when the simulator ends.
#[derive(Debug, Default)]
pub struct Llm {
    orders: Orders,
    next: VecDeque<Script>,
    journal: VecDeque<Value>,
    count: u64,
}

/// What the model is told to do.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Orders {
    /// What every request gets. `None` lets the name of the model decide.
    script: Option<Script>,
    /// What the next requests get, before `script`.
    next: Vec<Script>,
    /// What the script `say` says.
    text: String,
    /// How long the model thinks, in milliseconds before the time scale, instead of the script's own time.
    delay_ms: Option<u64>,
    /// True to forget the journal.
    forget: bool,
}

/// All routes of the chat model.
pub fn routes() -> Router<Simulator> {
    Router::new()
        .route("/llm/v1/chat/completions", post(complete))
        .route("/llm/v1/models", get(models))
        .route("/_sim/llm", get(show).post(order))
}

/// Tells the model what to do with the coming requests.
pub fn set(sim: &Simulator, orders: &Value) -> Result<(), String> {
    let orders: Orders = serde_json::from_value(orders.clone()).map_err(|error| format!("No such order: {error}"))?;
    let mut state = sim.lock();
    let llm = &mut state.llm;
    if orders.forget {
        llm.journal.clear();
    }
    llm.next = orders.next.iter().copied().collect();
    llm.orders = orders;
    Ok(())
}

/// Every request that is remembered, oldest first.
pub fn journal(sim: &Simulator) -> Vec<Value> {
    sim.lock().llm.journal.iter().cloned().collect()
}

async fn order(State(sim): State<Simulator>, headers: HeaderMap, body: Bytes) -> Response {
    if !crate::control::from_own_page(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let orders = serde_json::from_slice(&body).map_err(|error| error.to_string());
    match orders.and_then(|orders: Value| set(&sim, &orders)) {
        Ok(()) => axum::Json(told(&sim)).into_response(),
        Err(why) => (StatusCode::BAD_REQUEST, axum::Json(json!({"message": why}))).into_response(),
    }
}

async fn show(State(sim): State<Simulator>) -> axum::Json<Value> {
    axum::Json(told(&sim))
}

fn told(sim: &Simulator) -> Value {
    let state = sim.lock();
    let scripts: Vec<String> = Script::ALL.into_iter().map(Script::word).collect();
    json!({
        "script": state.llm.orders.script, "next": state.llm.next, "text": state.llm.orders.text,
        "delay_ms": state.llm.orders.delay_ms, "scripts": scripts, "journal": state.llm.journal,
    })
}

async fn models() -> axum::Json<Value> {
    let model = |script: Script| json!({"id": format!("sim-{}", script.word()), "object": "model", "owned_by": "sim"});
    axum::Json(json!({"object": "list", "data": Script::ALL.map(model)}))
}

async fn complete(State(sim): State<Simulator>, headers: HeaderMap, body: Bytes) -> Response {
    let request = serde_json::from_slice::<Value>(&body);
    let key = headers.get(header::AUTHORIZATION).is_some_and(|value| value.as_bytes().starts_with(b"Bearer "));
    let fitting = match &request {
        _ if !key => Err(scripts::error(401, "invalid_api_key", "You didn't provide an API key.")),
        Err(_) => Err(scripts::error(400, "invalid_json", "We could not parse the JSON body of your request.")),
        Ok(request) if request["model"].as_str().is_none_or(str::is_empty) => {
            Err(scripts::error(400, "missing_model", "you must provide a model parameter"))
        }
        Ok(request) if request["messages"].as_array().is_none_or(Vec::is_empty) => {
            Err(scripts::error(400, "missing_messages", "Missing required parameter: 'messages'."))
        }
        Ok(_) => Ok(()),
    };
    let request = request.unwrap_or_default();
    let (script, said, wait) = decide(&sim, &request, fitting);
    tokio::time::sleep(wait).await;
    let streamed = request["stream"].as_bool().unwrap_or_default();
    match said {
        Said::Status(status, body) => reply::refusal(status, body),
        said if streamed => {
            let pause = sim.lock().clock.delay(PIECE_MS).to_std().unwrap_or_default();
            reply::stream(&request, &said, script == Some(Script::Stalled), pause)
        }
        said => axum::Json(reply::whole(&request, &said)).into_response(),
    }
}

/// Chooses what is said to a request and writes it to the journal.
fn decide(sim: &Simulator, request: &Value, fitting: Result<(), Said>) -> (Option<Script>, Said, std::time::Duration) {
    let mut state = sim.lock();
    let (at, clock) = (state.now(), state.clock.clone());
    let llm = &mut state.llm;
    let (script, said) = match fitting {
        Err(refusal) => (None, refusal),
        Ok(()) => {
            let model = request["model"].as_str().unwrap_or_default();
            let script = llm.next.pop_front().or(llm.orders.script).unwrap_or_else(|| Script::of_model(model));
            (Some(script), scripts::say(script, request, &llm.orders.text))
        }
    };
    llm.count += 1;
    let (status, text) = match &said {
        Said::Text(text) => (200, text.as_str()),
        Said::Tool(name, _) => (200, name.as_str()),
        Said::Status(status, _) => (*status, ""),
    };
    llm.journal.push_back(json!({
        "n": llm.count, "at": at, "script": script, "status": status, "said": text, "request": request,
    }));
    if llm.journal.len() > KEPT {
        llm.journal.pop_front();
    }
    let milliseconds = llm.orders.delay_ms.unwrap_or_else(|| script.map_or(0, Script::thinks_ms));
    (script, said, clock.delay(milliseconds).to_std().unwrap_or_default())
}
