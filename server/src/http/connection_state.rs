//! Answers the state of an agency's connection as JSON, for the island that keeps an open page current.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use store::tenant::TenantTx;
use web::Error;
use web::guard::agency_scope;
use web::request_context::RequestContext;

use super::authentication::person;
use super::pages::Shared;
use super::problem;

/// `GET /a/{agency}/connections/state`.
pub async fn read(State(shared): State<Shared>, Extension(context): Extension<RequestContext>) -> Response {
    match state(&shared, &context).await {
        Ok(state) => state,
        Err(error) => problem::of(error),
    }
}

async fn state(shared: &Shared, context: &RequestContext) -> Result<Response, Error> {
    let (access, user) = (context.agency().ok_or(Error::NotFound)?, person(context)?);
    let mut tx = TenantTx::begin(&shared.app.db, agency_scope(Some(user), access)).await?;
    let state = agency::integrations::connection_state(&mut tx).await?;
    tx.commit().await?;
    Ok(Json(state).into_response())
}
