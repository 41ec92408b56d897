//! How does a person of the business make one contact of two, and two of it again? What takes it back is kept for 30 days: what
//! was known of both, and where the contact that is gone was known. No account of the business knows both of them, so whatever
//! came there meanwhile is of one of them.

use chrono::{DateTime, Utc};
use domain::messaging::details::Details;
use domain::{BusinessId, ContactId};
use sqlx::types::Json;
use uuid::Uuid;

use super::outgoing::{self, business};
use super::{consent, conversations, details};
use crate::removal::{Rule, by_worker};
use crate::{Error, Result, TenantTx, new_id};

/// For how long a merge can be taken back.
const DAYS: u64 = 30;

/// Merges that nobody may take back any more.
pub const OLD: Rule = Rule {
    name: "contact-merges",
    title: "Forget contacts 30 days after they were merged",
    tables: &["contact_merges"],
    time: "created_at",
    age: std::time::Duration::from_secs(DAYS * 24 * 3600),
    every: std::time::Duration::from_secs(3600),
    piece: by_worker!(
        "delete from contact_merges where ctid = any(array(select ctid from contact_merges where created_at < now() - make_interval(secs => $1) order by created_at limit $2))"
    ),
};

/// A contact that became part of another one, and can be taken out again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// The id of the contact that is gone.
    pub merged: ContactId,
    /// Its name; empty if it had none.
    pub name: String,
    /// Its phone number.
    pub phone: Option<String>,
    /// Its first user name on a platform.
    pub handle: Option<String>,
    /// When it became part of the other one.
    pub at: DateTime<Utc>,
}

/// What is known of two contacts before they become one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// What is known of the one that stays.
    pub kept: Details,
    /// What is known of the one that becomes part of it.
    pub gone: Details,
    /// Where both are known, as the kinds of identities: there they are two people, and stay two contacts.
    pub shared: Vec<String>,
}

