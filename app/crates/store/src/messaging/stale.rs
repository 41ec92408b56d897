//! What becomes of messages that a channel holds for so long that nobody expects them any more? They end as failed, the
//! customer waits again, and people are told.

use std::collections::BTreeMap;

use domain::notifications::Kind;
use domain::{BusinessId, ChannelId, ConversationId, MessageId};
use uuid::Uuid;

use super::outgoing::{self, business};
use super::refusal::TOO_OLD;
use super::settling::fail;
use super::{at_their_time, locks};
use crate::events::{self, Event};
use crate::{Result, TenantTx};

/// The most messages that end at once.
const MOST: i64 = 200;

/// Why a message of a person was not sent.
const OF_PERSON: &str = "Its channel did not work for a day, so it was not sent. Check whether it still fits.";
/// Why an automatic answer was not sent.
const AUTOMATIC: &str = "Its channel did not work for an hour, so this automatic answer was not sent. Answer yourself.";

/// A message that is held for too long.
struct Stale {
    id: Uuid,
    conversation: ConversationId,
    is_automatic: bool,
}

/// Ends what a channel holds for longer than it may still be sent: for a day, and an automatic answer for an hour. The time
/// counts from when it should have gone out. Returns how many messages ended.
pub(super) async fn end(tx: &mut TenantTx, channel: ChannelId) -> Result<u64> {
    let business = business(tx)?;
    let stale = find(tx, business, channel).await?;
    if stale.is_empty() {
        return Ok(0);
    }
    let conversations: Vec<Uuid> = stale.iter().map(|one| one.conversation.0).collect();
    locks::lines(tx, &conversations).await?;
    let (mut count, mut of_people) = (0, BTreeMap::new());
    for one in stale {
        let ended = sqlx::query_scalar!(
            r#"update message_sends set state = 'failed', error_code = $3, decided_at = now() where sub_account_id = $1 and id = $2 and state = 'held'
               returning message_id as "message: MessageId""#,
            business.0,
            one.id,
            TOO_OLD
        )
        .fetch_optional(tx.conn())
        .await?;
        let Some(message) = ended else { continue };
        count += 1;
        fail(tx, message, TOO_OLD, if one.is_automatic { AUTOMATIC } else { OF_PERSON }).await?;
        outgoing::changed(tx, one.conversation).await?;
        if !one.is_automatic {
            let is_told = at_their_time::was_scheduled(tx, business, message).await?;
            let (_, because, told) = of_people.entry(one.conversation.0).or_insert((one.conversation, message, false));
            (*because, *told) = (message, *told || is_told);
        }
    }
    for (conversation, message, is_told) in of_people.into_values() {
        waits_again(tx, business, conversation, message, is_told).await?;
    }
    Ok(count)
}

async fn find(tx: &mut TenantTx, business: BusinessId, channel: ChannelId) -> Result<Vec<Stale>> {
    let rows = sqlx::query_as!(
        Stale,
        r#"select s.id, s.conversation_id as "conversation: ConversationId", m.sender = 'assistant' and m.sender_user_id is null as "is_automatic!"
           from message_sends s join messages m on m.sub_account_id = s.sub_account_id and m.id = s.message_id
           where s.sub_account_id = $1 and s.channel_id = $2 and s.state = 'held'
             and coalesce(s.not_before, s.created_at) < now() - case when m.sender = 'assistant' and m.sender_user_id is null then interval '1 hour' else interval '1 day' end
           order by s.seq limit $3"#,
        business.0,
        channel.0,
        MOST
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

/// The conversation is unread again. If a message of the customer has no answer, the customer waits again since the first
/// such one, and people are told once: not again if they heard already that a scheduled message was not sent.
async fn waits_again(
    tx: &mut TenantTx,
    business: BusinessId,
    conversation: ConversationId,
    because: MessageId,
    is_told: bool,
) -> Result<()> {
    let row = sqlx::query!(
        r#"update conversations c set unread = greatest(c.unread, 1), waiting_since = coalesce(c.waiting_since, w.since) from
             (select min(i.happened_at) as since from messages i where i.sub_account_id = $1 and i.conversation_id = $2 and i.direction = 'in' and i.sender = 'contact'
                and i.happened_at > coalesce((select max(o.happened_at) from messages o where o.sub_account_id = $1 and o.conversation_id = $2 and o.direction = 'out'
                  and o.sender in ('person', 'assistant', 'echo') and o.status not in ('failed', 'cancelled')), '-infinity')) w
           where c.sub_account_id = $1 and c.id = $2 and c.status <> 'closed'
           returning w.since is not null as "waits!", coalesce((select name from sub_accounts where id = $1), '') as "name!""#,
        business.0,
        conversation.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(name) = row.filter(|row| row.waits).map(|row| row.name) else { return Ok(()) };
    if is_told {
        return outgoing::changed(tx, conversation).await;
    }
    let event = Event {
        kind: Kind::ConversationHandedOver,
        key: format!("{}:{because}", Kind::ConversationHandedOver),
        subject: Some(conversation.0),
        business: Some(business),
        to: None,
        title: &name,
        detail: "An answer could not be sent for a day, because its channel does not work.",
    };
    events::tell(tx, &event).await?;
    outgoing::changed(tx, conversation).await
}
