//! Builds error responses as problem+json (RFC 9457) for everything that is not a page. A browser that asked for a page
//! gets an HTML page with the same message. Neither repeats any part of the request.

use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::field::FieldError;
use domain::language::Language;
use domain::provisioning::{Duplicate, JobRow};
use operations::Refusal;
use schemars::JsonSchema;
use serde::Serialize;
use web::request_context::RequestContext;

use super::problem_kinds::{self, Kind};

/// The body of every error response of the API.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Problem {
    /// The kind of problem; `about:blank` means that the status says everything.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The kind of problem, in words.
    pub title: String,
    /// The HTTP status, repeated.
    pub status: u16,
    /// What happened this time, and what to do.
    pub detail: String,
    /// The request id, by which the request is found in our logs.
    pub instance: String,
    /// Fields that must be corrected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The stable name of the problem, for programs; missing if the status says everything.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub code: &'static str,
    /// Businesses and jobs that resemble a refused order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub duplicates: Vec<Duplicate>,
    /// What is known of a job whose stored order cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<Box<JobRow>>,
}

impl Problem {
    /// A problem of this kind by example, of the request with this id.
    #[must_use]
    pub fn example(kind: &Kind, request: &str) -> Self {
        let status = StatusCode::from_u16(kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { instance: request.to_owned(), ..problem(status, kind.title, kind.detail, Vec::new()) }
    }
}

/// Builds a problem response with a title and one sentence.
#[must_use]
pub fn answer(status: StatusCode, title: &str, detail: &str) -> Response {
    with_errors(status, title, detail, Vec::new())
}

/// Builds a problem response whose code says more than its status.
#[must_use]
pub fn coded(status: StatusCode, title: &str, detail: &str, code: &'static str) -> Response {
    respond(status, Problem { code, ..problem(status, title, detail, Vec::new()) })
}

/// Builds a problem response that names fields.
#[must_use]
pub fn with_errors(status: StatusCode, title: &str, detail: &str, errors: Vec<FieldError>) -> Response {
    respond(status, problem(status, title, detail, errors))
}

fn problem(status: StatusCode, title: &str, detail: &str, errors: Vec<FieldError>) -> Problem {
    Problem {
        kind: "about:blank",
        title: title.to_owned(),
        status: status.as_u16(),
        detail: detail.to_owned(),
        instance: super::trace::current_request(),
        errors,
        code: problem_kinds::of(status.as_u16()).map_or("", |kind| kind.code),
        duplicates: Vec::new(),
        job: None,
    }
}

fn respond(status: StatusCode, problem: Problem) -> Response {
    let mut response = (status, Json(&problem)).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json; charset=utf-8"));
    response.extensions_mut().insert(problem);
    response
}

/// True if the caller prefers a page.
#[must_use]
pub fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|text| text.contains("text/html"))
}

/// Content security policy of our pages without scripts.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'";

/// Turns every problem into a page for browsers, and adds a problem to every error response that has no body of
/// ours.
pub async fn layer(request: Request, next: Next) -> Response {
    let page = wants_page(request.headers());
    let theme = super::authentication::theme(request.headers());
    let language = language(&request);
    let mut response = next.run(request).await;
    let failed = response.status().is_client_error() || response.status().is_server_error();
    // The framework refuses some requests before any handler of ours runs, with an empty or plain-text answer.
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if failed && kind.is_none_or(|kind| kind.starts_with("text/plain")) {
        let kept = std::mem::take(response.headers_mut());
        response = unsaid(response.status());
        merge(response.headers_mut(), kept);
    }
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) if page => as_page(response, &problem, &theme, language),
        _ => response,
    }
}

