//! Who is it that a business talks to? A person is found by any id that a platform gives, and is one contact whatever ids
//! come, together or alone, in whatever order.

use chrono::{DateTime, Utc};
use domain::messaging::inbound::Person;
use domain::messaging::view::{ContactView, IdentityView};
use domain::{BusinessId, ContactId, ConversationId, text};

use super::channels::ChannelRow;
use super::identities::{self, Identity};
use super::incoming::clock;
use super::outgoing::{self, business};
use super::trimmed::trimmed;
use super::{conversations, merge};
use crate::{Result, TenantTx, found, new_id};

/// What a person of the business says of a contact. All fields are checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactChange {
    /// The name. With an empty one, the name is again what the platforms say.
    pub name: String,
    /// The mail address.
    pub email: Option<String>,
    /// The phone number in international form.
    pub phone: Option<String>,
    /// The company.
    pub company: String,
    /// The note.
    pub note: String,
}

/// Finds the contact of a person, or adds one. `None` if nothing tells who it is. All ids that come together belong to
/// one contact from then on: two contacts that turn out to be one person become one.
pub async fn resolve(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    person: &Person,
    at: DateTime<Utc>,
) -> Result<Option<ContactId>> {
    let (business, ids) = (business(tx)?, identities::of(channel, person));
    if ids.is_empty() {
        return Ok(None);
    }
    let username =
        person.username.as_deref().map(|name| trimmed(&text::line(name), 255)).filter(|name| !name.is_empty());
    let (holders, is_whole) = identities::holders(tx, business, &ids).await?;
    let contact = match holders[..] {
        [contact] if is_whole => contact,
        _ => link(tx, business, &ids, username.as_deref()).await?,
    };
    learn(tx, business, contact, person, username.as_deref(), at).await?;
    Ok(Some(contact))
}

/// The contact of a person whom the business knows.
pub(super) async fn known(tx: &mut TenantTx, channel: &ChannelRow, person: &Person) -> Result<Option<ContactId>> {
    let (business, ids) = (business(tx)?, identities::of(channel, person));
    Ok(identities::holders(tx, business, &ids).await?.0.first().copied())
}

/// Makes all ids those of one contact: the one that has the first of them, or a new one. Nobody else does so meanwhile.
async fn link(tx: &mut TenantTx, business: BusinessId, ids: &[Identity], username: Option<&str>) -> Result<ContactId> {
    identities::lock(tx, business, ids).await?;
    let (mut holders, mut is_whole) = identities::holders(tx, business, ids).await?;
    if holders.len() > 1 {
        merge::hold(tx, business, &holders).await?;
        // Somebody may have made one contact of them meanwhile.
        (holders, is_whole) = identities::holders(tx, business, ids).await?;
    }
    let contact = match holders.first() {
        Some(contact) => *contact,
        None => add(tx, business).await?,
    };
    if !is_whole || holders.len() > 1 {
        identities::give(tx, business, contact, ids, username).await?;
    }
    for other in holders.iter().skip(1) {
        merge::into(tx, business, contact, *other).await?;
    }
    Ok(contact)
}

async fn add(tx: &mut TenantTx, business: BusinessId) -> Result<ContactId> {
    let id = new_id::<ContactId>();
    sqlx::query!("insert into contacts (id, sub_account_id) values ($1, $2)", id.0, business.0)
        .execute(tx.conn())
        .await?;
    Ok(id)
}

