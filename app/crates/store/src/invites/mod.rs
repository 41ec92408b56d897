//! One-time links: invitations, first passwords and resets. The table stores only the SHA-256 of the secret, and
//! the secret gives access to that one row. An address has at most one open invitation per agency or business.
//! Accepting it, leaving, changing the role or disabling the person ends open links, so an older link restores
//! nothing. A link to an agency or business in the trash does not work while it is there.

mod creating;
mod ending;
mod offer;
mod place;
mod sending;

use chrono::{DateTime, Utc};
use domain::identity::{Reach, Role};
use domain::notifications::Kind;
use domain::person::Invite;
use domain::{AgencyId, BusinessId, JobId, UserId};
use serde_json::Value;
use uuid::Uuid;

pub use self::creating::{NewInvite, first_password, invite, invite_platform, reset, reset_in};
use self::ending::{Of, end_open, lock_address};
pub(crate) use self::ending::{end_all_of, end_first_passwords, end_of};
pub use self::offer::{Offer, offer};
use self::place::Place;
pub use self::sending::{
    InviteMail, MailState, hand_over, mail_of, mail_settled, open_first_password, open_platform, renew,
    renew_password_link, unsent,
};
use crate::audit::{self, Act};
use crate::events::{self, Event};
use crate::identity::{self, AuthUser};
use crate::tenant::Settings;
use crate::{Db, Error, Result, Scope, TenantTx, found, memberships, new_id, todos};

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
    /// Whether somebody made the link to hand it on themselves. It then does not prove that its user reads the mail of
    /// the address.
    pub handed_over: bool,
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
    crate::businesses::note_owner_invite(tx).await?;
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
        handed_over: row.payload.get("handed_over").is_some(),
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

/// Sets a password with a `set_password` or `reset` link, which proves the address, and ends every session of the
/// person. It does not sign the person in.
pub async fn set_password(db: &Db, hash: [u8; 32], password_hash: &str) -> Result<UserId> {
    let link = find(db, hash).await?.ok_or(Error::NotFound)?;
    let user = link.user.filter(|_| link.purpose != "invite").ok_or(Error::NotFound)?;
    let settings = Settings { user: Some(user), presented: Some(hash), ..Settings::default() };
    let mut tx = TenantTx::begin_with(db, Scope::Person(user), settings).await?;
    spend(&mut tx, hash).await?;
    identity::set_password(&mut tx, user, password_hash).await?;
    identity::prove_address(&mut tx, user).await?;
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
/// membership, or that would make an owner of the business a member of its team. So is a link that was handed over,
/// for an account that has no password yet, and an account of the platform's staff that has none: its own link sets
/// it. Other open invitations of the address to the same place end.
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
    if role == Role::TeamMember && memberships::owns_business(&mut tx, user).await? {
        return Err(Error::NotFound);
    }
    account(&mut tx, user, known, &link, (email, name, password_hash)).await?;
    match link.business {
        Some(business) => {
            memberships::add_to_business(&mut tx, user, role).await?;
            if role == Role::BusinessOwner {
                todos::owner_accepted(&mut tx, business).await?;
            }
        }
        None => memberships::add_to_agency(&mut tx, user, role, link.reach).await?,
    }
    end_open(tx.conn(), agency, Of::Place(link.business), email).await?;
    audit::record(&mut tx, Act::new("invite.accepted", "invite").object(link.id)).await?;
    tell_inviter(&mut tx, &link, user, role).await?;
    tx.commit().await?;
    Ok(user)
}

/// Tells whoever invited the person that they accepted.
async fn tell_inviter(tx: &mut TenantTx, link: &OneTime, user: UserId, role: Role) -> Result<()> {
    let name =
        sqlx::query_scalar!(r#"select coalesce(nullif(name, ''), email) as "name!" from users where id = $1"#, user.0);
    let name = name.fetch_one(tx.conn()).await?;
    let kind = Kind::InvitationAccepted;
    let event = Event {
        kind,
        key: format!("{kind}:{}", link.id),
        subject: Some(user.0),
        business: link.business,
        to: link.created_by,
        title: &name,
        detail: role.label(),
    };
    events::tell(tx, &event).await
}

async fn account(
    tx: &mut TenantTx,
    user: UserId,
    known: Option<AuthUser>,
    link: &OneTime,
    (email, name, password_hash): (&str, &str, &str),
) -> Result<()> {
    match known {
        None => {
            sqlx::query!(
                "insert into users (id, email, name, email_proven_at) values ($1, $2, $3, case when not $4 then now() end)",
                user.0,
                email,
                name,
                link.handed_over
            )
            .execute(tx.conn())
            .await?;
            identity::set_password(tx, user, password_hash).await
        }
        Some(known) => {
            // Locked until the transaction ends, so that a person who is disabled meanwhile gets nothing.
            let row = sqlx::query!(
                r#"select disabled_at is not null or deleted_at is not null as "disabled!", platform_role is not null as "staff!"
                   from users where id = $1 for share"#,
                user.0
            );
            let row = row.fetch_one(tx.conn()).await?;
            let sets_password = known.password_hash.is_none();
            if row.disabled || (sets_password && (row.staff || link.handed_over)) {
                return Err(Error::NotFound);
            }
            if sets_password { identity::set_password(tx, user, password_hash).await } else { Ok(()) }
        }
    }
}
