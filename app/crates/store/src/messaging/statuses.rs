//! How far has a message come that we sent? What the platform reports only raises it, in whatever order it comes; what is
//! reported before we know the platform's id is kept until then.

use chrono::{DateTime, Utc};
use domain::messaging::MessageStatus;
use domain::messaging::inbound::{Person, Status, StatusState};
use domain::{BusinessId, ConversationId, MessageId};
use serde_json::json;

use super::changes::in_thread;
use super::channels::ChannelRow;
use super::early::{self, Said};
use super::incoming::{clock, external_id, happened};
use super::outgoing::{self, business};
use super::trimmed::trimmed;
use super::{contacts, echoes, unanswered};
use crate::{Result, TenantTx};

/// Stores what the platform reports of a message. `None` if it is of none that we know; it is kept then.
pub async fn report(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    at: Option<DateTime<Utc>>,
    status: &Status,
) -> Result<Option<ConversationId>> {
    let Some(target) = external_id(&status.message) else { return Ok(None) };
    let at = happened(at, clock(tx).await?);
    if early::find(tx, channel, target).await?.is_none() {
        let failed_at = (status.state == StatusState::Failed).then_some(at);
        let named = echoes::correlated(tx, channel, status.correlation.as_deref(), target, failed_at).await?;
        if let Some(named) = named.filter(|named| named.is_former) {
            return Ok(Some(named.conversation));
        }
    }
    let found = early::find_or_keep(tx, channel, target, at, &Said::Status(Box::new(status.clone()))).await?;
    let Some((message, conversation)) = found else { return Ok(None) };
    raise(tx, channel.business, message, at, status).await?;
    in_thread(tx, conversation).await?;
    Ok(Some(conversation))
}

/// Applies what was reported of a message before we knew the platform's id of it.
pub async fn apply_early(tx: &mut TenantTx, message: MessageId, external_id: &str) -> Result<()> {
    let business = business(tx)?;
    early::apply(tx, business, message, external_id).await
}

/// Stores one report. Its time is kept whatever came before, so that every order ends alike. Only a message that fails
/// changes more than its thread: its customer may wait again.
pub(super) async fn raise(
    tx: &mut TenantTx,
    business: BusinessId,
    message: MessageId,
    at: DateTime<Utc>,
    status: &Status,
) -> Result<()> {
    let known = sqlx::query!(
        r#"select status, conversation_id as "conversation: ConversationId" from messages where sub_account_id = $1 and id = $2 and direction = 'out' for no key update"#,
        business.0,
        message.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = known else { return Ok(()) };
    let Some(known) = MessageStatus::parse(&row.status) else { return Ok(()) };
    let reported = match status.state {
        StatusState::Sent => MessageStatus::Sent,
        StatusState::Delivered => MessageStatus::Delivered,
        StatusState::Read => MessageStatus::Read,
        StatusState::Failed => MessageStatus::Failed,
    };
    let mut billing = serde_json::Map::new();
    if let Some(billable) = status.billable {
        billing.insert("billable".into(), json!(billable));
    }
    if let Some(category) = &status.category {
        billing.insert("category".into(), json!(trimmed(category, 40)));
    }
    let failed = reported == MessageStatus::Failed;
    sqlx::query!(
        "update messages set status = $3, details = details || $8::jsonb,
           sent_at = case when $4 = 'sent' then least(sent_at, $5) else sent_at end,
           delivered_at = case when $4 in ('delivered', 'read') then least(delivered_at, $5) else delivered_at end,
           read_at = case when $4 = 'read' then least(read_at, $5) else read_at end,
           error_code = coalesce(error_code, $6), error_text = coalesce(error_text, $7)
         where sub_account_id = $1 and id = $2",
        business.0,
        message.0,
        known.after(reported).key(),
        reported.key(),
        at,
        status.error_code.as_deref().filter(|_| failed).map(|code| trimmed(code, 40)),
        status.error_text.as_deref().filter(|_| failed).map(|text| trimmed(text, 500)),
        json!(billing)
    )
    .execute(tx.conn())
    .await?;
    if known != MessageStatus::Failed && known.after(reported) == MessageStatus::Failed {
        unanswered::failed(tx, business, message).await?;
        outgoing::changed(tx, row.conversation).await?;
    }
    Ok(())
}

/// Stores that everything that was sent to a customer up to a time was delivered or read. `None` if there is no
/// conversation with that customer.
pub async fn watermark(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    person: &Person,
    read: bool,
    until: DateTime<Utc>,
) -> Result<Option<ConversationId>> {
    let Some(contact) = contacts::known(tx, channel, person).await? else { return Ok(None) };
    let conversation = sqlx::query_scalar!(
        r#"select id as "id: ConversationId" from conversations where sub_account_id = $1 and channel_id = $2 and contact_id = $3"#,
        channel.business.0,
        channel.id.0,
        contact.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(conversation) = conversation else { return Ok(None) };
    let until = happened(Some(until), clock(tx).await?);
    let done = sqlx::query!(
        "update messages m set status = case when $4 then 'read' else 'delivered' end, delivered_at = coalesce(delivered_at, $3),
           read_at = case when $4 then coalesce(read_at, $3) else read_at end
         where m.sub_account_id = $1 and m.conversation_id = $2 and m.direction = 'out' and m.external_id is not null and m.happened_at <= $3
           and (m.status = 'sent' or $4 and m.status = 'delivered')
           and not exists (select from message_sends s where s.sub_account_id = $1 and s.message_id = m.id and s.sent_at > $3)",
        channel.business.0,
        conversation.0,
        until,
        read
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() > 0 {
        in_thread(tx, conversation).await?;
    }
    Ok(Some(conversation))
}
