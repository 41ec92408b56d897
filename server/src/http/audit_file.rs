//! Serves the audit log of an agency as a CSV file, with the search and filters of its page. The file is sent while it
//! is read, page by page.

use std::time::{Duration, Instant};

use axum::Extension;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use domain::audit::{Entry, filter, sentence};
use domain::page::ListQuery;
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use operations::{Actor, Refusal, audit_log};
use web::request_context::RequestContext;

use super::authentication::person;
use super::pages::Shared;
use super::{csv_file, forms, problem};

/// The names of the columns.
const COLUMNS: [&str; 11] = [
    "Time (UTC)",
    "Who",
    "Kind of actor",
    "What",
    "Action",
    "Target",
    "Kind of target",
    "Target ID",
    "Result",
    "Details",
    "Request",
];

/// How long a file is sent to a client that reads slowly.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// `GET /a/{agency}/audit.csv`. It requires a fresh proof of identity, and leads to it: a file that is asked for by a
/// link is no form that could wait for the proof.
pub async fn download(
    State(shared): State<Shared>,
    Extension(context): Extension<RequestContext>,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(access) = context.agency().cloned() else { return problem::of(web::Error::NotFound) };
    let query = query.unwrap_or_default();
    if context.recent().is_err() {
        return forms::redirect(&forms::leading_back("/me/confirm", &format!("/a/{}/audit.csv?{query}", access.slug)));
    }
    let name = format!("slipway-audit-{}", access.slug);
    let actor = match person(&context) {
        Ok(user) => Actor::person(shared.app.db.clone(), user, access),
        Err(error) => return problem::of(error),
    };
    let parameters: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let asked = filter::query(parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    match begun(&actor).await {
        Ok(head) => {
            let rest = pages(actor, ListQuery { cursor: None, ..asked }).inspect_err(|error| {
                tracing::warn!(event = "audit.download_failed", %error, "a download of the audit log ended early");
            });
            csv_file::answer(&name, Body::from_stream(futures::stream::iter([Ok(head)]).chain(rest)))
        }
        Err(refusal) => problem::refused(refusal),
    }
}

/// Records the download, and writes the names of the columns.
async fn begun(actor: &Actor) -> Result<Vec<u8>, Refusal> {
    audit_log::begin_download(actor).await?;
    csv_file::head(&COLUMNS).map_err(|error| Refusal::Fault(error.to_string()))
}

/// The lines, page by page. The next page is read when the client has taken the one before. A client sees by the
/// connection, which ends before the file does, that something went wrong.
fn pages(actor: Actor, query: ListQuery) -> impl Stream<Item = Result<Vec<u8>, Refusal>> + Send {
    let until = Instant::now() + LONGEST;
    futures::stream::try_unfold((actor, Some(query)), move |(actor, query)| async move {
        let Some(query) = query else { return Ok(None) };
        if Instant::now() > until {
            return Err(Refusal::Fault("the audit log was read too slowly".to_owned()));
        }
        let page = audit_log::page(&actor, &query).await?;
        let next = page.next.map(|cursor| ListQuery { cursor: Some(cursor), ..query });
        let lines = csv_file::lines(page.rows.into_iter().map(line));
        let lines = lines.map_err(|error| Refusal::Fault(error.to_string()))?;
        Ok(Some((lines, (actor, next))))
    })
}

fn line(entry: Entry) -> [String; 11] {
    [
        entry.at.format("%Y-%m-%d %H:%M:%S").to_string(),
        sentence::who(&entry),
        entry.actor_kind.clone(),
        sentence::plain(&entry),
        entry.action.clone(),
        sentence::target(&entry).unwrap_or_default(),
        entry.object_type,
        entry.object_id.unwrap_or_default(),
        entry.result,
        entry.reason.unwrap_or_default(),
        entry.request_id.unwrap_or_default(),
    ]
}
