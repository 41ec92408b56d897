//! How much may a program do in a day, and when does it go round in a circle?

use domain::ApiTokenId;
use domain::permission::Right;
use domain::tools::MOST_A_DAY;
use serde_json::json;
use store::audit::{self, Act};
use store::tools::budgets::{self, Over};

use super::policy::has_token;
use crate::{BusinessActor, Refusal};

/// The most times that a token makes the same call, with the same arguments, within a minute.
pub const SAME_IN_A_MINUTE: i64 = 20;

/// Stores how many calls a token may make in a day of UTC, and how many of them may change something.
///
/// # Errors
/// `Forbidden` without the right to manage tools; `Invalid` if a number is none; `NotFound` if the business has no such
/// token.
pub async fn save(actor: &BusinessActor, token: ApiTokenId, calls: i32, writes: i32) -> Result<(), Refusal> {
    let allowed = actor.require(Right::ToolsManage)?;
    for (field, number) in [("calls", calls), ("writes", writes)] {
        if !(0..=MOST_A_DAY).contains(&number) {
            return Err(Refusal::field(field, "Enter a number in the range 0\u{2013}1,000,000."));
        }
    }
    let mut tx = allowed.begin().await?;
    has_token(&mut tx, token).await?;
    budgets::save(&mut tx, token, calls, writes).await?;
    let act = Act::new("tool_budget.changed", "api_token").object(token);
    audit::record(&mut tx, act.payload(json!({ "calls": calls, "writes": writes }))).await?;
    Ok(tx.commit().await?)
}

/// What a program reads when nothing is left of its day.
pub(super) fn sentence(over: Over) -> String {
    let (most, what) = match over {
        Over::Calls(most) => (most, "calls"),
        Over::Writes(most) => (most, "calls that change something"),
    };
    format!("This token may make {most} {what} in a day, and made them. Go on after midnight UTC, or ask for more.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_has_its_sentence() {
        let (calls, writes) = (sentence(Over::Calls(7)), sentence(Over::Writes(7)));
        assert!(calls.contains("7 calls in a day") && writes.contains("7 calls that change something"), "{writes}");
    }
}
