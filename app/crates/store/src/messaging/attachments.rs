//! Where is the file of a message: still at the platform, stored here, or lost? What is stored is named by its checksum.

use chrono::{DateTime, Utc};
use domain::messaging::Channel;
use domain::messaging::file::NO_ROOM;
use domain::{AttachmentId, ChannelId, ConversationId, IntegrationId};

use super::changes::in_thread;
use super::outgoing::business;
use super::room;
use crate::{Result, TenantTx, found};

/// A file that is still to be fetched.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Its row.
    pub id: AttachmentId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The inbox.
    pub inbox: ChannelId,
    /// The kind of channel on which it came.
    pub channel: Channel,
    /// The platform's id of the account that received it.
    pub account: String,
    /// The integration whose token fetches it.
    pub integration: Option<IntegrationId>,
    /// `image`, `audio`, `video`, `document` or `sticker`, as the platform said.
    pub kind: String,
    /// The name that the sender gave it.
    pub name: String,
    /// The platform's id, where it has to be asked for the address.
    pub media_id: Option<String>,
    /// The address, where the platform gave one.
    pub url: Option<String>,
    /// When the message came. Platforms keep files for a time only.
    pub since: DateTime<Utc>,
}

/// A file that waits to be fetched. `None` if it was fetched, given up or erased.
pub async fn waiting(tx: &mut TenantTx, id: AttachmentId) -> Result<Option<Waiting>> {
    let business = business(tx)?;
    let row = sqlx::query_as!(
        Waiting,
        r#"select a.id as "id: AttachmentId", m.conversation_id as "conversation: ConversationId", h.id as "inbox: ChannelId", h.type as "channel: Channel", h.external_id as account,
                  h.integration_id as "integration: IntegrationId", a.kind, a.name, a.media_id, a.url, a.created_at as since
           from message_attachments a join messages m on m.sub_account_id = a.sub_account_id and m.id = a.message_id
             join conversations c on c.sub_account_id = m.sub_account_id and c.id = m.conversation_id
             join channels h on h.sub_account_id = c.sub_account_id and h.id = c.channel_id
           where a.sub_account_id = $1 and a.id = $2 and a.state = 'waiting'"#,
        business.0,
        id.0
    );
    Ok(row.fetch_optional(tx.conn()).await?)
}

/// A file that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored<'a> {
    /// The checksum, which is its name.
    pub sha256: [u8; 32],
    /// Its type, by its content.
    pub mime: &'a str,
    /// Its size in bytes.
    pub bytes: i64,
}

/// Records that a file was fetched. False if nobody waits for it any more: it was taken back or erased meanwhile.
pub async fn stored(tx: &mut TenantTx, file: &Waiting, stored: &Stored<'_>) -> Result<bool> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update message_attachments set state = 'stored', sha256 = $3, mime = left($4, 127), bytes = $5, error = null where sub_account_id = $1 and id = $2 and state = 'waiting'",
        business.0,
        file.id.0,
        &stored.sha256,
        stored.mime,
        stored.bytes
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    in_thread(tx, file.conversation).await?;
    room::count(tx, business, file.id, &stored.sha256, stored.bytes).await?;
    Ok(true)
}

/// Says in the conversation that a file waits for room. Once it is said, this changes nothing.
pub async fn no_room(tx: &mut TenantTx, file: &Waiting) -> Result<()> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update message_attachments set error = $3 where sub_account_id = $1 and id = $2 and state = 'waiting' and error is distinct from $3",
        business.0,
        file.id.0,
        NO_ROOM
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 { Ok(()) } else { in_thread(tx, file.conversation).await }
}

/// Why a file is not fetched any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// It could not be fetched, or is too large.
    Failed,
    /// The platform no longer has it.
    Expired,
}

/// Records that a file is not fetched any more, and why in plain words.
pub async fn lost(tx: &mut TenantTx, file: &Waiting, how: Lost, error: &str) -> Result<()> {
    let business = business(tx)?;
    let state = match how {
        Lost::Failed => "failed",
        Lost::Expired => "expired",
    };
    sqlx::query!(
        "update message_attachments set state = $3, error = left($4, 200) where sub_account_id = $1 and id = $2 and state = 'waiting'",
        business.0,
        file.id.0,
        state,
        error
    )
    .execute(tx.conn())
    .await?;
    in_thread(tx, file.conversation).await
}

/// A stored file, as it is sent to a person's browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The checksum, which is its name.
    pub sha256: Vec<u8>,
    /// Its type, by its content.
    pub mime: Option<String>,
    /// Its size in bytes.
    pub bytes: Option<i64>,
    /// The name that the sender gave it.
    pub name: String,
}

/// A stored file of the business. Returns `NotFound` while it is not stored here.
pub async fn file(tx: &mut TenantTx, id: AttachmentId) -> Result<File> {
    let business = business(tx)?;
    let row = sqlx::query_as!(
        File,
        r#"select sha256 as "sha256!", mime, bytes, name from message_attachments where sub_account_id = $1 and id = $2 and state = 'stored' and sha256 is not null and removed_at is null"#,
        business.0,
        id.0
    );
    Ok(row.fetch_one(tx.conn()).await?)
}

/// Lets a file that could not be fetched be tried again. Returns `NotFound` if it did not fail.
pub async fn again(tx: &mut TenantTx, id: AttachmentId) -> Result<()> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update message_attachments set state = 'waiting', error = null where sub_account_id = $1 and id = $2 and state = 'failed'",
        business.0,
        id.0
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())
}
