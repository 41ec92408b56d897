//! What is said of a message that we do not know yet? It is kept until the message is stored or gets its id, and applied
//! then. Both sides take the same lock, so that nothing slips through between them.

use chrono::{DateTime, Utc};
use domain::messaging::inbound::Status;
use domain::{BusinessId, ChannelId, ConversationId, MessageId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::channels::ChannelRow;
use super::trimmed::storable;
use super::{edits, reactions, statuses};
use crate::{Result, TenantTx, new_id};

/// Something that is said of a message.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Said {
    /// How far it came.
    Status(Box<Status>),
    /// Its text was changed.
    Edit(String),
    /// It was deleted.
    Revoke,
    /// Somebody reacted to it.
    Reaction {
        /// Whether the customer did.
        by_contact: bool,
        /// The emoji; empty if it was taken back.
        emoji: String,
    },
}

#[derive(Serialize, Deserialize)]
struct Kept {
    channel: ChannelId,
    said: Said,
}

/// The message of a channel with this id of the platform.
pub(super) async fn find(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    external_id: &str,
) -> Result<Option<(MessageId, ConversationId)>> {
    let row = sqlx::query!(
        r#"select m.id as "id: MessageId", m.conversation_id as "conversation: ConversationId" from messages m
             join conversations c on c.sub_account_id = m.sub_account_id and c.id = m.conversation_id
           where m.sub_account_id = $1 and m.external_id = $2 and c.channel_id = $3 order by m.created_at limit 1"#,
        channel.business.0,
        external_id,
        channel.id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (row.id, row.conversation)))
}

/// Finds the message of a channel. If there is none, what is said of it is kept.
pub(super) async fn find_or_keep(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    external_id: &str,
    at: DateTime<Utc>,
    said: &Said,
) -> Result<Option<(MessageId, ConversationId)>> {
    if let Some(found) = find(tx, channel, external_id).await? {
        return Ok(Some(found));
    }
    lock(tx, channel.business, external_id).await?;
    if let Some(found) = find(tx, channel, external_id).await? {
        return Ok(Some(found));
    }
    let kept = storable(&json!(Kept { channel: channel.id, said: said.clone() }));
    sqlx::query!(
        "insert into early_statuses (id, sub_account_id, external_id, status, happened_at)
         select $1, $2, $3, $4, $5 where (select count(*) from early_statuses where sub_account_id = $2 and external_id = $3) < 100",
        new_id::<Uuid>(),
        channel.business.0,
        external_id,
        kept,
        at
    )
    .execute(tx.conn())
    .await?;
    Ok(None)
}

async fn lock(tx: &mut TenantTx, business: BusinessId, external_id: &str) -> Result<()> {
    let key = format!("message:{business}|{external_id}");
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))::text as lock", key)
        .fetch_one(tx.conn())
        .await?;
    Ok(())
}

/// Applies what was said of a message before it was known, in the order in which it happened.
pub(super) async fn apply(
    tx: &mut TenantTx,
    business: BusinessId,
    message: MessageId,
    external_id: &str,
) -> Result<()> {
    lock(tx, business, external_id).await?;
    let rows = sqlx::query!(
        r#"delete from early_statuses e using messages m, conversations c
           where e.sub_account_id = $1 and e.external_id = $3 and m.sub_account_id = $1 and m.id = $2 and c.sub_account_id = $1 and c.id = m.conversation_id
             and e.status ->> 'channel' = c.channel_id::text
           returning e.status, coalesce(e.happened_at, e.created_at) as "at!""#,
        business.0,
        message.0,
        external_id
    )
    .fetch_all(tx.conn())
    .await?;
    let mut all: Vec<_> = rows
        .into_iter()
        .filter_map(|row| serde_json::from_value::<Kept>(row.status).ok().map(|kept| (row.at, kept.said)))
        .collect();
    all.sort_by_key(|(at, _)| *at);
    for (at, said) in &all {
        match said {
            Said::Status(status) => statuses::raise(tx, business, message, *at, status).await?,
            Said::Edit(text) => edits::change(tx, business, message, text, *at).await?,
            Said::Revoke => edits::remove(tx, business, message, *at).await?,
            Said::Reaction { by_contact, emoji } => {
                reactions::store(tx, business, message, *by_contact, emoji, *at).await?;
            }
        }
    }
    Ok(())
}
