//! Creates one-time links: invitations, first passwords and resets. An invitation begins as not sent; sending its mail
//! gives it the secret that somebody knows.

use std::time::Duration;

use domain::identity::{Reach, Role};
use domain::{AgencyId, UserId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::ending::{Of, end_first_passwords, end_open, lock_address};
use crate::audit::{self, Act};
use crate::{Db, Error, PlatformTx, Result, Scope, TenantTx, businesses, new_id, todos};

/// An invitation to create.
#[derive(Clone, Copy, Debug)]
pub struct NewInvite<'a> {
    /// SHA-256 of the secret in the link.
    pub hash: [u8; 32],
    /// The e-mail address that it is sent to.
    pub email: &'a str,
    /// The role that the person is invited to.
    pub role: Role,
    /// Which businesses the person will reach; only for agency roles.
    pub reach: Reach,
    /// Lifetime of the link.
    pub valid: Duration,
}

impl NewInvite<'_> {
    /// What is offered.
    fn offer(&self) -> Value {
        json!({ "role": self.role.key(), "reach": self.reach })
    }

    /// The same as it is stored until the mail was sent.
    fn unsent(&self) -> Value {
        json!({ "role": self.role.key(), "reach": self.reach, "unsent": true })
    }
}

/// Creates an invitation: to the business of this transaction when the role is a business role, otherwise to its
/// agency. It ends an older open invitation of the same address to the same place.
pub async fn invite(tx: &mut TenantTx, new: &NewInvite<'_>) -> Result<Uuid> {
    let id: Uuid = new_id();
    let business = match new.role {
        Role::BusinessOwner | Role::TeamMember => {
            Some(tx.business().ok_or_else(|| Error::Refused("a scope without business".into()))?)
        }
        _ => None,
    };
    let (agency, by) = (tx.home().await?.ok_or(Error::NotFound)?, tx.user());
    lock_address(tx.conn(), agency, new.email.trim()).await?;
    end_open(tx.conn(), agency, Of::Place(business), new.email).await?;
    // Created at the current time and not at the start of the transaction, so that it is later than a change of
    // the membership that this transaction waited for.
    sqlx::query!(
        "insert into one_time_tokens (id, secret_hash, purpose, agency_id, sub_account_id, email, created_by, payload, created_at, expires_at)
         values ($1, $2, 'invite', $3, $4, $5, $6, $7, clock_timestamp(), now() + make_interval(secs => $8))",
        id,
        &new.hash,
        agency.0,
        business.map(|id| id.0),
        new.email.trim(),
        by.map(|id| id.0),
        new.unsent(),
        new.valid.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    if let Some(business) = business.filter(|_| new.role == Role::BusinessOwner) {
        todos::owner_invited(tx, business).await?;
        businesses::note_owner_invite(tx).await?;
    }
    audit::record(tx, Act::new("invite.made", "invite").object(id).payload(new.offer())).await?;
    Ok(id)
}

/// Creates an invitation to an agency under platform scope, for the first owner of a new agency.
pub async fn invite_platform(tx: &mut PlatformTx, agency: AgencyId, new: &NewInvite<'_>) -> Result<Uuid> {
    let id: Uuid = new_id();
    let by = tx.user().map(|id| id.0);
    lock_address(tx.conn(), agency, new.email.trim()).await?;
    end_open(tx.conn(), agency, Of::Place(None), new.email).await?;
    sqlx::query!(
        "insert into one_time_tokens (id, secret_hash, purpose, agency_id, email, created_by, payload, created_at, expires_at)
         values ($1, $2, 'invite', $3, $4, $5, $6, clock_timestamp(), now() + make_interval(secs => $7))",
        id,
        &new.hash,
        agency.0,
        new.email.trim(),
        by,
        new.unsent(),
        new.valid.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    audit::record_platform(tx, Some(agency), Act::new("invite.made", "invite").object(id).payload(new.offer())).await?;
    Ok(id)
}

/// Creates a link with which a known person sets their first password, and ends an older one. The platform or the
/// command line creates it. Returns its id.
pub async fn first_password(tx: &mut PlatformTx, hash: [u8; 32], user: UserId, valid: Duration) -> Result<Uuid> {
    let id: Uuid = new_id();
    end_first_passwords(tx, user).await?;
    let by = tx.user().map(|id| id.0);
    sqlx::query!(
        "insert into one_time_tokens (id, secret_hash, purpose, user_id, created_by, expires_at)
         values ($1, $2, 'set_password', $3, $4, now() + make_interval(secs => $5))",
        id,
        &hash,
        user.0,
        by,
        valid.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    audit::record_platform(tx, None, Act::new("password.link_made", "person").object(user)).await?;
    Ok(id)
}

/// Creates a link with which a person sets a new password after forgetting the old one. Nobody is signed in, so
/// the transaction presents the secret of the link itself.
pub async fn reset(db: &Db, hash: [u8; 32], user: UserId, valid: Duration) -> Result<()> {
    let mut tx = TenantTx::begin(db, Scope::Presented(hash)).await?;
    reset_in(&mut tx, new_id(), hash, user, valid).await?;
    tx.commit().await
}

/// Like `reset`, with this id, in a transaction that presents the secret.
pub async fn reset_in(tx: &mut TenantTx, id: Uuid, hash: [u8; 32], user: UserId, valid: Duration) -> Result<()> {
    sqlx::query!(
        "insert into one_time_tokens (id, secret_hash, purpose, user_id, expires_at) values ($1, $2, 'reset', $3, now() + make_interval(secs => $4))",
        id,
        &hash,
        user.0,
        valid.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    audit::record(tx, Act::new("password.reset_asked", "person").object(user)).await
}
