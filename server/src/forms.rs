//! What happens to a plain form: success goes back or on, failure returns with everything typed.
//! Server functions answer JSON; this layer turns that into what a browser without scripts needs. What was typed
//! lies in the session row for one reading and never in the address; of people who are not signed in little is kept.

use app::Error;
use app::flash::Flash;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::permission::{Way, rule};
use tower_sessions::Session;

use crate::problem;

/// Largest form we take, in bytes.
const LARGEST: usize = 256 * 1024;

/// How much of a failed form waits in a session.
#[derive(Clone, Copy, Debug)]
struct Room {
    fields: usize,
    bytes: usize,
}

/// Of a person who is signed in: all of it.
const WHOLE: Room = Room { fields: usize::MAX, bytes: LARGEST };
/// Of somebody unknown, who costs us a row for each try.
const STRANGERS: Room = Room { fields: 64, bytes: 8 * 1024 };
/// Of somebody unknown who was not even listened to: their address, and where they wanted to go.
const UNHEARD: Room = Room { fields: 8, bytes: 1024 };

/// Serves the server functions under `/do/`; everything else passes.
pub async fn layer(session: Session, request: Request, next: Next) -> Response {
    let Some(known) = request.uri().path().strip_prefix("/do/").and_then(|name| rule(Way::Deed, name)) else {
        return next.run(request).await;
    };
    let (mut parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST).await else {
        return problem::answer(StatusCode::PAYLOAD_TOO_LARGE, "Form too large", "Send at most 256 KiB.");
    };
    let wants_page = problem::wants_page(&parts.headers);
    let back = return_address(&parts.headers);
    if wants_page {
        parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    }
    let answer = next.run(Request::from_parts(parts, Body::from(bytes.clone()))).await;
    let failed = answer.status().is_client_error() || answer.status().is_server_error();
    match (wants_page, failed) {
        (false, false) => answer,
        (false, true) => with_true_status(answer).await,
        (true, false) => see_other(answer, &back),
        (true, true) => return_failed(&session, known.path, error_of(answer).await, &bytes, back).await,
    }
}

/// Back to the form, or on to the proof that is missing, with what went wrong and what was typed.
async fn return_failed(session: &Session, deed: &str, error: Error, form: &[u8], back: String) -> Response {
    let known = app::session::proof(session).await.is_ok_and(|proof| proof.is_some());
    let values = typed(form, room(known, &error));
    let flash = Flash { deed: deed.to_owned(), error: Some(error.clone()), values, ..Flash::default() };
    let (kept, target) = match error {
        Error::SignIn => (flash.keep(session).await, leading_back("/login", &back)),
        // What was typed waits until the person has proven who they are.
        Error::StepUp => (flash.hold(session, &back).await, leading_back("/me/confirm", &back)),
        _ => (flash.keep(session).await, back),
    };
    if let Err(cause) = kept {
        tracing::error!(%cause, "the session could not keep what was typed");
        return problem::answer(StatusCode::SERVICE_UNAVAILABLE, "Not saved", "Nothing was done. Try again.");
    }
    redirect(&target)
}

const fn room(known: bool, error: &Error) -> Room {
    match error {
        _ if known => WHOLE,
        Error::SignIn | Error::Waiting(_) => UNHEARD,
        _ => STRANGERS,
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

/// Fields typed into the form, without secrets and as far as there is room: a field that does not fit is left out whole.
fn typed(bytes: &[u8], mut room: Room) -> std::collections::BTreeMap<String, String> {
    let fields = serde_urlencoded::from_bytes::<Vec<(String, String)>>(bytes).unwrap_or_default();
    let kept = fields.into_iter().filter(|(name, value)| {
        let size = name.len() + value.len();
        let fits = !Flash::is_secret(name) && room.fields > 0 && size <= room.bytes;
        if fits {
            room = Room { fields: room.fields - 1, bytes: room.bytes - size };
        }
        fits
    });
    kept.collect()
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
        let kept = typed(b"email=a%40b.c&password=hunter2&new_password=x&code=123456&note=hi", WHOLE);
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["email", "note"]);
    }

    #[test]
    fn little_is_kept_of_somebody_unknown() {
        let many = (0..300).map(|n| format!("f{n}=x&")).collect::<String>();
        assert_eq!(typed(many.as_bytes(), STRANGERS).len(), 64);
        assert_eq!(typed(many.as_bytes(), WHOLE).len(), 300);
        let long = format!("email=a%40b.c&junk={}&next=%2Fme", "x".repeat(200_000));
        assert_eq!(typed(long.as_bytes(), STRANGERS).keys().collect::<Vec<_>>(), ["email", "next"]);
        let halves = (0..9).map(|n| format!("f{n}={}&", "x".repeat(1000))).collect::<String>();
        assert_eq!(typed(halves.as_bytes(), STRANGERS).len(), 8);
        assert!(room(false, &Error::Waiting(1)).bytes <= 1024 && room(true, &Error::SignIn).bytes == LARGEST);
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
