//! Serves the audit log of an agency as a CSV file, with the search and filters of its page.

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use domain::audit::Entry;
use domain::feature::audit_words;
use domain::page::ListQuery;
use operations::{Actor, Refusal, audit_log};
use web::request_context::RequestContext;

use super::authentication::person;
use super::pages::Shared;
use super::{csv_file, problem};

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

/// `GET /a/{agency}/audit.csv`.
pub async fn download(
    State(shared): State<Shared>,
    Extension(context): Extension<RequestContext>,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(access) = context.agency().cloned() else { return problem::of(web::Error::NotFound) };
    let name = format!("slipway-audit-{}", access.slug);
    let actor = match person(&context) {
        Ok(user) => Actor::person(shared.app.db.clone(), user, access),
        Err(error) => return problem::of(error),
    };
    match written(&actor, query.as_deref().unwrap_or_default()).await {
        Ok(text) => csv_file::answer(&name, text),
        Err(refusal) => problem::refused(refusal),
    }
}

async fn written(actor: &Actor, query: &str) -> Result<Vec<u8>, Refusal> {
    let parameters: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let query = ListQuery::read(parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let (entries, has_more) = audit_log::download(actor, &query).await?;
    let mut lines: Vec<[String; 11]> = entries.into_iter().map(line).collect();
    if has_more {
        let mut last = <[String; 11]>::default();
        "There are more entries. Filter the page by time and download again.".clone_into(&mut last[3]);
        lines.push(last);
    }
    csv_file::write(&COLUMNS, lines).map_err(|error| Refusal::Fault(error.to_string()))
}

fn line(entry: Entry) -> [String; 11] {
    let named = ["name", "email", "title"].iter().find_map(|key| entry.payload.get(key)?.as_str());
    let target = named.map(str::to_owned).or(entry.object_name).unwrap_or_default();
    [
        entry.at.format("%Y-%m-%d %H:%M:%S").to_string(),
        entry.actor_name.unwrap_or_default(),
        entry.actor_kind,
        audit_words(&entry.action).unwrap_or_default().to_owned(),
        entry.action,
        target,
        entry.object_type,
        entry.object_id.unwrap_or_default(),
        entry.result,
        entry.reason.unwrap_or_default(),
        entry.request_id.unwrap_or_default(),
    ]
}
