//! What did the calls of the language model cost, and how much may the assistant of a business still spend today? Each call is
//! counted when it ended, whatever becomes of its answer.

use domain::assistant::AnswerState;
use domain::usage::Today;
use domain::{AnswerId, ConversationId};

use super::settings;
use crate::messaging::outgoing::business;
use crate::{Result, TenantTx, usage};

/// A call of the language model that ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// The answer to a customer for which it was made.
    pub answer: Option<AnswerId>,
    /// Tokens that the model read.
    pub prompt_tokens: u32,
    /// Tokens that it wrote.
    pub completion_tokens: u32,
    /// What they cost, in millionths of a US dollar, if that is known.
    pub micros: Option<i64>,
}

impl Call {
    /// All of its tokens.
    #[must_use]
    pub fn tokens(&self) -> i64 {
        i64::from(self.prompt_tokens) + i64::from(self.completion_tokens)
    }
}

/// Counts a call, for its answer and for the business. The caller does so once for each.
pub async fn count(tx: &mut TenantTx, call: &Call) -> Result<()> {
    let business = business(tx)?;
    if let Some(answer) = call.answer {
        sqlx::query!(
            "update ai_answers set prompt_tokens = least(prompt_tokens + $3::bigint, 2147483647)::int, completion_tokens = least(completion_tokens + $4::bigint, 2147483647)::int,
               priced_tokens = least(priced_tokens + $5::bigint, 2147483647)::int, cost_micros = cost_micros + $6
             where sub_account_id = $1 and id = $2",
            business.0,
            answer.0,
            i64::from(call.prompt_tokens),
            i64::from(call.completion_tokens),
            if call.micros.is_some() { call.tokens() } else { 0 },
            call.micros.unwrap_or(0).max(0)
        )
        .execute(tx.conn())
        .await?;
    }
    let own = settings::get(tx).await?.in_force().daily_tokens;
    usage::asked(tx, business, call.tokens(), call.micros, own).await
}

/// The tokens that the business spent in this day of UTC, and the lower one of the two limits: that of its agency, and the one
/// that it set its assistant.
pub async fn today(tx: &mut TenantTx) -> Result<Today> {
    let own = settings::get(tx).await?.in_force().daily_tokens;
    Ok(usage::today(tx).await?.within(own))
}

/// Whether an answer of this conversation was dropped for this reason today already.
pub async fn was_dropped_today(tx: &mut TenantTx, conversation: ConversationId, reason: &str) -> Result<bool> {
    let business = business(tx)?;
    let dropped = sqlx::query_scalar!(
        r#"select exists (select from ai_answers where sub_account_id = $1 and conversation_id = $2 and state = $3 and reason = $4
             and created_at >= date_trunc('day', now() at time zone 'UTC') at time zone 'UTC') as "dropped!""#,
        business.0,
        conversation.0,
        AnswerState::Dropped.key(),
        reason
    );
    Ok(dropped.fetch_one(tx.conn()).await?)
}