/// The answer for a status without a body of ours.
fn unsaid(status: StatusCode) -> Response {
    let (title, detail) = match status {
        StatusCode::SERVICE_UNAVAILABLE => return of(web::Error::Unavailable),
        StatusCode::METHOD_NOT_ALLOWED => {
            ("Not possible here", "This address does not take this kind of request. Nothing was changed.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => ("Body too large", "Send at most 256 KiB. Nothing was changed."),
        _ if status.is_client_error() => (
            status.canonical_reason().unwrap_or("Problem"),
            "The request could not be read: a part of its address, headers or body has a form that is not allowed.",
        ),
        _ => (status.canonical_reason().unwrap_or("Problem"), "The request could not be served. Nothing was changed."),
    };
    answer(status, title, detail)
}

/// Adds the headers of the original answer, except length and type of its body.
fn merge(headers: &mut HeaderMap, kept: HeaderMap) {
    let mut last = None;
    for (name, value) in kept {
        last = name.or(last);
        if let Some(name) = last.clone().filter(|name| ![header::CONTENT_LENGTH, header::CONTENT_TYPE].contains(name)) {
            headers.append(name, value);
        }
    }
}

/// The language that the browser asks for, if the page at this address, or around this form, exists in it.
pub(super) fn language(request: &Request) -> Language {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let path = request.uri().path();
    let form = text(header::REFERER).filter(|_| path.starts_with("/do/")).and_then(|page| page.parse::<Uri>().ok());
    let context = RequestContext {
        language: text(header::ACCEPT_LANGUAGE).and_then(Language::accepted).unwrap_or_default(),
        address: form.map_or_else(|| path.to_owned(), |page| page.path().to_owned()),
        ..RequestContext::default()
    };
    context.page_language()
}

fn as_page(response: Response, problem: &Problem, theme: &str, language: Language) -> Response {
    let (mut parts, _) = response.into_parts();
    let Problem { status, title, detail, instance, .. } = problem;
    let text = web::page::standalone_error_page(theme, language, *status, title, detail, instance);
    for gone in [header::CONTENT_LENGTH, header::CONTENT_ENCODING, header::TRANSFER_ENCODING] {
        parts.headers.remove(gone);
    }
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    parts.headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Response::from_parts(parts, Body::from(text))
}

/// Builds the problem response for an error of the app.
#[must_use]
pub fn of(error: web::Error) -> Response {
    with_code(error, "")
}

fn with_code(error: web::Error, code: &'static str) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (title, detail) = (status.canonical_reason().unwrap_or("Problem"), error.to_string());
    let mut problem = problem(status, title, &detail, Vec::new());
    // An outage has one code, whichever layer notices it.
    if !code.is_empty() && status != StatusCode::SERVICE_UNAVAILABLE {
        problem.code = code;
    }
    let wait = match error {
        web::Error::Invalid(errors) => {
            "Invalid fields".clone_into(&mut problem.title);
            problem.errors = errors;
            None
        }
        web::Error::RateLimited(seconds) => Some(HeaderValue::from(seconds)),
        web::Error::Unavailable => Some(HeaderValue::from_static("5")),
        _ => None,
    };
    let mut response = respond(status, problem);
    if let Some(wait) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    response
}

/// Builds the problem response for an operation that was refused. It always carries the refusal's code.
#[must_use]
pub fn refused(refusal: Refusal) -> Response {
    let code = refusal.code();
    let (status, title, detail) = match &refusal {
        Refusal::Duplicate(_) => (
            StatusCode::CONFLICT,
            "This client may exist",
            "Businesses or jobs of the agency resemble this order. Send \"create_anyway\": true if it is another client.",
        ),
        Refusal::State(detail) => (StatusCode::CONFLICT, "Not in this state", detail.as_str()),
        Refusal::KeyReused => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "Idempotency-Key used before",
            "This Idempotency-Key was sent with another body. Use a new key for a new job.",
        ),
        _ => return with_code(refusal.into(), code),
    };
    let mut problem = Problem { code, ..problem(status, title, detail, Vec::new()) };
    if let Refusal::Duplicate(found) = refusal {
        problem.duplicates = found;
    }
    respond(status, problem)
}

/// The code of a problem with a job whose stored order cannot be read.
pub const ORDER_UNREADABLE: &str = "order_unreadable";

/// Builds the problem response for a job whose stored order cannot be read, with what is known of it.
#[must_use]
pub fn order_unreadable(known: JobRow) -> Response {
    let (status, title) = (StatusCode::CONFLICT, "Order not readable");
    let detail = "The stored order of this job can't be read, so its steps can't be shown. `job` is what is known of it. \
                  Cancel it and start a new one.";
    let known = Some(Box::new(known));
    respond(status, Problem { code: ORDER_UNREADABLE, job: known, ..problem(status, title, detail, Vec::new()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The code of a problem response.
    fn code(response: &Response) -> &'static str {
        response.extensions().get::<Problem>().map_or("", |problem| problem.code)
    }

    #[test]
    fn a_status_that_means_the_same_everywhere_has_its_code_unless_a_refusal_has_another() {
        for kind in problem_kinds::KINDS {
            let status = StatusCode::from_u16(kind.status).unwrap();
            assert_eq!(code(&answer(status, "Title", "Detail.")), kind.code, "{status}");
        }
        assert_eq!(code(&answer(StatusCode::CONFLICT, "Title", "Detail.")), "");
        assert_eq!(code(&refused(Refusal::DailyLimit("Enough for today.".to_owned()))), "daily_limit");
        assert_eq!(code(&refused(Refusal::KeyReused)), "key_reused");
        assert_eq!(code(&refused(Refusal::NotFound)), code(&of(web::Error::NotFound)));
        let outage = of(web::Error::Unavailable);
        assert!(code(&outage) == "unavailable" && outage.headers().contains_key(header::RETRY_AFTER));
    }

    #[test]
    fn what_is_given_as_an_example_is_what_the_app_says() {
        for error in [web::Error::NotFound, web::Error::Unavailable, web::Error::Invalid(Vec::new())] {
            let said = of(error);
            let said = said.extensions().get::<Problem>().unwrap();
            let kind = problem_kinds::of(said.status).unwrap();
            let example = Problem::example(kind, "");
            assert_eq!((&example.title, &example.detail), (&said.title, &said.detail), "{}", kind.code);
        }
    }

    #[test]
    fn an_error_page_speaks_the_language_of_the_page_it_stands_for() {
        for (path, referer, wanted) in [
            ("/b/1/inbox", "", Language::Spanish),
            ("/login", "", Language::Spanish),
            ("/a/harbor/clients", "", Language::English),
            ("/do/reply", "https://slipway.example/b/1/inbox?q=x", Language::Spanish),
            ("/do/set_jobs", "https://slipway.example/a/harbor/settings", Language::English),
            ("/do/reply", "no address", Language::English),
            ("/a/harbor", "https://slipway.example/b/1", Language::English),
        ] {
            let request = Request::get(path).header(header::ACCEPT_LANGUAGE, "es-MX,es;q=0.9");
            let request = request.header(header::REFERER, referer).body(Body::empty()).expect("a request");
            assert_eq!(language(&request), wanted, "{path} {referer}");
        }
        let page = web::page::standalone_error_page(
            "light",
            Language::Spanish,
            500,
            "Our fault",
            "Nothing was done. Try again.",
            "7",
        );
        for part in ["<html lang=\"es\"", "Un error nuestro", "No se hizo nada.", "Solicitud", "Ir al inicio"] {
            assert!(page.contains(part), "{part}: {page}");
        }
    }
}
