//! Which notifications are owed by mail, and who sends them now. A worker takes what it is about to send for a few
//! minutes, so that no two workers send the same, and marks it as sent afterwards; what a crash leaves behind is taken
//! again.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use domain::notifications::{Choices, Kind, Rules, Severity};
use domain::{AgencyId, BusinessId, NotificationId, UserId};
use uuid::Uuid;

use crate::{PlatformTx, Result, TenantTx};

/// How many notifications go in one mail at most.
const MOST: i64 = 50;

/// How many notifications a summary is put together from at most. It counts the others.
const OF_SUMMARY: i64 = 500;

/// Notifications this many seconds old go along with another one of the same person.
const OLD_ENOUGH: f64 = 100.0;

/// A mail that a person is to get.
#[derive(Clone, Debug)]
pub struct Owed {
    /// The person.
    pub user: UserId,
    /// Their address.
    pub email: String,
    /// What happened.
    pub kind: Kind,
    /// What the person and the agency chose.
    pub rules: Rules,
    /// The agency's name in addresses.
    pub slug: String,
}

/// A notification that is sent now.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Its id.
    pub id: NotificationId,
    /// What happened.
    pub kind: Kind,
    /// What it is about.
    pub subject: Option<Uuid>,
    /// The client that it is about.
    pub business: Option<BusinessId>,
    /// The name of what it is about.
    pub title: String,
    /// What else is known.
    pub detail: String,
    /// When it happened.
    pub at: DateTime<Utc>,
}

/// The mail that is owed for a notification. `None` if the person saw it, left the agency or may not sign in, if it was
/// sent, or if its agency lies in the trash.
pub async fn owed(tx: &mut TenantTx, id: NotificationId) -> Result<Option<Owed>> {
    let agency = tx.agency()?;
    let row = sqlx::query!(
        r#"select n.user_id as "user: UserId", n.kind, u.email, u.settings_json -> 'notifications' as own, a.settings_json -> 'notifications' as chosen, a.slug
           from notifications n join agencies a on a.id = n.agency_id and a.deleted_at is null
           join users u on u.id = n.user_id and u.deleted_at is null and u.disabled_at is null
           join user_agency_memberships m on m.agency_id = n.agency_id and m.user_id = n.user_id and m.deleted_at is null and m.status = 'active'
           where n.agency_id = $1 and n.id = $2 and n.read_at is null and n.mailed_at is null"#,
        agency.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.and_then(|row| {
        let rules = Rules { own: Choices::stored(row.own), agency: Choices::stored(row.chosen) };
        let kind = Kind::parse(&row.kind)?;
        Some(Owed { user: row.user, email: row.email, kind, rules, slug: row.slug })
    }))
}

/// The summary of a day.
#[derive(Clone, Debug)]
pub struct Digest {
    /// The address of the person.
    pub email: String,
    /// The agency's name in addresses.
    pub slug: String,
    /// What the person and the agency chose.
    pub rules: Rules,
    /// What it is put together from: what waits for a person first, then the newest.
    pub named: Vec<Taken>,
    /// How many more there are, which it only counts.
    pub more: i64,
    /// When it was put together. It stands for everything until then.
    pub at: DateTime<Utc>,
}

