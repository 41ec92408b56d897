//! How does the person at an MCP client learn that a call waits, and how long does the call wait for them? Their client is asked
//! (elicitation) to lead them to the page of approvals. Nothing that a client answers approves a call: it may only withdraw it.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::ToolApprovalId;
use domain::tools::ApprovalState;
use futures::future::{BoxFuture, ready};
use futures::{StreamExt, stream};
use operations::tools::polling::Polled;
use operations::tools::{Called, Caller, ToolError, withdrawn};
use serde_json::{Value, json};
use store::audit::within;
use store::listen::Note;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_stream::wrappers::ReceiverStream;

use super::is_stream;
use super::session::Asks;
use crate::api::token::Bearer;
use crate::api::tools::caller::{Admitted, admit, said};
use crate::api::tools::invoke;
use crate::http::pages::Shared;
use crate::http::streams::unbuffered;

/// Until when from its beginning a call waits for a decision. What is approved at the last moment still takes as long as a tool
/// may, and official clients give a request up after a minute: whoever did not hear that it ran makes the call again.
const PATIENCE: Duration = Duration::from_secs(28);
/// What the id of such a question begins with; the id of the approval follows. So any process knows what an answer is about.
const PREFIX: &str = "approval-";
/// The topic under which approvals change.
const TOPIC: &str = "tool_approval.changed";
/// The most bytes of an answer that is put into a stream: a result of a tool is smaller.
const LARGEST: usize = 16 << 20;

/// How the client of a request is asked.
#[derive(Clone)]
pub struct Asking {
    bearer: Bearer,
    asks: Asks,
    out: mpsc::Sender<String>,
}

impl Asking {
    /// For a client that is asked like this, with what [`answered`] passes on to it.
    #[must_use]
    pub fn new(bearer: Bearer, asks: Asks) -> (Self, mpsc::Receiver<String>) {
        let (out, questions) = mpsc::channel(1);
        (Self { bearer, asks, out }, questions)
    }
}

/// Calls a tool. If it waits for an approval, a client that can be asked is, and the call waits for a while.
///
/// # Errors
/// As [`invoke::call`].
pub async fn call(
    shared: &Shared,
    admitted: &Admitted,
    asking: Option<&Asking>,
    name: &str,
    arguments: Value,
) -> Result<Called, ToolError> {
    let Some(asking) = asking else { return invoke::call(shared, admitted, name, arguments).await };
    let until = Instant::now() + PATIENCE;
    // Subscribed before the call, so that no decision falls in between.
    let mut notes = shared.server.notes.subscribe();
    let id = match invoke::call(shared, admitted, name, arguments).await {
        Err(ToolError::Waiting(id)) => id,
        other => return other,
    };
    let Caller { token, business, agency, .. } = admitted.caller;
    // It counts as a stream for as long as it waits.
    let Ok(_place) = shared.server.streams.of_agent(token, business, agency) else {
        return Err(ToolError::Waiting(id));
    };
    let page = format!("{}/b/{business}/ai-tools/approvals", shared.server.config.origin());
    if asking.out.send(event(&question(asking.asks, name, id, &page))).await.is_err() {
        return Err(ToolError::Waiting(id));
    }
    loop {
        tokio::select! {
            () = sleep_until(until) => return Err(ToolError::Waiting(id)),
            () = shared.server.stopping.cancelled() => return Err(ToolError::Waiting(id)),
            () = changed(&mut notes, id) => {}
        }
        // What the token may do is judged anew: a person took their time.
        let bearer = asking.bearer.read_again(shared).await;
        let bearer = bearer.map_err(|refused| ToolError::Denied(said(&refused)))?;
        // The SDK runs this in a task of its own, which carries no context of the request.
        let admitted = within(admitted.audit(), async { admit(shared, &bearer) }).await;
        let admitted = admitted.map_err(|refused| ToolError::Denied(said(&refused)))?;
        match invoke::poll(shared, &admitted, id).await? {
            Polled::Waiting { .. } => {}
            Polled::Ran { called, .. } => return Ok(called),
            // Approved, it runs for another request of the token by now: it is not made again, also where the person allowed
            // more than this call.
            Polled::Ended { state, reason } => return Err(ended(state, reason)),
        }
    }
}

