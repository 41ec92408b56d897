//! How fast may somebody guess? Per hashed account and per hashed address: after a few free tries each failure doubles the
//! wait. Nobody is locked out for good, and a day without failures forgets them.

use std::time::Duration;

use crate::{Db, Result, Scope, TenantTx};

const FREE: i32 = 5;
const LONGEST: f64 = 900.0;

/// How long this key must still wait; zero when it need not.
pub async fn wait(db: &Db, key: [u8; 32]) -> Result<Duration> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let left = sqlx::query_scalar!(
        r#"select extract(epoch from blocked_until - now())::float8 as "left" from auth_throttles where key_hash = $1 and blocked_until > now()"#,
        &key
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(left.flatten().map_or(Duration::ZERO, |left| Duration::from_secs_f64(left.max(0.0))))
}

/// Counts a failure in one statement, so that failures at once all count; returns how long the key must now wait.
pub async fn failed(db: &Db, key: [u8; 32]) -> Result<Duration> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let failures = sqlx::query_scalar!(
        "insert into auth_throttles as t (key_hash, failures) values ($1, 1) on conflict (key_hash) do update
         set failures = case when t.updated_at < now() - interval '1 day' then 1 else t.failures + 1 end returning failures",
        &key
    )
    .fetch_one(tx.conn())
    .await?;
    let seconds = if failures < FREE { 0.0 } else { f64::from(failures - FREE).exp2().min(LONGEST) };
    if seconds > 0.0 {
        sqlx::query!(
            "update auth_throttles set blocked_until = now() + make_interval(secs => $2) where key_hash = $1",
            &key,
            seconds
        )
        .execute(tx.conn())
        .await?;
    }
    tx.commit().await?;
    Ok(Duration::from_secs_f64(seconds))
}

/// Forgets the failures of an account after a success. Addresses are not forgiven: one success must not buy more guesses.
pub async fn clear(db: &Db, key: [u8; 32]) -> Result<()> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    sqlx::query!("delete from auth_throttles where key_hash = $1", &key).execute(tx.conn()).await?;
    tx.commit().await
}

/// Removes what is older than a week.
pub async fn sweep(db: &Db) -> Result<u64> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let gone = sqlx::query!("delete from auth_throttles where updated_at < now() - interval '7 days'")
        .execute(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(gone.rows_affected())
}
