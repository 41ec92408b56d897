//! One-time links: invitations, first passwords and resets. The table stores only the SHA-256 of the secret, and
//! the secret gives access to that one row. An address has at most one open invitation per agency or business.
//! Accepting it, leaving, changing the role or disabling the person ends open links, so an older link restores
//! nothing. A link to an agency or business in the trash does not work while it is there.

mod creating;
mod ending;
mod place;
mod sending;

use chrono::{DateTime, Utc};
use domain::identity::{Reach, Role};
use domain::person::Invite;
use domain::{AgencyId, BusinessId, JobId, UserId};
use serde_json::Value;
use uuid::Uuid;

pub use self::creating::{NewInvite, first_password, invite, invite_platform, reset, reset_in};
use self::ending::{Of, end_open, lock_address};
pub(crate) use self::ending::{end_all_of, end_first_passwords, end_of};
use self::place::Place;
pub use self::sending::{
    InviteMail, MailState, mail_of, mail_settled, open_first_password, open_platform, renew, renew_password_link,
    unsent,
};
use crate::audit::{self, Act};
use crate::identity::{self, AuthUser};
use crate::tenant::Settings;
use crate::{Db, Error, Result, Scope, TenantTx, found, memberships, new_id};

/// A one-time link that was not used yet.
#[derive(Clone, Debug)]
pub struct OneTime {
    /// Id of its row.
    pub id: Uuid,
    /// `invite`, `set_password` or `reset`.
    pub purpose: String,
    /// The agency that the person is invited to.
    pub agency: Option<AgencyId>,
    /// The business that the person is invited to.
    pub business: Option<BusinessId>,
    /// The person whose password it sets.
    pub user: Option<UserId>,
    /// The e-mail address that was invited.
    pub email: Option<String>,
    /// The role that the person is invited to.
    pub role: Option<Role>,
    /// Which businesses the person would reach.
    pub reach: Reach,
    /// The person who created it.
    pub created_by: Option<UserId>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When the link expires.
    pub expires_at: DateTime<Utc>,
}

/// Why a link no longer works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// It was used.
    Used,
    /// It expired, a newer link replaced it, or somebody withdrew it.
    Ended,
    /// The agency or business that it leads to is in the trash.
    Gone,
    /// The agency whose job asks is paused.
    Paused,
}

/// The role and reach that an invitation offers.
fn offered(payload: &Value) -> (Option<Role>, Reach) {
    let word = |name: &str| payload.get(name).and_then(Value::as_str);
    let reach = if word("reach") == Some("all") { Reach::All } else { Reach::Listed };
    (word("role").and_then(Role::parse), reach)
}

/// Invitations of this scope that are still open, newest first.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<Invite>> {
    let agency = tx.home().await?.ok_or(Error::NotFound)?;
    let rows = sqlx::query!(
        r#"select id, email as "email!", payload, created_by as "by: UserId", created_at, expires_at from one_time_tokens
           where purpose = 'invite' and agency_id = $1 and sub_account_id is not distinct from $2 and used_at is null and expires_at > now()
           order by created_at desc limit 500"#,
        agency.0,
        tx.business().map(|id| id.0)
    )
    .fetch_all(tx.conn())
    .await?;
    let invites = rows.into_iter().filter_map(|row| {
        Some(Invite {
            id: row.id,
            email: row.email,
            role: offered(&row.payload).0?,
            invited_by: row.by,
            created_at: row.created_at,
            expires_at: row.expires_at,
            unsent: row.payload.get("unsent").is_some(),
        })
    });
    Ok(invites.collect())
}

/// Withdraws an invitation to the business of this transaction, if it has one, otherwise to its agency.
pub async fn withdraw(tx: &mut TenantTx, id: Uuid) -> Result<()> {
    let agency = tx.home().await?.ok_or(Error::NotFound)?;
    let gone = sqlx::query!(
        "update one_time_tokens set expires_at = now() where id = $1 and purpose = 'invite' and agency_id = $2
         and sub_account_id is not distinct from $3 and used_at is null and expires_at > now()",
        id,
        agency.0,
        tx.business().map(|id| id.0)
    )
    .execute(tx.conn())
    .await?;
    found(gone.rows_affected())?;
    audit::record(tx, Act::new("invite.withdrawn", "invite").object(id)).await
}

/// What the link with this secret is for. `None` when it does not work; a link to an agency or business in the
/// trash does not work.
pub async fn find(db: &Db, hash: [u8; 32]) -> Result<Option<OneTime>> {
    let mut tx = TenantTx::begin(db, Scope::Presented(hash)).await?;
    let row = sqlx::query!(
        r#"select id, purpose, agency_id as "agency: AgencyId", sub_account_id as "business: BusinessId", user_id as "user: UserId", email, payload,
                  created_by as "by: UserId", created_at, expires_at
           from one_time_tokens where secret_hash = $1 and used_at is null and expires_at > now() and purpose in ('invite', 'set_password', 'reset')"#,
        &hash
    )
    .fetch_optional(tx.conn())
    .await?;
    drop(tx);
    let Some(row) = row else { return Ok(None) };
    if (Place { agency: row.agency, business: row.business, job: None }).closed(db, hash).await?.is_some() {
        return Ok(None);
    }
    let (role, reach) = offered(&row.payload);
    Ok(Some(OneTime {
        id: row.id,
        purpose: row.purpose,
        agency: row.agency,
        business: row.business,
        user: row.user,
        email: row.email,
        role,
        reach,
        created_by: row.by,
        created_at: row.created_at,
        expires_at: row.expires_at,
    }))
}

