//! What happens with a call that waits for an approval when the person at the program does not want it? It is withdrawn, and
//! nobody is asked about it any more.

use domain::ToolApprovalId;
use domain::permission::Right;
use serde_json::json;
use store::audit::{self, Act};
use store::tools::lapsed;

use super::door::at_home;
use super::{Caller, ToolContext, ToolError};

/// What people and the program read of such a call.
const WHY: &str = "The person at the AI agent withdrew it.";

/// Withdraws a call of this token that waits. False if it does not wait any more, or is none of this token.
///
/// # Errors
/// `Refused` without the right to manage tools, or if the database fails.
pub async fn withdraw(context: &ToolContext, caller: &Caller, id: ToolApprovalId) -> Result<bool, ToolError> {
    at_home(context, caller)?;
    let mut tx = context.actor.require(Right::ToolsManage)?.begin_for_program().await?;
    let Some(tool) = lapsed::withdraw(&mut tx, caller.token, id, (WHY, context.now)).await? else {
        return Ok(false);
    };
    let act = Act::new("tool_call.withdrawn", "tool_approval").object(id);
    audit::record(&mut tx, act.payload(json!({ "tool": tool }))).await?;
    tx.commit().await?;
    tracing::info!(event = "tool.withdrawn", business = %caller.business, approval = %id, "a program withdrew a call that waited for a person");
    Ok(true)
}
