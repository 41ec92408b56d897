//! What the sender of a link's mail needs: the address and offer of an invitation, a new secret for the link, and the
//! note that the mail was sent. Until then nobody knows the secret of the link.

use std::time::Duration;

use domain::identity::{Reach, Role};
use domain::{AgencyId, BusinessId, UserId};
use serde_json::json;
use uuid::Uuid;

use super::ending::lock_address;
use super::offered;
use crate::audit::{self, Act};
use crate::{Error, PlatformTx, Result, TenantTx, found, outbox};

/// Whether the mail of an invitation is still to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailState {
    /// It waits, and the invitation is open.
    Waits,
    /// It was sent.
    Sent,
    /// It was not sent, and the invitation was accepted, withdrawn, replaced, or has expired.
    Ended,
}

/// An invitation as the sender of its mail sees it.
#[derive(Clone, Debug)]
pub struct InviteMail {
    /// The address that it is sent to.
    pub email: String,
    /// The role that the person is invited to.
    pub role: Option<Role>,
    /// Which businesses the person would reach.
    pub reach: Reach,
    /// The business that the person is invited to; `None` for the agency.
    pub business: Option<BusinessId>,
    /// Who invites; `None` for the program.
    pub invited_by: Option<UserId>,
    /// Whether it is still to be sent.
    pub state: MailState,
}

/// The mail of an invitation of this scope.
pub async fn mail_of(tx: &mut TenantTx, id: Uuid) -> Result<InviteMail> {
    let row = sqlx::query!(
        r#"select email as "email!", payload, sub_account_id as "business: BusinessId", created_by as "by: UserId",
                  used_at is null and expires_at > now() as "open!"
           from one_time_tokens where id = $1 and purpose = 'invite'"#,
        id
    )
    .fetch_one(tx.conn())
    .await?;
    let (role, reach) = offered(&row.payload);
    let state = match (row.payload.get("unsent").is_some(), row.open) {
        (false, _) => MailState::Sent,
        (true, true) => MailState::Waits,
        (true, false) => MailState::Ended,
    };
    Ok(InviteMail { email: row.email, role, reach, business: row.business, invited_by: row.by, state })
}

/// Gives an open invitation a new secret and lifetime, because its mail is sent now. A link that was sent before no
/// longer works. Returns `NotFound` when the invitation ended meanwhile.
pub async fn renew(tx: &mut TenantTx, id: Uuid, hash: [u8; 32], valid: Duration) -> Result<()> {
    let done = sqlx::query!(
        "update one_time_tokens set secret_hash = $2, expires_at = now() + make_interval(secs => $3), payload = payload - 'handed_over'
         where id = $1 and purpose = 'invite' and used_at is null and expires_at > now()",
        id,
        &hash,
        valid.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())
}

/// Gives an open invitation a new secret and lifetime, because a person hands the link on themselves. A mail that still
/// waits is not sent any more.
pub async fn hand_over(tx: &mut TenantTx, id: Uuid, hash: [u8; 32], valid: Duration) -> Result<()> {
    renew(tx, id, hash, valid).await?;
    mail_settled(tx, id).await?;
    // Whoever has the secret now need not read the mail of the address.
    sqlx::query!("update one_time_tokens set payload = payload || '{\"handed_over\": true}' where id = $1", id)
        .execute(tx.conn())
        .await?;
    audit::record(tx, Act::new("invite.link_made", "invite").object(id)).await
}

/// Like `renew`, for a link that sets a password.
pub async fn renew_password_link(tx: &mut PlatformTx, id: Uuid, hash: [u8; 32], valid: Duration) -> Result<()> {
    let done = sqlx::query!(
        "update one_time_tokens set secret_hash = $2, expires_at = now() + make_interval(secs => $3)
         where id = $1 and purpose in ('set_password', 'reset') and used_at is null and expires_at > now()",
        id,
        &hash,
        valid.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())
}

/// Records that the mail of an invitation no longer waits: it was sent, or nobody needs it. Open pages show it.
pub async fn mail_settled(tx: &mut TenantTx, id: Uuid) -> Result<()> {
    let done = sqlx::query!(
        "update one_time_tokens set payload = payload - 'unsent' where id = $1 and purpose = 'invite' and payload ? 'unsent'",
        id
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(());
    }
    outbox::add(tx, "invite.changed", Some(id), &json!({})).await
}

/// The open invitation by which this transaction's person already offers an address the same role and reach in the
/// same place, if its mail was not sent yet. Transactions that invite the address run one after the other.
pub async fn unsent(tx: &mut TenantTx, email: &str, role: Role, reach: Reach) -> Result<Option<Uuid>> {
    let agency = tx.home().await?.ok_or(Error::NotFound)?;
    let by = tx.user().map(|id| id.0);
    let business = match role {
        Role::BusinessOwner | Role::TeamMember => tx.business().map(|id| id.0),
        _ => None,
    };
    lock_address(tx.conn(), agency, email.trim()).await?;
    let id = sqlx::query_scalar!(
        "select id from one_time_tokens where purpose = 'invite' and agency_id = $1 and sub_account_id is not distinct from $2
         and lower(email) = lower($3) and created_by is not distinct from $4 and used_at is null and expires_at > now()
         and payload @> $5 limit 1",
        agency.0,
        business,
        email.trim(),
        by,
        json!({ "role": role.key(), "reach": reach, "unsent": true })
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id)
}

/// The open invitation by which this transaction's person invites an address into an agency. The platform does not
/// see whether its mail was sent.
pub async fn open_platform(tx: &mut PlatformTx, agency: AgencyId, email: &str) -> Result<Option<Uuid>> {
    let by = tx.user().map(|id| id.0);
    lock_address(tx.conn(), agency, email.trim()).await?;
    let id = sqlx::query_scalar!(
        "select id from one_time_tokens where purpose = 'invite' and agency_id = $1 and sub_account_id is null
         and lower(email) = lower($2) and created_by is not distinct from $3 and used_at is null and expires_at > now() limit 1",
        agency.0,
        email.trim(),
        by
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id)
}

/// The open link with which a person sets a first password. Transactions that ask for the same person run one after
/// the other.
pub async fn open_first_password(tx: &mut PlatformTx, user: UserId) -> Result<Option<Uuid>> {
    sqlx::query!("select id from users where id = $1 for no key update", user.0).fetch_all(tx.conn()).await?;
    let id = sqlx::query_scalar!(
        "select id from one_time_tokens where user_id = $1 and purpose = 'set_password' and used_at is null and expires_at > now() limit 1",
        user.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id)
}
