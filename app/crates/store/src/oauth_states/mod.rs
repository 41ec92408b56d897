//! Pending OAuth consents: who began one, for which agency, in which session. The browser session that began a consent
//! can complete it once before it expires. The result is kept until then, so a repeated callback (double click, reload,
//! prefetch) gets the result of the first one.

use std::time::Duration;

use domain::{AgencyId, BusinessId, UserId};
use serde_json::json;

use crate::audit::{self, Act};
use crate::{Db, Error, Result, Scope, TenantTx};

/// A consent that begins, for the agency and business of the transaction.
#[derive(Clone, Copy, Debug)]
pub struct NewState {
    /// SHA-256 of the `state` that is sent to the provider and comes back.
    pub hash: [u8; 32],
    /// `ghl`, `meta`, `instagram` or `google`.
    pub provider: &'static str,
    /// What the consent is for.
    pub purpose: &'static str,
    /// SHA-256 of a secret of the session that stays the same when the person proves their identity again.
    pub session: [u8; 32],
    /// Time within which the consent must be answered.
    pub valid: Duration,
}

/// A consent that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The provider.
    pub provider: String,
    /// What the consent was for.
    pub purpose: String,
    /// The person who began it.
    pub user: UserId,
    /// The agency that it is for.
    pub agency: AgencyId,
    /// The business that it is for, if any.
    pub business: Option<BusinessId>,
}

/// Stores a consent that begins. The scope must have a person.
pub async fn add(tx: &mut TenantTx, new: &NewState) -> Result<()> {
    let user = tx.user().ok_or_else(|| Error::Refused("a scope without a person".into()))?;
    let agency = tx.home().await?.ok_or_else(|| Error::Refused("a scope without agency".into()))?;
    let business = tx.business();
    sqlx::query!(
        "insert into oauth_states (secret_hash, provider, purpose, session_hash, user_id, agency_id, sub_account_id, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8))",
        &new.hash,
        new.provider,
        new.purpose,
        &new.session,
        user.0,
        agency.0,
        business.map(|id| id.0),
        new.valid.as_secs_f64(),
    )
    .execute(tx.conn())
    .await?;
    let act = Act::new("consent.begun", "agency").object(agency);
    audit::record(tx, act.payload(json!({ "provider": new.provider, "purpose": new.purpose }))).await
}

/// Takes the consent; this works once. `None` when it is unknown, expired, answered before, or begun in another
/// session.
pub async fn consume(db: &Db, hash: [u8; 32], session: [u8; 32]) -> Result<Option<State>> {
    let mut tx = TenantTx::begin(db, Scope::Presented(hash)).await?;
    let state = sqlx::query_as!(
        State,
        r#"update oauth_states set answered_at = now() where secret_hash = $1 and session_hash = $2 and expires_at > now() and answered_at is null
           returning provider, purpose, user_id as "user: UserId", agency_id as "agency: AgencyId", sub_account_id as "business: BusinessId""#,
        &hash,
        &session
    )
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(state)
}

/// The consent that this session began, answered or not. `None` when it is unknown, expired or begun in another session.
pub async fn find(db: &Db, hash: [u8; 32], session: [u8; 32]) -> Result<Option<State>> {
    let mut tx = TenantTx::begin(db, Scope::Presented(hash)).await?;
    let state = sqlx::query_as!(
        State,
        r#"select provider, purpose, user_id as "user: UserId", agency_id as "agency: AgencyId", sub_account_id as "business: BusinessId"
           from oauth_states where secret_hash = $1 and session_hash = $2 and expires_at > now()"#,
        &hash,
        &session
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(state)
}

/// The result of a consent that was answered before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The agency that it was for.
    pub agency: AgencyId,
    /// The business that it was for, if any.
    pub business: Option<BusinessId>,
    /// Whether it connected an account. `None` while the first callback is still being handled, or when it was
    /// lost.
    pub connected: Option<bool>,
    /// What the person was told at the first callback.
    pub told: Option<String>,
}

/// The consent that this session has answered already. `None` when there is none or it has expired.
pub async fn answered(db: &Db, hash: [u8; 32], session: [u8; 32]) -> Result<Option<Answered>> {
    let mut tx = TenantTx::begin(db, Scope::Presented(hash)).await?;
    let row = sqlx::query!(
        r#"select agency_id as "agency: AgencyId", sub_account_id as "business: BusinessId", outcome, told from oauth_states
           where secret_hash = $1 and session_hash = $2 and expires_at > now() and answered_at is not null"#,
        &hash,
        &session
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Answered {
        agency: row.agency,
        business: row.business,
        connected: row.outcome.map(|outcome| outcome == "connected"),
        told: row.told,
    }))
}

/// Stores the result of an answered consent and what its person was told.
pub async fn ended(db: &Db, hash: [u8; 32], connected: bool, told: &str) -> Result<()> {
    let mut tx = TenantTx::begin(db, Scope::Presented(hash)).await?;
    sqlx::query!(
        "update oauth_states set outcome = $2, told = left($3, 1000) where secret_hash = $1",
        &hash,
        if connected { "connected" } else { "refused" },
        told
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}

#[cfg(all(test, feature = "testing"))]
mod tests;
