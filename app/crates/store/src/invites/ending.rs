//! Ends open links: of an address in one agency or business, of a person who leaves it, or of a disabled person.

use domain::{AgencyId, BusinessId, UserId};
use sqlx::PgConnection;

use crate::{Error, PlatformTx, Result, TenantTx};

/// Makes transactions that create, accept or end invitations of one address in one agency run one after the other.
pub(super) async fn lock_address(conn: &mut PgConnection, agency: AgencyId, email: &str) -> Result<()> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('invites|' || $1::uuid::text || '|' || lower($2::text), 0))",
        agency.0,
        email
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}

/// Which invitations of an address to end.
#[derive(Clone, Copy)]
pub(super) enum Of {
    /// Those to the agency itself (`None`), or to this business of it.
    Place(Option<BusinessId>),
    /// Those to the agency and to every business of it.
    All,
}

/// Ends the open invitations of an address. The caller has called `lock_address` before.
pub(super) async fn end_open(conn: &mut PgConnection, agency: AgencyId, which: Of, email: &str) -> Result<()> {
    let (all, business) = match which {
        Of::Place(business) => (false, business),
        Of::All => (true, None),
    };
    sqlx::query!(
        "update one_time_tokens set expires_at = now() where purpose = 'invite' and agency_id = $1 and lower(email) = lower($2)
         and ($3 or sub_account_id is not distinct from $4) and used_at is null and expires_at > now()",
        agency.0,
        email.trim(),
        all,
        business.map(|id| id.0)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends the invitations that a person got before their membership changed: those to the business of this
/// transaction, or to its agency if it has no business; with `clients`, those to the agency and to all of its
/// businesses. Call it before the membership itself is changed, because accepting an invitation takes its locks in
/// the same order.
pub(crate) async fn end_of(tx: &mut TenantTx, user: UserId, clients: bool) -> Result<()> {
    let agency = tx.home().await?.ok_or(Error::NotFound)?;
    let email = sqlx::query_scalar!("select email from users where id = $1", user.0).fetch_optional(tx.conn()).await?;
    let Some(email) = email else { return Ok(()) };
    let which = if clients { Of::All } else { Of::Place(tx.business()) };
    lock_address(tx.conn(), agency, &email).await?;
    end_open(tx.conn(), agency, which, &email).await
}

/// Ends every open link of a person, whoever created it: invitations to their address, links for a first password,
/// and password resets.
pub(crate) async fn end_all_of(tx: &mut PlatformTx, user: UserId) -> Result<()> {
    sqlx::query!(
        "update one_time_tokens set expires_at = now() where used_at is null and expires_at > now()
         and ((purpose in ('set_password', 'reset') and user_id = $1)
              or (purpose = 'invite' and lower(email) = (select email_normalized from users where id = $1)))",
        user.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends the links with which a person can set their first password.
pub(crate) async fn end_first_passwords(tx: &mut PlatformTx, user: UserId) -> Result<()> {
    sqlx::query!(
        "update one_time_tokens set expires_at = now() where user_id = $1 and purpose = 'set_password' and used_at is null and expires_at > now()",
        user.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
