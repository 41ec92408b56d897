//! Which message of a channel is sent next? The messages of a conversation go one after
//! the other. A message is marked as being sent before the call; a process that ends in between leaves it so, and nobody
//! sends it again by itself: a report of the platform decides, or it counts as unclear.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::messaging::Channel;
use domain::messaging::window::{Window, window};
use domain::work::Kind;
use domain::{BusinessId, ChannelId, ConversationId, IntegrationId, MessageId};
use serde_json::Value;
use uuid::Uuid;

use super::first::{Row, first};
use super::holding::hold_queued;
use super::outgoing::{self, business};
use super::refusal::refusal;
use super::settling::fail;
use super::{channels, locks};
use crate::queue::{self, Work};
use crate::{Error, Result, TenantTx, usage};

pub use super::holding::{hold, release};
pub use super::refusal::{TOO_OLD, UNWANTED, WINDOW_CLOSED};

/// The code of a message of which nobody knows whether it arrived.
pub const UNCLEAR: &str = "unclear";

/// Added to a wait, so that its time has surely come.
const MOMENT: Duration = Duration::from_millis(20);
/// The shortest time until a worker looks again at what is due already.
const SOON: Duration = Duration::from_secs(1);

/// The spans of time that a worker goes by. In test builds they are shorter.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// After this no call lasts, and none can still be answered.
    pub call: Duration,
    /// How long a report of the platform is waited for when a call had no answer.
    pub doubt: Duration,
}

/// What to do next for a channel.
#[derive(Debug)]
pub enum Next {
    /// Send this message. It is marked as being sent.
    Send(Box<Due>),
    /// One message was dropped; look again.
    Dropped,
    /// Nothing can be sent now.
    Nothing,
}

/// A message that is to be sent now.
#[derive(Clone, Debug)]
pub struct Due {
    /// Its row in the queue.
    pub id: Uuid,
    /// When this attempt began; tells it from every other one.
    pub begun: DateTime<Utc>,
    /// The number of attempts, including this one.
    pub attempt: i32,
    /// The message.
    pub message: MessageId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The inbox.
    pub channel: ChannelId,
    /// The kind of channel.
    pub kind: Channel,
    /// The platform's id of the account.
    pub account: String,
    /// The integration that carries the channel.
    pub integration: IntegrationId,
    /// Where it goes, in the platform's words.
    pub address: String,
    /// What it is.
    pub message_kind: String,
    /// Its text.
    pub body: String,
    /// The details of its kind.
    pub details: Value,
    /// The platform's id of the message that it answers.
    pub reply_to: Option<String>,
    /// Whether it has to be marked as a person's late answer.
    pub is_late: bool,
}

