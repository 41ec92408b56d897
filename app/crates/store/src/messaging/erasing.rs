//! How is a contact erased with everything that was said? At once it loses its ids and its name, so that nobody finds it and
//! whatever the person writes later makes a new contact. A worker removes the rest in pieces, files before the rows that
//! name them.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{AgencyId, BusinessId, ContactId, ConversationId};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use uuid::Uuid;

use super::outgoing::{self, business};
use super::{contacts, locks, merging};
use crate::{Db, Error, PlatformTx, Result, TenantTx, removal};

/// The most contacts that are found at once.
const FOUND: i64 = 200;
/// The most messages that are removed in one transaction.
const MOST: i64 = 500;

/// A contact of any business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The agency.
    pub agency: AgencyId,
    /// The business.
    pub business: BusinessId,
    /// The contact.
    pub contact: ContactId,
}

/// What is left of a contact that is being erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// More pieces.
    More,
    /// What has to end first: files, which are erased before their messages, and calls that may still count.
    Waits,
    /// Nothing.
    Nothing,
}

/// By what contacts are named elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Their ids, those of their conversations, and those that platforms gave them.
    pub ids: Vec<String>,
    /// Their e-mail addresses.
    pub emails: Vec<String>,
    /// Their phone numbers.
    pub phones: Vec<String>,
    /// What people and platforms call them.
    pub names: Vec<String>,
    /// Their user names on platforms.
    pub usernames: Vec<String>,
}

impl Named {
    /// Adds those of other contacts.
    pub fn add(&mut self, other: Self) {
        self.ids.extend(other.ids);
        self.emails.extend(other.emails);
        self.phones.extend(other.phones);
        self.names.extend(other.names);
        self.usernames.extend(other.usernames);
    }
}

/// By what a contact is named elsewhere.
pub async fn names(tx: &mut TenantTx, contact: ContactId) -> Result<Named> {
    let business = business(tx)?;
    let mut named = Named { ids: vec![contact.to_string()], ..Named::default() };
    named.ids.extend(contacts::conversations_of(tx, business, contact).await?.iter().map(ToString::to_string));
    let known = sqlx::query!(
        "select name, email, phone from contacts where sub_account_id = $1 and id = $2",
        business.0,
        contact.0
    );
    if let Some(known) = known.fetch_optional(tx.conn()).await? {
        named.emails.extend(known.email);
        named.phones.extend(known.phone);
        named.names.push(known.name);
    }
    let ids = sqlx::query!(
        "select external_id, username from contact_identities where sub_account_id = $1 and contact_id = $2",
        business.0,
        contact.0
    );
    for id in ids.fetch_all(tx.conn()).await? {
        named.ids.push(id.external_id);
        named.usernames.extend(id.username);
    }
    for (merged, details) in merging::names(tx, contact).await? {
        named.ids.push(merged.to_string());
        named.emails.extend(details.email);
        named.phones.extend(details.phone);
        named.names.push(details.name);
    }
    Ok(named)
}

