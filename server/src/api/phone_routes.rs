//! API handlers for phone routes: list, add, read, change, remove, and where a call goes.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::PhoneRouteId;
use domain::phone_routes::{Call, NewPhoneRoute};
use operations::{Refusal, phone_routes};
use serde::Serialize;

use super::body::Body;
use super::query::{Query, unanswerable};
use super::token::Bearer;
use crate::http::pages::Shared;
use crate::http::problem;

/// `GET /api/v1/phone-routes`: by number, with `view`, `q`, `cursor` and `limit`.
pub async fn list(State(shared): State<Shared>, Extension(bearer): Extension<Bearer>, Query(query): Query) -> Response {
    if let Some(answer) = unanswerable(&store::phone_routes::LIST, &query) {
        return answer;
    }
    let work = async {
        let mut tx = bearer.begin(&shared).await?;
        let page = store::phone_routes::list(&mut tx, &query).await?;
        tx.commit().await?;
        Ok::<_, Refusal>(page)
    };
    answer(StatusCode::OK, work.await)
}

/// `POST /api/v1/phone-routes`: 201 with the route.
pub async fn add(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Body { value: new }: Body<NewPhoneRoute>,
) -> Response {
    answer(StatusCode::CREATED, phone_routes::add(&bearer.actor(&shared), new).await)
}

/// `GET /api/v1/phone-routes/{id}`.
pub async fn get(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
) -> Response {
    let work = async {
        let mut tx = bearer.begin(&shared).await?;
        let route = store::phone_routes::get(&mut tx, route_id(&id)?).await?;
        tx.commit().await?;
        Ok::<_, Refusal>(route)
    };
    answer(StatusCode::OK, work.await)
}

/// `PUT /api/v1/phone-routes/{id}`: the route becomes what the body says; what the body leaves out becomes its default.
pub async fn change(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
    Body { value: new }: Body<NewPhoneRoute>,
) -> Response {
    let work = async { phone_routes::change(&bearer.actor(&shared), route_id(&id)?, new).await };
    answer(StatusCode::OK, work.await)
}

/// `DELETE /api/v1/phone-routes/{id}`: 204.
pub async fn remove(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
) -> Response {
    let work = async { phone_routes::remove(&bearer.actor(&shared), route_id(&id)?).await };
    match work.await {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => problem::refused(refusal),
    }
}

/// `POST /api/v1/phone-routes/resolve`: where a call to a number goes at a time.
pub async fn resolve(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Body { value: call }: Body<Call>,
) -> Response {
    answer(StatusCode::OK, phone_routes::resolve(&bearer.actor(&shared), &call, web::clock::now()).await)
}

/// Parses an id from the path. An invalid id counts as not found, like the id of another tenant's route.
fn route_id(text: &str) -> Result<PhoneRouteId, Refusal> {
    text.parse().map_err(|_| Refusal::NotFound)
}

fn answer(status: StatusCode, outcome: Result<impl Serialize, Refusal>) -> Response {
    match outcome {
        Ok(value) => (status, Json(value)).into_response(),
        Err(refusal) => problem::refused(refusal),
    }
}
