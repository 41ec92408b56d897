//! API handlers for webhooks: endpoints with their secrets, and the log of what they were sent.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::page::Page;
use domain::webhooks::NewWebhook;
use domain::{WebhookDeliveryId, WebhookId};
use operations::{Refusal, webhooks};
use serde::Serialize;

use super::body::Body;
use super::query::{Query, unanswerable};
use super::token::Bearer;
use crate::http::pages::Shared;
use crate::http::problem;

/// `GET /api/v1/webhook-endpoints`: all of them, newest first.
pub async fn list(State(shared): State<Shared>, Extension(bearer): Extension<Bearer>) -> Response {
    let work = async {
        let mut tx = bearer.begin(&shared).await?;
        let rows = store::webhooks::list(&mut tx).await?;
        tx.commit().await?;
        let total = i64::try_from(rows.len()).ok();
        Ok::<_, Refusal>(Page { rows, next: None, total })
    };
    answer(StatusCode::OK, work.await)
}

/// `POST /api/v1/webhook-endpoints`: 201 with the endpoint and its secret, which is shown this once.
pub async fn create(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Body { value: new }: Body<NewWebhook>,
) -> Response {
    let (vault, ghl) = (&shared.app.vault, &shared.app.ghl);
    answer(StatusCode::CREATED, webhooks::create(&bearer.actor(&shared), vault, ghl, new).await)
}

/// `GET /api/v1/webhook-endpoints/{id}`.
pub async fn get(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
) -> Response {
    let work = async {
        let mut tx = bearer.begin(&shared).await?;
        let webhook = store::webhooks::get(&mut tx, endpoint(&id)?).await?;
        tx.commit().await?;
        Ok::<_, Refusal>(webhook)
    };
    answer(StatusCode::OK, work.await)
}

/// `PUT /api/v1/webhook-endpoints/{id}`: the endpoint becomes what the body says; without an address it keeps its own.
pub async fn change(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
    Body { value: new }: Body<NewWebhook>,
) -> Response {
    let (vault, ghl) = (&shared.app.vault, &shared.app.ghl);
    let work = async { webhooks::change(&bearer.actor(&shared), vault, ghl, endpoint(&id)?, new).await };
    answer(StatusCode::OK, work.await)
}

/// `DELETE /api/v1/webhook-endpoints/{id}`: 204.
pub async fn remove(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
) -> Response {
    let work = async { webhooks::remove(&bearer.actor(&shared), endpoint(&id)?).await };
    match work.await {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => problem::refused(refusal),
    }
}

/// `POST /api/v1/webhook-endpoints/{id}/secret`: 200 with the endpoint and its new secret.
pub async fn rotate(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
) -> Response {
    let work = async { webhooks::rotate(&bearer.actor(&shared), &shared.app.vault, endpoint(&id)?).await };
    answer(StatusCode::OK, work.await)
}

/// `POST /api/v1/webhook-endpoints/{id}/test`: 202 with the delivery of the test.
pub async fn test(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
) -> Response {
    let origin = &shared.app.settings.public_url;
    let work = async { webhooks::test(&bearer.actor(&shared), endpoint(&id)?, origin).await };
    answer(StatusCode::ACCEPTED, work.await)
}

/// `GET /api/v1/webhook-deliveries`: newest first, with `view`, `q`, filters, `cursor` and `limit`.
pub async fn deliveries(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Query(query): Query,
) -> Response {
    if let Some(answer) = unanswerable(&store::webhooks::LIST, &query) {
        return answer;
    }
    let work = async {
        let mut tx = bearer.begin(&shared).await?;
        let page = store::webhooks::deliveries(&mut tx, &query).await?;
        tx.commit().await?;
        Ok::<_, Refusal>(page)
    };
    answer(StatusCode::OK, work.await)
}

/// `GET /api/v1/webhook-deliveries/{id}`: with its body and attempts.
pub async fn delivery(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
) -> Response {
    let work = async {
        let mut tx = bearer.begin(&shared).await?;
        let detail = store::webhooks::detail(&mut tx, sent(&id)?).await?;
        tx.commit().await?;
        Ok::<_, Refusal>(detail)
    };
    answer(StatusCode::OK, work.await)
}

/// `POST /api/v1/webhook-deliveries/{id}/replay`: 202 with the delivery, which is sent again.
pub async fn replay(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
) -> Response {
    let work = async { webhooks::replay(&bearer.actor(&shared), sent(&id)?).await };
    answer(StatusCode::ACCEPTED, work.await)
}

/// Parses an id from the path. An invalid id counts as not found, like the id of another tenant's endpoint.
fn endpoint(text: &str) -> Result<WebhookId, Refusal> {
    text.parse().map_err(|_| Refusal::NotFound)
}

fn sent(text: &str) -> Result<WebhookDeliveryId, Refusal> {
    text.parse().map_err(|_| Refusal::NotFound)
}

fn answer(status: StatusCode, outcome: Result<impl Serialize, Refusal>) -> Response {
    match outcome {
        Ok(value) => (status, Json(value)).into_response(),
        Err(refusal) => problem::refused(refusal),
    }
}
