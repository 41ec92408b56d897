//! Notifications: who is told what, once. They are written in the transaction of what happened, for each member of the
//! agency who is to be told; a mail is queued with a delay, and sent unless the person saw it meanwhile (`mailing`).

mod mailing;
mod settings;
pub mod unsubscribe;

use std::time::Duration;

use domain::notifications::{Channel, Kind, Looked, Notification, Unread};
use domain::page::{ListQuery, Page};
use domain::work::{Kind as WorkKind, Mail};
use domain::{BusinessId, NotificationId, UserId};
use serde_json::json;
use uuid::Uuid;

pub use self::mailing::{
    Digest, DueDigest, Owed, Taken, digested, due_digests, is_being_mailed, leave_to_digest, mailed, owed, release,
    take, take_digest,
};
pub use self::settings::{of_agency, own, set_of_agency, set_own};
use crate::page::{Filter, Key, Kind as FieldKind, List, Search, View, Within};
use crate::queue::{self, Work};
use crate::{Error, Result, TenantTx, found, outbox};

/// How long a mail waits, so that it is not sent about what a person sees on the screen.
const SEEN_FIRST: Duration = Duration::from_secs(120);

/// Something that happened, of which people are told.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// What happened.
    pub kind: Kind,
    /// Names this one event among all of the agency. A person is told of it once.
    pub key: String,
    /// What it is about.
    pub subject: Option<Uuid>,
    /// The client that it is about.
    pub business: Option<BusinessId>,
    /// Who started it, or to whom it is given.
    pub to: Option<UserId>,
    /// The name of what it is about.
    pub title: &'a str,
    /// What else is known; may be empty.
    pub detail: &'a str,
}

