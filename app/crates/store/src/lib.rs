//! All access to Postgres: transactions that belong to one tenant, and one file per stored thing. The login role has no
//! rights of its own (NOINHERIT), so a statement outside a `TenantTx` fails instead of reading too much. A new table
//! needs a migration that ends with `call ops.protect(…)` and `call ops.index_fks()`, and a line in `tests/all/rls/`.

pub mod agencies;
pub mod agent_sign_ins;
pub mod answer_links;
pub mod api_calls;
pub mod api_tokens;
pub mod app_installs;
pub mod assistant;
pub mod audit;
pub mod bearers;
mod begin;
pub mod bundle;
pub mod business_roles;
pub mod businesses;
mod callers;
pub mod channel_choices;
pub mod credentials;
pub mod disk;
pub mod drafts;
pub mod due;
mod envelope;
pub mod events;
pub mod factors;
pub mod first_steps;
#[cfg(all(test, feature = "testing"))]
mod fixtures;
pub mod idempotency;
pub mod identity;
pub mod imports;
pub mod inbound;
pub mod integrations;
pub mod invites;
mod kept;
pub mod listen;
pub mod mail_limits;
pub mod memberships;
pub mod messaging;
pub mod migrate;
mod notices;
pub mod notifications;
pub mod oauth_states;
pub mod outbox;
pub mod page;
pub mod periodic;
pub mod phone_routes;
pub mod platform;
pub mod presets;
pub mod provisioning;
pub mod queue;
pub mod rate_windows;
mod removal;
pub mod renewal_links;
mod replica;
pub mod request_counts;
pub mod retention;
pub mod roles;
pub mod saved_views;
pub mod sessions;
pub mod snapshots;
pub mod tenant;
#[cfg(feature = "testing")]
pub mod testing;
pub mod throttle;
pub mod todos;
pub mod tool_offers;
pub mod tool_servers;
pub mod tools;
pub mod trash;
pub mod trouble;
pub mod usage;
pub mod vault;
pub mod webchat;
pub mod webhooks;
pub mod weeks;

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgSslMode};
use uuid::Uuid;

pub use tenant::{PlatformTx, Scope, TenantTx};

/// Errors of the store, in the few kinds that a caller can act on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such row, or none that this scope may see. The two are never distinguished.
    #[error("not found")]
    NotFound,
    /// A unique key is taken; carries the name of the constraint.
    #[error("already taken ({0})")]
    Taken(String),
    /// Somebody else changed or took the row meanwhile.
    #[error("changed by somebody else meanwhile")]
    Stale,
    /// The database refused the value; carries the name of the constraint.
    #[error("refused by {0}")]
    Refused(String),
    /// A text contains a zero byte, which Postgres cannot store in text.
    #[error("a text holds a byte of zero")]
    Text,
    /// A sealed value does not open, or its key is missing. The text never holds a secret.
    #[error("sealed value: {0}")]
    Sealed(String),
    /// Stored data that this version cannot read; says which. It never counts as empty data.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// Anything else: connection, time-out, programming error.
    #[error("database: {0}")]
    Db(#[source] sqlx::Error),
}

/// Result of a store function.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if matches!(error, sqlx::Error::RowNotFound) {
            return Self::NotFound;
        }
        let Some(db) = error.as_database_error() else {
            return Self::Db(error);
        };
        let constraint = || db.constraint().unwrap_or("row-level security").to_owned();
        match db.code().as_deref() {
            Some("25006") => {
                replica::record_read_only();
                Self::Db(error)
            }
            Some("53100" | "58030") => {
                disk::record_full();
                Self::Db(error)
            }
            Some("23505") => Self::Taken(constraint()),
            Some("23514" | "23503" | "23502" | "42501") => Self::Refused(constraint()),
            // A zero byte, which Postgres cannot store in text.
            Some("22021" | "22P05") => Self::Text,
            _ => Self::Db(error),
        }
    }
}

impl Error {
    /// Whether retrying the whole transaction may help, after a serialization failure or a deadlock.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self.code().as_deref(), Some("40001" | "40P01"))
    }

    /// Whether the database is unavailable right now: it restarts, has no room for more connections or data, or
    /// the network connection is interrupted. The same operation may succeed in a moment. Whether an interrupted
    /// commit happened is known only by reading again.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        let Self::Db(error) = self else { return false };
        match error {
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
            sqlx::Error::WorkerCrashed | sqlx::Error::Protocol(_) => true,
            // A connection error, no room for more connections or data, shutdown or start, or a replica.
            _ => self.code().is_some_and(|code| {
                code.starts_with("08")
                    || matches!(code.as_ref(), "25006" | "53100" | "53300" | "57P01" | "57P02" | "57P03" | "58030")
            }),
        }
    }

    /// Whether the same statement may succeed in a moment without anybody changing anything: the database was
    /// unavailable, two transactions conflicted, or one waited too long for another. Every other error returns at
    /// each retry.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        let waited = matches!(self.code().as_deref(), Some("57014" | "55P03" | "25P03"));
        waited || self.is_unavailable() || self.is_transient()
    }

    /// Whether it waited too long for a lock that another transaction holds, or each of them waited for the other.
    pub(crate) fn waited_too_long(&self) -> bool {
        matches!(self.code().as_deref(), Some("55P03" | "40P01"))
    }

    fn code(&self) -> Option<std::borrow::Cow<'_, str>> {
        let Self::Db(error) = self else { return None };
        error.as_database_error().and_then(sqlx::error::DatabaseError::code)
    }
}

