//! What became of a call that a person was asked about? The program asks by the id of the approval, and the first question after
//! the approval makes the call: exactly as it was shown, and once.

use chrono::{DateTime, Utc};
use domain::ToolApprovalId;
use domain::permission::Right;
use domain::tools::{ApprovalState, Policy};
use serde_json::Value;
use store::tools::budgets::{self, Amount};
use store::tools::{approvals, kill};

use super::door::{STOPPED, at_home, denied, preview_of, run_of};
use super::running::{self, Call, Subject};
use super::{Called, Caller, Effect, ToolContext, ToolError, budget, find, policy};
use crate::Refusal;

/// What became of a call that a person was asked about.
#[derive(Debug)]
pub enum Polled {
    /// Nobody decided yet.
    Waiting {
        /// Until when somebody may decide.
        expires: DateTime<Utc>,
    },
    /// It was approved, and ran now.
    Ran {
        /// The tool; `other` for one of a third-party server.
        tool: &'static str,
        /// What it answered.
        called: Called,
    },
    /// It runs no more, or runs now for somebody else.
    Ended {
        /// What became of it. `Approved` means that it runs, or, for a tool that meanwhile only says what it would do, that the
        /// same call is to be made again.
        state: ApprovalState,
        /// Why it was rejected, or how it failed.
        reason: Option<String>,
    },
}

/// Looks at a call that a person was asked about, and makes it if it was approved: exactly as it was shown, and once. `foreign`
/// calls a tool of a third-party server, which nobody here reaches, by its name and with these arguments, under an approval
/// alone (`door::call_remote`).
///
/// # Errors
/// `Refused(NotFound)` if this token asked for no such call; why it gave no result.
pub async fn poll<F>(
    context: &ToolContext,
    caller: &Caller,
    id: ToolApprovalId,
    foreign: impl FnOnce(String, Value) -> F + Send,
) -> Result<Polled, ToolError>
where
    F: Future<Output = Result<Called, ToolError>> + Send,
{
    at_home(context, caller)?;
    let mut tx = context.actor.require(Right::ToolsManage)?.begin_for_program().await?;
    approvals::lapse(&mut tx, context.now).await?;
    let known = approvals::get(&mut tx, id).await?;
    if known.token != caller.token {
        return Err(Refusal::NotFound.into());
    }
    let ended = |state| Polled::Ended { state, reason: Some(known.reason.clone()).filter(|why| !why.is_empty()) };
    if known.state != ApprovalState::Approved {
        tx.commit().await?;
        let is_open = known.state == ApprovalState::Waiting;
        return Ok(if is_open { Polled::Waiting { expires: known.expires_at } } else { ended(known.state) });
    }
    let ours = find(&known.tool);
    if ours.is_some_and(|tool| !context.actor.access().allows(tool.needs)) {
        return Ok(ended(ApprovalState::Approved));
    }
    let effect = ours.map_or(Effect::Write, |tool| tool.effect);
    let holding = policy::holding(&mut tx, caller.token, (known.tool.as_str(), effect), context.now).await?;
    if kill::state(&mut tx).await?.is_stopped() {
        return Err(ToolError::Denied(STOPPED.to_owned()));
    }
    match holding {
        Policy::Deny => return Err(denied()),
        Policy::DryRun => return Ok(ended(ApprovalState::Approved)),
        Policy::Allow | Policy::Ask => {}
    }
    let Some(tool) = ours else {
        let open = approvals::open(&mut tx, caller.token, id, context.now).await?;
        tx.commit().await?;
        let Some(arguments) = open else { return Ok(ended(ApprovalState::Approved)) };
        return match foreign(known.tool.clone(), arguments).await {
            Ok(called) => Ok(Polled::Ran { tool: "other", called }),
            // Another request of the token took it in between.
            Err(ToolError::Denied(why)) if why == running::TAKEN => Ok(ended(ApprovalState::Approved)),
            Err(error) => Err(error),
        };
    };
    let subject = Subject::of(tool);
    let Some(claimed) = approvals::claim(&mut tx, caller.token, id, context.now).await? else {
        return Ok(ended(ApprovalState::Approved));
    };
    // Counted, but not held up: a person approved this very call.
    let amount = Amount { writes: subject.effect != Effect::Read, paid: budget::is_paid(subject.name) };
    budgets::count(&mut tx, caller.token, amount).await?;
    let call = Call::new(context, caller, subject, holding);
    running::run(tx, &call, Some(claimed), Value::Null, (preview_of(context, tool), run_of(context, tool)))
        .await
        .map(|called| Polled::Ran { tool: tool.name, called })
}
