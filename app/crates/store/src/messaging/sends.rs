//! Which message of a channel is sent next? The messages of a conversation go one after
//! the other. A message is marked as being sent before the call; a process that ends in between leaves it so, and nobody
//! sends it again by itself: a report of the platform decides, or it counts as unclear.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::messaging::window::{Window, window};
use domain::messaging::{Channel, Sender, template};
use domain::work::Kind;
use domain::{BusinessId, ChannelId, ConversationId, IntegrationId, MessageId};
use serde_json::Value;
use uuid::Uuid;

use super::channels;
use super::holding::hold_queued;
use super::outgoing::{self, TEMPLATE, business};
use super::settling::fail;
use crate::queue::{self, Work};
use crate::{Result, TenantTx, usage};

pub use super::holding::{hold, release};

/// The code of a message of which nobody knows whether it arrived.
pub const UNCLEAR: &str = "unclear";
/// The code of a message that was dropped because the window had closed.
pub const WINDOW_CLOSED: &str = "window_closed";
/// The code of a message that waited so long that it means something else by now.
pub const TOO_OLD: &str = "too_old";
/// The code of a message that was dropped because the customer wants no such messages any more.
pub const UNWANTED: &str = "unwanted";

/// A message that waited longer than this is not sent any more.
const STALE: TimeDelta = TimeDelta::hours(24);
/// The same for an automatic answer, which fits only the moment of the question.
const STALE_ANSWER: TimeDelta = TimeDelta::hours(1);

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
    sqlx::query!(
        "update message_sends set state = 'in_doubt' where sub_account_id = $1 and channel_id = $2 and state = 'sending' and sent_at < now() - make_interval(secs => $3)",
        business.0,
        channel.0,
        limits.call.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    let unclear = sqlx::query!(
        r#"update message_sends set state = 'failed', error_code = $4, decided_at = now()
           where sub_account_id = $1 and channel_id = $2 and state = 'in_doubt' and sent_at < now() - make_interval(secs => $3)
           returning message_id as "message: MessageId", conversation_id as "conversation: ConversationId""#,
        business.0,
        channel.0,
        limits.doubt.as_secs_f64(),
        UNCLEAR
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

struct Row {
    id: Uuid,
    message: MessageId,
    conversation: ConversationId,
    waited_since: DateTime<Utc>,
    kind: String,
    sender: String,
    is_of_person: bool,
    body: String,
    details: Value,
    reply_to: Option<String>,
    address: String,
    window_closes_at: Option<DateTime<Utc>>,
    is_opted_out: bool,
    refuses_marketing: bool,
    has_arrived: bool,
    is_overtaken: bool,
    now: DateTime<Utc>,
}

impl Row {
    /// Whether the assistant wrote it and no person read it.
    fn is_automatic(&self) -> bool {
        Sender::parse(&self.sender) == Some(Sender::Assistant) && !self.is_of_person
    }
}

/// The first message of a conversation that has none on its way. An automatic answer is overtaken if a person answered
/// since, or answers here from now on, or if the assistant may say nothing by itself any more.
async fn first(tx: &mut TenantTx, business: BusinessId, channel: ChannelId) -> Result<Option<Row>> {
    let row = sqlx::query_as!(
        Row,
        r#"select s.id, s.message_id as "message: MessageId", s.conversation_id as "conversation: ConversationId", coalesce(s.not_before, s.created_at) as "waited_since!",
                  m.kind, m.sender, m.sender_user_id is not null as "is_of_person!", m.body, m.details, m.reply_to, c.external_address as address, c.window_closes_at,
                  p.opted_out_at is not null as "is_opted_out!", p.marketing_refused_at is not null as "refuses_marketing!", m.external_id is not null as "has_arrived!",
                  m.sender = 'assistant' and m.sender_user_id is null and (coalesce(p.opted_out_at > m.happened_at, false) or coalesce(c.ai_mode, h.ai_mode) <> 'auto' or c.ai_state = 'human'
                    or exists (select from messages a where a.sub_account_id = $1 and a.conversation_id = s.conversation_id and a.direction = 'out' and a.happened_at > m.happened_at
                      and (a.sender in ('person', 'echo') or a.sender_user_id is not null) and a.status not in ('failed', 'cancelled'))) as "is_overtaken!", now() as "now!"
           from message_sends s join messages m on m.sub_account_id = s.sub_account_id and m.id = s.message_id
             join conversations c on c.sub_account_id = s.sub_account_id and c.id = s.conversation_id
             join channels h on h.sub_account_id = c.sub_account_id and h.id = c.channel_id
             join contacts p on p.sub_account_id = c.sub_account_id and p.id = c.contact_id
           where s.sub_account_id = $1 and s.channel_id = $2 and s.state = 'queued' and (s.not_before is null or s.not_before <= now())
             and not exists (select from message_sends b where b.sub_account_id = $1 and b.channel_id = $2 and b.conversation_id = s.conversation_id
               and b.state in ('queued', 'held', 'sending') and b.id <> s.id and (b.seq < s.seq or b.state = 'sending'))
           order by s.seq limit 1 for update of s skip locked"#,
        business.0,
        channel.0
    );
    Ok(row.fetch_optional(tx.conn()).await?)
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
        outgoing::cancel(tx, row.message).await?;
        return Ok(Next::Dropped);
    }
    let open = window(inbox.kind, row.window_closes_at, inbox.late_answers, row.now);
    if let Some((code, text)) = refusal(&row, inbox.kind, open) {
        drop_message(tx, business, &row, code, text).await?;
        return Ok(Next::Dropped);
    }
    let begun = sqlx::query!(
        r#"update message_sends set state = 'sending', sent_at = clock_timestamp(), attempts = attempts + 1 where sub_account_id = $1 and id = $2
           returning sent_at as "at!", attempts"#,
        business.0,
        row.id
    )
    .fetch_one(tx.conn())
    .await?;
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

/// Why a message may not be sent any more, if it may not: its code and the words for it.
fn refusal(row: &Row, channel: Channel, open: Window) -> Option<(&'static str, &'static str)> {
    let waited = row.now - row.waited_since;
    if waited > STALE {
        return Some((TOO_OLD, "It waited for more than a day and was not sent. Check whether it still fits."));
    }
    if waited > STALE_ANSWER && row.is_automatic() {
        return Some((
            TOO_OLD,
            "This automatic answer waited for more than an hour and was not sent. Answer yourself.",
        ));
    }
    if is_unwanted(row) {
        return Some((
            UNWANTED,
            "The customer asked for no such messages after this one was written, so it was not sent.",
        ));
    }
    let allowed = match Sender::parse(&row.sender) {
        _ if row.kind == TEMPLATE && channel == Channel::Whatsapp => true,
        Some(Sender::Person) => open.allows_text(),
        // A person read the draft and sent it.
        Some(Sender::Assistant) if row.is_of_person => open.allows_text(),
        _ => open.allows_automation(),
    };
    if allowed {
        return None;
    }
    let text = if channel == Channel::Whatsapp {
        "The customer last wrote more than 24 hours ago, so it was not sent. Send a template instead."
    } else {
        "The customer last wrote too long ago, so it was not sent. You can answer when they write again."
    };
    Some((WINDOW_CLOSED, text))
}

/// Whether the customer refused such messages by now: advertising, whoever sends it, or what no person sends by hand.
fn is_unwanted(row: &Row) -> bool {
    let is_marketing =
        row.kind == TEMPLATE && row.details["template"]["category"].as_str().is_some_and(template::is_marketing);
    let is_mass = matches!(Sender::parse(&row.sender), Some(Sender::Automation | Sender::Campaign));
    is_marketing && (row.is_opted_out || row.refuses_marketing) || is_mass && row.is_opted_out
}

/// Ends the place of a message that the platform has already: a report of a former attempt came while it waited.
async fn arrived(tx: &mut TenantTx, business: BusinessId, row: &Row) -> Result<()> {
    sqlx::query!(
        "update message_sends set state = 'accepted', error_code = null, decided_at = now() where sub_account_id = $1 and id = $2",
        business.0,
        row.id
    )
    .execute(tx.conn())
    .await?;
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

async fn drop_message(tx: &mut TenantTx, business: BusinessId, row: &Row, code: &str, text: &str) -> Result<()> {
    sqlx::query!(
        "update message_sends set state = 'failed', error_code = $3, decided_at = now() where sub_account_id = $1 and id = $2",
        business.0,
        row.id,
        code
    )
    .execute(tx.conn())
    .await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sender: Sender, is_of_person: bool, minutes: i64) -> Row {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1000);
        Row {
            id: Uuid::nil(),
            message: MessageId(Uuid::nil()),
            conversation: ConversationId(Uuid::nil()),
            waited_since: now - TimeDelta::minutes(minutes),
            kind: "text".to_owned(),
            sender: sender.key().to_owned(),
            is_of_person,
            body: String::new(),
            details: Value::Null,
            reply_to: None,
            address: String::new(),
            window_closes_at: None,
            is_opted_out: false,
            refuses_marketing: false,
            has_arrived: false,
            is_overtaken: false,
            now,
        }
    }

    #[test]
    fn late_goes_only_what_a_person_read_and_an_automatic_answer_only_soon() {
        let until = DateTime::UNIX_EPOCH;
        let (free, late) = (Window::Free { until }, Window::Late { until });
        for (sender, is_of_person, minutes, open, expected) in [
            (Sender::Person, true, 90, late, None),
            (Sender::Assistant, true, 90, late, None),
            (Sender::Assistant, false, 0, late, Some(WINDOW_CLOSED)),
            (Sender::Assistant, false, 59, free, None),
            (Sender::Assistant, false, 61, free, Some(TOO_OLD)),
            (Sender::Person, true, 25 * 60, free, Some(TOO_OLD)),
        ] {
            let found = refusal(&row(sender, is_of_person, minutes), Channel::Facebook, open);
            assert_eq!(found.map(|(code, _)| code), expected, "{sender:?} {minutes}");
        }
    }
}