/// Keeps what the platform says of the person, where nobody of the business said something else.
async fn learn(
    tx: &mut TenantTx,
    business: BusinessId,
    contact: ContactId,
    person: &Person,
    username: Option<&str>,
    at: DateTime<Utc>,
) -> Result<()> {
    let name = person.name.as_deref().map(|name| trimmed(&text::line(name), 480)).unwrap_or_default();
    let digits = person.wa_id.as_deref().map(|id| id.trim_start_matches('+')).unwrap_or_default();
    let is_phone = (5..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let phone = is_phone.then(|| format!("+{digits}"));
    let changed = sqlx::query_scalar!(
        r#"update contacts set name = case when is_named or $3 = '' then name else $3 end, phone = coalesce(phone, $4::text), last_activity_at = greatest(last_activity_at, $5)
           where sub_account_id = $1 and id = $2
             and (not is_named and $3 not in ('', name) or phone is null and $4::text is not null or last_activity_at is null or last_activity_at < $5)
           returning id as "id: ContactId""#,
        business.0,
        contact.0,
        name,
        phone,
        at
    )
    .fetch_optional(tx.conn())
    .await?;
    let renamed = username.is_some() && rename_account(tx, business, contact, username).await?;
    if changed.is_some() || renamed {
        conversations::show_name(tx, business, contact).await?;
    }
    Ok(())
}

async fn rename_account(
    tx: &mut TenantTx,
    business: BusinessId,
    contact: ContactId,
    username: Option<&str>,
) -> Result<bool> {
    let done = sqlx::query!(
        "update contact_identities set username = $3 where sub_account_id = $1 and contact_id = $2 and ended_at is null and username is distinct from $3",
        business.0,
        contact.0,
        username
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Locks a contact until the transaction ends. One that is being erased is not found.
pub async fn hold(tx: &mut TenantTx, id: ContactId) -> Result<()> {
    let business = business(tx)?;
    sqlx::query_scalar!(
        "select id from contacts where sub_account_id = $1 and id = $2 and erasing_at is null for no key update",
        business.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

/// One contact. One that is being erased is not found.
pub async fn get(tx: &mut TenantTx, id: ContactId) -> Result<ContactView> {
    let business = business(tx)?;
    let row = sqlx::query!(
        "select name, email, phone, company, note, opted_out_at, marketing_refused_at, last_activity_at, created_at from contacts where sub_account_id = $1 and id = $2 and erasing_at is null",
        business.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    let identities = sqlx::query_as!(
        IdentityView,
        "select kind, external_id as id, username from contact_identities where sub_account_id = $1 and contact_id = $2 and ended_at is null order by created_at, id limit 50",
        business.0,
        id.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ContactView {
        id,
        name: row.name,
        email: row.email,
        phone: row.phone,
        company: row.company,
        note: row.note,
        identities,
        opted_out_at: row.opted_out_at,
        marketing_refused_at: row.marketing_refused_at,
        last_activity_at: row.last_activity_at,
        created_at: row.created_at,
    })
}

/// Stores what a person of the business says of a contact.
pub async fn change(tx: &mut TenantTx, id: ContactId, to: &ContactChange) -> Result<()> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update contacts set is_named = $3 <> '' and (is_named or name <> $3), name = $3, email = $4, phone = $5, company = $6, note = $7
         where sub_account_id = $1 and id = $2",
        business.0,
        id.0,
        trimmed(&to.name, 480),
        to.email.as_deref().map(|email| trimmed(email, 320)),
        to.phone,
        trimmed(&to.company, 480),
        trimmed(&to.note, 4000)
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    conversations::show_name(tx, business, id).await?;
    for conversation in conversations_of(tx, business, id).await? {
        outgoing::changed(tx, conversation).await?;
    }
    Ok(())
}

/// The conversations with a contact.
pub(super) async fn conversations_of(
    tx: &mut TenantTx,
    business: BusinessId,
    id: ContactId,
) -> Result<Vec<ConversationId>> {
    let of = sqlx::query_scalar!(
        r#"select id as "id: ConversationId" from conversations where sub_account_id = $1 and contact_id = $2 order by id"#,
        business.0,
        id.0
    );
    Ok(of.fetch_all(tx.conn()).await?)
}

/// Gives a contact the ids under which the platform knows the person from now on. The former ids of the same kinds end,
/// so that a stranger who gets the old number is another contact. Ids that another contact has stay there.
pub async fn moved(tx: &mut TenantTx, channel: &ChannelRow, from: &Person, to: &Person) -> Result<()> {
    let (business, new) = (business(tx)?, identities::of(channel, to));
    let Some(contact) = known(tx, channel, from).await?.filter(|_| !new.is_empty()) else { return Ok(()) };
    identities::lock(tx, business, &new).await?;
    let (holders, _) = identities::holders(tx, business, &new).await?;
    identities::end_others(tx, business, contact, &new).await?;
    if holders.iter().any(|holder| *holder != contact) {
        return Ok(());
    }
    identities::give(tx, business, contact, &new, to.username.as_deref().map(|name| trimmed(name, 255)).as_deref())
        .await?;
    let address = &new[0].id;
    sqlx::query!(
        "update conversations set external_address = $4 where sub_account_id = $1 and contact_id = $2 and channel_id = $3",
        business.0,
        contact.0,
        channel.id.0,
        address
    )
    .execute(tx.conn())
    .await?;
    if new[0].kind == "wa_id" {
        sqlx::query!(
            "update contacts set phone = case when '+' || $3 ~ '^\\+[0-9]{5,20}$' then '+' || $3 else phone end where sub_account_id = $1 and id = $2",
            business.0,
            contact.0,
            address
        )
        .execute(tx.conn())
        .await?;
        conversations::show_name(tx, business, contact).await?;
    }
    for conversation in conversations_of(tx, business, contact).await? {
        outgoing::changed(tx, conversation).await?;
    }
    Ok(())
}

/// Keeps whether a person wants marketing messages, also of one who never wrote.
pub async fn set_marketing(tx: &mut TenantTx, channel: &ChannelRow, person: &Person, wanted: bool) -> Result<()> {
    let business = business(tx)?;
    let now = clock(tx).await?;
    let Some(contact) = resolve(tx, channel, person, now).await? else { return Ok(()) };
    sqlx::query!(
        "update contacts set marketing_refused_at = case when $3 then null else coalesce(marketing_refused_at, now()) end where sub_account_id = $1 and id = $2",
        business.0,
        contact.0,
        wanted
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
