//! Which tool says how much of its limits a business has used?

use domain::permission::Right;
use schemars::JsonSchema;
use serde::Serialize;
use store::{assistant, usage};

use super::arguments::{NoArguments, reads, typed};
use super::schema::{of_input, of_output};
use super::{Effect, Tool, ToolContext, ToolError};

pub(super) const TOOLS: &[Tool] = &[Tool {
    name: "usage_get_month",
    title: "Get the usage",
    description: "Reads how many messages the business sent this month, how many tokens its assistant spent today (both by UTC), and the limits of both.",
    effect: Effect::Read,
    needs: Right::BusinessRead,
    input: of_input::<NoArguments>,
    output: of_output::<Usage>,
    masked: &[],
    run: |context, arguments| typed(context, arguments, get),
    preview: reads,
}];

#[derive(Serialize, JsonSchema)]
struct Usage {
    /// Messages that were sent in this month.
    messages: i64,
    /// The messages that may be sent in a month.
    message_limit: i64,
    /// Answers of the assistant that were sent in this month.
    answers: i64,
    /// Tokens that the assistant spent today.
    tokens_today: i64,
    /// The tokens that it may spend in a day.
    token_limit: i64,
}

async fn get(context: ToolContext, _: NoArguments) -> Result<Usage, ToolError> {
    let mut tx = context.actor.require(Right::BusinessRead)?.begin().await?;
    let (month, today) = (usage::month(&mut tx).await?, assistant::usage::today(&mut tx).await?);
    Ok(Usage {
        messages: month.messages,
        message_limit: month.limit,
        answers: month.answers,
        tokens_today: today.tokens,
        token_limit: today.limit,
    })
}