/// Waits for a notice about the approval, or the sign that one may have been lost.
async fn changed(notes: &mut Receiver<Note>, id: ToolApprovalId) {
    loop {
        match notes.recv().await {
            Ok(Note::Happened { topic, subject, .. }) if topic == TOPIC && subject == Some(id.0) => return,
            Ok(Note::Reconnected) | Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            // Only a process that ends says no more.
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}

/// What a model reads of a call that a person did not approve, or that ran for another question.
fn ended(state: ApprovalState, reason: Option<String>) -> ToolError {
    let reason = reason.map_or_else(String::new, |reason| format!(" {reason}"));
    ToolError::Denied(format!("This call has no result here: its approval is {}.{reason}", state.key()))
}

/// The question for the person at the client.
fn question(asks: Asks, name: &str, id: ToolApprovalId, page: &str) -> Value {
    let message = format!(
        "The tool {name} waits for an approval, which whoever runs the business gives after signing in at {page}. Decline to \
         withdraw the call."
    );
    let params = match asks {
        Asks::Form => json!({ "message": message, "requestedSchema": { "type": "object", "properties": {} } }),
        Asks::Address => json!({ "mode": "url", "message": message, "url": page, "elicitationId": id }),
    };
    json!({ "jsonrpc": "2.0", "id": format!("{PREFIX}{id}"), "method": "elicitation/create", "params": params })
}

/// A message as an event of a stream.
fn event(message: &Value) -> String {
    format!("data: {message}\n\n")
}

/// Heeds what a client answers to such a question. False if the message is no such answer.
pub async fn heed(admitted: &Admitted, message: &[u8]) -> bool {
    let Some((id, is_declined)) = answer(message) else { return false };
    if is_declined && let Err(error) = withdrawn::withdraw(&admitted.context, &admitted.caller, id).await {
        tracing::warn!(event = "tools.not_withdrawn", %error, approval = %id, "a call that its client withdrew goes on to wait");
    }
    true
}

/// The approval that an answer is about, and whether the person declined.
fn answer(message: &[u8]) -> Option<(ToolApprovalId, bool)> {
    let message: Value = serde_json::from_slice(message).ok()?;
    if message.get("method").is_some() {
        return None;
    }
    let id = message["id"].as_str()?.strip_prefix(PREFIX)?.parse().ok()?;
    Some((id, matches!(message["result"]["action"].as_str(), Some("decline" | "cancel"))))
}

/// The answer to a request, as a stream with the questions of its call in it if there are any.
pub async fn answered(mut work: BoxFuture<'static, Response>, mut questions: mpsc::Receiver<String>) -> Response {
    let first = tokio::select! {
        biased;
        Some(first) = questions.recv() => first,
        answer = &mut work => return if is_stream(&answer) { merged(answer, questions) } else { answer },
    };
    let rest = async move {
        let answer = work.await;
        let is_stream = is_stream(&answer);
        let bytes = to_bytes(answer.into_body(), LARGEST).await.unwrap_or_default();
        Ok(if is_stream { bytes } else { [b"data: ".as_slice(), &bytes, b"\n\n"].concat().into() })
    };
    let first = stream::iter([Ok::<Bytes, Infallible>(first.into())]);
    let mut answer = Body::from_stream(first.chain(stream::once(rest))).into_response();
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/event-stream"));
    unbuffered(&mut answer);
    answer
}

/// A stream of its own with the questions between its events. It ends when the answer does.
fn merged(answer: Response, questions: mpsc::Receiver<String>) -> Response {
    let (parts, body) = answer.into_parts();
    let events = body.into_data_stream().map(Some).chain(stream::once(ready(None)));
    let questions = ReceiverStream::new(questions).map(|question| Some(Ok(Bytes::from(question))));
    let both = stream::select(events, questions).scan((), |(), piece| ready(piece));
    Response::from_parts(parts, Body::from_stream(both))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn only_an_answer_to_a_question_of_ours_is_one_and_nothing_in_it_approves() {
        let id = ToolApprovalId(Uuid::from_u128(7));
        let said = |result: Value| json!({ "jsonrpc": "2.0", "id": format!("{PREFIX}{id}"), "result": result });
        for (action, is_declined) in [("accept", false), ("decline", true), ("cancel", true), ("approve", false)] {
            let message = said(json!({ "action": action, "content": { "approved": true } })).to_string();
            assert_eq!(answer(message.as_bytes()), Some((id, is_declined)), "{action}");
        }
        let failed =
            json!({ "jsonrpc": "2.0", "id": format!("{PREFIX}{id}"), "error": { "code": -32601, "message": "x" } });
        assert_eq!(answer(failed.to_string().as_bytes()), Some((id, false)), "it goes on to wait");
        let mut called = said(json!({}));
        called["method"] = json!("tools/call");
        let other = json!({ "jsonrpc": "2.0", "id": 1, "result": { "action": "decline" } });
        for other in [called.to_string(), other.to_string(), "[]".to_owned(), "{".to_owned(), String::new()] {
            assert_eq!(answer(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn what_is_approved_at_the_last_moment_is_answered_before_clients_give_up() {
        let answered = PATIENCE + operations::tools::LONGEST;
        assert!(answered < Duration::from_secs(60), "{answered:?}");
    }

    #[tokio::test]
    async fn an_answer_is_a_stream_only_where_something_is_asked() {
        let text = async |answer: Response| {
            let kind = answer.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
            (kind, String::from_utf8(to_bytes(answer.into_body(), 1000).await.unwrap().to_vec()).unwrap())
        };
        let (out, questions) = mpsc::channel(1);
        let work = Box::pin(async { ([(header::CONTENT_TYPE, "application/json")], "{\"id\":1}").into_response() });
        let plain = text(answered(work, questions).await).await;
        assert_eq!(plain, ("application/json".to_owned(), "{\"id\":1}".to_owned()));
        drop(out);
        let (out, questions) = mpsc::channel(1);
        let asks = Box::pin(async move {
            out.send("data: asked\n\n".to_owned()).await.unwrap();
            tokio::task::yield_now().await;
            ([(header::CONTENT_TYPE, "application/json")], "{\"id\":1}").into_response()
        });
        let asked = text(answered(asks, questions).await).await;
        assert_eq!(asked, ("text/event-stream".to_owned(), "data: asked\n\ndata: {\"id\":1}\n\n".to_owned()));
        let (out, questions) = mpsc::channel(1);
        out.send("data: asked\n\n".to_owned()).await.unwrap();
        let told = Response::builder().header(header::CONTENT_TYPE, "text/event-stream").body("data: told\n\n".into());
        let (_, both) = text(merged(told.unwrap(), questions)).await;
        assert!(both.contains("data: told\n\n") && both.len() <= 26, "it ends although more may be asked: {both}");
        drop(out);
    }
}
