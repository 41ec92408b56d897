//! Serves the whole log of a job as a text file, oldest line first.

use std::fmt::Write as _;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::JobId;
use domain::access::AgencyAccess;
use domain::provisioning::{LogLine, Step};
use store::audit::Act;
use store::provisioning::LogQuery;
use store::tenant::TenantTx;
use web::guard::agency_scope;
use web::request_context::RequestContext;

use super::authentication::person;
use super::pages::Shared;
use super::problem;

/// Log lines read by one query.
const PAGE: u16 = 2_000;

/// Most queries of one download. A job with a longer log has repeated itself over and over.
const PAGES: usize = 25;

/// `GET /a/{agency}/provisioning/{job}/log`.
pub async fn download(
    State(shared): State<Shared>,
    Extension(context): Extension<RequestContext>,
    Path((_, job)): Path<(String, String)>,
) -> Response {
    let Some(place) = context.agency().cloned() else { return problem::of(web::Error::NotFound) };
    match written(&shared, &context, &place, &job).await {
        Ok((number, text)) => {
            let name = format!("attachment; filename=\"slipway-job-{number}.log\"");
            let kind = (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned());
            ([kind, (header::CONTENT_DISPOSITION, name)], text).into_response()
        }
        Err(error) => problem::of(error),
    }
}

async fn written(
    shared: &Shared,
    context: &RequestContext,
    place: &AgencyAccess,
    job: &str,
) -> web::Result<(i64, String)> {
    let job: JobId = job.parse().map_err(|_| web::Error::NotFound)?;
    let mut tx = TenantTx::begin(&shared.app.db, agency_scope(Some(person(context)?), place)).await?;
    let row = store::provisioning::row(&mut tx, job).await?;
    let mut lines = Vec::new();
    let mut query = LogQuery { limit: PAGE, ..LogQuery::default() };
    for _ in 0..PAGES {
        let page = store::provisioning::log(&mut tx, job, &query).await?;
        lines.extend(page.rows);
        query.cursor = page.next;
        if query.cursor.is_none() {
            break;
        }
    }
    store::audit::record(&mut tx, Act::new("job.log_downloaded", "job").object(job)).await?;
    tx.commit().await?;
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
