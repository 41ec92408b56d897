//! API tokens: each belongs to one agency or one business and has scopes and an expiry. The value is shown once; the
//! table stores only its SHA-256.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::person::ApiToken;
use domain::{AgencyId, ApiTokenId, BusinessId, UserId};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::audit::{self, Act};
use crate::removal::{Rule, by_platform};
use crate::{Db, Error, Result, Scope, TenantTx, found, new_id};

/// Tokens that ended by themselves. Nobody revokes those, and each sign-in of an AI agent that stays away leaves one.
pub(crate) const EXPIRED: Rule = Rule {
    name: "expired-tokens",
    title: "Remove API tokens 90 days after they expired",
    tables: &["api_tokens"],
    time: "expires_at",
    age: Duration::from_secs(90 * 24 * 3600),
    every: Duration::from_secs(3600),
    // One that a sign-in still renews stays.
    piece: by_platform!(
        "delete from api_tokens where id = any(array(select t.id from api_tokens t where t.expires_at < now() - make_interval(secs => $1)
         and not exists (select from agent_sign_ins s where s.agency_id = t.agency_id and s.token_id = t.id) limit $2))"
    ),
};

/// A token to create. It belongs to the business of the transaction, if there is one, otherwise to the agency.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The name that its creator gave it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it expires. `None` means never.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A valid token: whom it acts for and what it may do.
#[derive(Clone, Debug)]
pub struct Bound {
    /// Its id.
    pub id: ApiTokenId,
    /// The agency it acts for.
    pub agency: AgencyId,
    /// The business that it is limited to. `None` when it acts for the whole agency.
    pub business: Option<BusinessId>,
    /// The name that its creator gave it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// The person who created it and whose rights limit it. `None` for a token that was created on the server.
    pub made_by: Option<UserId>,
}

/// The value of a token that was just made, with what the table stores of it.
struct Fresh {
    value: SecretString,
    hash: [u8; 32],
    prefix: String,
}

impl Fresh {
    fn new() -> Self {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        rand::fill(&mut *bytes);
        let token = Zeroizing::new(format!("slw_{}", hex::encode(*bytes)));
        let (hash, prefix) = (Sha256::digest(token.as_bytes()).into(), token.chars().take(12).collect());
        Self { value: SecretString::from(token.as_str()), hash, prefix }
    }
}

/// Creates a token and returns its value, which cannot be read again.
pub async fn add(tx: &mut TenantTx, new: &NewToken) -> Result<(ApiTokenId, SecretString)> {
    let id: ApiTokenId = new_id();
    let Fresh { value, hash, prefix } = Fresh::new();
    let (agency, business, by) = (tx.home().await?.ok_or(Error::NotFound)?, tx.business(), tx.user());
    sqlx::query!(
        "insert into api_tokens (id, agency_id, sub_account_id, secret_hash, prefix, name, scopes, created_by, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id.0,
        agency.0,
        business.map(|id| id.0),
        &hash,
        prefix,
        new.name,
        &new.scopes,
        by.map(|id| id.0),
        new.expires_at
    )
    .execute(tx.conn())
    .await?;
    let payload = serde_json::json!({ "scopes": new.scopes });
    audit::record(tx, Act::new("token.made", "api_token").object(id).payload(payload)).await?;
    Ok((id, value))
}

/// Gives a token of the transaction's business a new value and a new expiry, and returns the value. The former value stops
/// working. `NotFound` if the token was revoked.
pub async fn renew(tx: &mut TenantTx, id: ApiTokenId, expires_at: DateTime<Utc>) -> Result<SecretString> {
    let Fresh { value, hash, prefix } = Fresh::new();
    let business = tx.business().ok_or(Error::NotFound)?;
    let done = sqlx::query!(
        "update api_tokens set secret_hash = $3, prefix = $4, expires_at = $5 where id = $1 and sub_account_id = $2 and revoked_at is null",
        id.0,
        business.0,
        &hash,
        prefix,
        expires_at
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    Ok(value)
}

/// The token with this secret, if it was not revoked and has not expired. Records the use at most once a minute.
pub async fn find(db: &Db, hash: [u8; 32]) -> Result<Option<Bound>> {
    let mut tx = TenantTx::begin(db, Scope::Presented(hash)).await?;
    let row = sqlx::query!(
        r#"select id as "id: ApiTokenId", agency_id as "agency: AgencyId", sub_account_id as "business: BusinessId", name, scopes, created_by as "made_by: UserId",
                  last_used_at is null or last_used_at < now() - interval '1 minute' as "is_due!"
           from api_tokens where secret_hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())"#,
        &hash
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    if row.is_due {
        stamp(&mut tx, hash).await?;
        tx.commit().await?;
    }
    let (id, agency, business, name) = (row.id, row.agency, row.business, row.name);
    Ok(Some(Bound { id, agency, business, name, scopes: row.scopes, made_by: row.made_by }))
}

/// Records that the token with this secret is used now, unless somebody did within the last minute.
pub(crate) async fn stamp(tx: &mut TenantTx, hash: [u8; 32]) -> Result<()> {
    sqlx::query!(
        "update api_tokens set last_used_at = now() where secret_hash = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')",
        &hash
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Tokens of this scope that were not revoked, newest first.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<ApiToken>> {
    let agency = tx.home().await?.ok_or(Error::NotFound)?;
    let tokens = sqlx::query_as!(
        ApiToken,
        r#"select t.id as "id: ApiTokenId", t.agency_id as "agency: AgencyId", t.sub_account_id as "business: BusinessId", t.name, t.prefix, t.scopes,
                  t.created_by as "made_by: UserId", case when u.platform_role is null then coalesce(nullif(u.name, ''), u.email) end as maker,
                  t.created_at, t.expires_at, t.last_used_at
           from api_tokens t left join users u on u.id = t.created_by
           where t.agency_id = $1 and t.sub_account_id is not distinct from $2 and t.revoked_at is null order by t.created_at desc limit 500"#,
        agency.0,
        tx.business().map(|id| id.0)
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(tokens)
}

/// Revokes a token. This takes effect on the next request.
pub async fn revoke(tx: &mut TenantTx, id: ApiTokenId) -> Result<()> {
    let agency = tx.home().await?.ok_or(Error::NotFound)?;
    let gone = sqlx::query!(
        "update api_tokens set revoked_at = now() where id = $1 and agency_id = $2 and revoked_at is null",
        id.0,
        agency.0
    )
    .execute(tx.conn())
    .await?;
    found(gone.rows_affected())?;
    audit::record(tx, Act::new("token.revoked", "api_token").object(id)).await
}