/// The database role that a process takes inside its transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DbRole {
    /// Pages, server functions, API: `app_rt`.
    Web,
    /// Background jobs: `app_worker`.
    Worker,
}

impl DbRole {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Web => "app_rt",
            Self::Worker => "app_worker",
        }
    }
}

/// How long whoever needs a connection of a pool waits for one.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// A connection that was idle for longer than this is tested before it is used.
const IDLE_BEFORE_TEST: Duration = Duration::from_secs(1);

/// A pool of connections and the role its transactions take.
#[derive(Clone, Debug)]
pub struct Db {
    pool: PgPool,
    role: DbRole,
    notice_channel: Arc<NoticeChannel>,
}

/// How a pool's process notifies other processes of its commits and receives their notices.
#[derive(Debug, Default)]
struct NoticeChannel {
    relay: Arc<notices::Relay>,
    /// Address to listen at, if it differs from the pool's own address.
    listen_at: Option<PgConnectOptions>,
    listener_state: listen::ListenerState,
}

/// Whether the warning about an unverified connection to the database was logged. A process logs it once for all
/// its pools.
static WARNED_UNVERIFIED_TLS: AtomicBool = AtomicBool::new(false);

impl Db {
    /// Opens the pool and one connection, so that a wrong address is reported at start.
    pub async fn connect(url: &str, role: DbRole, max_connections: u32) -> Result<Self> {
        Self::open(PgConnectOptions::from_str(url)?, None, role, max_connections, PATIENCE).await
    }

    /// Like `connect`, through a pooler that lends a connection for one transaction only. `listen_url` bypasses
    /// the pooler, for notices. Such a pooler keeps no prepared statements, so this pool caches none unless the
    /// address sets `statement-cache-capacity`.
    pub async fn connect_pooled(url: &str, listen_url: &str, role: DbRole, max_connections: u32) -> Result<Self> {
        let mut options = PgConnectOptions::from_str(url)?;
        if !url.contains("statement-cache-capacity") {
            options = options.statement_cache_capacity(0);
        }
        Self::open(options, Some(PgConnectOptions::from_str(listen_url)?), role, max_connections, PATIENCE).await
    }

    pub(crate) async fn open(
        options: PgConnectOptions,
        listen_at: Option<PgConnectOptions>,
        role: DbRole,
        max_connections: u32,
        patience: Duration,
    ) -> Result<Self> {
        let local = options.get_socket().is_some() || matches!(options.get_host(), "localhost" | "127.0.0.1" | "::1");
        if !local
            && !matches!(options.get_ssl_mode(), PgSslMode::VerifyFull)
            && !WARNED_UNVERIFIED_TLS.swap(true, Relaxed)
        {
            tracing::warn!("the way to the database is not proven: put sslmode=verify-full into DATABASE_URL");
        }
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(patience)
            // Testing each connection before use costs a round trip per transaction, so one that was just used is
            // not tested.
            .test_before_acquire(false)
            .before_acquire(|connection, known| {
                Box::pin(async move {
                    if !replica::is_trusted(known.age) {
                        return Ok(false);
                    }
                    if known.idle_for > IDLE_BEFORE_TEST {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options.application_name("slipway"))
            .await?;
        Ok(Self { pool, role, notice_channel: Arc::new(NoticeChannel { listen_at, ..NoticeChannel::default() }) })
    }

    /// Notifies other processes of a commit soon, without a guarantee.
    pub(crate) fn notify(&self, notices: notices::Notices) {
        self.notice_channel.relay.notify(&self.pool, notices);
    }

    /// Whether this pool's listener receives the notices of other processes. `None` when nobody listens.
    #[must_use]
    pub fn receives_notices(&self) -> Option<bool> {
        self.notice_channel.listener_state.receives_notices()
    }

    /// The role its transactions take.
    #[must_use]
    pub const fn role(&self) -> DbRole {
        self.role
    }

    /// The same pool under another role. The policies of that role decide what it may see.
    #[must_use]
    pub fn acting_as(&self, role: DbRole) -> Self {
        Self { role, ..self.clone() }
    }

    /// Waits until every connection is closed.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        // Behind a pooler a statement stays on one connection only inside a transaction.
        let mut tx = begin::begin(&self.pool).await?;
        sqlx::query!("select 1 as one").fetch_one(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    /// The number of open connections, and how many of them are idle.
    #[must_use]
    pub fn connections(&self) -> (u32, u32) {
        (self.pool.size(), u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX))
    }

    /// The current time of the database's clock.
    pub async fn clock(&self) -> Result<chrono::DateTime<chrono::Utc>> {
        let mut tx = begin::begin(&self.pool).await?;
        let now = sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#).fetch_one(&mut *tx).await?;
        tx.commit().await?;
        Ok(now)
    }

    pub(crate) const fn pool(&self) -> &PgPool {
        &self.pool
    }
}

/// A new id. It is a UUID v7, so that rows created at about the same time are stored next to each other.
#[must_use]
pub fn new_id<T: From<Uuid>>() -> T {
    T::from(Uuid::now_v7())
}

/// Returns `NotFound` when no row was changed, because there is none that this scope may change.
pub(crate) const fn found(rows: u64) -> Result<()> {
    if rows == 0 { Err(Error::NotFound) } else { Ok(()) }
}
