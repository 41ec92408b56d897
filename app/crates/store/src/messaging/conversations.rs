//! In which state is a conversation, who looks after it, and who answers? What people decide about it.

use chrono::{DateTime, Utc};
use domain::messaging::{AiMode, ConversationStatus, Owner};
use domain::{AgencyId, BusinessId, ContactId, ConversationId, UserId};

use super::outgoing::{self, business};
use crate::{Db, Error, PlatformTx, Result, TenantTx, found};

/// The most conversations that are opened again in one transaction.
pub const WOKEN: usize = 200;

/// The most businesses whose conversations are found at once.
const FOUND: i64 = 500;

/// Opens or closes a conversation, or puts it off until a time. In one that is closed nobody waits any more.
pub async fn set_status(
    tx: &mut TenantTx,
    id: ConversationId,
    status: ConversationStatus,
    snoozed_until: Option<DateTime<Utc>>,
) -> Result<()> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update conversations set status = $3, snoozed_until = case when $3 = 'snoozed' then $4::timestamptz end,
           waiting_since = case when $3 = 'closed' then null else waiting_since end, unread = case when $3 = 'closed' then 0 else unread end
         where sub_account_id = $1 and id = $2",
        business.0,
        id.0,
        status.key(),
        snoozed_until
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    outgoing::changed(tx, id).await
}

/// The customer of an open conversation waits again since the first of their messages that nobody answered, if there is one.
pub async fn wait_again(tx: &mut TenantTx, id: ConversationId) -> Result<()> {
    let business = business(tx)?;
    sqlx::query!(
        "update conversations c set waiting_since = coalesce(c.waiting_since, (
             select min(i.happened_at) from messages i where i.sub_account_id = $1 and i.conversation_id = $2 and i.direction = 'in' and i.sender = 'contact'
               and i.happened_at > coalesce((select max(o.happened_at) from messages o where o.sub_account_id = $1 and o.conversation_id = $2 and o.direction = 'out'
                 and o.sender in ('person', 'assistant', 'echo') and o.status not in ('failed', 'cancelled')), '-infinity')))
         where c.sub_account_id = $1 and c.id = $2 and c.status = 'open'",
        business.0,
        id.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Says who looks after a conversation.
pub async fn assign(tx: &mut TenantTx, id: ConversationId, to: Option<UserId>) -> Result<()> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update conversations set assigned_to = $3 where sub_account_id = $1 and id = $2",
        business.0,
        id.0,
        to.map(|user| user.0)
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    outgoing::changed(tx, id).await
}

/// Marks everything in a conversation as read. Returns the platform's id of the customer's last message if it was not
/// read before.
pub async fn mark_read(tx: &mut TenantTx, id: ConversationId) -> Result<Option<String>> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update conversations set unread = 0 where sub_account_id = $1 and id = $2 and unread > 0",
        business.0,
        id.0
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        let exists = sqlx::query_scalar!(
            r#"select exists (select from conversations where sub_account_id = $1 and id = $2) as "exists!""#,
            business.0,
            id.0
        );
        return if exists.fetch_one(tx.conn()).await? { Ok(None) } else { Err(Error::NotFound) };
    }
    outgoing::changed(tx, id).await?;
    let last = sqlx::query_scalar!(
        r#"select external_id as "id!" from messages where sub_account_id = $1 and conversation_id = $2 and direction = 'in' and external_id is not null
           order by happened_at desc, id desc limit 1"#,
        business.0,
        id.0
    );
    Ok(last.fetch_optional(tx.conn()).await?)
}

/// Says what the assistant may do in a conversation, who answers it, and until when the assistant keeps silent. A customer
/// who is left to people waits for them, whatever line was said about it.
pub async fn set_ai(
    tx: &mut TenantTx,
    id: ConversationId,
    mode: Option<AiMode>,
    owner: Owner,
    paused_until: Option<DateTime<Utc>>,
) -> Result<()> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update conversations set ai_mode = $3, ai_state = $4, ai_paused_until = $5, ai_since = case when $4 = 'bot' and ai_state <> 'bot' then now() else ai_since end,
           waiting_since = case when $4 = 'waiting_human' and ai_state <> 'waiting_human' then coalesce(waiting_since,
             (select max(happened_at) from messages where sub_account_id = $1 and conversation_id = $2 and direction = 'in'), now()) else waiting_since end
         where sub_account_id = $1 and id = $2",
        business.0,
        id.0,
        mode.map(AiMode::key),
        owner.key(),
        paused_until
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    outgoing::changed(tx, id).await
}

/// The businesses with conversations that were put off until now, in the order of their ids, behind one of them. There
/// are none behind the last one.
pub async fn due_to_wake(db: &Db, after: Option<BusinessId>) -> Result<Vec<(AgencyId, BusinessId)>> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let rows = sqlx::query!(
        r#"select distinct sub_account_id as "business: BusinessId", agency_id as "agency: AgencyId" from conversations
           where status = 'snoozed' and snoozed_until <= now() and ($1::uuid is null or sub_account_id > $1) order by sub_account_id limit $2"#,
        after.map(|id| id.0),
        FOUND
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.agency, row.business)).collect())
}

/// Opens the business's conversations that were put off until now, at most [`WOKEN`] of them. Returns how many there were.
/// One that somebody changes at this moment is left to the next time.
pub async fn wake_snoozed(tx: &mut TenantTx) -> Result<usize> {
    let business = business(tx)?;
    let woken = sqlx::query_scalar!(
        r#"update conversations set status = 'open', snoozed_until = null where sub_account_id = $1 and id = any(array(
             select id from conversations where sub_account_id = $1 and status = 'snoozed' and snoozed_until <= now()
             order by snoozed_until limit $2 for no key update skip locked))
           returning id as "id: ConversationId""#,
        business.0,
        i64::try_from(WOKEN).unwrap_or(i64::MAX)
    )
    .fetch_all(tx.conn())
    .await?;
    for id in &woken {
        outgoing::changed(tx, *id).await?;
    }
    Ok(woken.len())
}

/// Writes the best name that is known of a contact into its conversations: the name, the user name or the number.
pub(super) async fn show_name(tx: &mut TenantTx, business: BusinessId, contact: ContactId) -> Result<()> {
    sqlx::query!(
        "update conversations c set contact_name = n.name
         from (select coalesce(nullif(p.name, ''),
                 (select '@' || i.username from contact_identities i where i.sub_account_id = $1 and i.contact_id = $2 and i.ended_at is null and i.username is not null
                  order by i.created_at, i.id limit 1), p.phone, '') as name
               from contacts p where p.sub_account_id = $1 and p.id = $2) n
         where c.sub_account_id = $1 and c.contact_id = $2 and c.contact_name <> n.name",
        business.0,
        contact.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
