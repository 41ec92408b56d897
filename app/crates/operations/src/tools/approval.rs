//! What does a person say to a call that asks for it? A call is decided once: a second press and a second person are told what
//! became of it. What is approved runs when the program asks again, exactly as it was shown, and once.

use chrono::{DateTime, TimeDelta, Utc};
use domain::permission::Right;
use domain::tools::{ApprovalState, ApprovedFor, LONGEST_REASON, Policy};
use domain::{ApiTokenId, ToolApprovalId, text};
use serde_json::json;
use store::audit::{self, Act};
use store::tenant::TenantTx;
use store::tools::approvals::{self, Decision};
use store::tools::policies;

use super::{Effect, find, policy};
use crate::{BusinessActor, Refusal};

/// Approves a call: alone, or with every call of the same tool by the same token within an hour or from now on.
///
/// # Errors
/// `Forbidden` without the right to approve, and for all calls from now on without the right to manage tools; `NotFound` if
/// there is no such call; `State` if it does not wait any more, or if more than the call is approved and the tool was closed
/// meanwhile.
pub async fn approve(
    actor: &BusinessActor,
    id: ToolApprovalId,
    how: ApprovedFor,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let allowed = actor.require(Right::ToolsApprove)?;
    if how == ApprovedFor::Always {
        actor.require(Right::ToolsManage)?;
    }
    let mut tx = allowed.begin().await?;
    let decision = Decision { by: actor.user(), approved: true, reason: "", now };
    let Some((token, tool)) = approvals::decide(&mut tx, id, decision).await? else {
        return Err(over(&mut tx, id).await?);
    };
    match how {
        ApprovedFor::Once => {}
        ApprovedFor::Hour => open(&mut tx, (token, tool.as_str()), Some(now + TimeDelta::hours(1)), now).await?,
        ApprovedFor::Always => open(&mut tx, (token, tool.as_str()), None, now).await?,
    }
    let act = Act::new("tool_call.approved", "tool_approval").object(id);
    audit::record(&mut tx, act.payload(json!({ "tool": tool, "for": how.key() }))).await?;
    Ok(tx.commit().await?)
}

/// Lets the token use the tool without a question: until a time, or from now on without one. What somebody closed since the
/// call was made stays closed, and what runs without a question goes on to do so.
async fn open(
    tx: &mut TenantTx,
    (token, tool): (ApiTokenId, &str),
    until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let effect = find(tool).map_or(Effect::Write, |tool| tool.effect);
    policies::take_turn(tx, token).await?;
    match policy::holding(tx, token, (tool, effect), now).await? {
        Policy::Allow if until.is_some() => Ok(()),
        Policy::Allow | Policy::Ask => Ok(policies::allow(tx, token, tool, until).await?),
        Policy::Deny | Policy::DryRun => {
            Err(Refusal::State("The AI agent is no longer allowed to use this tool. Reject its request.".to_owned()))
        }
    }
}

/// Rejects a call. The program reads the reason.
///
/// # Errors
/// `Forbidden` without the right to approve; `Invalid` if the reason is too long; `NotFound` if there is no such call;
/// `State` if it does not wait any more.
pub async fn reject(
    actor: &BusinessActor,
    id: ToolApprovalId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let allowed = actor.require(Right::ToolsApprove)?;
    let reason = text::lines(reason);
    if !text::fits(&reason, LONGEST_REASON) {
        return Err(Refusal::field("reason", &text::TextError::Long(LONGEST_REASON).say("a reason")));
    }
    let mut tx = allowed.begin().await?;
    let decision = Decision { by: actor.user(), approved: false, reason: &reason, now };
    let Some((_, tool)) = approvals::decide(&mut tx, id, decision).await? else {
        return Err(over(&mut tx, id).await?);
    };
    let act = Act::new("tool_call.rejected", "tool_approval").object(id);
    audit::record(&mut tx, act.payload(json!({ "tool": tool }))).await?;
    Ok(tx.commit().await?)
}

/// Why a call cannot be decided any more.
async fn over(tx: &mut TenantTx, id: ToolApprovalId) -> Result<Refusal, Refusal> {
    let known = approvals::get(tx, id).await?;
    let by = known.decided_by.map_or_else(String::new, |name| format!(" by {name}"));
    let said = match known.state {
        ApprovalState::Rejected => format!("This was already rejected{by}."),
        ApprovalState::Waiting | ApprovalState::Expired => {
            "No one decided in time. The AI agent needs to ask again.".to_owned()
        }
        ApprovalState::Approved | ApprovalState::Done | ApprovalState::Failed => {
            format!("This was already approved{by}.")
        }
    };
    Ok(Refusal::State(said))
}
