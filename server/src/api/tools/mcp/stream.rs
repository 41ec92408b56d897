//! How does an MCP client hear that its tools changed, while it asks for nothing? By a stream that it opens within its session.
//! The id of each event is a hash of the list of tools: a client that comes back with the last one hears at once, from
//! whichever process, whether the list is another by now.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{AgencyId, BusinessId};
use operations::tools::{self, ToolError};
use rmcp::model::Tool;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::listen::Note;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, interval_at, sleep_until};
use tokio_stream::wrappers::ReceiverStream;

use super::{session, wire};
use crate::api::token::Bearer;
use crate::api::tools::caller::{Admitted, admit, admit_to};
use crate::api::tools::{answers, remote};
use crate::http::pages::Shared;
use crate::http::problem;
use crate::http::streams::{BEAT, Open, unbuffered};

/// Lifetime of one stream; its client opens another one.
const LIFETIME: Duration = Duration::from_secs(600);
/// After how many heartbeats the list is read without a notice. It also changes with the rights of whoever made the token.
const QUIET: u32 = 4;
/// How many events wait for a client that does not read. With more its stream ends.
const WAITING: usize = 16;
/// The topic under which the tools of third-party servers change.
const TOPIC: &str = "tool_servers.changed";
/// The first version of the protocol whose streams begin with an event without data. Older clients take every event for a
/// message.
const PRIMED: &str = "2025-11-25";
/// How many streams of this process read at once what changed. A notice for everybody wakes all of them, and pages need the
/// database, too.
static LOOKS: Semaphore = Semaphore::const_new(2);
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
    let caller = &admitted.caller;
    let place = match shared.server.streams.of_agent(caller.token, caller.business, caller.agency) {
        Ok(place) => place,
        Err(refused) => return refused,
    };
    // Subscribed before the list is read, so that no change falls in between.
    let notes = shared.server.notes.subscribe();
    let turn = LOOKS.acquire().await;
    let listed = hash_of_list(&shared, admitted).await;
    drop(turn);
    let listed = match listed {
        Ok(listed) => listed,
        Err(error) => return answers::of(Err(error)),
    };
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let first = match last {
        Some(last) if last != listed => changed(&listed),
        _ => known(&listed, &session.version),
    };
    let (out, events) = mpsc::channel(WAITING);
    let tasks = shared.server.tasks.clone();
    tasks.spawn(Follower { shared, bearer, listed, out, quiet: 0, _place: place }.follow(notes, first));
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

