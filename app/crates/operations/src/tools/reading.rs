//! How does a call run that only reads what is stored here? It is judged in the transaction in which it then reads. Nobody would
//! look for an effect of it, so the log has it once: when it ended, with what it counts, and before anybody reads its answer.

use std::time::{Duration, Instant};

use domain::ToolCallId;
use domain::tools::{Outcome, Policy};
use serde_json::Value;
use store::new_id;
use store::tools::calls::Ended;
use store::tools::reads::{self, Judged, Read};

use super::area::Area;
use super::budget::SAME_IN_A_MINUTE;
use super::policy::default_of;
use super::running::{self, BETWEEN, Call, LONGEST, Subject};
use super::{Called, Caller, Effect, Tool, ToolContext, ToolError, door, log};

/// Whether a tool only reads what is stored here. One that asks HighLevel is noted before it runs, as a write is.
pub(super) fn is_own(tool: &Tool) -> bool {
    tool.effect == Effect::Read && Area::of(tool.name) != Some(Area::HighLevel)
}

/// Calls a tool that only reads what is stored here. `None` if it does not simply run, or nothing is left for it meanwhile: it is
/// then judged as every call. A read that is dropped in the middle leaves nothing half done, and nobody has its answer.
///
/// # Errors
/// Why it gave no result.
pub(super) async fn call(
    context: &ToolContext,
    caller: &Caller,
    tool: &'static Tool,
    arguments: &Value,
) -> Result<Option<Called>, ToolError> {
    door::at_home(context, caller)?;
    let began = Instant::now();
    let mut tx = context.actor.require(tool.needs)?.begin().await?;
    let call = Call::new(context, caller, Subject::of(tool), Policy::Allow);
    let (kept, hash) = call.kept(arguments);
    let judged = reads::judge(&mut tx, &call.line(&kept, &hash), context.now).await?;
    if !simply_runs(&judged) {
        return Ok(None);
    }
    let (id, runs) = (new_id::<ToolCallId>(), Instant::now());
    let reading = ToolContext { actor: context.actor.going_on(tx), ..context.clone() };
    let ran = tokio::time::timeout(LONGEST, (tool.run)(reading, arguments.clone())).await;
    let ran = ran.unwrap_or(Err(ToolError::TimedOut)).map(running::bounded);
    let (took, since) = (runs.elapsed(), began.elapsed());
    let (call, line, judged, result) = (&call, (id, &kept, &hash), &judged, &ran);
    let noted = running::in_tries(BETWEEN, || note(call, line, judged, (result, took, since))).await;
    match noted {
        Ok(true) => {
            let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            tracing::info!(event = "tool.called", business = %caller.business, tool = tool.name, call = %id, ms, ok = ran.is_ok(), "a tool was called");
            ran.map(|(result, _)| Some(Called { result, log: id, dry_run: false }))
        }
        Ok(false) => Ok(None),
        Err(error) => {
            tracing::error!(event = "tool.not_noted", business = %caller.business, call = %id, %error, "the log does not know how a call of a tool ended");
            Err(error)
        }
    }
}

/// Whether a call runs without more ado.
fn simply_runs(judged: &Judged) -> bool {
    let known = judged.known;
    let policy = known.policy.unwrap_or(default_of(Effect::Read));
    !known.stopped.is_stopped() && policy == Policy::Allow && known.same < SAME_IN_A_MINUTE && judged.has_calls()
}

/// Notes a call that ended, once. Returns false if nothing is left for it meanwhile.
async fn note(
    call: &Call<'_>,
    (id, kept, hash): (ToolCallId, &Value, &[u8; 32]),
    judged: &Judged,
    (ran, took, since): (&Result<(Value, usize), ToolError>, Duration, Duration),
) -> Result<bool, ToolError> {
    let mut tx = call.begin().await?;
    let failed = ran.as_ref().err().map(log::failure);
    let ended = Ended {
        outcome: failed.as_ref().map_or(Outcome::Done, |(outcome, _)| *outcome),
        reason: failed.as_ref().map(|(_, why)| why.as_str()),
        bytes: ran.as_ref().ok().map(|(_, bytes)| i32::try_from(*bytes).unwrap_or(i32::MAX)),
        ms: i32::try_from(took.as_millis()).unwrap_or(i32::MAX),
    };
    let line = call.line(kept, hash);
    let read = Read { id, call: &line, judged, since, ended, most_same: SAME_IN_A_MINUTE };
    match reads::note(&mut tx, &read).await {
        Ok(true) => tx.commit().await?,
        Ok(false) => return Ok(false),
        // An earlier try was committed, though its answer was lost.
        Err(store::Error::Taken(key)) if key == "tool_calls_pkey" => {}
        Err(error) => return Err(error.into()),
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::super::TOOLS;
    use super::*;

    #[test]
    fn only_what_reads_here_and_asks_nobody_is_noted_once() {
        let own: Vec<&str> =
            TOOLS.iter().copied().flatten().filter(|tool| is_own(tool)).map(|tool| tool.name).collect();
        assert!(own.contains(&"inbox_list_contacts") && own.len() > 5, "{own:?}");
        for tool in TOOLS.iter().copied().flatten() {
            let asks = tool.name.starts_with("highlevel_") || tool.name == "list_contacts";
            assert_eq!(own.contains(&tool.name), tool.effect == Effect::Read && !asks, "{}", tool.name);
        }
    }
}
