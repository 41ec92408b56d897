//! How does an MCP client hear that its tools changed, while it asks for nothing? By a stream that it opens within its session.
//! The id of each event is a hash of the list of tools: a client that comes back with the last one hears at once, from
//! whichever process, whether the list is another by now.

use std::convert::Infallible;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::session;
use super::watch::{News, Watch};
use crate::api::token::Bearer;
use crate::api::tools::caller::{Admitted, admit, admit_to};
use crate::http::pages::Shared;
use crate::http::problem;
use crate::http::streams::unbuffered;

/// How many events wait for a client that does not read. With more its stream ends.
const WAITING: usize = 16;
/// The first version of the protocol whose streams begin with an event without data. Older clients take every event for a
/// message.
const PRIMED: &str = "2025-11-25";
/// A comment, which keeps the connection alive and is no event.
const HEARTBEAT: &str = ": beat\n\n";

/// `GET /mcp`: a stream of what the server says by itself.
pub async fn listen(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    headers: HeaderMap,
) -> Response {
    match admit(&shared, &bearer) {
        Ok(admitted) => open(shared, bearer, &admitted, &headers).await,
        Err(refused) => refused,
    }
}

/// `GET /mcp/{tenant}`: the same for the client that the address names, which must be that of the token.
pub async fn listen_tenant(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
) -> Response {
    match admit_to(&shared, &bearer, &tenant, "/mcp/{tenant}").await {
        Ok(admitted) => open(shared, bearer, &admitted, &headers).await,
        Err(refused) => refused,
    }
}

async fn open(shared: Shared, bearer: Bearer, admitted: &Admitted, headers: &HeaderMap) -> Response {
    let session = match session::named(&shared, &admitted.caller, headers).await {
        Ok(Some(session)) => session,
        Ok(None) => return without_session(),
        Err(refused) => return refused,
    };
    if !accepts_stream(headers) {
        let detail = "This address answers GET with a stream of events. Send Accept: text/event-stream.";
        return problem::answer(StatusCode::NOT_ACCEPTABLE, "Not acceptable", detail);
    }
    let watch = match Watch::begin(shared.clone(), bearer, admitted).await {
        Ok(watch) => watch,
        Err(refused) => return refused,
    };
    let listed = watch.listed();
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let first = match last {
        Some(last) if last != listed => changed(listed),
        _ => known(listed, &session.version),
    };
    let (out, events) = mpsc::channel(WAITING);
    shared.server.tasks.spawn(follow(watch, out, first));
    let kind = [(header::CONTENT_TYPE, "text/event-stream")];
    let mut answer = (kind, Body::from_stream(ReceiverStream::new(events))).into_response();
    unbuffered(&mut answer);
    answer
}

/// What MCP answers where a server has no stream.
fn without_session() -> Response {
    let detail = "A stream is opened within a session, which begins with initialize.";
    let mut answer = problem::answer(StatusCode::METHOD_NOT_ALLOWED, "No session", detail);
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    answer
}

fn accepts_stream(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|text| text.split(',')).any(|kind| {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        ["text/event-stream", "text/*", "*/*"].iter().any(|wanted| kind.eq_ignore_ascii_case(wanted))
    })
}

/// The first event for a client that knows the list.
fn known(listed: &str, version: &str) -> String {
    let data = if version >= PRIMED { "data: \n" } else { "" };
    format!("id: {listed}\n{data}\n")
}

/// The event that tells that the list is another.
fn changed(listed: &str) -> String {
    let message = json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" });
    format!("id: {listed}\ndata: {message}\n\n")
}

/// Sends what happens, until the watch is over, the client leaves or does not read, or the token may call tools no more.
async fn follow(mut watch: Watch, out: mpsc::Sender<Result<String, Infallible>>, first: String) {
    let mut said = first;
    while out.try_send(Ok(said)).is_ok() {
        let news = tokio::select! {
            () = out.closed() => return,
            news = watch.next() => news,
        };
        said = match news {
            News::Beat => HEARTBEAT.to_owned(),
            News::Changed => changed(watch.listed()),
            News::Over | News::Denied(_) => return,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_for_whoever_takes_one() {
        for (accept, takes) in [
            ("text/event-stream", true),
            ("application/json, TEXT/event-stream;q=0.5", true),
            ("*/*", true),
            ("application/json", false),
            ("text/event-streams", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(accepts_stream(&headers), takes, "{accept}");
        }
        assert!(!accepts_stream(&HeaderMap::new()));
    }

    #[test]
    fn only_clients_that_know_it_get_an_event_without_data() {
        assert_eq!(known("7", "2025-11-25"), "id: 7\ndata: \n\n");
        assert_eq!(known("7", "2025-06-18"), "id: 7\n\n");
    }
}
