//! The routes under `/_sim/meta` that steer messages and show them, and the addresses from which files are fetched.

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Map, Value, json};

use crate::{
    Simulator,
    control::{actions::said, from_own_page},
    ids::digest,
    page::html::{chip, esc, page, table},
    world::Transaction,
};

use super::{
    customer_page,
    events::{self, MetaEvent},
    inbound, knobs, media,
    message_records::{Delivery, Message},
    statuses, templates,
    templates::Query as Fields,
};

/// Largest body of an order: a file of 16 MB in base64.
const LARGEST: usize = 24 << 20;

/// All routes.
pub fn routes() -> Router<Simulator> {
    Router::new()
        .route("/_sim/phone", get(customer_page::show).post(customer_page::act))
        .route("/_sim/meta/inbound", post(order))
        .route("/_sim/meta/knobs", get(show_knobs).post(set_knobs))
        .route("/_sim/meta/event", post(event))
        .route("/_sim/meta/status", post(status))
        .route("/_sim/meta/template", post(template))
        .route("/_sim/meta/messages", get(show_messages))
        .route("/_sim/meta/deliveries", get(show_deliveries))
        .route("/meta/lookaside/whatsapp_business/attachments/", get(whatsapp_file))
        .route("/meta/lookaside/ig_messaging_cdn/", get(public_file))
        .layer(DefaultBodyLimit::max(LARGEST))
}

/// Carries out an order of this machine, given as JSON or as a form.
fn steer(headers: &HeaderMap, body: &[u8], act: impl FnOnce(&Value) -> Result<Value, String>) -> Response {
    if !from_own_page(headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let read = serde_json::from_slice(body).or_else(|error| {
        let form: Map<String, Value> =
            url::form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), json!(value))).collect();
        if body.starts_with(b"{") { Err(format!("The body is no JSON: {error}")) } else { Ok(Value::Object(form)) }
    });
    match read.and_then(|order| act(&order)) {
        Ok(done) => axum::Json(done).into_response(),
        Err(why) => (StatusCode::BAD_REQUEST, axum::Json(json!({"message": why}))).into_response(),
    }
}

async fn order(State(sim): State<Simulator>, headers: HeaderMap, body: Bytes) -> Response {
    steer(&headers, &body, |order| inbound::receive(&sim, order))
}

async fn show_knobs(State(sim): State<Simulator>) -> axum::Json<Value> {
    axum::Json(Value::Object(knobs::to_json(&sim.lock().world.meta_knobs())))
}

async fn set_knobs(State(sim): State<Simulator>, headers: HeaderMap, body: Bytes) -> Response {
    steer(&headers, &body, |given| knobs::set(&sim, given))
}

async fn event(State(sim): State<Simulator>, headers: HeaderMap, body: Bytes) -> Response {
    steer(&headers, &body, |order| emit(&sim, order))
}

async fn status(State(sim): State<Simulator>, headers: HeaderMap, body: Bytes) -> Response {
    steer(&headers, &body, |order| set_status(&sim, order))
}

async fn template(State(sim): State<Simulator>, headers: HeaderMap, body: Bytes) -> Response {
    steer(&headers, &body, |order| set_template(&sim, order))
}

/// Tells the subscribed apps any event: `object`, `entry_id`, `field` and `item`.
pub fn emit(sim: &Simulator, order: &Value) -> Result<Value, String> {
    let text = |name: &str| order[name].as_str().unwrap_or_default().to_owned();
    let event = MetaEvent {
        object: text("object"),
        entry_id: text("entry_id"),
        field: text("field"),
        item: order["item"].clone(),
        ..MetaEvent::default()
    };
    if event.entry_id.is_empty() || !event.item.is_object() {
        return Err("Give object, entry_id, field and item.".into());
    }
    let transaction = |tx: &mut Transaction<'_>| {
        events::queue(tx, event);
        Ok(json!({}))
    };
    sim.run_transaction(transaction).map_err(said)
}

/// Gives a message of a business on WhatsApp another status and tells it: `message`, `status`, and `code` if it failed.
pub fn set_status(sim: &Simulator, order: &Value) -> Result<Value, String> {
    let transaction = |tx: &mut Transaction<'_>| {
        let id = order["message"].as_str().unwrap_or_default();
        let message = tx.world.messages.get(id).ok_or("There is no such message.")?;
        let number = tx.world.phone_numbers.get(&message.account_id).ok_or("Only WhatsApp has statuses.")?;
        let customer = tx.world.customers.get(&message.customer_id).ok_or("The customer is gone.")?;
        let status = order["status"].as_str().unwrap_or("failed").to_owned();
        let code = order["code"].as_u64().and_then(|code| u32::try_from(code).ok()).unwrap_or(131_026);
        let item = statuses::status_of(number, customer, message, &status, tx.now, Some(code));
        let event = events::on_account(tx, message.channel, &number.id, "messages", item);
        events::queue(tx, MetaEvent { message_id: Some(id.to_owned()), status, ..event });
        Ok(json!({}))
    };
    sim.run_transaction(transaction).map_err(said)
}

