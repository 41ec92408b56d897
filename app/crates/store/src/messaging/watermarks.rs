//! Up to when did a customer get, or read, what we sent? A conversation keeps up to when everything was read, so that only what
//! is newer is looked at, however long the thread is.

use chrono::{DateTime, Utc};
use domain::messaging::inbound::Person;
use domain::{BusinessId, ConversationId};

use super::changes::in_thread;
use super::channels::ChannelRow;
use super::contacts;
use super::incoming::{clock, happened};
use crate::{Result, TenantTx};

/// Stores that everything that was sent to a customer up to a time was delivered or read. `None` if there is no
/// conversation with that customer.
pub async fn reached(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    person: &Person,
    read: bool,
    until: DateTime<Utc>,
) -> Result<Option<ConversationId>> {
    let Some(contact) = contacts::known(tx, channel, person).await? else { return Ok(None) };
    let until = happened(Some(until), clock(tx).await?);
    // Locked, so that no message is added meanwhile that would be passed over.
    let line = sqlx::query!(
        r#"select id as "id: ConversationId", read_up_to from conversations where sub_account_id = $1 and channel_id = $2 and contact_id = $3 for no key update"#,
        channel.business.0,
        channel.id.0,
        contact.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(line) = line else { return Ok(None) };
    let known = line.read_up_to.unwrap_or(DateTime::UNIX_EPOCH);
    if known >= until {
        return Ok(Some(line.id));
    }
    let done = sqlx::query!(
        "update messages m set status = case when $5 then 'read' else 'delivered' end, delivered_at = coalesce(delivered_at, $4),
           read_at = case when $5 then coalesce(read_at, $4) else read_at end
         where m.sub_account_id = $1 and m.conversation_id = $2 and m.direction = 'out' and m.external_id is not null and m.happened_at > $3 and m.happened_at <= $4
           and (m.status = 'sent' or $5 and m.status = 'delivered')
           and not exists (select from message_sends s where s.sub_account_id = $1 and s.message_id = m.id and s.sent_at > $4)",
        channel.business.0,
        line.id.0,
        known,
        until,
        read
    )
    .execute(tx.conn())
    .await?;
    if read {
        keep(tx, channel.business, line.id, (known, until)).await?;
    }
    if done.rows_affected() > 0 {
        in_thread(tx, line.id).await?;
    }
    Ok(Some(line.id))
}

/// Keeps up to when everything was read: until the first message that still may be. One that failed or was taken out of the
/// queue a while ago is not sent any more, unless a person does so, which begins anew.
async fn keep(
    tx: &mut TenantTx,
    business: BusinessId,
    conversation: ConversationId,
    (known, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<()> {
    sqlx::query!(
        "update conversations set read_up_to = (select coalesce(min(m.happened_at) - interval '1 microsecond', $4::timestamptz) from messages m
           where m.sub_account_id = $1 and m.conversation_id = $2 and m.direction = 'out' and m.happened_at > $3 and m.happened_at <= $4
             and (m.status in ('pending', 'held', 'sent', 'delivered') or m.status in ('failed', 'cancelled') and m.happened_at > now() - interval '1 day'))
         where sub_account_id = $1 and id = $2",
        business.0,
        conversation.0,
        known,
        until
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
