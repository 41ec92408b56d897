//! How much may a program do in a day, and when does it go round in a circle?

use domain::ApiTokenId;
use domain::permission::Right;
use domain::tools::{Budget, Limits, MOST_A_DAY, money};
use serde_json::json;
use store::audit::{self, Act};
use store::tools::budgets::{self, Over};
use store::tools::policies;

use super::policy::has_token;
use crate::{BusinessActor, Refusal};

/// The most times that a token makes the same call, with the same arguments, within a minute.
pub const SAME_IN_A_MINUTE: i64 = 20;

/// Whether a call of this tool sends a message that costs: a template by WhatsApp, or whatever HighLevel sends. Other messages
/// are answers within the time in which platforms take nothing for them.
pub(super) fn is_paid(tool: &str) -> bool {
    matches!(tool, "inbox_send_template" | "highlevel_send_message")
}

/// Stores how many calls a token may make in a day of UTC, how many of them may change something, and what its messages may
/// cost.
///
/// # Errors
/// `Forbidden` without the right to manage tools; `Invalid` if a number is none, or money is limited without a price;
/// `NotFound` if the business has no such token.
pub async fn save(actor: &BusinessActor, token: ApiTokenId, limits: &Limits) -> Result<(), Refusal> {
    change(actor, token, |_| *limits).await
}

/// The same, for whoever knows only some of the limits: `change` makes the new ones of those that hold. Changes of one token
/// take turns.
///
/// # Errors
/// As [`save`].
pub async fn change(
    actor: &BusinessActor,
    token: ApiTokenId,
    change: impl FnOnce(Limits) -> Limits + Send,
) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::ToolsManage)?.begin().await?;
    has_token(&mut tx, token).await?;
    policies::take_turn(&mut tx, token).await?;
    let Budget { calls, writes, money, price, .. } = budgets::of_token(&mut tx, token).await?;
    let limits = change(Limits { calls, writes, money, price });
    check(&limits)?;
    budgets::save(&mut tx, token, &limits).await?;
    let act = Act::new("tool_budget.changed", "api_token").object(token);
    let Limits { calls, writes, money, price } = limits;
    let payload =
        json!({ "calls": calls, "writes": writes, "money": money.map(money::shown), "price": money::shown(price) });
    audit::record(&mut tx, act.payload(payload)).await?;
    Ok(tx.commit().await?)
}

/// Whether limits are within their ranges and stop something.
fn check(limits: &Limits) -> Result<(), Refusal> {
    for (field, number) in [("calls", limits.calls), ("writes", limits.writes)] {
        if !(0..=MOST_A_DAY).contains(&number) {
            return Err(Refusal::field(field, "Enter a number in the range 0\u{2013}1,000,000."));
        }
    }
    for (field, amount) in [("money", limits.money.unwrap_or(0)), ("price", limits.price)] {
        if !(0..=money::MOST).contains(&amount) {
            return Err(Refusal::field(field, "Enter an amount in the range 0\u{2013}1,000,000."));
        }
    }
    if limits.lacks_price() {
        return Err(Refusal::field("price", "Enter what one message costs. Without it the money is not limited."));
    }
    Ok(())
}

/// What a program reads when nothing is left of its day.
pub(super) fn sentence(over: Over) -> String {
    let (most, what) = match over {
        Over::Calls(most) => (most, "calls"),
        Over::Writes(most) => (most, "calls that change something"),
        Over::Money(most) => {
            let most = money::shown(most);
            return format!(
                "The messages of this token that cost may cost {most} in a day, and this one would cost more. Go on after \
                 midnight UTC, or ask for more."
            );
        }
    };
    format!("This token may make {most} {what} in a day, and made them. Go on after midnight UTC, or ask for more.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_costs_is_a_tool_that_writes() {
        let paid = super::super::TOOLS.iter().copied().flatten().filter(|tool| is_paid(tool.name));
        assert_eq!(paid.filter(|tool| tool.effect == super::super::Effect::Write).count(), 2);
        assert!(!is_paid("inbox_send_message") && !is_paid("demo_inbox_send_template"));
    }

    #[test]
    fn each_limit_has_its_sentence() {
        let money = sentence(Over::Money(1_500_000));
        assert!(money.contains("cost 1.50 in a day"), "{money}");
        let (calls, writes) = (sentence(Over::Calls(7)), sentence(Over::Writes(7)));
        assert!(calls.contains("7 calls in a day") && writes.contains("7 calls that change something"), "{writes}");
    }
}
