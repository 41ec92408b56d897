//! The routes of the dialogs and of Graph, and those under `/_sim/meta` that steer connections.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use serde_json::{Map, Value, json};

use crate::{Simulator, control::from_own_page};

use super::{dialog, entrance, signup_dialog, steer};

/// All routes.
pub fn routes() -> Router<Simulator> {
    Router::new()
        .route("/meta/dialog/{version}/dialog/oauth", get(dialog::show).post(dialog::decide))
        .route("/meta/dialog/{version}/dialog/oauth/signup", post(signup_dialog::decide))
        .route("/meta/ig/oauth/authorize", get(dialog::show_instagram).post(dialog::decide_instagram))
        .route("/meta/{*rest}", any(entrance::receive))
        .route("/_sim/meta/expire", post(expire))
        .route("/_sim/meta/deauthorize", post(deauthorize))
        .route("/_sim/meta/data_deletion", post(data_deletion))
        .route("/_sim/meta/subscribe_webhook", post(subscribe_webhook))
        .route("/_sim/meta/app", post(app))
        .route("/_sim/meta/embedded_signup", post(embedded_signup))
}

/// Reads an order of this machine, given as JSON or as a form.
#[expect(clippy::result_large_err, reason = "the answer is made once and moved out")]
fn order(headers: &HeaderMap, body: &[u8]) -> Result<Value, Response> {
    if !from_own_page(headers) {
        return Err(StatusCode::FORBIDDEN.into_response());
    }
    if body.trim_ascii().is_empty() {
        return Ok(json!({}));
    }
    if body.trim_ascii_start().starts_with(b"{") {
        return serde_json::from_slice(body).map_err(|error| answer(Err(format!("The body is no JSON: {error}"))));
    }
    let pairs = url::form_urlencoded::parse(body).filter(|(_, value)| !value.is_empty());
    Ok(Value::Object(pairs.map(|(name, value)| (name.into_owned(), json!(value))).collect::<Map<_, _>>()))
}

fn answer(outcome: Result<Value, String>) -> Response {
    match outcome {
        Ok(done) => axum::Json(done).into_response(),
        Err(why) => (StatusCode::BAD_REQUEST, axum::Json(json!({"message": why}))).into_response(),
    }
}

async fn expire(State(sim): State<Simulator>, headers: HeaderMap, body: Bytes) -> Response {
    match order(&headers, &body) {
        Ok(order) => answer(steer::expire(&sim, &order).map(|hit| json!({"hit": hit}))),
        Err(refusal) => refusal,
    }
}

async fn deauthorize(State(sim): State<Simulator>, headers: HeaderMap, body: Bytes) -> Response {
    match order(&headers, &body) {
        Ok(order) => answer(steer::deauthorize(&sim, &order).await),
        Err(refusal) => refusal,
    }
}

async fn data_deletion(State(sim): State<Simulator>, headers: HeaderMap, body: Bytes) -> Response {
    match order(&headers, &body) {
        Ok(order) => answer(steer::data_deletion(&sim, &order).await),
        Err(refusal) => refusal,
    }
}

async fn subscribe_webhook(State(sim): State<Simulator>, headers: HeaderMap, body: Bytes) -> Response {
    match order(&headers, &body) {
        Ok(order) => answer(steer::subscribe_webhook(&sim, &order).await),
        Err(refusal) => refusal,
    }
}

async fn app(State(sim): State<Simulator>, headers: HeaderMap, body: Bytes) -> Response {
    match order(&headers, &body) {
        Ok(order) => answer(steer::set_app(&sim, &order)),
        Err(refusal) => refusal,
    }
}

async fn embedded_signup(State(sim): State<Simulator>, headers: HeaderMap, body: Bytes) -> Response {
    match order(&headers, &body) {
        Ok(order) => answer(steer::embedded_signup(&sim, &order)),
        Err(refusal) => refusal,
    }
}
