//! What followed from the call for a message? Its answer is stored once, whatever overtook it: a status, an echo, or the time
//! after which nobody waited for it any more.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::messaging::MessageStatus;
use domain::{BusinessId, ConversationId, MessageId};
use uuid::Uuid;

use super::changes::in_thread;
use super::outgoing::{self, business};
use super::sends::{Due, UNCLEAR};
use super::trimmed::{key, trimmed};
use super::{incoming, statuses, unanswered, undelivered};
use crate::{Result, TenantTx, usage};

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The platform accepted it under this id.
    Accepted(String),
    /// It was surely not sent, and is tried again after this time.
    Again {
        /// The wait.
        wait: Duration,
        /// The code of the reason.
        code: String,
    },
    /// It was surely not sent, and waits until the connection works again.
    Held(String),
    /// It will not be sent.
    Failed {
        /// The code of the reason.
        code: String,
        /// The reason in plain words.
        text: String,
    },
    /// Nobody knows whether it was sent.
    InDoubt(String),
}

/// Marks a message as failed, unless the platform said that it went out. Whom it would have answered is left to people.
pub(super) async fn fail(tx: &mut TenantTx, message: MessageId, code: &str, text: &str) -> Result<()> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update messages set status = 'failed', error_code = $3, error_text = $4 where sub_account_id = $1 and id = $2 and status in ('pending', 'held')",
        business.0,
        message.0,
        trimmed(code, 40),
        trimmed(text, 500)
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(());
    }
    unanswered::failed(tx, business, message).await
}