/// Takes the summary of a person's day. `None` if nothing is left to tell, or if another worker sends one. What is not so
/// any more leaves the summary, and stays on the page.
pub async fn take_digest(tx: &mut TenantTx, user: UserId) -> Result<Option<Digest>> {
    let agency = tx.agency()?;
    // The lock on the membership lets one worker at a time take a summary.
    let row = sqlx::query!(
        r#"select u.email, a.slug, u.settings_json -> 'notifications' as own, a.settings_json -> 'notifications' as chosen, now() as "at!"
           from user_agency_memberships m join agencies a on a.id = m.agency_id and a.deleted_at is null
           join users u on u.id = m.user_id and u.deleted_at is null and u.disabled_at is null
           where m.agency_id = $1 and m.user_id = $2 and m.deleted_at is null and m.status = 'active' for update of m"#,
        agency.0,
        user.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    drop_settled(tx, user).await?;
    let waiting = sqlx::query!(
        r#"select count(*) as "all!", coalesce(bool_or(mail_lease_until >= clock_timestamp()), false) as "busy!" from notifications
           where agency_id = $1 and user_id = $2 and channel = 'digest' and read_at is null and mailed_at is null and created_at <= $3 and kind = any($4)"#,
        agency.0,
        user.0,
        row.at,
        &known()
    )
    .fetch_one(tx.conn())
    .await?;
    if waiting.busy {
        return Ok(None);
    }
    let named = take_of(tx, user, "digest", None, OF_SUMMARY).await?;
    let more = waiting.all.saturating_sub(i64::try_from(named.len()).unwrap_or(i64::MAX)).max(0);
    let rules = Rules { own: Choices::stored(row.own), agency: Choices::stored(row.chosen) };
    Ok((!named.is_empty()).then_some(Digest { email: row.email, slug: row.slug, rules, named, more, at: row.at }))
}

/// The kinds that this version knows. Those of a newer one are left to that version.
fn known() -> Vec<String> {
    Kind::ALL.iter().map(|kind| kind.key().to_owned()).collect()
}

/// The kinds that wait for a person.
fn urgent() -> Vec<String> {
    let urgent = Kind::ALL.iter().filter(|kind| kind.severity() == Severity::NeedsYou);
    urgent.map(|kind| kind.key().to_owned()).collect()
}

/// Leaves to the page what is not so any more.
async fn drop_settled(tx: &mut TenantTx, user: UserId) -> Result<()> {
    let agency = tx.agency()?;
    sqlx::query!(
        "update notifications n set channel = 'app'
         where n.agency_id = $1 and n.user_id = $2 and n.channel = 'digest' and n.read_at is null and n.mailed_at is null
           and not case n.kind
             when 'job.failed' then exists (select from provisioning_jobs j where j.agency_id = $1 and j.id = n.subject and j.status = 'FAILED')
             when 'job.needs_input' then exists (select from provisioning_jobs j where j.agency_id = $1 and j.id = n.subject and j.status = 'AWAITING_INPUT')
             when 'connection.lost' then exists (select from integrations i where i.agency_id = $1 and i.id = n.subject and i.is_active and i.needs_reauth_at is not null)
             else true end",
        agency.0,
        user.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Records that a summary was sent: what it names and what it only counts.
pub async fn digested(tx: &mut TenantTx, user: UserId, at: DateTime<Utc>) -> Result<()> {
    let agency = tx.agency()?;
    sqlx::query!(
        "update notifications set mailed_at = now(), mail_lease_until = null
         where agency_id = $1 and user_id = $2 and channel = 'digest' and mailed_at is null and created_at <= $3 and kind = any($4)",
        agency.0,
        user.0,
        at,
        &known()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes a notification that is owed by a mail of its own, and others of the same person that have waited long enough.
/// Empty if another worker sends it, or if what it says is not so any more.
pub async fn take(tx: &mut TenantTx, user: UserId, id: NotificationId) -> Result<Vec<Taken>> {
    let taken = take_of(tx, user, "mail", Some(id), MOST).await?;
    if taken.iter().any(|one| one.id == id) {
        return Ok(taken);
    }
    release(tx, &ids(&taken)).await?;
    Ok(Vec::new())
}

fn ids(taken: &[Taken]) -> Vec<NotificationId> {
    taken.iter().map(|one| one.id).collect()
}

/// Takes at most so many notifications of a person: what waits for a person first, then the newest.
async fn take_of(
    tx: &mut TenantTx,
    user: UserId,
    channel: &str,
    with: Option<NotificationId>,
    most: i64,
) -> Result<Vec<Taken>> {
    let agency = tx.agency()?;
    let rows = sqlx::query!(
        r#"update notifications t set mail_lease_until = clock_timestamp() + interval '3 minutes'
           where t.agency_id = $1 and t.id = any(array(
             select n.id from notifications n
             where n.agency_id = $1 and n.user_id = $2 and n.channel = $3 and n.read_at is null and n.mailed_at is null
               and (n.mail_lease_until is null or n.mail_lease_until < clock_timestamp())
               and ($4::uuid is null or n.id = $4 or n.created_at < now() - make_interval(secs => $5)) and n.kind = any($7)
               and case n.kind
                 when 'job.failed' then exists (select from provisioning_jobs j where j.agency_id = $1 and j.id = n.subject and j.status = 'FAILED')
                 when 'job.needs_input' then exists (select from provisioning_jobs j where j.agency_id = $1 and j.id = n.subject and j.status = 'AWAITING_INPUT')
                 when 'connection.lost' then exists (select from integrations i where i.agency_id = $1 and i.id = n.subject and i.is_active and i.needs_reauth_at is not null)
                 else true end
             order by n.id is distinct from $4, n.kind = any($8) desc, n.created_at desc, n.id desc limit $6 for update skip locked))
           returning t.id as "id: NotificationId", t.kind, t.subject, t.sub_account_id as "business: BusinessId", t.title, t.detail, t.created_at"#,
        agency.0,
        user.0,
        channel,
        with.map(|id| id.0),
        OLD_ENOUGH,
        most,
        &known(),
        &urgent()
    )
    .fetch_all(tx.conn())
    .await?;
    let mut rows: Vec<_> = rows.into_iter().filter_map(|row| Some((Kind::parse(&row.kind)?, row))).collect();
    rows.sort_by_key(|(kind, row)| (kind.severity(), Reverse(row.created_at), Reverse(row.id)));
    let taken = rows.into_iter().map(|(kind, row)| Taken {
        id: row.id,
        kind,
        subject: row.subject,
        business: row.business,
        title: row.title,
        detail: row.detail,
        at: row.created_at,
    });
    Ok(taken.collect())
}

/// Leaves a notification to the next summary of the person, who chose that meanwhile.
pub async fn leave_to_digest(tx: &mut TenantTx, id: NotificationId) -> Result<()> {
    let agency = tx.agency()?;
    sqlx::query!(
        "update notifications set channel = 'digest' where agency_id = $1 and id = $2 and mailed_at is null",
        agency.0,
        id.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether a worker sends a notification just now.
pub async fn is_being_mailed(tx: &mut TenantTx, id: NotificationId) -> Result<bool> {
    let agency = tx.agency()?;
    let leased = sqlx::query_scalar!(
        r#"select exists (select from notifications where agency_id = $1 and id = $2 and mailed_at is null and mail_lease_until > clock_timestamp()) as "leased!""#,
        agency.0,
        id.0
    );
    Ok(leased.fetch_one(tx.conn()).await?)
}

/// Records that notifications were sent.
pub async fn mailed(tx: &mut TenantTx, ids: &[NotificationId]) -> Result<()> {
    let (agency, ids) = (tx.agency()?, raw(ids));
    sqlx::query!(
        "update notifications set mailed_at = now(), mail_lease_until = null where agency_id = $1 and id = any($2)",
        agency.0,
        &ids
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Gives back notifications that could not be sent.
pub async fn release(tx: &mut TenantTx, ids: &[NotificationId]) -> Result<()> {
    let (agency, ids) = (tx.agency()?, raw(ids));
    sqlx::query!(
        "update notifications set mail_lease_until = null where agency_id = $1 and id = any($2) and mailed_at is null",
        agency.0,
        &ids
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

fn raw(ids: &[NotificationId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.0).collect()
}

/// Somebody who is owed a summary.
#[derive(Clone, Debug)]
pub struct DueDigest {
    /// The agency.
    pub agency: AgencyId,
    /// The person.
    pub user: UserId,
    /// What the person and the agency chose.
    pub rules: Rules,
    /// When the first of what the summary will name happened.
    pub since: DateTime<Utc>,
    /// Whether they still work in the agency and may sign in.
    pub is_member: bool,
}

/// People for whom a summary waits, of all agencies, after this one, in order; at most 500. The caller decides by their
/// clock whether it is due. Each person costs one look into the index, however much waits for them.
pub async fn due_digests(tx: &mut PlatformTx, after: Option<(AgencyId, UserId)>) -> Result<Vec<DueDigest>> {
    let (agency, user) = after.map_or((Uuid::nil(), Uuid::nil()), |(agency, user)| (agency.0, user.0));
    let rows = sqlx::query!(
        r#"with recursive person as (
             (select p.agency_id, p.user_id, p.created_at from notifications p
              where p.channel = 'digest' and p.read_at is null and p.mailed_at is null and p.kind = any($3) and (p.agency_id, p.user_id) > ($1, $2)
              order by p.agency_id, p.user_id, p.created_at limit 1)
             union all
             select n.agency_id, n.user_id, n.created_at from person b cross join lateral (
               select p.agency_id, p.user_id, p.created_at from notifications p
               where p.channel = 'digest' and p.read_at is null and p.mailed_at is null and p.kind = any($3) and (p.agency_id, p.user_id) > (b.agency_id, b.user_id)
               order by p.agency_id, p.user_id, p.created_at limit 1) n)
           select n.agency_id as "agency!: AgencyId", n.user_id as "user!: UserId", n.created_at as "since!",
                  u.settings_json -> 'notifications' as own, a.settings_json -> 'notifications' as chosen,
                  a.deleted_at is null and u.deleted_at is null and u.disabled_at is null and exists (
                    select from user_agency_memberships m where m.agency_id = n.agency_id and m.user_id = n.user_id and m.deleted_at is null and m.status = 'active') as "is_member!"
           from (select * from person limit 500) n join agencies a on a.id = n.agency_id join users u on u.id = n.user_id
           order by n.agency_id, n.user_id"#,
        agency,
        user,
        &known()
    )
    .fetch_all(tx.conn())
    .await?;
    let due = rows.into_iter().map(|row| DueDigest {
        agency: row.agency,
        user: row.user,
        rules: Rules { own: Choices::stored(row.own), agency: Choices::stored(row.chosen) },
        since: row.since,
        is_member: row.is_member,
    });
    Ok(due.collect())
}