/// Tells the people of the transaction's agency what happened. Who did it is not told. The same event again tells
/// nobody twice.
pub async fn tell(tx: &mut TenantTx, event: &Event<'_>) -> Result<()> {
    let (agency, by) = (tx.agency()?, tx.user());
    let kind = event.kind;
    let told = sqlx::query!(
        r#"with chosen as (select settings_json -> 'notifications' as rules from agencies where id = $1 and deleted_at is null),
                member as (
                  select m.user_id, u.settings_json -> 'notifications' as rules,
                         exists (select from role_permissions g join permissions p on p.id = g.permission_id where g.role_id = m.role_id and p.key = $2) as manages
                  from user_agency_memberships m join users u on u.id = m.user_id and u.deleted_at is null and u.disabled_at is null
                  where m.agency_id = $1 and m.deleted_at is null and m.status = 'active'),
                told as (
                  select m.user_id, coalesce(m.rules #>> array['kinds', $3::text], c.rules #>> array['kinds', $3::text], $4) as channel
                  from member m cross join chosen c
                  where m.user_id is distinct from $5
                    and (m.user_id = $6
                         or (m.manages and $7 = 'managers')
                         or (m.manages and $7 = 'starter'
                             and (coalesce(m.rules ->> 'everyones', c.rules ->> 'everyones', 'false') = 'true'
                                  or not exists (select from member s where s.user_id = $6)))))
           insert into notifications (agency_id, user_id, sub_account_id, kind, event_key, subject, title, detail, channel)
           select $1, user_id, $8, $3, $9, $10, left($11, 480), left($12, 1000), channel from told where channel in ('app', 'digest', 'mail')
           on conflict (agency_id, user_id, event_key) do nothing
           returning id as "id: NotificationId", user_id as "user: UserId", channel"#,
        agency.0,
        kind.right().key(),
        kind.key(),
        kind.usual().key(),
        by.map(|id| id.0),
        event.to.map(|id| id.0),
        kind.audience().key(),
        event.business.map(|id| id.0),
        event.key,
        event.subject,
        event.title,
        event.detail,
    )
    .fetch_all(tx.conn())
    .await?;
    for one in told {
        if one.channel == Channel::Mail.key() {
            let mail = serde_json::to_value(Mail::Notification { notification: one.id }).unwrap_or_default();
            let work = Work::new(WorkKind::SendMail).subject(one.id).payload(mail);
            queue::add_in(tx, &work, SEEN_FIRST).await?;
        }
        changed(tx, one.user).await?;
    }
    Ok(())
}

/// Tells open pages of a person that their notifications changed.
async fn changed(tx: &mut TenantTx, user: UserId) -> Result<()> {
    outbox::add(tx, "notifications.changed", Some(user.0), &json!({})).await
}

/// What waited for a person does so no more: nobody needs to be told of it, and no mail is sent.
pub(crate) async fn settle(tx: &mut TenantTx, subject: impl Into<Uuid> + Send, kinds: &[Kind]) -> Result<()> {
    // A business by itself reads nothing of its agency.
    let Ok(agency) = tx.agency() else { return Ok(()) };
    let kinds: Vec<String> = kinds.iter().map(|kind| kind.key().to_owned()).collect();
    let users = sqlx::query_scalar!(
        r#"update notifications set read_at = now() where agency_id = $1 and subject = $2 and kind = any($3) and read_at is null
           returning user_id as "user: UserId""#,
        agency.0,
        subject.into(),
        &kinds
    )
    .fetch_all(tx.conn())
    .await?;
    for user in users {
        changed(tx, user).await?;
    }
    Ok(())
}

/// The sort orders that `list` supports.
pub const ORDERS: &[&str] = &["-created"];

/// The notifications of the person who looks.
pub static LIST: List = List {
    key: "notifications",
    from: "notifications n",
    id: "n.id",
    agency: Some("n.agency_id"),
    views: &[
        View::new("", "n.user_id = {user}"),
        View::new("unread", "n.user_id = {user} and n.read_at is null"),
        View::new(
            "needs_you",
            "n.user_id = {user} and n.kind in ('job.failed', 'job.needs_input', 'connection.lost', 'connection.ending', 'todo.assigned', 'webhook.disabled', 'conversation.handed_over', 'usage.limit', 'files.limit', 'tool.approval')",
        ),
    ],
    search: Search::new("n.title || e'\\n' || n.detail"),
    filters: &[
        Filter::new("kind", "n.kind", FieldKind::Choice(&Kind::KEYS)),
        Filter::new("client", "n.sub_account_id", FieldKind::Id),
        Filter::new("created", "n.created_at", FieldKind::Time),
    ],
    keys: &[Key::time("created", "n.created_at")],
    orders: ORDERS,
    is_counted: true,
    ..List::EMPTY
};

/// A page of the notifications of a person in the agency, newest first. `view` is `unread` or `needs_you`.
pub async fn list(tx: &mut TenantTx, user: UserId, query: &ListQuery) -> Result<Page<Notification>> {
    let agency = tx.agency()?;
    let within = Within { user: Some(user), ..Within::of(tx) };
    let found = LIST.find(tx.conn(), within, query).await?;
    let rows = sqlx::query!(
        r#"select id as "id: NotificationId", kind, subject, sub_account_id as "business: BusinessId", title, detail, read_at, mailed_at, created_at
           from notifications where agency_id = $1 and user_id = $2 and id = any ($3)"#,
        agency.0,
        user.0,
        &found.ids
    )
    .fetch_all(tx.conn())
    .await?;
    // A kind of a newer version is left to that version.
    let rows = rows.into_iter().filter_map(|row| {
        Some(Notification {
            id: row.id,
            kind: Kind::parse(&row.kind)?,
            subject: row.subject,
            business: row.business,
            title: row.title,
            detail: row.detail,
            read_at: row.read_at,
            mailed_at: row.mailed_at,
            created_at: row.created_at,
        })
    });
    Ok(found.page(rows.collect(), |row| row.id.0))
}

/// How much a person did not see yet, up to 100. What the page before them shows is seen by that.
pub async fn unread(tx: &mut TenantTx, user: UserId, looked: &Looked) -> Result<Unread> {
    let unread = count(tx, user).await?;
    // Most pages are opened by somebody who has seen everything.
    let is_less = unread.count > 0 && !looked.is_nothing() && see(tx, user, looked).await?;
    if is_less { count(tx, user).await } else { Ok(unread) }
}

/// Counts go no further than 100: the bell shows `99+`. The limits are no parameters, so that the database keeps the plan.
async fn count(tx: &mut TenantTx, user: UserId) -> Result<Unread> {
    let agency = tx.agency()?;
    let row = sqlx::query!(
        r#"select (select count(*) from (select from notifications where agency_id = $1 and user_id = $2 and read_at is null limit 100) n) as "count!",
                  count(*) as "urgent!", count(*) filter (where w.kind in ('job.failed', 'job.needs_input')) as "jobs!"
           from (select kind from notifications where agency_id = $1 and user_id = $2 and read_at is null
                   and kind in ('job.failed', 'job.needs_input', 'connection.lost', 'connection.ending', 'todo.assigned', 'webhook.disabled', 'conversation.handed_over', 'usage.limit', 'files.limit', 'tool.approval') limit 100) w"#,
        agency.0,
        user.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Unread { count: row.count, urgent: row.urgent, jobs: row.jobs })
}

/// Marks what a page shows as read. True if anything was not.
async fn see(tx: &mut TenantTx, user: UserId, looked: &Looked) -> Result<bool> {
    let agency = tx.agency()?;
    let kinds: Vec<String> = looked.kinds.iter().map(|kind| kind.key().to_owned()).collect();
    let seen = sqlx::query!(
        "update notifications set read_at = now() where agency_id = $1 and user_id = $2 and read_at is null
           and (subject = $3 or (sub_account_id = $3 and kind in ('client.created', 'invitation.accepted')) or kind = any($4))",
        agency.0,
        user.0,
        looked.subject,
        &kinds
    )
    .execute(tx.conn())
    .await?;
    let is_any = seen.rows_affected() > 0;
    if is_any {
        changed(tx, user).await?;
    }
    Ok(is_any)
}

/// Marks one of a person's notifications as read. Again changes nothing.
pub async fn read(tx: &mut TenantTx, user: UserId, id: NotificationId) -> Result<()> {
    let agency = tx.agency()?;
    let done = sqlx::query!(
        "update notifications set read_at = coalesce(read_at, now()) where agency_id = $1 and user_id = $2 and id = $3",
        agency.0,
        user.0,
        id.0
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    changed(tx, user).await
}

/// Marks all of a person's notifications in the agency as read, and returns how many were not.
pub async fn read_all(tx: &mut TenantTx, user: UserId) -> Result<u64> {
    let agency = tx.agency()?;
    let done = sqlx::query!(
        "update notifications set read_at = now() where agency_id = $1 and user_id = $2 and read_at is null",
        agency.0,
        user.0
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() > 0 {
        changed(tx, user).await?;
    }
    Ok(done.rows_affected())
}

/// The person of a transaction.
fn person(tx: &TenantTx) -> Result<UserId> {
    tx.user().ok_or_else(|| Error::Refused("a scope without person".to_owned()))
}