/// Stores what came of the call for a message. Returns false if the attempt was decided meanwhile and the answer adds
/// nothing.
pub async fn settle(tx: &mut TenantTx, due: &Due, outcome: &Outcome) -> Result<bool> {
    let (state, wait, code) = match outcome {
        Outcome::Accepted(id) => match key(id, 512) {
            Some(id) => return accepted(tx, due, id).await,
            // It was taken, under an id that cannot be stored: a report with our own id decides.
            None => ("in_doubt", None, "no id"),
        },
        Outcome::Again { wait, code } => ("queued", Some(*wait), code.as_str()),
        Outcome::Held(code) => ("held", None, code.as_str()),
        Outcome::Failed { code, .. } => ("failed", None, code.as_str()),
        Outcome::InDoubt(code) => ("in_doubt", None, code.as_str()),
    };
    let business = business(tx)?;
    let done = sqlx::query!(
        "update message_sends set state = $4, error_code = $5, not_before = now() + make_interval(secs => $6), hold_reason = case when $4 = 'held' then $5 end,
           decided_at = case when $4 = 'failed' then now() end
         where sub_account_id = $1 and id = $2 and sent_at = $3 and state in ('sending', 'in_doubt')",
        business.0,
        due.id,
        due.begun,
        state,
        trimmed(code, 40),
        wait.map(|wait| wait.as_secs_f64())
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    match outcome {
        Outcome::Failed { code, text } => {
            fail(tx, due.message, code, text).await?;
            outgoing::changed(tx, due.conversation).await?;
        }
        Outcome::Held(_) => {
            set_held(tx, business, due.message).await?;
            in_thread(tx, due.conversation).await?;
        }
        // The message waits as before.
        Outcome::Accepted(_) | Outcome::Again { .. } | Outcome::InDoubt(_) => {}
    }
    Ok(true)
}

async fn set_held(tx: &mut TenantTx, business: BusinessId, message: MessageId) -> Result<()> {
    sqlx::query!(
        "update messages set status = 'held' where sub_account_id = $1 and id = $2 and status = 'pending'",
        business.0,
        message.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Stores the platform's id. An answer counts also when the message was in doubt or unclear by then, or waits to be sent
/// again because of that. A status or an echo may have overtaken the answer: the echo becomes this message, and what the
/// statuses say is kept.
async fn accepted(tx: &mut TenantTx, due: &Due, external_id: &str) -> Result<bool> {
    let business = business(tx)?;
    sqlx::query!(
        "update message_sends set state = 'accepted', error_code = null, hold_reason = null, decided_at = now()
         where sub_account_id = $1 and id = $2 and (sent_at = $3 and (state in ('sending', 'in_doubt') or state = 'failed' and error_code = $4)
           or unclear_at = $3 and state <> 'accepted')",
        business.0,
        due.id,
        due.begun,
        UNCLEAR
    )
    .execute(tx.conn())
    .await?;
    let echo = take_over_echo(tx, business, due, external_id).await?;
    let done = sqlx::query_scalar!(
        r#"update messages m set external_id = $3, sent_at = coalesce(m.sent_at, now()), error_code = null, error_text = null,
             status = case when m.status in ('pending', 'held', 'cancelled') or m.status = 'failed' and m.external_id is null then 'sent' else m.status end
           from messages was where was.sub_account_id = $1 and was.id = $2 and m.sub_account_id = $1 and m.id = $2 and (m.external_id is null or m.external_id = $3)
             and exists (select from message_sends where sub_account_id = $1 and id = $4 and $5 in (sent_at, unclear_at))
           returning was.status = 'failed' as "had_failed!""#,
        business.0,
        due.message.0,
        external_id,
        due.id,
        due.begun
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(had_failed) = done else { return Ok(false) };
    if had_failed && undelivered::show(tx, business, due.message).await? {
        outgoing::changed(tx, due.conversation).await?;
    }
    if let Some(echo) = echo {
        raise(tx, business, due.message, &echo).await?;
        // With the echo went the pause of the assistant, which the line shows.
        outgoing::changed(tx, due.conversation).await?;
    }
    statuses::apply_early(tx, due.message, external_id).await?;
    in_thread(tx, due.conversation).await?;
    usage::sent(tx, business, due.message).await?;
    Ok(true)
}

/// How far an echo of the message had come before the answer to our call.
struct Echo {
    id: Uuid,
    happened_at: DateTime<Utc>,
    status: String,
    delivered_at: Option<DateTime<Utc>>,
    read_at: Option<DateTime<Utc>>,
}

/// Removes the echo of this message, which came before the answer and was taken for one that somebody wrote elsewhere.
async fn take_over_echo(tx: &mut TenantTx, business: BusinessId, due: &Due, external_id: &str) -> Result<Option<Echo>> {
    let echo = sqlx::query_as!(
        Echo,
        "select id, happened_at, status, delivered_at, read_at from messages where sub_account_id = $1 and conversation_id = $2 and external_id = $3 and id <> $4 and sender = 'echo' for update",
        business.0,
        due.conversation.0,
        external_id,
        due.message.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(echo) = echo else { return Ok(None) };
    sqlx::query!(
        "update message_reactions set message_id = $3 where sub_account_id = $1 and message_id = $2",
        business.0,
        echo.id,
        due.message.0
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("delete from messages where sub_account_id = $1 and id = $2", business.0, echo.id)
        .execute(tx.conn())
        .await?;
    incoming::take_back_pause(tx, business, due.message, echo.happened_at).await?;
    Ok(Some(echo))
}

/// Gives the message what was reported of its echo.
async fn raise(tx: &mut TenantTx, business: BusinessId, message: MessageId, echo: &Echo) -> Result<()> {
    let reported = MessageStatus::parse(&echo.status).unwrap_or(MessageStatus::Sent);
    sqlx::query!(
        "update messages set status = $3, delivered_at = coalesce(delivered_at, $4), read_at = coalesce(read_at, $5) where sub_account_id = $1 and id = $2 and status = 'sent'",
        business.0,
        message.0,
        MessageStatus::Sent.after(reported).key(),
        echo.delivered_at,
        echo.read_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Remembers another id under which WhatsApp knows the contact of a conversation. One that belongs to somebody stays theirs.
pub async fn learn(tx: &mut TenantTx, conversation: ConversationId, wa_id: &str) -> Result<()> {
    let business = business(tx)?;
    let Some(wa_id) = key(wa_id, 64) else { return Ok(()) };
    sqlx::query!(
        "insert into contact_identities (sub_account_id, contact_id, kind, external_id)
         select $1, contact_id, 'wa_id', $3 from conversations where sub_account_id = $1 and id = $2 on conflict do nothing",
        business.0,
        conversation.0,
        wa_id
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
