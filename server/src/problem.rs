//! How does the wire say that something went wrong: problem+json (RFC 9457), for everything that is not a page.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::field::FieldError;
use serde::Serialize;

/// The body of every failed answer of the API.
#[derive(Debug, Serialize)]
pub struct Problem {
    /// What kind of problem; `about:blank` means that the status says it all.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The kind of problem in words.
    pub title: String,
    /// HTTP status, again.
    pub status: u16,
    /// What happened this time and what to do.
    pub detail: String,
    /// Number that finds the request in our logs.
    pub instance: String,
    /// Fields that need mending.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// A problem with a title and a sentence.
#[must_use]
pub fn answer(status: StatusCode, title: &str, detail: &str) -> Response {
    with_errors(status, title, detail, Vec::new())
}

/// A problem that names fields.
#[must_use]
pub fn with_errors(status: StatusCode, title: &str, detail: &str, errors: Vec<FieldError>) -> Response {
    let problem = Problem {
        kind: "about:blank",
        title: title.to_owned(),
        status: status.as_u16(),
        detail: detail.to_owned(),
        instance: crate::trace::current_request(),
        errors,
    };
    let mut response = (status, Json(problem)).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json; charset=utf-8"));
    response
}

/// What the framework refuses by itself, before any handler of ours, is said as everything else is.
pub async fn layer(request: Request, next: Next) -> Response {
    let answer = next.run(request).await;
    let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("text/plain");
    if !answer.status().is_client_error() || !kind.starts_with("text/plain") {
        return answer;
    }
    let status = answer.status();
    let detail = match status {
        StatusCode::METHOD_NOT_ALLOWED => "This address does not take this method.",
        StatusCode::PAYLOAD_TOO_LARGE => "Send at most 256 KiB.",
        _ => "The request could not be read: a part of its address, headers or body has a form that is not allowed.",
    };
    let mut said = self::answer(status, status.canonical_reason().unwrap_or("Problem"), detail);
    if let Some(allowed) = answer.headers().get(header::ALLOW) {
        said.headers_mut().insert(header::ALLOW, allowed.clone());
    }
    said
}

/// The problem that says the same as one of the pages' errors.
#[must_use]
pub fn of(error: app::Error) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let title = status.canonical_reason().unwrap_or("Problem");
    let detail = error.to_string();
    match error {
        app::Error::Invalid(errors) => with_errors(status, "Invalid fields", &detail, errors),
        app::Error::Waiting(seconds) => {
            let mut response = answer(status, title, &detail);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            response
        }
        app::Error::Away => {
            let mut response = answer(status, title, &detail);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            response
        }
        _ => answer(status, title, &detail),
    }
}