/// Ends what nobody works on any more: a call that began long ago is in doubt, and what is in doubt for too long counts
/// as unclear. A report of the platform that comes later still says what became of it.
pub async fn tidy(tx: &mut TenantTx, channel: ChannelId, limits: &Limits) -> Result<()> {
    let business = business(tx)?;
    let doubtful = doubtful(tx, business, channel, limits).await?;
    locks::lines(tx, &doubtful).await?;
    sqlx::query!(
        "update message_sends set state = 'in_doubt' where sub_account_id = $1 and channel_id = $2 and state = 'sending' and sent_at < now() - make_interval(secs => $3)",
        business.0,
        channel.0,
        limits.call.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    // What a clock wrote that was ahead counts as over: nothing waits for so long.
    sqlx::query!(
        "update message_sends set not_before = case when not_before > now() then now() else not_before end, sent_at = case when sent_at > now() then now() else sent_at end
         where sub_account_id = $1 and channel_id = $2 and state in ('queued', 'sending', 'in_doubt') and greatest(not_before, sent_at) > now() + interval '2 days'",
        business.0,
        channel.0
    )
    .execute(tx.conn())
    .await?;
    if doubtful.is_empty() {
        return Ok(());
    }
    let unclear = sqlx::query!(
        r#"update message_sends set state = 'failed', error_code = $4, decided_at = now()
           where sub_account_id = $1 and channel_id = $2 and state = 'in_doubt' and sent_at < now() - make_interval(secs => $3) and conversation_id = any ($5)
           returning message_id as "message: MessageId", conversation_id as "conversation: ConversationId""#,
        business.0,
        channel.0,
        limits.doubt.as_secs_f64(),
        UNCLEAR,
        &doubtful
    )
    .fetch_all(tx.conn())
    .await?;
    for row in unclear {
        let text = "We don't know whether it arrived. Ask the customer, or send it again.";
        fail(tx, row.message, UNCLEAR, text).await?;
        outgoing::changed(tx, row.conversation).await?;
    }
    Ok(())
}

/// The conversations with messages that are in doubt for too long.
async fn doubtful(tx: &mut TenantTx, business: BusinessId, channel: ChannelId, limits: &Limits) -> Result<Vec<Uuid>> {
    let rows = sqlx::query_scalar!(
        "select distinct conversation_id from message_sends
         where sub_account_id = $1 and channel_id = $2 and state in ('sending', 'in_doubt') and sent_at < now() - make_interval(secs => $3)",
        business.0,
        channel.0,
        limits.doubt.as_secs_f64()
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

/// Takes the next message of a channel: the first one of a conversation that has none on its way. Commit before the call.
/// What may not be sent any more is dropped with the reason, and an automatic answer that was overtaken without a word.
pub async fn next(tx: &mut TenantTx, channel: ChannelId) -> Result<Next> {
    let business = business(tx)?;
    let Some((inbox, integration)) = usable(tx, business, channel).await? else { return Ok(Next::Nothing) };
    let Some(row) = first(tx, business, channel).await? else { return Ok(Next::Nothing) };
    if row.has_arrived {
        arrived(tx, business, &row).await?;
        return Ok(Next::Dropped);
    }
    if row.is_overtaken {
        return match outgoing::cancel(tx, row.message).await {
            // Somebody else was faster.
            Ok(_) | Err(Error::Stale) => Ok(Next::Dropped),
            Err(error) => Err(error),
        };
    }
    let open = window(inbox.kind, row.window_closes_at, inbox.late_answers, row.now);
    if let Some((code, text)) = refusal(&row, inbox.kind, open) {
        drop_message(tx, business, &row, code, text).await?;
        return Ok(Next::Dropped);
    }
    // It is not locked until here, because a conversation is locked before its places. Who takes it first has it.
    let begun = sqlx::query!(
        r#"update message_sends set state = 'sending', sent_at = clock_timestamp(), attempts = attempts + 1
           where sub_account_id = $1 and id = $2 and conversation_id = $3 and state = 'queued' returning sent_at as "at!", attempts"#,
        business.0,
        row.id,
        row.conversation.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(begun) = begun else { return Ok(Next::Dropped) };
    Ok(Next::Send(Box::new(Due {
        id: row.id,
        begun: begun.at,
        attempt: begun.attempts,
        message: row.message,
        conversation: row.conversation,
        channel,
        kind: inbox.kind,
        account: inbox.external_id,
        integration,
        address: row.address,
        message_kind: row.kind,
        body: row.body,
        details: row.details,
        reply_to: row.reply_to,
        is_late: matches!(open, Window::Late { .. }),
    })))
}

/// The channel and its integration, if anything may be sent. What waits for a channel that is off is held. What waits
/// for a business in the trash stays as it is, because nobody would release it when the business is taken out again.
async fn usable(
    tx: &mut TenantTx,
    business: BusinessId,
    channel: ChannelId,
) -> Result<Option<(channels::ChannelRow, IntegrationId)>> {
    let row = channels::get(tx, channel).await?;
    let is_there = sqlx::query_scalar!(
        r#"select exists (select from sub_accounts where id = $1 and deleted_at is null) as "is_there!""#,
        business.0
    )
    .fetch_one(tx.conn())
    .await?;
    match row.integration.filter(|_| row.active && row.hold_since.is_none()) {
        _ if !is_there => Ok(None),
        Some(integration) => Ok(Some((row, integration))),
        None => {
            hold_queued(tx, business, channel, "connection").await?;
            Ok(None)
        }
    }
}

/// Ends the place of a message that the platform has already: a report of a former attempt came while it waited.
async fn arrived(tx: &mut TenantTx, business: BusinessId, row: &Row) -> Result<()> {
    let ended = sqlx::query!(
        "update message_sends set state = 'accepted', error_code = null, decided_at = now() where sub_account_id = $1 and id = $2 and state = 'queued'",
        business.0,
        row.id
    )
    .execute(tx.conn())
    .await?;
    if ended.rows_affected() == 0 {
        return Ok(());
    }
    sqlx::query!(
        "update messages set status = 'sent', sent_at = coalesce(sent_at, now()) where sub_account_id = $1 and id = $2 and status in ('pending', 'held')",
        business.0,
        row.message.0
    )
    .execute(tx.conn())
    .await?;
    outgoing::changed(tx, row.conversation).await?;
    usage::sent(tx, business, row.message).await
}

/// Ends a message as failed, unless somebody took it or took it back meanwhile.
async fn drop_message(tx: &mut TenantTx, business: BusinessId, row: &Row, code: &str, text: &str) -> Result<()> {
    locks::line(tx, row.conversation).await?;
    let ended = sqlx::query!(
        "update message_sends set state = 'failed', error_code = $3, decided_at = now() where sub_account_id = $1 and id = $2 and state = 'queued'",
        business.0,
        row.id,
        code
    )
    .execute(tx.conn())
    .await?;
    if ended.rows_affected() == 0 {
        return Ok(());
    }
    fail(tx, row.message, code, text).await?;
    outgoing::changed(tx, row.conversation).await
}

/// Lets a worker look at the channel again at the next time for which something there waits. What became due a moment ago
/// may have done so after the last look.
pub async fn schedule(tx: &mut TenantTx, channel: ChannelId, limits: &Limits) -> Result<()> {
    let business = business(tx)?;
    let soon = sqlx::query!(
        r#"select greatest(extract(epoch from at - now()), 0)::float8 as "left?", ceil(extract(epoch from at))::bigint as "at?" from
             (select min(case state when 'queued' then not_before when 'sending' then sent_at + make_interval(secs => $3) else sent_at + make_interval(secs => $4) end) as at
              from message_sends where sub_account_id = $1 and channel_id = $2 and state in ('queued', 'sending', 'in_doubt')
                and (state <> 'queued' or not_before > now() - interval '1 minute')) soon"#,
        business.0,
        channel.0,
        limits.call.as_secs_f64(),
        limits.doubt.as_secs_f64()
    )
    .fetch_one(tx.conn())
    .await?;
    let Some((left, at)) = soon.left.zip(soon.at) else { return Ok(()) };
    let wait = if left > 0.0 { Duration::from_secs_f64(left) + MOMENT } else { SOON };
    // Each time has a key of its own, so that a later one never hides an earlier one.
    let work = Work::new(Kind::SendMessages).subject(channel.0).priority(10).once(format!("send:{channel}:{at}"));
    queue::add_in(tx, &work, wait).await?;
    Ok(())
}
