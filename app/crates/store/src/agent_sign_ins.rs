//! AI agents that people signed in by browser. A row begins with a code and goes on with the token that the code was redeemed
//! for. The table stores only hashes of what the agent shows.

use chrono::{DateTime, Utc};
use domain::{AgencyId, ApiTokenId, BusinessId, UserId};
use uuid::Uuid;

use crate::audit::{self, Act};
use crate::{Db, Error, Result, Scope, TenantTx, found, new_id};

/// A sign-in that a person allows, for the business of the transaction.
#[derive(Clone, Copy, Debug)]
pub struct NewSignIn<'a> {
    /// SHA-256 of the part that the code and every refresh token share.
    pub secret: &'a [u8; 32],
    /// SHA-256 of the id of the program.
    pub client: &'a [u8; 32],
    /// SHA-256 of the code with all that it is bound to.
    pub code: &'a [u8; 32],
    /// What the program calls itself.
    pub name: &'a str,
    /// The host that the person is led back to.
    pub host: &'a str,
    /// When the code expires.
    pub expires_at: DateTime<Utc>,
}

/// A sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Its id.
    pub id: Uuid,
    /// The agency of its business.
    pub agency: AgencyId,
    /// The business that the agent works with.
    pub business: BusinessId,
    /// The person who allowed it and whose rights limit it.
    pub by: UserId,
    /// What the program calls itself.
    pub name: String,
    /// SHA-256 of the id of the program.
    pub client: Vec<u8>,
    /// SHA-256 of the code with all that it is bound to.
    pub code: Vec<u8>,
    /// SHA-256 of the one refresh token that works. `None` until the code is redeemed.
    pub refresh: Option<Vec<u8>>,
    /// SHA-256 of the refresh token before. `None` if it may not come again.
    pub replaced: Option<Vec<u8>>,
    /// When that one was replaced.
    pub replaced_at: Option<DateTime<Utc>>,
    /// The token of the agent. `None` until the code is redeemed.
    pub token: Option<ApiTokenId>,
    /// When the code expires, or, once it is redeemed, the refresh token.
    pub expires_at: DateTime<Utc>,
}

/// A token that is renewed by browser sign-in, as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewed {
    /// The token.
    pub token: ApiTokenId,
    /// The host that the person was led back to.
    pub host: String,
    /// When it ends if the agent does not come back before.
    pub expires_at: DateTime<Utc>,
}

/// Stores a sign-in. The scope must have a person.
pub async fn add(tx: &mut TenantTx, new: &NewSignIn<'_>) -> Result<()> {
    let id: Uuid = new_id();
    let by = tx.user().ok_or_else(|| Error::Refused("a scope without a person".into()))?;
    let agency = tx.home().await?.ok_or(Error::NotFound)?;
    let business = tx.business().ok_or(Error::NotFound)?;
    sqlx::query!(
        "insert into agent_sign_ins (id, agency_id, sub_account_id, secret_hash, client_hash, code_hash, made_by, name, host, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        id,
        agency.0,
        business.0,
        new.secret,
        new.client,
        new.code,
        by.0,
        new.name,
        new.host,
        new.expires_at
    )
    .execute(tx.conn())
    .await?;
    let payload = serde_json::json!({ "name": new.name, "host": new.host });
    audit::record(tx, Act::new("agent_sign_in.allowed", "business").object(business).payload(payload)).await
}

/// The sign-in whose code or refresh token has this shared part.
pub async fn find(db: &Db, secret: [u8; 32]) -> Result<Option<SignIn>> {
    let mut tx = TenantTx::begin(db, Scope::Presented(secret)).await?;
    let found = sqlx::query_as!(
        SignIn,
        r#"select id, agency_id as "agency: AgencyId", sub_account_id as "business: BusinessId", made_by as "by: UserId", name,
                  client_hash as client, code_hash as code, refresh_hash as refresh, replaced_hash as replaced, replaced_at,
                  token_id as "token: ApiTokenId", expires_at
           from agent_sign_ins where secret_hash = $1"#,
        &secret
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found)
}

/// The sign-in of the transaction's business with this id, held until the transaction ends: of two programs that show the
/// same secret at once the second one sees what the first one did.
pub async fn hold(tx: &mut TenantTx, id: Uuid) -> Result<Option<SignIn>> {
    let business = tx.business().ok_or(Error::NotFound)?;
    let held = sqlx::query_as!(
        SignIn,
        r#"select id, agency_id as "agency: AgencyId", sub_account_id as "business: BusinessId", made_by as "by: UserId", name,
                  client_hash as client, code_hash as code, refresh_hash as refresh, replaced_hash as replaced, replaced_at,
                  token_id as "token: ApiTokenId", expires_at
           from agent_sign_ins where sub_account_id = $1 and id = $2 for update"#,
        business.0,
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(held)
}

/// The sign-in that renews this token of the transaction's business.
pub async fn of_token(tx: &mut TenantTx, token: ApiTokenId) -> Result<Option<Uuid>> {
    let business = tx.business().ok_or(Error::NotFound)?;
    let id = sqlx::query_scalar!(
        "select id from agent_sign_ins where sub_account_id = $1 and token_id = $2",
        business.0,
        token.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id)
}

/// Stores the token of a sign-in, and the hash of the refresh token that renews it next. Every earlier one stops working.
pub async fn go_on(
    tx: &mut TenantTx,
    id: Uuid,
    (token, refresh): (ApiTokenId, &[u8; 32]),
    expires_at: DateTime<Utc>,
) -> Result<()> {
    let done = sqlx::query!(
        "update agent_sign_ins set token_id = $2, refresh_hash = $3, expires_at = $4 where id = $1",
        id,
        token.0,
        refresh,
        expires_at
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())
}

/// Replaces the refresh token of a sign-in. `replaced` is the hash of one that may come again, and when it was replaced.
pub async fn replace(
    tx: &mut TenantTx,
    id: Uuid,
    refresh: &[u8; 32],
    replaced: Option<(&[u8; 32], DateTime<Utc>)>,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    let done = sqlx::query!(
        "update agent_sign_ins set refresh_hash = $2, replaced_hash = $3, replaced_at = $4, expires_at = $5 where id = $1",
        id,
        refresh,
        replaced.map(|(hash, _)| hash.as_slice()),
        replaced.map(|(_, at)| at),
        expires_at
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())
}

/// Forgets a sign-in. Neither its code nor a refresh token of it works any more.
pub async fn remove(tx: &mut TenantTx, id: Uuid) -> Result<()> {
    sqlx::query!("delete from agent_sign_ins where id = $1", id).execute(tx.conn()).await?;
    Ok(())
}

/// The tokens of the transaction's business that are renewed by browser sign-in.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<Renewed>> {
    let business = tx.business().ok_or(Error::NotFound)?;
    let rows = sqlx::query_as!(
        Renewed,
        r#"select token_id as "token!: ApiTokenId", host, expires_at from agent_sign_ins
           where sub_account_id = $1 and token_id is not null order by created_at desc limit 500"#,
        business.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}
