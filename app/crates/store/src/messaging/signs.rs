//! Which signs does the customer get beside messages: that we read, and how we reacted? They are sent as they stand when
//! their turn comes.

use domain::messaging::Channel;
use domain::work::Kind;
use domain::{ChannelId, ConversationId, MessageId};
use serde_json::json;

use super::changes::in_thread;
use super::outgoing::business;
use super::trimmed::trimmed;
use crate::queue::{self, Work};
use crate::{Result, TenantTx};

/// Asks a worker to tell the customer that the conversation was read. Several requests are one.
pub async fn send_receipt(tx: &mut TenantTx, channel: ChannelId, conversation: ConversationId) -> Result<()> {
    let work = Work::new(Kind::SendMessages).subject(channel.0).payload(json!({ "read": conversation }));
    queue::add(tx, &work.once(format!("read:{conversation}"))).await.map(|_| ())
}

/// Stores our reaction to a message of the customer, or takes it back with an empty one, and asks a worker to send it.
/// Returns `NotFound` if it is no message of the customer, or one that the platform has no id for.
pub async fn react(tx: &mut TenantTx, message: MessageId, emoji: &str) -> Result<ConversationId> {
    let business = business(tx)?;
    let row = sqlx::query!(
        r#"select m.conversation_id as "conversation: ConversationId", c.channel_id as "channel: ChannelId" from messages m
             join conversations c on c.sub_account_id = m.sub_account_id and c.id = m.conversation_id
           where m.sub_account_id = $1 and m.id = $2 and m.direction = 'in' and m.external_id is not null"#,
        business.0,
        message.0
    )
    .fetch_one(tx.conn())
    .await?;
    sqlx::query!(
        "insert into message_reactions (sub_account_id, message_id, by_contact, emoji, happened_at) values ($1, $2, false, $3, now())
         on conflict (sub_account_id, message_id, by_contact) do update set emoji = excluded.emoji, happened_at = excluded.happened_at",
        business.0,
        message.0,
        trimmed(emoji, 16)
    )
    .execute(tx.conn())
    .await?;
    let work = Work::new(Kind::SendMessages).subject(row.channel.0).payload(json!({ "reaction": message }));
    queue::add(tx, &work.priority(20).once(format!("react:{message}"))).await?;
    in_thread(tx, row.conversation).await?;
    Ok(row.conversation)
}

/// Where a sign goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The kind of channel.
    pub kind: Channel,
    /// The platform's id of the account.
    pub account: String,
    /// The customer, in the platform's words.
    pub address: String,
    /// The platform's id of the customer's message.
    pub external_id: String,
    /// The emoji; empty to take a reaction back.
    pub emoji: String,
}

/// The customer's last message of a conversation, which is marked as read with all before it. `None` if the platform has
/// no id for any.
pub async fn last_read(tx: &mut TenantTx, conversation: ConversationId) -> Result<Option<Target>> {
    let business = business(tx)?;
    let row = sqlx::query_as!(
        Target,
        r#"select c.type as "kind: Channel", h.external_id as account, c.external_address as address, m.external_id as "external_id!", '' as "emoji!"
           from conversations c join channels h on h.sub_account_id = c.sub_account_id and h.id = c.channel_id
             join messages m on m.sub_account_id = c.sub_account_id and m.conversation_id = c.id
           where c.sub_account_id = $1 and c.id = $2 and m.direction = 'in' and m.external_id is not null order by m.happened_at desc, m.id desc limit 1"#,
        business.0,
        conversation.0
    );
    Ok(row.fetch_optional(tx.conn()).await?)
}

/// Our reaction to a message of the customer. `None` if there is none any more.
pub async fn reaction(tx: &mut TenantTx, message: MessageId) -> Result<Option<Target>> {
    let business = business(tx)?;
    let row = sqlx::query_as!(
        Target,
        r#"select c.type as "kind: Channel", h.external_id as account, c.external_address as address, m.external_id as "external_id!", r.emoji
           from message_reactions r join messages m on m.sub_account_id = r.sub_account_id and m.id = r.message_id
             join conversations c on c.sub_account_id = m.sub_account_id and c.id = m.conversation_id
             join channels h on h.sub_account_id = c.sub_account_id and h.id = c.channel_id
           where r.sub_account_id = $1 and r.message_id = $2 and not r.by_contact and m.external_id is not null"#,
        business.0,
        message.0
    );
    Ok(row.fetch_optional(tx.conn()).await?)
}

/// Forgets our reaction to a message, because the platform did not take it.
pub async fn forget_reaction(tx: &mut TenantTx, message: MessageId) -> Result<()> {
    let business = business(tx)?;
    let conversation = sqlx::query_scalar!(
        r#"with gone as (delete from message_reactions where sub_account_id = $1 and message_id = $2 and not by_contact returning message_id)
           select m.conversation_id as "conversation: ConversationId" from messages m join gone on gone.message_id = m.id where m.sub_account_id = $1"#,
        business.0,
        message.0
    )
    .fetch_optional(tx.conn())
    .await?;
    match conversation {
        Some(conversation) => in_thread(tx, conversation).await,
        None => Ok(()),
    }
}
