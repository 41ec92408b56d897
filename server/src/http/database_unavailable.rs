//! Answers requests while the database is unavailable. A person gets a page that retries by itself; every other caller
//! gets the problem document of the API. Nothing here needs the database.

use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use domain::language::Language;

use super::{authentication, problem, trace};

/// What the page says. The same in Spanish stands with all errors of the server (`web`, `served_errors.rs`).
const TITLE: &str = "One moment, please";
const TEXT: &str = "Our database is restarting or very busy. Nothing is lost, and jobs continue as soon as it's back. This page tries again every five seconds.";

/// Replaces the answer of a request that failed because the database is unavailable: with the page for a person
/// who opens a page, with a problem document where the answer is empty.
pub async fn layer(request: Request, next: Next) -> Response {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let opens_page = *request.method() == Method::GET && accept.contains("text/html");
    let (theme, language) = (authentication::theme(request.headers()), problem::language(&request));
    let response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    // The session layer answers an empty 500 when it cannot read or write the session.
    let lost = response.status() == StatusCode::INTERNAL_SERVER_ERROR && kind.is_empty();
    let unavailable = response.status() == StatusCode::SERVICE_UNAVAILABLE && !kind.starts_with("text/html");
    match (lost || unavailable, opens_page) {
        (true, true) => page(&theme, language),
        (true, false) if kind.is_empty() => problem::of(web::Error::Unavailable),
        _ => response,
    }
}

fn page(theme: &str, language: Language) -> Response {
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, Html(html(theme, language))).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(problem::POLICY));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

fn html(theme: &str, language: Language) -> String {
    let status = StatusCode::SERVICE_UNAVAILABLE.as_u16();
    let page = web::page::standalone_error_page(theme, language, status, TITLE, TEXT, &trace::current_request());
    page.replacen("<head>", "<head><meta http-equiv=\"refresh\" content=\"5\">", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_looks_like_other_errors_and_tries_again_by_itself() {
        for (language, title, text) in [
            (Language::English, TITLE, "tries again every five seconds"),
            (Language::Spanish, "Un momento, por favor", "lo intenta de nuevo sola"),
        ] {
            let page = html("dark", language);
            let lang = format!("<html lang=\"{}\" data-theme=\"dark\"", language.key());
            let full = format!("<title>{title} \u{b7} Slipway</title>");
            for part in [lang.as_str(), full.as_str(), "http-equiv=\"refresh\" content=\"5\"", text, "href=\"/\""] {
                assert!(page.contains(part), "{part}: {page}");
            }
            assert!(!page.contains("<script"), "{page}");
        }
    }
}
