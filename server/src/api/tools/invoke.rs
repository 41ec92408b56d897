//! Calls a tool for every way in. When the caller leaves in the middle, what a tool of ours began goes on to its end, and a
//! third-party server is told that nobody waits. An answer has a largest size.

use std::io;

use domain::ToolApprovalId;
use operations::Refusal;
use operations::tools::door::{self, Polled};
use operations::tools::{self, Called, ToolError};
use serde_json::Value;
use store::audit::within;
use tokio_util::sync::CancellationToken;

use super::caller::Admitted;
use super::remote;
use crate::http::pages::Shared;
use crate::http::trace;

/// Largest result of a call, in bytes of its JSON. Tools of ours stay below it by themselves.
const LARGEST: usize = 1024 * 1024;

/// Calls a tool of ours or of a third-party server.
///
/// # Errors
/// As the door (`operations::tools::door`). `Upstream` if the result is too large: then the tool did its work.
pub async fn call(shared: &Shared, admitted: &Admitted, name: &str, arguments: Value) -> Result<Called, ToolError> {
    let (theirs, mine, named) = (shared.clone(), admitted.clone(), name.to_owned());
    // Dropped with this future: when the connection closes, and when an MCP client cancels the request.
    let left = CancellationToken::new();
    let _leaves = left.clone().drop_guard();
    let work = async move {
        match tools::find(&named) {
            Some(_) => tools::call(&mine.context, &mine.caller, &named, arguments).await,
            None => remote::call(&theirs, &mine, (&named, arguments), left).await,
        }
    };
    let called = to_its_end(shared, admitted, work).await.and_then(bounded);
    count(name, &called);
    called
}

/// Asks what became of a call that waited for a person. The first question after the approval runs it.
///
/// # Errors
/// As [`call`]; `Refused` with `NotFound` if this token asked for no such call.
pub async fn poll(shared: &Shared, admitted: &Admitted, id: ToolApprovalId) -> Result<Polled, ToolError> {
    let mine = admitted.clone();
    let work = async move { door::poll(&mine.context, &mine.caller, id).await };
    match to_its_end(shared, admitted, work).await? {
        Polled::Ran(called) => bounded(called).map(Polled::Ran),
        other => Ok(other),
    }
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

fn bounded(called: Called) -> Result<Called, ToolError> {
    if size(&called.result) <= LARGEST {
        return Ok(called);
    }
    Err(ToolError::Upstream(
        "The tool did its work, but its result is larger than 1 MiB and is left out. Ask for less at once.".to_owned(),
    ))
}

/// The bytes of a value as JSON, counted without keeping them.
fn size(value: &Value) -> usize {
    struct Counted(usize);
    impl io::Write for Counted {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut counted = Counted(0);
    // Neither the counter nor a value that was JSON fails.
    let _ = serde_json::to_writer(&mut counted, value);
    counted.0
}

/// Counts the call in `/metrics`. Names that strangers invent are one name there.
fn count(name: &str, called: &Result<Called, ToolError>) {
    let tool = tools::find(name).map_or("other", |tool| tool.name);
    let outcome = match called {
        Ok(called) if called.dry_run => "dry_run",
        Ok(_) => "done",
        Err(ToolError::Waiting(_)) => "waiting",
        Err(ToolError::Unknown | ToolError::Invalid(_) | ToolError::Refused(_) | ToolError::Denied(_)) => "refused",
        Err(ToolError::Budget(_) | ToolError::RateLimited { .. }) => "limited",
        Err(ToolError::Upstream(_) | ToolError::TimedOut) => "failed",
    };
    metrics::counter!("tool_calls_total", "tool" => tool, "outcome" => outcome).increment(1);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_result_of_a_mebibyte_passes_and_a_larger_one_does_not() {
        for value in [json!(null), json!({ "a": [1, "é\n"] }), json!("x".repeat(1000))] {
            assert_eq!(size(&value), value.to_string().len(), "{value}");
        }
        let called = |bytes: usize| Called {
            result: Value::String("x".repeat(bytes - 2)),
            log: uuid::Uuid::nil().into(),
            dry_run: false,
        };
        assert!(bounded(called(LARGEST)).is_ok());
        assert!(matches!(bounded(called(LARGEST + 1)), Err(ToolError::Upstream(why)) if why.contains("did its work")));
    }
}
