//! What happens to a plain form: success goes back or on, failure returns with everything typed.
//! Server functions answer JSON; this layer turns that into what a browser without scripts needs. What was typed
//! lies in the session row for one reading and never in the address.

use app::Error;
use app::flash::Flash;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_sessions::Session;

use crate::problem;

/// Largest form we take, in bytes.
const LARGEST: usize = 256 * 1024;

/// Serves `POST /do/…`; everything else passes.
pub async fn layer(session: Session, request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/do/") {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST).await else {
        return problem::answer(StatusCode::PAYLOAD_TOO_LARGE, "Form too large", "Send at most 256 KiB.");
    };
    let wants_page = problem::wants_page(&parts.headers);
    let back = return_address(&parts.headers);
    let deed = parts.uri.path().trim_start_matches("/do/").to_owned();
    if wants_page {
        parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    }
    let answer = next.run(Request::from_parts(parts, Body::from(bytes.clone()))).await;
    let failed = answer.status().is_client_error() || answer.status().is_server_error();
    match (wants_page, failed) {
        (false, false) => answer,
        (false, true) => with_true_status(answer).await,
        (true, false) => see_other(answer, &back),
        (true, true) => {
            let error = error_of(answer).await;
            let flash =
                Flash { deed, error: Some(error.clone()), notice: None, values: typed(&bytes), ..Flash::default() };
            let (kept, target) = match error {
                Error::SignIn => (flash.keep(&session).await, leading_back("/login", &back)),
                // What was typed waits until the person has proven who they are.
                Error::StepUp => (flash.hold(&session, &back).await, leading_back("/me/confirm", &back)),
                _ => (flash.keep(&session).await, back),
            };
            if let Err(cause) = kept {
                tracing::error!(%cause, "the session could not keep what was typed");
                return problem::answer(StatusCode::SERVICE_UNAVAILABLE, "Not saved", "Nothing was done. Try again.");
            }
            redirect(&target)
        }
    }
}

/// Path and query of the page the form stood on.
fn return_address(headers: &HeaderMap) -> String {
    let referer = headers.get(header::REFERER).and_then(|value| value.to_str().ok());
    let target = referer.and_then(|text| url::Url::parse(text).ok()).map(|url| match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    });
    target.filter(|path| app::is_local(path)).unwrap_or_else(|| "/".to_owned())
}

/// A page that leads on to `back` when it has done its part.
fn leading_back(page: &str, back: &str) -> String {
    format!("{page}?{}", serde_urlencoded::to_string([("next", back)]).unwrap_or_default())
}

/// Fields typed into the form, without secrets.
fn typed(bytes: &[u8]) -> std::collections::BTreeMap<String, String> {
    serde_urlencoded::from_bytes::<Vec<(String, String)>>(bytes)
        .unwrap_or_default()
        .into_iter()
        .filter(|(name, _)| !Flash::is_secret(name))
        .collect()
}

async fn error_of(answer: Response) -> Error {
    let bytes = to_bytes(answer.into_body(), LARGEST).await.unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_else(|_| app::ours("a server function answered no error of ours"))
}

/// The same answer with the status that its error means, for scripts.
async fn with_true_status(answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    let bytes = to_bytes(body, LARGEST).await.unwrap_or_default();
    if let Ok(error) = serde_json::from_slice::<Error>(&bytes) {
        parts.status = StatusCode::from_u16(error.status()).unwrap_or(parts.status);
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn see_other(answer: Response, back: &str) -> Response {
    let chosen = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
    let mut response = redirect(chosen.as_deref().unwrap_or(back));
    for cookie in answer.headers().get_all(header::SET_COOKIE) {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    if let Some(clear) = answer.headers().get("clear-site-data") {
        response.headers_mut().insert("clear-site-data", clear.clone());
    }
    response
}

/// 303 to an address of ours.
fn redirect(target: &str) -> Response {
    let target = HeaderValue::from_str(target).unwrap_or_else(|_| HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, target)]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_kept() {
        let kept = typed(b"email=a%40b.c&password=hunter2&new_password=x&code=123456&note=hi");
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["email", "note"]);
    }

    #[test]
    fn a_form_returns_to_our_own_pages_only() {
        let from = |referer: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::REFERER, HeaderValue::from_static(referer));
            return_address(&headers)
        };
        assert_eq!(from("https://us.example/a/harbor?x=1"), "/a/harbor?x=1");
        assert_eq!(from("https://us.example//evil.example"), "/");
        assert_eq!(from("nonsense"), "/");
    }
}