/// Why the link with this secret does not work. `None` when no such link was ever created, when its row was
/// removed by now, or when the reason does not lie in the link itself.
pub async fn link_state(db: &Db, hash: [u8; 32]) -> Result<Option<LinkState>> {
    let mut tx = TenantTx::begin(db, Scope::Presented(hash)).await?;
    let link = sqlx::query!(
        r#"select used_at is not null as "used!", expires_at <= now() as "ended!", agency_id as "agency: AgencyId", sub_account_id as "business: BusinessId",
                  case purpose when 'answer' then subject_id end as "job: JobId"
           from one_time_tokens where secret_hash = $1 and purpose in ('invite', 'set_password', 'reset', 'answer')"#,
        &hash
    )
    .fetch_optional(tx.conn())
    .await?;
    drop(tx);
    let Some(link) = link else { return Ok(None) };
    let place = Place { agency: link.agency, business: link.business, job: link.job };
    Ok(match (link.used, link.ended) {
        (true, _) => Some(LinkState::Used),
        (_, true) => Some(LinkState::Ended),
        _ => place.closed(db, hash).await?,
    })
}

/// Uses the link up. Of two concurrent calls one succeeds and the other gets `NotFound`. It compares with the
/// current time and not with the start of the transaction, so a link that was ended while this transaction waited
/// for it counts as ended.
async fn spend(tx: &mut TenantTx, hash: [u8; 32]) -> Result<()> {
    let spent = sqlx::query!(
        "update one_time_tokens set used_at = clock_timestamp() where secret_hash = $1 and used_at is null and expires_at > clock_timestamp()",
        &hash
    )
    .execute(tx.conn())
    .await?;
    found(spent.rows_affected())
}

/// Sets a password with a `set_password` or `reset` link and ends every session of the person. It does not sign
/// the person in.
pub async fn set_password(db: &Db, hash: [u8; 32], password_hash: &str) -> Result<UserId> {
    let link = find(db, hash).await?.ok_or(Error::NotFound)?;
    let user = link.user.filter(|_| link.purpose != "invite").ok_or(Error::NotFound)?;
    let settings = Settings { user: Some(user), presented: Some(hash), ..Settings::default() };
    let mut tx = TenantTx::begin_with(db, Scope::Person(user), settings).await?;
    spend(&mut tx, hash).await?;
    identity::set_password(&mut tx, user, password_hash).await?;
    crate::sessions::end_all(&mut tx, user).await?;
    tx.commit().await?;
    Ok(user)
}

/// Whether the address that accepts an invitation already has an account with a password.
pub async fn has_account(db: &Db, email: &str) -> Result<bool> {
    Ok(identity::auth_user(db, email).await?.is_some_and(|user| user.password_hash.is_some()))
}

/// Accepts an invitation: creates the account, if there is none, and the membership. An account that has a
/// password keeps it. The inviter's rights count as they are now, so an invitation to more than the inviter may
/// still give is refused with `NotFound`. So is an invitation that is older than the last change of the
/// membership. Other open invitations of the address to the same place end.
pub async fn accept(db: &Db, hash: [u8; 32], name: &str, password_hash: &str) -> Result<UserId> {
    let link = find(db, hash).await?.filter(|link| link.purpose == "invite").ok_or(Error::NotFound)?;
    let (Some(email), Some(role), Some(agency)) = (link.email.as_deref(), link.role, link.agency) else {
        return Err(Error::NotFound);
    };
    if let Some(inviter) = link.created_by {
        let inviter = identity::caller(db, inviter).await?.ok_or(Error::NotFound)?;
        if !domain::access::may_invite(&inviter, agency, link.business, role, link.reach) {
            return Err(Error::NotFound);
        }
    }
    let known = identity::auth_user(db, email).await?;
    let user = known.as_ref().map_or_else(new_id, |known| known.id);
    let settings = Settings {
        user: Some(user),
        agency: Some(agency),
        business: link.business,
        presented: Some(hash),
        ..Settings::default()
    };
    let mut tx = TenantTx::begin_with(db, Scope::Person(user), settings).await?;
    lock_address(tx.conn(), agency, email).await?;
    spend(&mut tx, hash).await?;
    if memberships::changed_since(&mut tx, user, link.created_at).await? {
        return Err(Error::NotFound);
    }
    account(&mut tx, user, known, email, name, password_hash).await?;
    match link.business {
        Some(_) => memberships::add_to_business(&mut tx, user, role).await?,
        None => memberships::add_to_agency(&mut tx, user, role, link.reach).await?,
    }
    end_open(tx.conn(), agency, Of::Place(link.business), email).await?;
    audit::record(&mut tx, Act::new("invite.accepted", "invite").object(link.id)).await?;
    tx.commit().await?;
    Ok(user)
}

async fn account(
    tx: &mut TenantTx,
    user: UserId,
    known: Option<AuthUser>,
    email: &str,
    name: &str,
    password_hash: &str,
) -> Result<()> {
    match known {
        None => {
            sqlx::query!("insert into users (id, email, name) values ($1, $2, $3)", user.0, email, name)
                .execute(tx.conn())
                .await?;
            identity::set_password(tx, user, password_hash).await
        }
        Some(known) => {
            // Locked until the transaction ends, so that a person who is disabled meanwhile gets nothing.
            let disabled = sqlx::query_scalar!(
                r#"select disabled_at is not null or deleted_at is not null as "disabled!" from users where id = $1 for share"#,
                user.0
            );
            if disabled.fetch_one(tx.conn()).await? {
                return Err(Error::NotFound);
            }
            if known.password_hash.is_none() { identity::set_password(tx, user, password_hash).await } else { Ok(()) }
        }
    }
}
