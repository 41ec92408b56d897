//! Answers the state of a job's monitor as JSON: what changed since the state that an open page shows.

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::JobId;
use kit::Address;
use store::tenant::TenantTx;
use web::Error;
use web::guard::agency_scope;
use web::request_context::RequestContext;

use super::authentication::person;
use super::pages::Shared;
use super::problem;

/// `GET /a/{agency}/provisioning/{job}/state`, with the query of the page, and `since` and `line` of what it shows.
pub async fn read(
    State(shared): State<Shared>,
    Extension(context): Extension<RequestContext>,
    Path((_, job)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let at = Address::new("", &query.unwrap_or_default());
    match state(&shared, &context, &job, &at).await {
        Ok(state) => state,
        Err(error) => problem::of(error),
    }
}

async fn state(shared: &Shared, context: &RequestContext, job: &str, at: &Address) -> Result<Response, Error> {
    let (access, user) = (context.agency().ok_or(Error::NotFound)?, person(context)?);
    let job: JobId = job.parse().map_err(|_| Error::NotFound)?;
    let mut tx = TenantTx::begin(&shared.app.db, agency_scope(Some(user), access)).await?;
    let update = agency::provisioning::job_update(&mut tx, job, at).await?;
    tx.commit().await?;
    Ok(Json(update).into_response())
}
