//! API handlers for one business: read it, change its data, pause, resume, archive, bring back, remove and restore it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::BusinessId;
use domain::clients::{Act, ClientDetails, ClientView};
use operations::{Refusal, clients};

use super::body::Body;
use super::token::Bearer;
use crate::http::pages::Shared;
use crate::http::problem;

/// `GET /api/v1/businesses/{id}`: also one that lies in the trash.
pub async fn get(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
) -> Response {
    let work = async { clients::read(&bearer.actor(&shared), business_id(&id)?).await };
    answer(work.await)
}

/// `PUT /api/v1/businesses/{id}`: its data becomes what the body says; what the body leaves out becomes empty.
pub async fn change(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
    Body { value: new }: Body<ClientDetails>,
) -> Response {
    let work = async { clients::edit(&bearer.actor(&shared), business_id(&id)?, &new).await };
    answer(work.await)
}

/// `DELETE /api/v1/businesses/{id}`: 204; it stays in the trash for 30 days.
pub async fn remove(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
) -> Response {
    match act(&shared, &bearer, &id, Act::Remove).await {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => problem::refused(refusal),
    }
}

/// `POST /api/v1/businesses/{id}/pause`.
pub async fn pause(shared: State<Shared>, bearer: Extension<Bearer>, id: Path<String>) -> Response {
    answer(act(&shared, &bearer, &id, Act::Pause).await)
}

/// `POST /api/v1/businesses/{id}/resume`.
pub async fn resume(shared: State<Shared>, bearer: Extension<Bearer>, id: Path<String>) -> Response {
    answer(act(&shared, &bearer, &id, Act::Resume).await)
}

/// `POST /api/v1/businesses/{id}/archive`.
pub async fn archive(shared: State<Shared>, bearer: Extension<Bearer>, id: Path<String>) -> Response {
    answer(act(&shared, &bearer, &id, Act::Archive).await)
}

/// `POST /api/v1/businesses/{id}/reactivate`.
pub async fn reactivate(shared: State<Shared>, bearer: Extension<Bearer>, id: Path<String>) -> Response {
    answer(act(&shared, &bearer, &id, Act::Reactivate).await)
}

/// `POST /api/v1/businesses/{id}/restore`.
pub async fn restore(shared: State<Shared>, bearer: Extension<Bearer>, id: Path<String>) -> Response {
    answer(act(&shared, &bearer, &id, Act::Restore).await)
}

/// `POST /api/v1/businesses/{id}/retry-update`.
pub async fn retry_update(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
) -> Response {
    let work = async { clients::retry_update(&bearer.actor(&shared), business_id(&id)?).await };
    answer(work.await)
}

/// `POST /api/v1/businesses/{id}/retry-offboarding`.
pub async fn retry_offboarding(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
) -> Response {
    let work = async { clients::retry_offboarding(&bearer.actor(&shared), business_id(&id)?).await };
    answer(work.await)
}

async fn act(shared: &Shared, bearer: &Bearer, id: &str, act: Act) -> Result<ClientView, Refusal> {
    clients::act(&bearer.actor(shared), business_id(id)?, act).await
}

/// Parses an id from the path. An invalid id counts as not found, like the id of another tenant's business.
fn business_id(text: &str) -> Result<BusinessId, Refusal> {
    text.parse().map_err(|_| Refusal::NotFound)
}

fn answer(outcome: Result<ClientView, Refusal>) -> Response {
    match outcome {
        Ok(view) => Json(view).into_response(),
        Err(refusal) => problem::refused(refusal),
    }
}
