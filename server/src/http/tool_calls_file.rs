//! Serves the log of the AI tools of a business as a CSV file, with the filters of its page. The file is sent while it is
//! read, page by page.

use std::time::{Duration, Instant};

use axum::Extension;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use domain::page::ListQuery;
use domain::tools::{CallLine, filter};
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use operations::tools::file;
use operations::{BusinessActor, Refusal};
use web::request_context::{CurrentTenant, RequestContext};

use super::authentication::person;
use super::pages::Shared;
use super::{csv_file, forms, problem};

/// The names of the columns.
const COLUMNS: [&str; 14] = [
    "Time (UTC)",
    "AI agent",
    "Tool",
    "Changes something",
    "Policy",
    "Outcome",
    "Reason",
    "Approved by",
    "Arguments",
    "Result bytes",
    "Milliseconds",
    "Call ID",
    "Number in the chain",
    "Hash",
];

/// How long a file is sent to a client that reads slowly.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// `GET /b/{business}/ai-tools/log.csv`. It requires a fresh proof of identity, and leads to it, as that of the audit log.
pub async fn download(
    State(shared): State<Shared>,
    Extension(context): Extension<RequestContext>,
    RawQuery(query): RawQuery,
) -> Response {
    let CurrentTenant::Business(access) = context.tenant.clone() else { return problem::of(web::Error::NotFound) };
    let query = query.unwrap_or_default();
    if context.recent().is_err() {
        let back = format!("/b/{}/ai-tools/log.csv?{query}", access.id);
        return forms::redirect(&forms::leading_back("/me/confirm", &back));
    }
    let name = format!("slipway-ai-tools-{}", access.slug);
    let actor = match person(&context) {
        Ok(user) => BusinessActor::new(shared.app.db.clone(), user, access),
        Err(error) => return problem::of(error),
    };
    let parameters: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let asked = filter::query(parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    match begun(&actor).await {
        Ok(head) => {
            let rest = pages(actor, ListQuery { cursor: None, ..asked }).inspect_err(|error| {
                tracing::warn!(event = "tool_log.download_failed", %error, "a download of the log of tools ended early");
            });
            csv_file::answer(&name, Body::from_stream(futures::stream::iter([Ok(head)]).chain(rest)))
        }
        Err(refusal) => problem::refused(refusal),
    }
}

/// Records the download, and writes the names of the columns.
async fn begun(actor: &BusinessActor) -> Result<Vec<u8>, Refusal> {
    file::begin_download(actor).await?;
    csv_file::head(&COLUMNS).map_err(|error| Refusal::Fault(error.to_string()))
}

/// The lines, page by page. The next page is read when the client has taken the one before.
fn pages(actor: BusinessActor, query: ListQuery) -> impl Stream<Item = Result<Vec<u8>, Refusal>> + Send {
    let until = Instant::now() + LONGEST;
    futures::stream::try_unfold((actor, Some(query)), move |(actor, query)| async move {
        let Some(query) = query else { return Ok(None) };
        if Instant::now() > until {
            return Err(Refusal::Fault("the log of tools was read too slowly".to_owned()));
        }
        let page = file::page(&actor, &query).await?;
        let next = page.next.map(|cursor| ListQuery { cursor: Some(cursor), ..query });
        let lines = csv_file::lines(page.rows.into_iter().map(line));
        let lines = lines.map_err(|error| Refusal::Fault(error.to_string()))?;
        Ok(Some((lines, (actor, next))))
    })
}

fn line(call: CallLine) -> [String; 14] {
    [
        call.at.format("%Y-%m-%d %H:%M:%S").to_string(),
        call.token_name,
        call.tool,
        if call.writes { "yes" } else { "no" }.to_owned(),
        call.policy.key().to_owned(),
        call.outcome.key().to_owned(),
        call.reason,
        call.approved_by.unwrap_or_default(),
        call.arguments.to_string(),
        call.result_bytes.map(|bytes| bytes.to_string()).unwrap_or_default(),
        call.took_ms.map(|ms| ms.to_string()).unwrap_or_default(),
        call.id.to_string(),
        call.seq.to_string(),
        call.hash,
    ]
}
