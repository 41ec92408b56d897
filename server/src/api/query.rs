//! Parses the query string of a list. An invalid parameter produces an error that names it.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use domain::field::FieldError;
use domain::page::ListQuery;

use crate::http::problem;

/// The response to a cursor that the list never issued. Silently starting again at the first page would send rows
/// twice.
#[must_use]
pub fn unknown_cursor() -> Response {
    let detail = "Send the value of `next` of the page before, as it stands, or none to begin with the first page.";
    let errors = vec![FieldError::new("cursor", detail)];
    problem::with_errors(StatusCode::BAD_REQUEST, "Cursor not usable", "The cursor could not be read.", errors)
}

/// The query parameters of a list.
pub struct Query(pub ListQuery);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        let read = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs));
        read.map(Self).map_err(|error| {
            let name = error.path().to_string();
            let detail = match name.as_str() {
                "limit" => "Send a number from 1 to 100.".to_owned(),
                _ => error.inner().to_string(),
            };
            let errors = vec![FieldError::new(name, detail)];
            problem::with_errors(
                StatusCode::BAD_REQUEST,
                "Query not understood",
                "Part of the query could not be read.",
                errors,
            )
        })
    }
}