/// A hash of the list of tools that the token sees: their names, descriptions and schemas.
async fn hash_of_list(shared: &Shared, admitted: &Admitted) -> Result<String, ToolError> {
    let offered = remote::offered(shared, admitted).await?;
    let ours = tools::listed(&admitted.context).into_iter().map(wire::described);
    let all: Vec<Tool> = ours.chain(offered.iter().map(wire::described_remote)).collect();
    let hash: [u8; 32] = Sha256::digest(serde_json::to_vec(&all).expect("a tool is JSON")).into();
    Ok(hex::encode(&hash[..16]))
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

/// Whether the list of tools of this business may be another after a notice.
fn concerns(note: &Note, agency: AgencyId, business: Option<BusinessId>) -> bool {
    match note {
        Note::Happened { topic, agency: theirs, business: one, .. } => {
            let is_here = theirs.is_none_or(|theirs| theirs == agency) && one.is_none_or(|one| Some(one) == business);
            topic == TOPIC && is_here
        }
        Note::Reconnected => true,
        Note::Work(_) | Note::Credential(_) => false,
    }
}

/// Takes what was told until now: one look at the list that follows answers all of it.
fn heard(notes: &mut Receiver<Note>) {
    while matches!(notes.try_recv(), Ok(_) | Err(TryRecvError::Lagged(_))) {}
}

/// A client that listens.
struct Follower {
    shared: Shared,
    bearer: Bearer,
    /// The hash of the list that the client knows, or was told of.
    listed: String,
    out: mpsc::Sender<Result<String, Infallible>>,
    /// How many heartbeats passed since the list was read.
    quiet: u32,
    _place: Open,
}

impl Follower {
    /// Sends what happens, until the stream's lifetime ends, the process stops, the client leaves or does not read, or the
    /// token may call tools no more.
    async fn follow(mut self, mut notes: Receiver<Note>, first: String) {
        let beat = BEAT.div_f64(self.shared.server.config.time_scale);
        let (end, stopping) = (Instant::now() + LIFETIME, self.shared.server.stopping.clone());
        let mut beats = interval_at(Instant::now() + beat, beat);
        let mut said = Some(first);
        while let Some(text) = said {
            if self.out.try_send(Ok(text)).is_err() {
                return;
            }
            let is_quiet = tokio::select! {
                () = self.out.closed() => return,
                () = stopping.cancelled() => return,
                () = sleep_until(end) => return,
                _ = beats.tick() => true,
                is_told = self.hear(&mut notes) => {
                    if !is_told {
                        return;
                    }
                    false
                }
            };
            let turn = tokio::select! {
                () = stopping.cancelled() => return,
                turn = LOOKS.acquire() => turn,
            };
            if !is_quiet {
                heard(&mut notes);
            }
            said = self.look(is_quiet).await;
            drop(turn);
        }
    }

    /// Waits for a notice after which the list may be another. False if none will come any more.
    async fn hear(&self, notes: &mut Receiver<Note>) -> bool {
        loop {
            match notes.recv().await {
                Ok(note) if !concerns(&note, self.bearer.agency, self.bearer.business) => {}
                // Whoever missed notices may have missed this one.
                Ok(_) | Err(RecvError::Lagged(_)) => return true,
                Err(RecvError::Closed) => return false,
            }
        }
    }

    /// What to send: the news if the list is another, or else a heartbeat. `None` if the token may call tools no more, or
    /// nobody knows.
    async fn look(&mut self, is_quiet: bool) -> Option<String> {
        let bearer = self.bearer.read_again(&self.shared).await?;
        self.quiet += 1;
        if is_quiet && self.quiet < QUIET {
            return Some(HEARTBEAT.to_owned());
        }
        self.quiet = 0;
        let admitted = admit(&self.shared, &bearer).ok()?;
        let listed = hash_of_list(&self.shared, &admitted).await.ok()?;
        if listed == self.listed {
            return Some(HEARTBEAT.to_owned());
        }
        self.listed = listed;
        Some(changed(&self.listed))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_list_changes_with_the_servers_of_its_agency_and_of_no_other() {
        let (agency, other) = (AgencyId(Uuid::from_u128(1)), AgencyId(Uuid::from_u128(2)));
        let (business, sibling) = (BusinessId(Uuid::from_u128(3)), BusinessId(Uuid::from_u128(4)));
        let happened =
            |topic: &str, agency, business| Note::Happened { topic: topic.to_owned(), agency, business, subject: None };
        for (note, heard) in [
            (happened(TOPIC, None, None), true),
            (happened(TOPIC, Some(agency), None), true),
            (happened(TOPIC, Some(agency), Some(business)), true),
            (happened(TOPIC, Some(agency), Some(sibling)), false),
            (happened(TOPIC, Some(other), None), false),
            (happened("tool_call.changed", Some(agency), Some(business)), false),
            (Note::Reconnected, true),
            (Note::Work("mail".to_owned()), false),
        ] {
            assert_eq!(concerns(&note, agency, Some(business)), heard, "{note:?}");
        }
        assert!(domain::feature::FEATURES.iter().any(|feature| feature.topics.contains(&TOPIC)));
    }

    #[test]
    fn many_notices_are_answered_by_one_look() {
        let (tell, mut notes) = tokio::sync::broadcast::channel(2);
        for told in 0..5 {
            tell.send(Note::Work(told.to_string())).unwrap();
        }
        heard(&mut notes);
        assert!(matches!(notes.try_recv(), Err(TryRecvError::Empty)));
        tell.send(Note::Reconnected).unwrap();
        assert!(matches!(notes.try_recv(), Ok(Note::Reconnected)), "what comes later is heard");
        drop(tell);
        heard(&mut notes);
    }

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
