//! Stores sessions. The table contains only the SHA-256 of the cookie's value. The database's clock ends a session
//! after an idle time and after an absolute time. A session that was ended never comes back, because saving only
//! changes a row that still exists.

use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::UserId;
use domain::audit::Actor;
use domain::identity::Caller;
use domain::person::OpenSession;
use serde_json::Value;
use sqlx::PgConnection;

use crate::audit::{self, Act};
use crate::tenant::Settings;
use crate::{Db, Result, Scope, TenantTx, callers};

/// A session to create.
#[derive(Clone, Copy, Debug)]
pub struct NewSession<'a> {
    /// SHA-256 of the cookie's value.
    pub hash: [u8; 32],
    /// The person, once somebody signed in.
    pub user: Option<UserId>,
    /// The data of the session.
    pub data: &'a Value,
    /// The session ends after this long without use.
    pub idle: Duration,
    /// The session ends after this long in any case.
    pub absolute: Duration,
    /// IP address that the request came from.
    pub ip: Option<IpAddr>,
    /// User agent of the browser.
    pub user_agent: Option<&'a str>,
}

/// A live session.
#[derive(Clone, Debug)]
pub struct Session {
    /// The person, once somebody signed in.
    pub user: Option<UserId>,
    /// The data of the session.
    pub data: Value,
    /// When it ends if it is not used again.
    pub expires_at: DateTime<Utc>,
    /// When its person proved their identity.
    pub auth_time: Option<DateTime<Utc>>,
    /// The person with all their memberships, and how often all their sessions were ended, as `identity::signed_in` reads
    /// them. `None` when nobody signed in, and when the person is disabled or deleted.
    pub person: Option<(Caller, i32)>,
    /// Whether `touch` recorded its use within the last minute, so that it would record nothing now.
    pub is_recorded: bool,
}

fn presented(hash: [u8; 32]) -> Scope {
    Scope::Presented(hash)
}

