//! Which file does a message of ours bring, and does the platform have it already? It is given to the platform before the
//! message is sent. Until then the message was surely not sent, whatever ended.

use chrono::{DateTime, Utc};
use domain::{AttachmentId, ChannelId, MessageId};

use super::attachments::Stored;
use super::outgoing::business;
use super::room;
use super::sends::{Due, Limits};
use super::trimmed::trimmed;
use crate::{Result, TenantTx, new_id};

/// Adds the stored file of a message of ours. `name` is as the person's machine calls it.
pub async fn add(tx: &mut TenantTx, message: MessageId, kind: &str, name: &str, file: &Stored<'_>) -> Result<()> {
    let (business, id) = (business(tx)?, new_id::<AttachmentId>());
    sqlx::query!(
        "insert into message_attachments (id, sub_account_id, message_id, kind, name, mime, bytes, sha256, state) values ($1, $2, $3, $4, $5, left($6, 127), $7, $8, 'stored')",
        id.0,
        business.0,
        message.0,
        trimmed(kind, 24),
        trimmed(name, 255),
        file.mime,
        file.bytes,
        &file.sha256
    )
    .execute(tx.conn())
    .await?;
    room::count(tx, business, id, &file.sha256, file.bytes).await
}

/// The file of a message of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnFile {
    /// Its row.
    pub id: AttachmentId,
    /// The name that the person gave it.
    pub name: String,
    /// Its type, by its content.
    pub mime: String,
    /// The checksum, which is the name of the stored file.
    pub sha256: Vec<u8>,
    /// The platform's id of it, once it has it.
    pub media_id: Option<String>,
}

/// The file of a message of ours. `None` if it has none, or its file is erased.
pub async fn of_message(tx: &mut TenantTx, message: MessageId) -> Result<Option<OwnFile>> {
    let business = business(tx)?;
    let row = sqlx::query_as!(
        OwnFile,
        r#"select id as "id: AttachmentId", name, coalesce(mime, '') as "mime!", sha256 as "sha256!", media_id from message_attachments
           where sub_account_id = $1 and message_id = $2 and state = 'stored' and sha256 is not null and removed_at is null order by position, id limit 1"#,
        business.0,
        message.0
    );
    Ok(row.fetch_optional(tx.conn()).await?)
}

/// Keeps the platform's id of a file, and lets the time of the message's call begin now. Returns when it began; `None` if
/// the attempt is decided already, so that nothing may be sent for it.
pub async fn uploaded(
    tx: &mut TenantTx,
    due: &Due,
    file: AttachmentId,
    media_id: &str,
) -> Result<Option<DateTime<Utc>>> {
    let business = business(tx)?;
    let begun = sqlx::query_scalar!(
        r#"update message_sends set sent_at = clock_timestamp() where sub_account_id = $1 and id = $2 and state = 'sending' and sent_at = $3 returning sent_at as "at!""#,
        business.0,
        due.id,
        due.begun
    )
    .fetch_optional(tx.conn())
    .await?;
    sqlx::query!(
        "update message_attachments set media_id = left($3, 255) where sub_account_id = $1 and id = $2",
        business.0,
        file.0,
        media_id
    )
    .execute(tx.conn())
    .await?;
    Ok(begun)
}

/// Forgets the platform's id of a message's file, so that the next attempt gives it to the platform anew.
pub(super) async fn forget_upload(tx: &mut TenantTx, message: MessageId) -> Result<()> {
    let business = business(tx)?;
    sqlx::query!(
        "update message_attachments set media_id = null where sub_account_id = $1 and message_id = $2 and state = 'stored'",
        business.0,
        message.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Puts messages back into the queue whose process ended while the platform was given their file: the call for the message
/// had not begun.
pub async fn take_up(tx: &mut TenantTx, channel: ChannelId, limits: &Limits) -> Result<()> {
    let business = business(tx)?;
    sqlx::query!(
        "update message_sends s set state = 'queued', sent_at = null where s.sub_account_id = $1 and s.channel_id = $2 and s.state = 'sending'
           and s.sent_at < now() - make_interval(secs => $3)
           and exists (select from message_attachments a where a.sub_account_id = $1 and a.message_id = s.message_id and a.state = 'stored' and a.media_id is null)",
        business.0,
        channel.0,
        limits.call.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