/// What can be taken out of a contact again, the newest first: one after the other in this order.
pub async fn of(tx: &mut TenantTx, contact: ContactId) -> Result<Vec<Merge>> {
    let business = business(tx)?;
    let rows = sqlx::query_as!(
        Merge,
        r#"select m.merged as "merged: ContactId", coalesce(m.merged_details ->> 'name', '') as "name!", m.merged_details ->> 'phone' as phone,
             (select i.username from contact_identities i where i.sub_account_id = m.sub_account_id and i.contact_id = m.contact_id
                and i.ended_at is null and i.username is not null
                and case when i.kind in ('bsuid', 'parent_bsuid', 'wa_id') then 'wa_id' else i.kind || ' ' || i.scope end = any (m.accounts)
              order by i.created_at, i.id limit 1) as handle, m.created_at as at
           from contact_merges m where m.sub_account_id = $1 and m.contact_id = $2 and m.created_at > now() - make_interval(days => $3)
           order by m.created_at desc, m.id desc"#,
        business.0,
        contact.0,
        days()
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

fn days() -> i32 {
    i32::try_from(DAYS).unwrap_or(i32::MAX)
}

/// What would become of two contacts.
///
/// # Errors
/// `NotFound` if one of them is not there, or is being erased.
pub async fn pair(tx: &mut TenantTx, kept: ContactId, gone: ContactId) -> Result<Pair> {
    let business = business(tx)?;
    let there = sqlx::query_scalar!(
        r#"select count(*) as "count!" from contacts where sub_account_id = $1 and id in ($2, $3) and erasing_at is null"#,
        business.0,
        kept.0,
        gone.0
    );
    if there.fetch_one(tx.conn()).await? != 2 {
        return Err(Error::NotFound);
    }
    let own = accounts(tx, business, kept).await?;
    let others = accounts(tx, business, gone).await?;
    let shared = others.into_iter().filter(|account| own.contains(account));
    let mut shared: Vec<String> =
        shared.map(|account| account.split_once(' ').map_or(account.as_str(), |(kind, _)| kind).to_owned()).collect();
    shared.dedup();
    Ok(Pair { kept: details::read(tx, business, kept).await?, gone: details::read(tx, business, gone).await?, shared })
}

/// Where a contact is known: the kind of its ids with the account of the business that gives them, or the kind alone where all
/// accounts of the business share them. A conversation counts for the ids that its channel gives.
async fn accounts(tx: &mut TenantTx, business: BusinessId, contact: ContactId) -> Result<Vec<String>> {
    let known = sqlx::query_scalar!(
        r#"select case when kind in ('bsuid', 'parent_bsuid', 'wa_id') then 'wa_id' else kind || ' ' || scope end as "account!" from contact_identities
           where sub_account_id = $1 and contact_id = $2
           union select case c.type when 'WHATSAPP' then 'wa_id' when 'FACEBOOK' then 'psid ' || h.external_id when 'INSTAGRAM' then 'igsid ' || h.external_id
             else 'webchat ' || h.external_id end
           from conversations c join channels h on h.sub_account_id = c.sub_account_id and h.id = c.channel_id
           where c.sub_account_id = $1 and c.contact_id = $2
           order by 1"#,
        business.0,
        contact.0
    );
    Ok(known.fetch_all(tx.conn()).await?)
}

/// Whether one contact is part of the other already, and can be taken out again.
pub async fn is_part(tx: &mut TenantTx, contact: ContactId, gone: ContactId) -> Result<bool> {
    let business = business(tx)?;
    let part = sqlx::query_scalar!(
        r#"select exists (select from contact_merges where sub_account_id = $1 and contact_id = $2 and merged = $3) as "part!""#,
        business.0,
        contact.0,
        gone.0
    );
    Ok(part.fetch_one(tx.conn()).await?)
}

/// Makes a contact part of another one. The transaction holds both, and they are known nowhere together. The conversations stay
/// as they are: each is with the other contact from now on.
pub async fn merge(tx: &mut TenantTx, kept: ContactId, gone: ContactId, pair: &Pair) -> Result<()> {
    let business = business(tx)?;
    let known = accounts(tx, business, gone).await?;
    let carried = carry(tx, business, gone, kept).await?;
    sqlx::query!(
        "insert into contact_merges (id, sub_account_id, contact_id, merged, merged_since, merged_details, kept_details, accounts, carried, created_at)
         select $1, $2, $3, g.id, g.created_at, $5, $6, $7, $8, clock_timestamp() from contacts g where g.sub_account_id = $2 and g.id = $4",
        new_id::<Uuid>(),
        business.0,
        kept.0,
        gone.0,
        Json(&pair.gone) as _,
        Json(&pair.kept) as _,
        &known,
        &carried
    )
    .execute(tx.conn())
    .await?;
    details::write(tx, business, kept, &pair.kept.with(&pair.gone)).await?;
    hand_over(tx, business, gone, kept, &known).await?;
    sqlx::query!("delete from contacts where sub_account_id = $1 and id = $2", business.0, gone.0)
        .execute(tx.conn())
        .await?;
    tell(tx, business, &[kept]).await
}

/// Takes a contact out of another one again, which the transaction holds: it gets its id back, what was known of it, and what is
/// said where it is known.
///
/// # Errors
/// `NotFound` if it is no part of that contact, or has been for longer than 30 days.
pub async fn undo(tx: &mut TenantTx, kept: ContactId, merged: ContactId) -> Result<()> {
    let business = business(tx)?;
    let row = sqlx::query!(
        r#"delete from contact_merges where sub_account_id = $1 and contact_id = $2 and merged = $3 and created_at > now() - make_interval(days => $4)
           returning merged_since, merged_details as "merged_details: Json<Details>", kept_details as "kept_details: Json<Details>", accounts, carried"#,
        business.0,
        kept.0,
        merged.0,
        days()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    sqlx::query!(
        "insert into contacts (id, sub_account_id, created_at) values ($1, $2, $3)",
        merged.0,
        business.0,
        row.merged_since
    )
    .execute(tx.conn())
    .await?;
    let now = details::read(tx, business, kept).await?;
    let (stayed, back) = now.apart(&row.kept_details, &row.merged_details);
    details::write(tx, business, kept, &stayed).await?;
    details::write(tx, business, merged, &back).await?;
    hand_over(tx, business, kept, merged, &row.accounts).await?;
    sqlx::query!(
        "update contact_merges set contact_id = $3 where sub_account_id = $1 and contact_id = $2 and id = any ($4)",
        business.0,
        kept.0,
        merged.0,
        &row.carried
    )
    .execute(tx.conn())
    .await?;
    tell(tx, business, &[kept, merged]).await
}

/// Gives what can be taken out of a contact to the contact that it becomes part of. Returns the ids of these merges.
pub(super) async fn carry(
    tx: &mut TenantTx,
    business: BusinessId,
    from: ContactId,
    to: ContactId,
) -> Result<Vec<Uuid>> {
    let carried = sqlx::query_scalar!(
        "update contact_merges set contact_id = $3 where sub_account_id = $1 and contact_id = $2 returning id",
        business.0,
        from.0,
        to.0
    );
    Ok(carried.fetch_all(tx.conn()).await?)
}

/// Gives a contact the ids and conversations that another one has at these accounts.
async fn hand_over(
    tx: &mut TenantTx,
    business: BusinessId,
    from: ContactId,
    to: ContactId,
    accounts: &[String],
) -> Result<()> {
    sqlx::query!(
        "update contact_identities set contact_id = $3 where sub_account_id = $1 and contact_id = $2
           and case when kind in ('bsuid', 'parent_bsuid', 'wa_id') then 'wa_id' else kind || ' ' || scope end = any ($4)",
        business.0,
        from.0,
        to.0,
        accounts
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update conversations c set contact_id = $3 from channels h
         where c.sub_account_id = $1 and c.contact_id = $2 and h.sub_account_id = c.sub_account_id and h.id = c.channel_id
           and case c.type when 'WHATSAPP' then 'wa_id' when 'FACEBOOK' then 'psid ' || h.external_id when 'INSTAGRAM' then 'igsid ' || h.external_id
             else 'webchat ' || h.external_id end = any ($4)",
        business.0,
        from.0,
        to.0,
        accounts
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Shows the names of contacts in their conversations, and tells whoever follows them.
async fn tell(tx: &mut TenantTx, business: BusinessId, of: &[ContactId]) -> Result<()> {
    for contact in of {
        conversations::show_name(tx, business, *contact).await?;
        for conversation in consent::conversations(tx, *contact).await? {
            outgoing::changed(tx, conversation).await?;
        }
    }
    Ok(())
}

/// By what contacts were named that became part of one, for what else names them.
pub(super) async fn names(tx: &mut TenantTx, contact: ContactId) -> Result<Vec<(ContactId, Details)>> {
    let business = business(tx)?;
    let rows = sqlx::query!(
        r#"select merged as "merged: ContactId", merged_details as "merged_details: Json<Details>", kept_details as "kept_details: Json<Details>"
           from contact_merges where sub_account_id = $1 and contact_id = $2"#,
        business.0,
        contact.0
    );
    let rows = rows.fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().flat_map(|row| [(row.merged, row.merged_details.0), (contact, row.kept_details.0)]).collect())
}

/// Forgets what became part of a contact, which is being erased.
pub(super) async fn forget(tx: &mut TenantTx, contact: ContactId) -> Result<()> {
    let business = business(tx)?;
    sqlx::query!("delete from contact_merges where sub_account_id = $1 and contact_id = $2", business.0, contact.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}