/// Creates a session. Returns false when the value is in use; the caller then tries another value.
pub async fn create(db: &Db, new: &NewSession<'_>) -> Result<bool> {
    let mut tx = TenantTx::begin(db, presented(new.hash)).await?;
    let idle = i32::try_from(new.idle.as_secs()).unwrap_or(i32::MAX);
    let agent: Option<String> = new.user_agent.map(|agent| agent.chars().take(400).collect());
    let made = sqlx::query!(
        "insert into sessions (secret_hash, user_id, data, auth_time, idle_seconds, expires_at, ip, user_agent)
         values ($1, $2, $3, case when $2::uuid is null then null else now() end, $4, now() + make_interval(secs => $5), $6::text::inet, $7)
         on conflict do nothing",
        &new.hash,
        new.user.map(|id| id.0),
        new.data,
        idle,
        new.absolute.as_secs_f64(),
        new.ip.map(|ip| ip.to_string()),
        agent
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(made.rows_affected() == 1)
}

/// The session with this value, if it has not ended, and its person: every request asks for both, so one transaction reads them.
/// Reading does not keep a session alive; `touch` does.
pub async fn load(db: &Db, hash: [u8; 32]) -> Result<Option<Session>> {
    let mut tx = TenantTx::begin(db, presented(hash)).await?;
    // Whoever presents a session is its person from here on.
    let row = sqlx::query!(
        r#"select user_id as "user: UserId", data, auth_time,
                  least(expires_at, last_seen_at + make_interval(secs => idle_seconds)) as "ends!",
                  set_config('app.current_user_id', coalesce(user_id::text, ''), true) as person,
                  last_seen_at <> created_at and last_seen_at between now() - interval '1 minute' and now() + interval '1 minute' as "is_recorded!"
           from sessions
           where secret_hash = $1 and expires_at > now() and last_seen_at + make_interval(secs => idle_seconds) > now()"#,
        &hash
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let person = match row.user {
        Some(user) => callers::read(&mut tx, user).await?,
        None => None,
    };
    Ok(Some(Session {
        user: row.user,
        data: row.data,
        expires_at: row.ends,
        auth_time: row.auth_time,
        person,
        is_recorded: row.is_recorded,
    }))
}

/// How long the session with this value was left unused, if that is why it ended. `None` if it lives, never existed, or
/// ended for another reason.
pub async fn idled_out(db: &Db, hash: [u8; 32]) -> Result<Option<Duration>> {
    let mut tx = TenantTx::begin(db, presented(hash)).await?;
    let idle = sqlx::query_scalar!(
        "select idle_seconds from sessions where secret_hash = $1 and user_id is not null and expires_at > now()
           and last_seen_at + make_interval(secs => idle_seconds) <= now()",
        &hash
    )
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(idle.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs))
}

/// Records the use of a session and of its person, at most once a minute.
pub async fn touch(db: &Db, hash: [u8; 32], user: UserId) -> Result<()> {
    let settings = Settings { user: Some(user), presented: Some(hash), ..Settings::default() };
    let mut tx = TenantTx::begin_with(db, presented(hash), settings).await?;
    sqlx::query!(
        "with used as (update sessions set last_seen_at = now() where secret_hash = $1 and last_seen_at not between now() - interval '1 minute' and now() + interval '1 minute'
           and expires_at > now() and last_seen_at + make_interval(secs => idle_seconds) > now())
         update users set last_seen_at = now() where id = $2 and (last_seen_at is null or last_seen_at not between now() - interval '1 minute' and now() + interval '1 minute')",
        &hash,
        user.0
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}

/// Stores the data of a session. Returns false when the session has ended meanwhile; it then stays ended.
pub async fn save(db: &Db, hash: [u8; 32], user: Option<UserId>, data: &Value) -> Result<bool> {
    let mut tx = TenantTx::begin(db, presented(hash)).await?;
    let saved = sqlx::query!(
        "update sessions set data = $3, auth_time = case when user_id is distinct from $2 then now() else auth_time end, user_id = $2
         where secret_hash = $1 and expires_at > now() and last_seen_at + make_interval(secs => idle_seconds) > now()",
        &hash,
        user.map(|id| id.0),
        data
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(saved.rows_affected() == 1)
}

/// Ends a session.
pub async fn delete(db: &Db, hash: [u8; 32]) -> Result<()> {
    let mut tx = TenantTx::begin(db, presented(hash)).await?;
    sqlx::query!("delete from sessions where secret_hash = $1", &hash).execute(tx.conn()).await?;
    tx.commit().await
}

/// Live sessions of the person of this transaction, most recently used first.
pub async fn list(tx: &mut TenantTx, user: UserId, current: [u8; 32]) -> Result<Vec<OpenSession>> {
    let rows = sqlx::query_as!(
        OpenSession,
        r#"select left(encode(secret_hash, 'hex'), 16) as "reference!", secret_hash = $2 as "current!", host(ip) as ip, user_agent, created_at, last_seen_at
           from sessions where user_id = $1 and expires_at > now() and last_seen_at + make_interval(secs => idle_seconds) > now()
           order by last_seen_at desc limit 200"#,
        user.0,
        &current
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// Ends one session of the person of this transaction by its reference.
pub async fn end(tx: &mut TenantTx, user: UserId, reference: &str) -> Result<()> {
    let gone = sqlx::query!(
        "delete from sessions where user_id = $1 and left(encode(secret_hash, 'hex'), 16) = $2",
        user.0,
        reference
    )
    .execute(tx.conn())
    .await?;
    crate::found(gone.rows_affected())?;
    audit::record(tx, Act::new("session.ended", "person").object(user)).await
}

/// Raises the number that a session carries from its start. Every session that began under a lower number ends at
/// its next request. This includes a sign-in in progress that has no row yet.
pub(crate) async fn end_generation(conn: &mut PgConnection, user: UserId) -> Result<i32> {
    let raised = sqlx::query_scalar!(
        "update users set session_generation = session_generation + 1 where id = $1 returning session_generation",
        user.0
    );
    Ok(raised.fetch_one(conn).await?)
}

/// Ends every session of a person except one, which must start again with the returned number. Returns `Stale`
/// when that one, which carries `generation`, was itself ended meanwhile.
pub async fn end_others(tx: &mut TenantTx, user: UserId, keep: [u8; 32], generation: Option<i32>) -> Result<i32> {
    let raised = end_generation(tx.conn(), user).await?;
    if generation.is_some_and(|began| began != raised - 1) {
        return Err(crate::Error::Stale);
    }
    sqlx::query!("delete from sessions where user_id = $1 and secret_hash <> $2", user.0, &keep)
        .execute(tx.conn())
        .await?;
    Ok(raised)
}

/// Ends every session of a person and every sign-in in progress. Returns the number of sessions it ended.
pub async fn end_all(tx: &mut TenantTx, user: UserId) -> Result<u64> {
    end_generation(tx.conn(), user).await?;
    let gone = sqlx::query!("delete from sessions where user_id = $1", user.0).execute(tx.conn()).await?;
    Ok(gone.rows_affected())
}

/// Like `end_all`, by another person, in the scope of the person whose sessions end. The audit log names who did
/// it.
pub async fn end_all_of(tx: &mut TenantTx, user: UserId, by: UserId) -> Result<u64> {
    let ended = end_all(tx, user).await?;
    let payload = serde_json::json!({ "sessions": ended });
    let act = Act::new("sessions.ended", "person").object(user).by(Actor::Person, Some(by.0)).payload(payload);
    audit::record(tx, act).await?;
    Ok(ended)
}

/// Which of these sessions are live, by the hashes of their values.
pub async fn living(db: &Db, hashes: &[[u8; 32]]) -> Result<Vec<[u8; 32]>> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let asked: Vec<Vec<u8>> = hashes.iter().map(|hash| hash.to_vec()).collect();
    let living = sqlx::query_scalar!(r#"select h as "h!" from living_sessions($1) h"#, &asked);
    let living = living.fetch_all(tx.conn()).await?;
    tx.commit().await?;
    Ok(living.into_iter().filter_map(|hash| hash.try_into().ok()).collect())
}

/// Removes the rows of a person's sessions after another transaction has ended them. This keeps the table tidy,
/// and streams that look at the rows end.
pub async fn remove_ended(db: &Db, user: UserId) -> Result<()> {
    let mut tx = TenantTx::begin(db, Scope::Person(user)).await?;
    sqlx::query!("delete from sessions where user_id = $1", user.0).execute(tx.conn()).await?;
    tx.commit().await
}

/// Ends all sessions of the transaction's person, at their own request.
pub async fn end_all_own(tx: &mut TenantTx, user: UserId) -> Result<()> {
    let payload = serde_json::json!({ "sessions": end_all(tx, user).await? });
    audit::record(tx, Act::new("sessions.ended", "person").object(user).payload(payload)).await
}

/// Records in the audit log that a person signed out.
pub async fn record_sign_out(db: &Db, user: UserId) -> Result<()> {
    audit::note(db, Scope::Person(user), Act::new("session.sign_out", "person").object(user)).await
}
