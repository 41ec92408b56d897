//! Creates and upgrades the schema: roles, migrations and the check that every process makes at start. Roles belong to
//! the database server, not to one database, so this code creates them instead of a migration file.

use std::collections::BTreeSet;
use std::str::FromStr;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, Executor};

use crate::{Db, Error, Result, Scope, TenantTx};

mod apply;
#[cfg(all(test, feature = "testing"))]
mod tests;

static MIGRATIONS: Migrator = sqlx::migrate!("../../../migrations");

/// An arbitrary number: two concurrent calls of `prepare` wait for each other.
const LOCK: i64 = 0x5317_0001;

const ROLES: &str = "do $$ declare r text; begin
  foreach r in array array['app_owner nologin', 'app_rt nologin noinherit', 'app_worker nologin noinherit',
    'app_platform nologin noinherit', 'app_lookup nologin noinherit', 'app_readonly nologin noinherit'] loop
    if not exists (select from pg_roles where rolname = split_part(r, ' ', 1)) then execute 'create role ' || r; end if;
  end loop;
  if not pg_has_role('app_owner', 'app_lookup', 'member') then grant app_lookup to app_owner; end if;
end $$";

const LOGIN: &str = "do $$ declare who text := current_setting('slipway.login'); secret text := current_setting('slipway.password'); r text; begin
  if not exists (select from pg_roles where rolname = who) then
    execute format('create role %I login noinherit nosuperuser nobypassrls nocreatedb nocreaterole', who);
  end if;
  foreach r in array array['app_rt', 'app_worker', 'app_platform', 'app_readonly'] loop
    if not pg_has_role(who, r, 'member') then execute format('grant %I to %I', r, who); end if;
  end loop;
  begin
    if secret <> '' then execute format('alter role %I password %L', who, secret); end if;
    execute format('alter role %I set statement_timeout = ''10s''', who);
    execute format('alter role %I set lock_timeout = ''3s''', who);
    execute format('alter role %I set idle_in_transaction_session_timeout = ''15s''', who);
    execute format('alter role %I set timezone = ''UTC''', who);
    -- A statement takes milliseconds, and to compile one takes a hundred. An estimate that many dead rows made is enough for that.
    execute format('alter role %I set jit = off', who);
  exception when insufficient_privilege then
    -- From Postgres 16 on a role is changed only by whoever may administer it: this one was set up by somebody else.
    raise warning 'the role % is left as it is: this login may not administer it', who;
  end;
end $$";

const GRANTS: &str = "do $$ begin
  -- Making a role gives its maker a membership that may not become it, so the grant is always made.
  if not (select rolsuper from pg_roles where rolname = current_user) then execute format('grant app_owner to %I', current_user); end if;
  execute format('grant create on database %I to app_owner', current_database());
  grant usage, create on schema public to app_owner;
  revoke create on schema public from public;
end $$";

/// A migration of this program that the database does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Its version, the time in its file name.
    pub version: i64,
    /// What it changes.
    pub description: String,
}

async fn connect(owner_url: &str) -> Result<PgConnection> {
    Ok(PgConnectOptions::from_str(owner_url)?.application_name("slipway migrate").connect().await?)
}

