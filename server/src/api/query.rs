//! Parses the query string of a list. An invalid parameter produces an error that names it.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use domain::field::FieldError;
use domain::page::{Condition, ListQuery, MOST_ROWS};
use store::page::List;

use crate::http::problem;

/// The response to a query that a list cannot answer: a cursor that it did not issue for this order and these filters, or
/// filters that it does not have. Silently starting again at the first page would send rows twice, and silently leaving out
/// a filter would send rows that nobody asked for.
#[must_use]
pub fn unanswerable(list: &List, query: &ListQuery) -> Option<Response> {
    let errors = list.errors(query);
    let (title, detail) = match errors.first()?.pointer.as_str() {
        "cursor" => ("Cursor not usable", "The cursor could not be read."),
        _ => (UNREADABLE, "Part of the query could not be read."),
    };
    Some(problem::with_errors(StatusCode::BAD_REQUEST, title, detail, errors))
}

/// The title of the response to a query with parts that cannot be read.
const UNREADABLE: &str = "Query not understood";

/// The query parameters of a list.
pub struct Query(pub ListQuery);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        let read = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs));
        let with_filters = |read: ListQuery| ListQuery { filters: Condition::all(pairs), ..read };
        read.map(with_filters).map(Self).map_err(|error| {
            let name = error.path().to_string();
            let detail = match name.as_str() {
                "limit" => format!("Send a number from 1 to {MOST_ROWS}."),
                _ => error.inner().to_string(),
            };
            let errors = vec![FieldError::new(name, detail)];
            problem::with_errors(StatusCode::BAD_REQUEST, UNREADABLE, "Part of the query could not be read.", errors)
        })
    }
}
