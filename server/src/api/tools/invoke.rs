//! Calls a tool for every way in. When the caller leaves in the middle, what a tool of ours began goes on to its end, and a
//! third-party server is told that nobody waits.

use domain::ToolApprovalId;
use operations::Refusal;
use operations::tools::polling::{self, Polled};
use operations::tools::{self, Called, ToolError};
use serde_json::Value;
use store::audit::within;
use tokio_util::sync::CancellationToken;

use super::caller::Admitted;
use super::remote;
use crate::http::pages::Shared;
use crate::http::trace;

/// Calls a tool of ours or of a third-party server.
///
/// # Errors
/// As the door (`operations::tools::door`).
pub async fn call(shared: &Shared, admitted: &Admitted, name: &str, arguments: Value) -> Result<Called, ToolError> {
    let (theirs, mine, named) = (shared.clone(), admitted.clone(), name.to_owned());
    // Dropped with this future: when the connection closes, and when an MCP client cancels the request.
    let left = CancellationToken::new();
    let _leaves = left.clone().drop_guard();
    let work = async move {
        match tools::find(&named) {
            Some(_) => tools::call(&mine.context, &mine.caller, &named, arguments).await,
            None => remote::call(&theirs, &mine, (&named, arguments), false, left).await,
        }
    };
    let called = to_its_end(shared, admitted, work).await;
    // Names that strangers invent are one name in the figures.
    count(tools::find(name).map_or("other", |tool| tool.name), outcome(&called));
    called
}

/// Asks what became of a call that waited for a person. The first question after the approval runs it.
///
/// # Errors
/// As [`call`]; `Refused` with `NotFound` if this token asked for no such call.
pub async fn poll(shared: &Shared, admitted: &Admitted, id: ToolApprovalId) -> Result<Polled, ToolError> {
    let (theirs, mine, own) = (shared.clone(), admitted.clone(), admitted.clone());
    let left = CancellationToken::new();
    let _leaves = left.clone().drop_guard();
    let foreign = move |tool: String, arguments: Value| async move {
        remote::call(&theirs, &own, (&tool, arguments), true, left).await
    };
    let work = async move { polling::poll(&mine.context, &mine.caller, id, foreign).await };
    let polled = to_its_end(shared, admitted, work).await;
    if let Ok(Polled::Ran { tool, .. }) = &polled {
        count(tool, "done");
    }
    polled
}

/// Runs a call in a task of its own, so that it ends as it would when its caller leaves in the middle. It holds one of the
/// places of its client until then.
async fn to_its_end<T: Send + 'static>(
    shared: &Shared,
    admitted: &Admitted,
    work: impl Future<Output = Result<T, ToolError>> + Send + 'static,
) -> Result<T, ToolError> {
    let place = shared.server.tool_calls.take(admitted.caller.business)?;
    let work = async move {
        let _place = place;
        work.await
    };
    let work = trace::carried(within(admitted.audit(), work));
    let ended = shared.server.tasks.spawn(work).await;
    ended.unwrap_or_else(|error| Err(ToolError::Refused(Refusal::Fault(format!("a call of a tool broke: {error}")))))
}

/// Counts a call in `/metrics`.
fn count(tool: &'static str, outcome: &'static str) {
    metrics::counter!("tool_calls_total", "tool" => tool, "outcome" => outcome).increment(1);
}

/// What became of a call, in a word.
const fn outcome(called: &Result<Called, ToolError>) -> &'static str {
    match called {
        Ok(called) if called.dry_run => "dry_run",
        Ok(_) => "done",
        Err(ToolError::Waiting(_)) => "waiting",
        Err(ToolError::Unknown | ToolError::Invalid(_) | ToolError::Refused(_) | ToolError::Denied(_)) => "refused",
        Err(ToolError::Budget(_) | ToolError::RateLimited { .. }) => "limited",
        Err(ToolError::Upstream(_) | ToolError::TimedOut) => "failed",
    }
}