/// Gives a template another status and tells it: `name`, `language`, `status`.
pub fn set_template(sim: &Simulator, order: &Value) -> Result<Value, String> {
    let transaction = |tx: &mut Transaction<'_>| {
        let is = |field: &str, value: &str| order[field].as_str().is_none_or(|asked| asked == value);
        let mut all = tx.world.templates.values();
        let template = all.find(|template| is("name", &template.name) && is("language", &template.language));
        let template = template.ok_or("There is no such template.")?;
        let status = order["status"].as_str().unwrap_or("PAUSED").to_uppercase();
        events::queue(tx, templates::decided(template, &status));
        Ok(json!({"id": template.id, "status": status}))
    };
    sim.run_transaction(transaction).map_err(said)
}

async fn show_messages(State(sim): State<Simulator>, Query(asked): Query<Fields>) -> axum::Json<Value> {
    let account = asked.get("account").map(String::as_str).unwrap_or_default();
    axum::Json(json!(messages(&sim, account)))
}

/// The messages of an account, oldest first; of all accounts if none is named.
pub fn messages(sim: &Simulator, account: &str) -> Vec<Message> {
    let state = sim.lock();
    let mut all: Vec<Message> = match account {
        "" => state.world.messages.values().cloned().collect(),
        account => state.world.messages.of(account).cloned().collect(),
    };
    all.sort_by_key(|message| message.at);
    all
}

/// Every request to apps that is remembered, oldest first.
pub fn deliveries(sim: &Simulator) -> Vec<Delivery> {
    sim.lock().world.deliveries.values().cloned().collect()
}

/// JSON for programs, a page for people.
async fn show_deliveries(State(sim): State<Simulator>, headers: HeaderMap) -> Response {
    let all = deliveries(&sim);
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !accepts.contains("text/html") {
        return axum::Json(all).into_response();
    }
    let rows: Vec<Vec<String>> = all.iter().rev().take(200).map(row).collect();
    let inner = match rows.is_empty() {
        true => "<p>Nothing was sent yet: no app is subscribed, or nobody wrote.</p>".to_owned(),
        false => table(&["Made", "Account", "To", "Tries", "Body"], &rows),
    };
    let body = format!(
        "<main><header><h1>Webhooks from Meta</h1><nav><a href=\"/_sim\">Simulator</a><a href=\"/_sim/phone\">Customer's phone</a></nav></header>\
         <section>{inner}</section></main>"
    );
    Html(page("Webhooks from Meta", &body)).into_response()
}

fn row(delivery: &Delivery) -> Vec<String> {
    let tries: Vec<String> = delivery
        .attempts
        .iter()
        .map(|attempt| {
            let kind = if attempt.answer == "200" { "good" } else { "bad" };
            chip(kind, format!("{} in {} ms", attempt.answer, attempt.took_ms))
        })
        .collect();
    let waits = delivery.due_at.map(|at| format!("next at {}", at.format("%H:%M:%S"))).unwrap_or_default();
    vec![
        esc(delivery.at.format("%H:%M:%S")),
        format!("{}<br><code>{}</code>", esc(&delivery.object), esc(&delivery.account_id)),
        format!("<code>{}</code>", esc(&delivery.url)),
        format!("{} {}", tries.join(" "), esc(waits)),
        format!(
            "<details><summary>{} bytes</summary><pre>{}</pre></details>",
            delivery.body.len(),
            esc(&delivery.body)
        ),
    ]
}

/// A file of WhatsApp, for whoever has the token and an address that still works.
async fn whatsapp_file(State(sim): State<Simulator>, Query(asked): Query<Fields>, headers: HeaderMap) -> Response {
    let get = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let state = sim.lock();
    let token = bearer.and_then(|bearer| state.world.meta_tokens.get(&digest(bearer)));
    let live = |ends: Option<chrono::DateTime<chrono::Utc>>| ends.is_none_or(|ends| ends > state.now());
    let Some(token) = token.filter(|token| token.death.is_none() && live(token.expires_at)) else {
        return (StatusCode::UNAUTHORIZED, "").into_response();
    };
    let found = state
        .world
        .media
        .get(get("mid"))
        .filter(|_| media::is_live(get("mid"), get("ext"), get("hash"), state.now().timestamp()));
    let waba = |account: &str| state.world.phone_numbers.get(account).map(|number| number.waba_id.clone());
    let own = found.filter(|media| waba(&media.account_id).is_some_and(|waba| token.assets.wabas.contains(&waba)));
    match own {
        Some(media) => ([(header::CONTENT_TYPE, media.mime_type.clone())], media::bytes(media)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A file of Messenger or Instagram, for whoever has its address.
async fn public_file(State(sim): State<Simulator>, Query(asked): Query<Fields>) -> Response {
    let get = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let id = get("asset_id");
    let state = sim.lock();
    match state.world.media.get(id).filter(|_| media::is_signed(id, get("signature"))) {
        Some(media) => ([(header::CONTENT_TYPE, media.mime_type.clone())], media::bytes(media)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
