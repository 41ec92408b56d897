//! What was said in a conversation? Its messages page by page, from the newest back, with their files and reactions.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::messaging::view::{AttachmentView, ConversationLine, MessageView, ReactionView, Thread};
use domain::messaging::{Direction, MessageStatus, Sender};
use domain::{AttachmentId, BusinessId, ConversationId, MessageId};
use serde_json::Value;
use uuid::Uuid;

use super::outgoing::business;
use super::{contacts, decided, list};
use crate::page::KeyKind;
use crate::page::cursor::{self, KeyValue, Position};
use crate::{Result, TenantTx};

/// Number of messages that a page has at most.
pub const MOST: i64 = 200;

struct Row {
    id: MessageId,
    at: DateTime<Utc>,
    direction: String,
    sender: String,
    sender_name: Option<String>,
    kind: String,
    body: String,
    details: Value,
    reply_to: Option<String>,
    status: String,
    error_text: Option<String>,
    error_code: Option<String>,
    edited: bool,
    revoked: bool,
    repeatable: bool,
}

/// A conversation with its newest messages, or those before a cursor. Messages stand oldest first. A cursor of another
/// conversation shows the newest.
pub async fn thread(tx: &mut TenantTx, id: ConversationId, before: Option<&str>, most: i64) -> Result<Thread> {
    let line = list::line(tx, id).await?;
    thread_of(tx, line, before, most).await
}

/// As `thread`, of a conversation whose line was read in this transaction.
pub async fn thread_of(tx: &mut TenantTx, line: ConversationLine, before: Option<&str>, most: i64) -> Result<Thread> {
    let (id, business, most) = (line.id, business(tx)?, most.clamp(1, MOST));
    let contact = contacts::get(tx, line.contact).await?;
    let binding = cursor::binding(&("thread", id));
    let before = before.and_then(|text| cursor::read(text, &binding, &KeyKind::Time)).map(|(position, _)| position);
    let mut rows = match before {
        Some(Position { key: KeyValue::Time(at), id: last }) => page(tx, business, id, (at, last), most + 1).await?,
        _ => page(tx, business, id, (far(), Uuid::max()), most + 1).await?,
    };
    let has_older = rows.len() > usize::try_from(most).unwrap_or(usize::MAX);
    rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    let last = rows.last().filter(|_| has_older);
    let older =
        last.and_then(|row| cursor::write(&binding, None, &Position { key: KeyValue::Time(row.at), id: row.id.0 }));
    rows.reverse();
    let messages = views(tx, business, rows).await?;
    Ok(Thread { line, contact, messages, older })
}

/// A time after every message.
fn far() -> DateTime<Utc> {
    DateTime::from_timestamp(253_370_764_800, 0).unwrap_or_default()
}

async fn page(
    tx: &mut TenantTx,
    business: BusinessId,
    id: ConversationId,
    (at, last): (DateTime<Utc>, Uuid),
    most: i64,
) -> Result<Vec<Row>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select m.id as "id: MessageId", m.happened_at as at, m.direction, m.sender, coalesce(nullif(u.name, ''), u.email) as "sender_name?", m.kind, m.body, m.details,
                  (select left(coalesce(nullif(r.body, ''), '[' || r.kind || ']'), 120) from messages r
                   where r.sub_account_id = m.sub_account_id and r.conversation_id = m.conversation_id and r.external_id = m.reply_to) as reply_to,
                  m.status, m.error_text, m.error_code, m.edited_at is not null as "edited!", m.revoked_at is not null as "revoked!",
                  m.status = 'failed' and exists (select from message_sends s where s.sub_account_id = m.sub_account_id and s.message_id = m.id
                    and (s.decided_at is null or s.decided_at > now() - make_interval(secs => $6))) as "repeatable!"
           from messages m left join users u on u.id = m.sender_user_id
           where m.sub_account_id = $1 and m.conversation_id = $2 and (m.happened_at, m.id) < ($3, $4)
           order by m.happened_at desc, m.id desc limit $5"#,
        business.0,
        id.0,
        at,
        last,
        most,
        decided::KEPT.as_secs_f64()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

async fn views(tx: &mut TenantTx, business: BusinessId, rows: Vec<Row>) -> Result<Vec<MessageView>> {
    let ids: Vec<_> = rows.iter().map(|row| row.id.0).collect();
    let (mut files, mut reactions) = (files(tx, business, &ids).await?, reactions(tx, business, &ids).await?);
    let view = |row: Row| MessageView {
        id: row.id,
        at: row.at,
        direction: Direction::parse(&row.direction).unwrap_or(Direction::Internal),
        sender: Sender::parse(&row.sender).unwrap_or(Sender::System),
        sender_name: row.sender_name,
        kind: row.kind,
        body: row.body,
        details: row.details,
        attachments: files.remove(&row.id).unwrap_or_default(),
        reactions: reactions.remove(&row.id).unwrap_or_default(),
        reply_to: row.reply_to,
        status: MessageStatus::parse(&row.status).unwrap_or(MessageStatus::Received),
        error: row.error_text,
        error_code: row.error_code,
        edited: row.edited,
        revoked: row.revoked,
        repeatable: row.repeatable,
    };
    Ok(rows.into_iter().map(view).collect())
}

async fn files(
    tx: &mut TenantTx,
    business: BusinessId,
    messages: &[Uuid],
) -> Result<HashMap<MessageId, Vec<AttachmentView>>> {
    let rows = sqlx::query!(
        r#"select message_id as "message: MessageId", id as "id: AttachmentId", kind, name, mime, bytes, state, error from message_attachments
           where sub_account_id = $1 and message_id = any ($2) and removed_at is null order by message_id, position, id"#,
        business.0,
        messages
    )
    .fetch_all(tx.conn())
    .await?;
    let mut files = HashMap::<_, Vec<_>>::new();
    for row in rows {
        files.entry(row.message).or_default().push(AttachmentView {
            id: row.id,
            kind: row.kind,
            name: row.name,
            mime: row.mime,
            bytes: row.bytes,
            state: row.state,
            error: row.error,
        });
    }
    Ok(files)
}

async fn reactions(
    tx: &mut TenantTx,
    business: BusinessId,
    messages: &[Uuid],
) -> Result<HashMap<MessageId, Vec<ReactionView>>> {
    let rows = sqlx::query!(
        r#"select message_id as "message: MessageId", by_contact, emoji from message_reactions
           where sub_account_id = $1 and message_id = any ($2) and emoji <> '' order by message_id, by_contact"#,
        business.0,
        messages
    )
    .fetch_all(tx.conn())
    .await?;
    let mut reactions = HashMap::<_, Vec<_>>::new();
    for row in rows {
        let reaction = ReactionView { by_contact: row.by_contact, emoji: row.emoji };
        reactions.entry(row.message).or_default().push(reaction);
    }
    Ok(reactions)
}
