//! API handlers for provisioning jobs: start, read, retry, resume, cancel and undo.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::JobId;
use domain::provisioning::{JobStatus, NewJob, Resume};
use serde_json::json;
use store::provisioning::RequestKey;
use store::tenant::TenantTx;

use super::body::Body;
use super::query::{Query, unknown_cursor};
use super::token::Bearer;
use crate::http::pages::Shared;
use crate::http::problem;

/// `POST /api/v1/provisioning/jobs`: 202 with the job's id; the same `Idempotency-Key` and body give the same job.
pub async fn start(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    headers: HeaderMap,
    Body { value: order }: Body<NewJob>,
) -> Response {
    let key = match idempotency_key(&headers) {
        Ok(key) => key,
        Err(answer) => return answer,
    };
    let checked = match order.check() {
        Ok(checked) => checked,
        Err(errors) => return problem::of(web::Error::Invalid(errors)),
    };
    let key = key.as_deref().map(|key| RequestKey { key, token: Some(bearer.token) });
    match store::provisioning::start_whole(&shared.app.db, &bearer.scope(), &checked, key).await {
        Ok(started) => (StatusCode::ACCEPTED, Json(json!({ "id": started.job }))).into_response(),
        Err(store::Error::Taken(constraint)) if constraint == "provisioning_jobs_idem" => problem::answer(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Idempotency-Key used before",
            "This Idempotency-Key was sent with another body. Use a new key for a new job.",
        ),
        Err(store::Error::Refused(what)) if what == "snapshot_id" => problem::of(web::Error::field(
            "/snapshot_id",
            "This snapshot does not exist in your agency or is switched off.",
        )),
        Err(error) => problem::of(error.into()),
    }
}

#[expect(clippy::result_large_err, reason = "the answer is made once and moved out")]
fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Response> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str().map(str::trim) {
        Ok(key) if (1..=255).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(problem::answer(
            StatusCode::BAD_REQUEST,
            "Idempotency-Key not usable",
            "Send 1 to 255 printable ASCII characters.",
        )),
    }
}

/// `GET /api/v1/provisioning/jobs`: newest first, with `view`, `q`, `cursor` and `limit`.
pub async fn list(State(shared): State<Shared>, Extension(bearer): Extension<Bearer>, Query(query): Query) -> Response {
    if !store::provisioning::knows_cursor(&query) {
        return unknown_cursor();
    }
    answer(async {
        let mut tx = bearer.begin(&shared).await?;
        let page = store::provisioning::list(&mut tx, &query).await?;
        tx.commit().await?;
        Ok(Json(page).into_response())
    })
    .await
}

/// `GET /api/v1/provisioning/jobs/{id}`: the job with steps, attempts and effects.
pub async fn get(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
) -> Response {
    answer(async {
        let mut tx = bearer.begin(&shared).await?;
        let job = store::provisioning::get(&mut tx, job_id(&id)?).await?;
        tx.commit().await?;
        Ok(Json(job).into_response())
    })
    .await
}

/// Parses an id from the path. An invalid id counts as not found, like the id of another tenant's job.
pub fn job_id(text: &str) -> store::Result<JobId> {
    text.parse().map_err(|_| store::Error::NotFound)
}

/// `POST …/retry`: ends a wait or starts a failed job again at the failed step.
pub async fn retry(state: State<Shared>, bearer: Extension<Bearer>, id: Path<String>) -> Response {
    steer(state, bearer, id, async |tx, job| store::provisioning::retry(tx, job).await).await
}

/// `POST …/cancel`: stops after the current call, then undoes what can be undone.
pub async fn cancel(state: State<Shared>, bearer: Extension<Bearer>, id: Path<String>) -> Response {
    steer(state, bearer, id, async |tx, job| store::provisioning::cancel(tx, job).await).await
}

/// `POST …/undo`: undoes what a stopped job created.
pub async fn undo(state: State<Shared>, bearer: Extension<Bearer>, id: Path<String>) -> Response {
    steer(state, bearer, id, async |tx, job| store::provisioning::undo(tx, job).await).await
}

/// `POST …/resume`: continues with changed input, an answer or a skipped step.
pub async fn resume(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
    Body { value: with }: Body<Resume>,
) -> Response {
    answer(async {
        let mut tx = bearer.begin(&shared).await?;
        let outcome = store::provisioning::resume(&mut tx, job_id(&id)?, &with).await?;
        tx.commit().await?;
        Ok(match outcome {
            Ok(status) => accepted(status),
            Err(errors) => problem::of(web::Error::Invalid(errors)),
        })
    })
    .await
}

async fn steer(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
    operation: impl AsyncFnOnce(&mut TenantTx, JobId) -> store::Result<JobStatus>,
) -> Response {
    answer(async {
        let mut tx = bearer.begin(&shared).await?;
        let status = operation(&mut tx, job_id(&id)?).await?;
        tx.commit().await?;
        Ok(accepted(status))
    })
    .await
}

fn accepted(status: JobStatus) -> Response {
    (StatusCode::ACCEPTED, Json(json!({ "status": status }))).into_response()
}

async fn answer(work: impl Future<Output = store::Result<Response>>) -> Response {
    match work.await {
        Ok(response) => response,
        Err(store::Error::Stale) => problem::answer(
            StatusCode::CONFLICT,
            "Not in this state",
            "The job's state does not allow this now. Read the job and look at its status.",
        ),
        Err(error) => problem::of(error.into()),
    }
}
