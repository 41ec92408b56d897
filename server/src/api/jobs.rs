//! API handlers for provisioning jobs: start, read, retry, resume, cancel and undo.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::JobId;
use domain::provisioning::{JobRow, JobStatus, JobView, NewJob, Operation, Resume};
use operations::Refusal;
use schemars::JsonSchema;
use serde::Serialize;
use store::TenantTx;

use super::body::Body;
use super::query::{Query, unanswerable};
use super::token::Bearer;
use crate::http::pages::Shared;
use crate::http::problem;

/// Longest `Idempotency-Key`, in characters.
pub const LONGEST_KEY: usize = 255;

/// The answer to an order.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Started {
    /// The job.
    id: JobId,
}

/// The answer to a request to retry, resume, cancel or undo a job.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Steered {
    /// The state of the job now.
    status: JobStatus,
}

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
        Err(errors) => return problem::refused(Refusal::Invalid(errors)),
    };
    match operations::provisioning::start(&bearer.actor(&shared), &checked, key.as_deref()).await {
        Ok(started) => (StatusCode::ACCEPTED, Json(Started { id: started.job })).into_response(),
        Err(refusal) => problem::refused(refusal),
    }
}

#[expect(clippy::result_large_err, reason = "the answer is made once and moved out")]
fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Response> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str().map(str::trim) {
        Ok(key) if (1..=LONGEST_KEY).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(problem::answer(
            StatusCode::BAD_REQUEST,
            "Idempotency-Key not usable",
            &format!("Send 1 to {LONGEST_KEY} printable ASCII characters."),
        )),
    }
}

/// `GET /api/v1/provisioning/jobs`: newest first, with `view`, `q`, `cursor` and `limit`.
pub async fn list(State(shared): State<Shared>, Extension(bearer): Extension<Bearer>, Query(query): Query) -> Response {
    if let Some(answer) = unanswerable(&store::provisioning::LIST, &query) {
        return answer;
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
        let job = read(&mut tx, job_id(&id)?).await?;
        tx.commit().await?;
        Ok(job.map_or_else(|known| problem::order_unreadable(*known), |job| Json(job).into_response()))
    })
    .await
}

/// A job, or what is known of it if its stored order cannot be read.
pub async fn read(tx: &mut TenantTx, job: JobId) -> store::Result<Result<JobView, Box<JobRow>>> {
    match store::provisioning::get(tx, job).await {
        Ok(view) => Ok(Ok(view)),
        Err(store::Error::Unreadable(_)) => Ok(Err(Box::new(store::provisioning::row(tx, job).await?))),
        Err(error) => Err(error),
    }
}

/// Parses an id from the path. An invalid id counts as not found, like the id of another tenant's job.
pub fn job_id(text: &str) -> store::Result<JobId> {
    text.parse().map_err(|_| store::Error::NotFound)
}

/// `POST …/retry`: ends a wait or starts a failed job again at the failed step.
pub async fn retry(state: State<Shared>, bearer: Extension<Bearer>, id: Path<String>) -> Response {
    apply(state, bearer, id, Operation::Retry).await
}

/// `POST …/cancel`: stops after the current call, then undoes what can be undone. A job that has stopped is undone at
/// once.
pub async fn cancel(state: State<Shared>, bearer: Extension<Bearer>, id: Path<String>) -> Response {
    apply(state, bearer, id, Operation::Cancel).await
}

/// `POST …/undo`: undoes what a stopped job created.
pub async fn undo(state: State<Shared>, bearer: Extension<Bearer>, id: Path<String>) -> Response {
    apply(state, bearer, id, Operation::Undo).await
}

/// `POST …/resume`: continues with changed input, an answer or a skipped step.
pub async fn resume(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
    Body { value: with }: Body<Resume>,
) -> Response {
    let Ok(job) = job_id(&id) else { return problem::refused(Refusal::NotFound) };
    accepted(operations::provisioning::resume(&bearer.actor(&shared), job, &with).await)
}

async fn apply(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
    operation: Operation,
) -> Response {
    let Ok(job) = job_id(&id) else { return problem::refused(Refusal::NotFound) };
    let applied = operations::provisioning::apply(&bearer.actor(&shared), operation, &[job]).await;
    accepted(applied.map(|applied| applied.status))
}

fn accepted(status: Result<JobStatus, Refusal>) -> Response {
    match status {
        Ok(status) => (StatusCode::ACCEPTED, Json(Steered { status })).into_response(),
        Err(refusal) => problem::refused(refusal),
    }
}

async fn answer(work: impl Future<Output = store::Result<Response>>) -> Response {
    work.await.unwrap_or_else(|error| problem::refused(error.into()))
}
