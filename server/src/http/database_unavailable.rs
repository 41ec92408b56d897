//! Answers requests while the database is unavailable. A person gets a page that retries by itself; every other caller
//! gets the problem document of the API. This file uses nothing of the app, because the app needs the database.

use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use super::problem;

/// Content security policy of the page: only our styles and fonts.
const POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="5">
<title>One moment - Slipway</title><link rel="stylesheet" href="/pkg/slipway.css">
</head>
<body><main id="main" class="blank"><div class="blank-column">
<h1 class="text-2xl font-semibold text-balance">One moment, please</h1>
<p class="pt-2 text-fg-2">Our database is restarting or very busy. Nothing is lost, and jobs go on as soon as it answers. This page tries again by itself every five seconds.</p>
</div></main></body>
</html>
"#;

/// Replaces the answer of a request that failed because the database is unavailable: with the page for a person
/// who opens a page, with a problem document where the answer is empty.
pub async fn layer(request: Request, next: Next) -> Response {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let opens_page = *request.method() == Method::GET && accept.contains("text/html");
    let response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    // The session layer answers an empty 500 when it cannot read or write the session.
    let lost = response.status() == StatusCode::INTERNAL_SERVER_ERROR && kind.is_empty();
    let unavailable = response.status() == StatusCode::SERVICE_UNAVAILABLE && !kind.starts_with("text/html");
    match (lost || unavailable, opens_page) {
        (true, true) => page(),
        (true, false) if kind.is_empty() => problem::of(web::Error::Unavailable),
        _ => response,
    }
}

fn page() -> Response {
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, Html(PAGE)).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}
