//! Serves the whole log of a job as a text file, oldest line first.

use std::fmt::Write as _;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::JobId;
use domain::provisioning::{LogLine, Step};
use operations::{Actor, Refusal, job_logs};
use web::request_context::RequestContext;

use super::authentication::person;
use super::pages::Shared;
use super::problem;

/// `GET /a/{agency}/provisioning/{job}/log`.
pub async fn download(
    State(shared): State<Shared>,
    Extension(context): Extension<RequestContext>,
    Path((_, job)): Path<(String, String)>,
) -> Response {
    let Some(access) = context.agency().cloned() else { return problem::of(web::Error::NotFound) };
    let actor = match person(&context) {
        Ok(user) => Actor::person(shared.app.db.clone(), user, access),
        Err(error) => return problem::of(error),
    };
    match written(&actor, &job).await {
        Ok((number, text)) => {
            let name = format!("attachment; filename=\"slipway-job-{number}.log\"");
            let kind = (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned());
            ([kind, (header::CONTENT_DISPOSITION, name)], text).into_response()
        }
        Err(refusal) => problem::refused(refusal),
    }
}

/// The number of the job and its log as text.
async fn written(actor: &Actor, job: &str) -> Result<(i64, String), Refusal> {
    let job: JobId = job.parse().map_err(|_| Refusal::NotFound)?;
    let (row, lines) = job_logs::download(actor, job).await?;
    let mut text = format!("Job #{} {} ({job})\n", row.number, row.client_name);
    lines.iter().rev().for_each(|line| append(&mut text, line));
    Ok((row.number, text))
}

fn append(text: &mut String, line: &LogLine) {
    let at = line.at.format("%Y-%m-%dT%H:%M:%S%.3fZ");
    let step = line.step.map_or("JOB", Step::key);
    let details = line.details.as_ref().map(|details| format!(" {details}")).unwrap_or_default();
    // Every log line stays one line, whatever the message contains.
    let message = line.message.replace(['\n', '\r'], " ");
    // Writing into a string cannot fail.
    let _ = writeln!(text, "{at} {:5} {step:17} {message}{details}", line.level.key());
}