/// Keeps by what contacts were named that are being erased with this one, until the log of tools was read for them.
pub async fn remember(tx: &mut TenantTx, contact: ContactId, named: &Named) -> Result<()> {
    let business = business(tx)?;
    sqlx::query!(
        "update contacts set erasing_names = $3, erasing_after = null where sub_account_id = $1 and id = $2 and erasing_at is not null",
        business.0,
        contact.0,
        Json(named) as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// For which names the log of tools has still to be read, and behind which call. `None` if it was read.
pub async fn unread(tx: &mut TenantTx, contact: ContactId) -> Result<Option<(Named, Option<Uuid>)>> {
    let business = business(tx)?;
    let row = sqlx::query!(
        r#"select erasing_names as "names!: Json<Named>", erasing_after from contacts
           where sub_account_id = $1 and id = $2 and erasing_at is not null and erasing_names is not null for update"#,
        business.0,
        contact.0
    );
    Ok(row.fetch_optional(tx.conn()).await?.map(|row| (row.names.0, row.erasing_after)))
}

/// Notes up to which call the log of tools was read for a contact. `None` says that it was read to its end; then nothing
/// keeps the names any more.
pub async fn read_up_to(tx: &mut TenantTx, contact: ContactId, call: Option<Uuid>) -> Result<()> {
    let business = business(tx)?;
    sqlx::query!(
        "update contacts set erasing_after = $3, erasing_names = case when $3::uuid is not null then erasing_names end
         where sub_account_id = $1 and id = $2",
        business.0,
        contact.0,
        call
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Since when a contact is being erased. `None` if it is not.
pub async fn since(tx: &mut TenantTx, contact: ContactId) -> Result<Option<DateTime<Utc>>> {
    let business = business(tx)?;
    let since = sqlx::query_scalar!(
        r#"select erasing_at as "since!" from contacts where sub_account_id = $1 and id = $2 and erasing_at is not null"#,
        business.0,
        contact.0
    );
    Ok(since.fetch_optional(tx.conn()).await?)
}

/// Locks contacts and then their conversations, each in one order, so that whoever erases several does not wait for somebody who
/// waits for them.
///
/// # Errors
/// `NotFound` if there is no such contact, or one is being erased already.
pub async fn hold(tx: &mut TenantTx, erased: &BTreeSet<ContactId>) -> Result<()> {
    let business = business(tx)?;
    for contact in erased {
        let found = sqlx::query_scalar!(
            "select id from contacts where sub_account_id = $1 and id = $2 and erasing_at is null for update",
            business.0,
            contact.0
        );
        if found.fetch_optional(tx.conn()).await?.is_none() {
            return Err(Error::NotFound);
        }
    }
    let mut ids = Vec::new();
    for contact in erased {
        ids.extend(contacts::conversations_of(tx, business, *contact).await?.iter().map(|id| id.0));
    }
    locks::lines(tx, &ids).await
}

/// Begins to erase a contact: its ids, names and notes go, what waits to be sent is taken back, and its conversations are
/// closed and show nothing.
///
/// # Errors
/// `NotFound` if there is no such contact, or it is being erased already.
pub async fn begin(tx: &mut TenantTx, contact: ContactId) -> Result<()> {
    hold(tx, &BTreeSet::from([contact])).await?;
    let business = business(tx)?;
    let conversations = contacts::conversations_of(tx, business, contact).await?;
    let ids: Vec<Uuid> = conversations.iter().map(|id| id.0).collect();
    forget(tx, business, contact).await?;
    take_back(tx, business, &ids).await?;
    for conversation in conversations {
        outgoing::changed(tx, conversation).await?;
    }
    Ok(())
}

/// Removes what the contact itself says, and marks it.
async fn forget(tx: &mut TenantTx, business: BusinessId, contact: ContactId) -> Result<()> {
    sqlx::query!(
        "update contacts set erasing_at = now(), name = '', is_named = false, email = null, phone = null, company = '', note = ''
         where sub_account_id = $1 and id = $2",
        business.0,
        contact.0
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("delete from contact_identities where sub_account_id = $1 and contact_id = $2", business.0, contact.0)
        .execute(tx.conn())
        .await?;
    merging::forget(tx, contact).await
}

/// Lets nothing more go out in these conversations, and nobody answer in them by itself. The sweep erases the files of what was
/// scheduled.
async fn take_back(tx: &mut TenantTx, business: BusinessId, conversations: &[Uuid]) -> Result<()> {
    sqlx::query!(
        "delete from scheduled_messages where sub_account_id = $1 and conversation_id = any ($2)",
        business.0,
        conversations
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update message_sends set state = 'cancelled', decided_at = now() where sub_account_id = $1 and conversation_id = any ($2) and state in ('queued', 'held')",
        business.0,
        conversations
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update conversations set contact_name = '', last_preview = '', external_address = id::text, status = 'closed', snoozed_until = null, unread = 0,
           waiting_since = null, ai_state = 'human' where sub_account_id = $1 and id = any ($2)",
        business.0,
        conversations
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Removes one piece of a contact that is being erased. Drafts, answers with their traces, reactions, places in the queue and
/// cases of rehearsals go with their message.
pub async fn piece(tx: &mut TenantTx, contact: ContactId) -> Result<Left> {
    let business = business(tx)?;
    let marked = sqlx::query_scalar!(
        "select id from contacts where sub_account_id = $1 and id = $2 and erasing_at is not null for update",
        business.0,
        contact.0
    );
    if marked.fetch_optional(tx.conn()).await?.is_none() {
        return Ok(Left::Nothing);
    }
    let conversations = contacts::conversations_of(tx, business, contact).await?;
    let ids: Vec<Uuid> = conversations.iter().map(|id| id.0).collect();
    locks::lines(tx, &ids).await?;
    take_back(tx, business, &ids).await?;
    give_up_files(tx, business, &ids).await?;
    let gone = sqlx::query!(
        "delete from messages where sub_account_id = $1 and id = any(array(
           select m.id from messages m where m.sub_account_id = $1 and m.conversation_id = any ($2)
             and not exists (select from message_attachments a where a.sub_account_id = $1 and a.message_id = m.id and a.sha256 is not null)
             and not exists (select from message_sends s where s.sub_account_id = $1 and s.message_id = m.id and s.state = 'sending' and s.sent_at > now() - interval '10 minutes')
           limit $3))",
        business.0,
        &ids,
        MOST
    )
    .execute(tx.conn())
    .await?;
    if i64::try_from(gone.rows_affected()).is_ok_and(|count| count >= MOST) {
        return Ok(Left::More);
    }
    let rest = sqlx::query_scalar!(
        r#"select exists (select from messages where sub_account_id = $1 and conversation_id = any ($2)) as "left!""#,
        business.0,
        &ids
    );
    if rest.fetch_one(tx.conn()).await? {
        return Ok(Left::Waits);
    }
    sqlx::query!("delete from conversations where sub_account_id = $1 and contact_id = $2", business.0, contact.0)
        .execute(tx.conn())
        .await?;
    sqlx::query!("delete from contacts where sub_account_id = $1 and id = $2", business.0, contact.0)
        .execute(tx.conn())
        .await?;
    for conversation in conversations {
        outgoing::changed(tx, conversation).await?;
    }
    Ok(Left::Nothing)
}

/// Lets the files of these conversations be erased, as if their writers had taken them back: nothing of their messages stays.
async fn give_up_files(tx: &mut TenantTx, business: BusinessId, conversations: &[Uuid]) -> Result<()> {
    sqlx::query!(
        "update messages m set body = '', details = '{}', revoked_at = coalesce(m.revoked_at, now())
         where m.sub_account_id = $1 and m.conversation_id = any ($2) and (m.revoked_at is null or m.body <> '')
           and exists (select from message_attachments a where a.sub_account_id = $1 and a.message_id = m.id and a.sha256 is not null)",
        business.0,
        conversations
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update message_attachments a set removed_at = coalesce(a.removed_at, now()), name = '', media_id = null, url = null from messages m
         where m.sub_account_id = $1 and m.conversation_id = any ($2) and a.sub_account_id = $1 and a.message_id = m.id and a.sha256 is not null
           and (a.removed_at is null or a.name <> '')",
        business.0,
        conversations
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether the contact of a conversation is being erased: what comes again is new then.
pub(super) async fn is_under_way(tx: &mut TenantTx, conversation: ConversationId) -> Result<bool> {
    let business = business(tx)?;
    let erasing = sqlx::query_scalar!(
        r#"select exists (select from conversations c join contacts p on p.sub_account_id = c.sub_account_id and p.id = c.contact_id
             where c.sub_account_id = $1 and c.id = $2 and p.erasing_at is not null) as "erasing!""#,
        business.0,
        conversation.0
    );
    Ok(erasing.fetch_one(tx.conn()).await?)
}

/// Contacts of all businesses that are being erased, in the order of their ids, behind one of them.
pub async fn under_way(db: &Db, after: Option<ContactId>) -> Result<Vec<Found>> {
    let mut tx = removal::begin(db, Duration::ZERO).await?;
    let rows = sqlx::query!(
        r#"select sub_account_id as "business: BusinessId", id as "contact: ContactId" from contacts
           where erasing_at is not null and ($1::uuid is null or id > $1) order by id limit $2"#,
        after.map(|id| id.0),
        FOUND
    )
    .fetch_all(tx.conn())
    .await?;
    drop(tx);
    with_agencies(db, rows.into_iter().map(|row| (row.business, row.contact)).collect()).await
}

/// Visitors of web chats whom no other channel knows, of whom nobody of the business noted anything, and who were silent for
/// longer than `age`, in the order of their ids, behind one of them.
pub async fn silent_visitors(db: &Db, age: Duration, after: Option<ContactId>) -> Result<Vec<Found>> {
    let mut tx = removal::begin(db, Duration::ZERO).await?;
    let rows = sqlx::query!(
        r#"select p.sub_account_id as "business: BusinessId", p.id as "contact: ContactId" from contacts p
           where p.erasing_at is null and not p.is_named and p.phone is null and p.company = '' and p.note = '' and ($1::uuid is null or p.id > $1)
             and coalesce(p.last_activity_at, p.created_at) < now() - make_interval(secs => $2)
             and exists (select from contact_identities i where i.sub_account_id = p.sub_account_id and i.contact_id = p.id and i.kind = 'webchat')
             and not exists (select from contact_identities i where i.sub_account_id = p.sub_account_id and i.contact_id = p.id and i.kind <> 'webchat')
           order by p.id limit $3"#,
        after.map(|id| id.0),
        age.as_secs_f64(),
        FOUND
    )
    .fetch_all(tx.conn())
    .await?;
    drop(tx);
    with_agencies(db, rows.into_iter().map(|row| (row.business, row.contact)).collect()).await
}

async fn with_agencies(db: &Db, found: Vec<(BusinessId, ContactId)>) -> Result<Vec<Found>> {
    let (businesses, contacts): (Vec<_>, Vec<_>) =
        found.iter().map(|(business, contact)| (business.0, contact.0)).unzip();
    let mut tx = PlatformTx::begin(db, None).await?;
    let rows = sqlx::query_as!(
        Found,
        r#"select b.agency_id as "agency: AgencyId", b.id as "business: BusinessId", w.contact as "contact!: ContactId"
           from unnest($1::uuid[], $2::uuid[]) as w (business, contact) join sub_accounts b on b.id = w.business order by w.contact"#,
        &businesses,
        &contacts
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

/// Begins to erase a visitor, unless the visitor wrote meanwhile or is being erased already. Returns whether it began.
pub async fn begin_visitor(tx: &mut TenantTx, contact: ContactId, age: Duration) -> Result<bool> {
    let business = business(tx)?;
    let silent = sqlx::query_scalar!(
        "select id from contacts where sub_account_id = $1 and id = $2 and erasing_at is null
           and coalesce(last_activity_at, created_at) < now() - make_interval(secs => $3) for update",
        business.0,
        contact.0,
        age.as_secs_f64()
    );
    match silent.fetch_optional(tx.conn()).await? {
        Some(_) => begin(tx, contact).await.map(|()| true),
        None => Ok(false),
    }
}
