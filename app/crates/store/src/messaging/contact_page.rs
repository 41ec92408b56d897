//! Which contacts does the page of contacts show, and what the page of one: the newest first, page by page, all of them or those
//! that a search finds by an index; and the conversations with one.

use chrono::{DateTime, Utc};
use domain::messaging::{Channel, ConversationStatus, Direction};
use domain::page::{ListQuery, Page};
use domain::{ContactId, ConversationId, text};
use uuid::Uuid;

use super::outgoing::business;
use crate::page::{beginning, part};
use crate::{Result, TenantTx};

/// How many contacts a page shows.
const ROWS: usize = 50;
/// Fewer letters or digits than this are in nearly every text, so only a beginning is searched.
const SHORT: usize = 3;

/// A contact as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactRow {
    /// Its id.
    pub id: ContactId,
    /// The name.
    pub name: String,
    /// The mail address.
    pub email: Option<String>,
    /// The phone number in international form.
    pub phone: Option<String>,
    /// The first user name on a platform.
    pub handle: Option<String>,
    /// The kinds of ids that platforms know the person by.
    pub kinds: Vec<String>,
    /// When the person last wrote.
    pub last_activity_at: Option<DateTime<Utc>>,
    /// Since when the person wants no automatic messages.
    pub opted_out_at: Option<DateTime<Utc>>,
}

/// A conversation with a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationRow {
    /// Its id.
    pub id: ConversationId,
    /// The kind of its channel.
    pub kind: Channel,
    /// The name of its channel.
    pub channel_name: String,
    /// Its state.
    pub status: ConversationStatus,
    /// What was last said.
    pub preview: String,
    /// Which way that went.
    pub last_direction: Option<Direction>,
    /// When that was.
    pub last_message_at: DateTime<Utc>,
    /// When the person last wrote there; `None` if they never did.
    pub last_heard_at: Option<DateTime<Utc>>,
    /// How many messages nobody has read.
    pub unread: i32,
    /// Since when the person waits for an answer.
    pub waiting_since: Option<DateTime<Utc>>,
}

/// A page of contacts, the newest first. The words of the query begin a name, mail address or user name, or a number, or are a
/// part of the name or number of a conversation. A contact that is being erased is left out.
pub async fn list(tx: &mut TenantTx, query: &ListQuery) -> Result<Page<ContactRow>> {
    let after = query.cursor.as_deref().and_then(|cursor| cursor.parse().ok()).unwrap_or(Uuid::max());
    let mut ids = matching(tx, &query.q, after).await?;
    let has_more = ids.len() > ROWS;
    ids.truncate(ROWS);
    let next = ids.last().filter(|_| has_more).map(Uuid::to_string);
    Ok(Page { rows: rows(tx, &ids).await?, next, total: None })
}

/// The newest contacts of the list for these words, at most so many.
pub async fn first(tx: &mut TenantTx, typed: &str, most: usize) -> Result<Vec<ContactRow>> {
    let mut ids = matching(tx, typed, Uuid::max()).await?;
    ids.truncate(most);
    rows(tx, &ids).await
}

/// The ids of the contacts behind this one that match what was typed.
async fn matching(tx: &mut TenantTx, typed: &str, after: Uuid) -> Result<Vec<Uuid>> {
    let words = text::searchable(&text::line(typed));
    let words = words.trim_start_matches('@');
    if words.is_empty() { behind(tx, after).await } else { found(tx, words, after).await }
}

/// The ids of all contacts behind this one: those of a page, and one more if there are more.
async fn behind(tx: &mut TenantTx, after: Uuid) -> Result<Vec<Uuid>> {
    let business = business(tx)?;
    let ids = sqlx::query_scalar!(
        "select id from contacts where sub_account_id = $1 and id < $2 and erasing_at is null order by id desc limit $3",
        business.0,
        after,
        i64::try_from(ROWS + 1).unwrap_or(i64::MAX)
    );
    Ok(ids.fetch_all(tx.conn()).await?)
}

/// The same for those that match words. One that is being erased has nothing by which it is found.
async fn found(tx: &mut TenantTx, words: &str, after: Uuid) -> Result<Vec<Uuid>> {
    let is_short = words.chars().count() < SHORT;
    let ids = sqlx::query_scalar!(
        r#"select lookup.find_contacts($1, $2, $3) as "id!""#,
        beginning(words),
        if is_short { String::new() } else { part(words) },
        digits(words)
    );
    let mut ids = ids.fetch_all(tx.conn()).await?;
    ids.retain(|id| *id < after);
    ids.sort_unstable_by(|one, other| other.cmp(one));
    ids.truncate(ROWS + 1);
    Ok(ids)
}

/// What the list shows of these contacts.
async fn rows(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<ContactRow>> {
    let business = business(tx)?;
    let rows = sqlx::query_as!(
        ContactRow,
        r#"select p.id as "id: ContactId", p.name, p.email, p.phone, p.last_activity_at, p.opted_out_at,
             (select i.username from contact_identities i where i.sub_account_id = $1 and i.contact_id = p.id and i.ended_at is null and i.username is not null
              order by i.created_at, i.id limit 1) as handle,
             array(select distinct i.kind from contact_identities i where i.sub_account_id = $1 and i.contact_id = p.id and i.ended_at is null order by i.kind) as "kinds!"
           from contacts p where p.sub_account_id = $1 and p.id = any ($2) and p.erasing_at is null order by p.id desc"#,
        business.0,
        ids
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

/// The digits of the beginning or of a part of a number. Empty if the words are no number, or fewer than three digits.
fn digits(words: &str) -> String {
    if words.chars().any(char::is_alphabetic) {
        return String::new();
    }
    let digits: String = text::number(words).chars().filter(char::is_ascii_digit).collect();
    if digits.len() < SHORT { String::new() } else { digits }
}

struct Row {
    id: ConversationId,
    kind: Channel,
    channel_name: String,
    status: String,
    preview: String,
    last_direction: Option<String>,
    last_message_at: DateTime<Utc>,
    last_heard_at: Option<DateTime<Utc>>,
    unread: i32,
    waiting_since: Option<DateTime<Utc>>,
}

/// The conversations with a contact, the newest first.
pub async fn conversations(tx: &mut TenantTx, contact: ContactId) -> Result<Vec<ConversationRow>> {
    let business = business(tx)?;
    let rows = sqlx::query_as!(
        Row,
        r#"select c.id as "id: ConversationId", c.type as "kind: Channel", coalesce(nullif(h.name, ''), h.display_address) as "channel_name!", c.status, c.last_preview as preview, c.last_direction, c.last_message_at,
             (select m.happened_at from messages m where m.sub_account_id = $1 and m.conversation_id = c.id and m.direction = 'in'
              order by m.happened_at desc, m.id desc limit 1) as "last_heard_at?", c.unread, c.waiting_since
           from conversations c join channels h on h.sub_account_id = c.sub_account_id and h.id = c.channel_id
           where c.sub_account_id = $1 and c.contact_id = $2 order by c.last_message_at desc, c.id desc limit 100"#,
        business.0,
        contact.0
    );
    let rows = rows.fetch_all(tx.conn()).await?.into_iter().map(|row| ConversationRow {
        id: row.id,
        kind: row.kind,
        channel_name: row.channel_name,
        status: ConversationStatus::parse(&row.status).unwrap_or(ConversationStatus::Open),
        preview: row.preview,
        last_direction: row.last_direction.as_deref().and_then(Direction::parse),
        last_message_at: row.last_message_at,
        last_heard_at: row.last_heard_at,
        unread: row.unread,
        waiting_since: row.waiting_since,
    });
    Ok(rows.collect())
}