/// Creates the roles, the login of `app_url` and the owner's grants, if the login of `owner_url` may; otherwise
/// they must exist already.
pub async fn prepare(owner_url: &str, app_url: Option<&str>) -> Result<()> {
    let mut conn = connect(owner_url).await?;
    sqlx::query!("select pg_advisory_lock($1)", LOCK).execute(&mut conn).await?;
    let may =
        sqlx::query_scalar!(r#"select rolsuper or rolcreaterole as "may!" from pg_roles where rolname = current_user"#)
            .fetch_one(&mut conn)
            .await?;
    if may {
        conn.execute(ROLES).await?;
        let (login, password) = login_of(app_url)?;
        if login != PgConnectOptions::from_str(owner_url)?.get_username() {
            sqlx::query!(
                "select set_config('slipway.login', $1, false) as a, set_config('slipway.password', $2, false) as b",
                login,
                password
            )
            .fetch_one(&mut conn)
            .await?;
            conn.execute(LOGIN).await?;
        }
        conn.execute(GRANTS).await?;
    }
    Ok(conn.close().await?)
}

/// User and password of the application's address. Without an address this is the role `slipway` without a
/// password.
fn login_of(app_url: Option<&str>) -> Result<(String, String)> {
    let Some(text) = app_url else {
        return Ok(("slipway".into(), String::new()));
    };
    let login = PgConnectOptions::from_str(text)?.get_username().to_owned();
    let url = PgConnectOptions::from_str(text)?.to_url_lossy();
    let password = url.password().map(percent_decoded).unwrap_or_default();
    Ok((login, password))
}

fn percent_decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%'
            && let Some(byte) = tail.get(..2).and_then(|two| hex::decode(two).ok())
        {
            out.extend(byte);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Applies the missing migrations as the owner role and returns them. Two concurrent runs wait for each other.
pub async fn run(owner_url: &str) -> Result<Vec<Pending>> {
    let mut conn = connect(owner_url).await?;
    if conn.execute("set role app_owner").await.is_err() {
        return Err(Error::Refused(
            "the owner's login, which may not act as app_owner; give DATABASE_OWNER_URL of a superuser or of a role with CREATEROLE once".into(),
        ));
    }
    let known: Vec<_> = MIGRATIONS.iter().cloned().collect();
    let missing = missing(&mut conn).await?;
    apply::missing(&mut conn, &known, apply::Patience::USUAL).await?;
    conn.close().await?;
    Ok(missing)
}

/// The migrations that `run` would apply.
pub async fn dry_run(owner_url: &str) -> Result<Vec<Pending>> {
    let mut conn = connect(owner_url).await?;
    let missing = missing(&mut conn).await?;
    conn.close().await?;
    Ok(missing)
}

async fn missing(conn: &mut PgConnection) -> Result<Vec<Pending>> {
    let fresh = sqlx::query_scalar!(r#"select to_regclass('public._sqlx_migrations') is null as "fresh!""#)
        .fetch_one(&mut *conn)
        .await?;
    let applied = if fresh { Vec::new() } else { apply::applied(conn).await? };
    check_compatible(&applied, newest())?;
    Ok(not_applied(&applied))
}

/// A migration that the database has.
#[derive(Clone, Debug)]
struct Row {
    version: i64,
    /// The last migration of the oldest program that still works after this one. `None` when the migration does
    /// not say.
    oldest_program: Option<i64>,
}

fn newest() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// Refuses a schema with a migration that this program does not know and that does not say that this program still
/// works.
fn check_compatible(applied: &[Row], newest: i64) -> Result<()> {
    let stops =
        |row: &&Row| !MIGRATIONS.version_exists(row.version) && row.oldest_program.is_none_or(|oldest| oldest > newest);
    match applied.iter().find(stops) {
        None => Ok(()),
        Some(_) => Err(Error::Refused(
            "start-up: the database is newer than this program and does not work with it; start the newer version"
                .into(),
        )),
    }
}

fn not_applied(applied: &[Row]) -> Vec<Pending> {
    let applied: BTreeSet<i64> = applied.iter().map(|row| row.version).collect();
    MIGRATIONS
        .iter()
        .filter(|m| !applied.contains(&m.version))
        .map(|m| Pending { version: m.version, description: m.description.to_string() })
        .collect()
}

/// The migrations that this program has and the database does not have.
pub async fn pending(db: &Db) -> Result<Vec<Pending>> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    Ok(not_applied(&apply::applied(tx.conn()).await?))
}

/// Refuses a login that can bypass row-level security, and a schema that this program cannot work with: an older
/// one, or a newer one that does not say that this program still works. The error is one sentence. This is for the
/// start of a process; a running process continues as long as no migration is missing, see [`pending`].
pub async fn check_known(db: &Db) -> Result<()> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let login = sqlx::query!(
        r#"select rolsuper or rolbypassrls as "mighty!",
                  current_setting('statement_timeout') <> '0' and current_setting('idle_in_transaction_session_timeout') <> '0' as "bounded!"
           from pg_roles where rolname = session_user"#
    )
    .fetch_one(tx.conn())
    .await?;
    if login.mighty {
        return Err(Error::Refused(
            "start-up: DATABASE_URL signs in as a superuser; use the role `migrate` made (slipway)".into(),
        ));
    }
    if !login.bounded {
        tracing::warn!(
            "statements of this login may run without end; let `slipway migrate` set the limits of its role"
        );
    }
    let applied = apply::applied(tx.conn()).await?;
    if !not_applied(&applied).is_empty() {
        return Err(Error::Refused("start-up: the database is older than this program; run `slipway migrate`".into()));
    }
    check_compatible(&applied, newest())
}

/// A hash that changes with the migrations. The template database of the tests has it in its name.
#[cfg(feature = "testing")]
pub(crate) fn fingerprint() -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for migration in MIGRATIONS.iter() {
        hash.update(&migration.checksum);
    }
    hash.update([ROLES, LOGIN, GRANTS].concat());
    hex::encode(hash.finalize()).chars().take(12).collect()
}
