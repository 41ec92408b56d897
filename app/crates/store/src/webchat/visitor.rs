//! What does a visitor of a web site see of the conversation, and how far did our messages come? The visitor is known by
//! the hash of a secret that only one browser holds, so nobody reads the conversation of another.

use chrono::{DateTime, Utc};
use domain::messaging::{Direction, Sender};
use domain::web_chat::ACCOUNT;
use domain::{ChannelId, ContactId, ConversationId, MessageId};

use crate::messaging::changes::in_thread;
use crate::messaging::outgoing::business;
use crate::messaging::trimmed::trimmed;
use crate::{Result, TenantTx};

/// The newest messages that a visitor sees.
const SEEN: i64 = 100;

/// The conversation of a visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thread {
    /// The conversation.
    pub conversation: ConversationId,
    /// The visitor.
    pub contact: ContactId,
}

/// A message as its visitor sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its id.
    pub id: MessageId,
    /// Which way it went.
    pub direction: Direction,
    /// Who wrote it.
    pub sender: Sender,
    /// The text.
    pub body: String,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// The id that the visitor's browser gave it, behind the visitor's own.
    pub external_id: Option<String>,
}

/// The conversation of the visitor with this hash. `None` if nothing was said yet.
pub async fn thread(tx: &mut TenantTx, channel: ChannelId, visitor: &str) -> Result<Option<Thread>> {
    let business = business(tx)?;
    let row = sqlx::query_as!(
        Thread,
        r#"select c.id as "conversation: ConversationId", c.contact_id as "contact: ContactId" from contact_identities i
             join conversations c on c.sub_account_id = i.sub_account_id and c.contact_id = i.contact_id and c.channel_id = $2
           where i.sub_account_id = $1 and i.kind = 'webchat' and i.scope = $3 and i.external_id = $4 and i.ended_at is null and c.external_address = $4"#,
        business.0,
        channel.0,
        ACCOUNT,
        visitor
    );
    Ok(row.fetch_optional(tx.conn()).await?)
}

/// The newest messages of a conversation that its visitor may see, in their order: without notes, and without what was
/// taken back.
pub async fn lines(tx: &mut TenantTx, conversation: ConversationId) -> Result<Vec<Line>> {
    let business = business(tx)?;
    let rows = sqlx::query!(
        r#"select id as "id: MessageId", direction, sender, body, happened_at, external_id from messages
           where sub_account_id = $1 and conversation_id = $2 and direction in ('in', 'out') and revoked_at is null
             and status in ('received', 'sent', 'delivered', 'read')
           order by happened_at desc, id desc limit $3"#,
        business.0,
        conversation.0,
        SEEN
    )
    .fetch_all(tx.conn())
    .await?;
    let lines = rows.into_iter().rev().map(|row| Line {
        id: row.id,
        direction: Direction::parse(&row.direction).unwrap_or(Direction::Out),
        sender: Sender::parse(&row.sender).unwrap_or(Sender::System),
        body: row.body,
        at: row.happened_at,
        external_id: row.external_id,
    });
    Ok(lines.collect())
}

/// Records that these messages of ours reached the visitor's browser, or that the visitor looked at them. A repeat changes
/// nothing.
pub async fn fetched(tx: &mut TenantTx, conversation: ConversationId, ids: &[MessageId], seen: bool) -> Result<()> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update messages set status = case when $4 then 'read' else 'delivered' end, delivered_at = coalesce(delivered_at, now()),
           read_at = case when $4 then now() else read_at end
         where sub_account_id = $1 and conversation_id = $2 and id = any ($3) and direction = 'out' and (status = 'sent' or status = 'delivered' and $4)",
        business.0,
        conversation.0,
        &ids.iter().map(|id| id.0).collect::<Vec<_>>(),
        seen
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(());
    }
    in_thread(tx, conversation).await
}

/// Keeps the mail address that a visitor gave, unless one is known.
pub async fn set_email(tx: &mut TenantTx, contact: ContactId, email: &str) -> Result<()> {
    let business = business(tx)?;
    sqlx::query!(
        "update contacts set email = $3 where sub_account_id = $1 and id = $2 and email is null",
        business.0,
        contact.0,
        trimmed(email, 320)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
