//! Gives each test its own database, copied from a template that is migrated once per set of migrations. It needs
//! DATABASE_URL of a superuser on a throwaway server; the product never needs a superuser.

mod ahead;
mod keys;
mod network;
mod plant;
mod shares;
mod writes;

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::identity::Role;
use domain::{AgencyId, BusinessId, UserId};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use uuid::Uuid;

pub use keys::vault;
pub use network::{NetworkPath, ServerStream, server_stream};
pub use plant::PlantedText;

use crate::{Db, DbRole, migrate, new_id};

mod pooler;
pub use pooler::Pooler;

const LOCK: i64 = 0x5317_7357;
/// How long a test waits for a connection: longer than any slow machine needs.
const PATIENCE: Duration = Duration::from_secs(60);
static COUNT: AtomicU32 = AtomicU32::new(0);

/// A migrated, empty database. It is dropped together with this value.
pub struct TestDb {
    name: String,
    server: PgConnectOptions,
    owner: PgPool,
}

#[expect(clippy::disallowed_methods, reason = "the test server is a setting of tests alone")]
fn server() -> PgConnectOptions {
    let url = std::env::var("DATABASE_URL").expect("tests need DATABASE_URL of a superuser on a throwaway server");
    PgConnectOptions::from_str(&url).expect("DATABASE_URL is an address")
}

async fn admin() -> PgConnection {
    server().database("postgres").connect().await.expect("the test server answers")
}

async fn ddl(conn: &mut PgConnection, sql: String) {
    // DDL takes no bind parameters; the names are made in this file.
    conn.execute(AssertSqlSafe(sql)).await.expect("test DDL works");
}

async fn template(conn: &mut PgConnection) -> String {
    let name = format!("slw_t_{}", migrate::fingerprint());
    sqlx::query!("select pg_advisory_lock($1)", LOCK).execute(&mut *conn).await.expect("lock");
    let known = sqlx::query_scalar!(r#"select exists (select from pg_database where datname = $1) as "known!""#, name)
        .fetch_one(&mut *conn)
        .await
        .expect("catalogue");
    if !known {
        let draft = format!("{name}_draft");
        ddl(conn, format!("drop database if exists {draft} with (force)")).await;
        ddl(conn, format!("create database {draft} template template0")).await;
        let url = server().database(&draft).to_url_lossy();
        migrate::prepare(url.as_str(), None).await.expect("roles");
        migrate::run(url.as_str()).await.expect("migrations");
        ddl(conn, format!("alter database {draft} rename to {name}")).await;
        sweep(conn).await;
    }
    sqlx::query!("select pg_advisory_unlock($1)", LOCK).fetch_one(&mut *conn).await.expect("unlock");
    name
}

/// Gives the login role more time in a test's database than in production: a test decides the order of two transactions by
/// letting one wait for the other, however long a loaded machine takes meanwhile.
async fn unhurried(conn: &mut PgConnection, database: &str) {
    let limits = ["lock_timeout = '60s'", "statement_timeout = '60s'", "idle_in_transaction_session_timeout = '5min'"];
    let set = limits.map(|limit| format!("alter role slipway in database {database} set {limit}"));
    ddl(conn, set.join("; ")).await;
}

/// Drops the databases of runs that were killed: those that are an hour old and have no connection.
async fn sweep(conn: &mut PgConnection) {
    let old = sqlx::query_scalar!(
        r#"select datname as "name!" from pg_database d where datname ~ '^slw_x_[0-9]+_'
           and split_part(datname, '_', 3)::bigint < extract(epoch from now()) - 3600
           and not exists (select from pg_stat_activity a where a.datname = d.datname)"#
    )
    .fetch_all(&mut *conn)
    .await
    .expect("catalogue");
    for name in old {
        ddl(conn, format!("drop database if exists {name}")).await;
    }
}

impl TestDb {
    /// Creates a database.
    pub async fn new() -> Self {
        let mut conn = admin().await;
        let template = template(&mut conn).await;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        let name = format!("slw_x_{now}_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        ddl(&mut conn, format!("create database {name} template {template}")).await;
        unhurried(&mut conn, &name).await;
        conn.close().await.expect("close");
        let server = server().database(&name);
        let owner = PgPoolOptions::new().max_connections(2).connect_with(server.clone()).await.expect("seed pool");
        Self { name, server, owner }
    }

    /// The name of the database. No other test's database has it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The pool that a process with this role would have.
    pub async fn db(&self, role: DbRole) -> Db {
        self.sized(role, 5).await
    }

    /// Like `db`, with a given number of connections.
    pub async fn sized(&self, role: DbRole, connections: u32) -> Db {
        Db::open(self.server.clone().username("slipway"), None, role, connections, PATIENCE)
            .await
            .expect("the login role connects")
    }

    /// Address for a child process, with the login role of the product.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.clone().username("slipway").to_url_lossy().into()
    }

    /// Address of the superuser, for migrations and for reading past row-level security.
    #[must_use]
    pub fn owner_url(&self) -> String {
        self.server.to_url_lossy().into()
    }

    /// A pool that bypasses row-level security, for test data and for checks.
    #[must_use]
    pub const fn superuser(&self) -> &PgPool {
        &self.owner
    }

    /// Settings that a commit needs to survive a crash and that are off for the login role of the product.
    pub async fn not_durable(&self) -> Vec<String> {
        let mut conn = self.server.clone().username("slipway").connect().await.expect("the login role connects");
        sqlx::query_scalar!(
            r#"select name as "name!" from pg_settings where name in ('fsync', 'synchronous_commit') and setting = 'off' order by name"#
        )
        .fetch_all(&mut conn)
        .await
        .expect("settings")
    }

    /// Whether a connection to this database waits for a lock that another transaction holds.
    pub async fn waits_for_a_lock(&self) -> bool {
        sqlx::query_scalar!(
            r#"select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock') as "waits!""#
        )
        .fetch_one(&self.owner)
        .await
        .expect("activity")
    }

    /// Whether a connection to this database has begun a transaction and runs no statement.
    pub async fn holds_a_transaction(&self) -> bool {
        sqlx::query_scalar!(
            r#"select exists (select from pg_stat_activity where datname = current_database() and state like 'idle in transaction%') as "holds!""#
        )
        .fetch_one(&self.owner)
        .await
        .expect("activity")
    }

    /// Runs statements that bypass row-level security.
    pub async fn execute(&self, sql: &'static str) {
        self.owner.execute(sql).await.expect("seed statement works");
    }

    /// Runs a statement that bypasses row-level security, with an id and some bytes.
    #[expect(clippy::disallowed_methods, reason = "a seed of a test is no query of the product")]
    pub async fn insert(&self, sql: &'static str, id: Uuid, bytes: &[u8]) {
        sqlx::query(sql).bind(id).bind(bytes).execute(&self.owner).await.expect("seed statement works");
    }

    /// Every table of the product with all its rows as text, bytes in hexadecimal. Each row includes the
    /// transaction that wrote it, so a row that is written again unchanged also differs. The list of tables comes
    /// from the catalog.
    #[expect(clippy::disallowed_methods, reason = "the catalogue is asked in words the macro cannot check")]
    pub async fn contents(&self) -> Vec<(String, String)> {
        let tables: Vec<String> = sqlx::query_scalar(
            "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname !~ '^(pg_|information_schema)' and tablename <> '_sqlx_migrations' order by 1",
        )
        .fetch_all(&self.owner)
        .await
        .expect("catalogue");
        let select = |table: &String| {
            format!(
                "select '{table}', coalesce(string_agg(t.xmin::text || t::text, e'\\n' order by t::text), '') from {table} t"
            )
        };
        let sql = tables.iter().map(select).collect::<Vec<_>>().join(" union all ");
        let rows: Vec<(String, String)> =
            sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&self.owner).await.expect("contents");
        let named = rows.into_iter().map(|(table, text)| (table.trim_start_matches("public.").to_owned(), text));
        // The database answers the parts of a union in any order.
        named.collect::<BTreeMap<_, _>>().into_iter().collect()
    }

    /// Adds an agency.
    pub async fn agency(&self) -> AgencyId {
        let id: AgencyId = new_id();
        sqlx::query!("insert into agencies (id, name, slug) values ($1, $2, $2)", id.0, format!("agency-{id}"))
            .execute(&self.owner)
            .await
            .expect("agency");
        id
    }

    /// Adds a business to that agency.
    pub async fn business(&self, agency: AgencyId) -> BusinessId {
        let id: BusinessId = new_id();
        sqlx::query!(
            "insert into sub_accounts (id, agency_id, name, slug) values ($1, $2, $3, $3)",
            id.0,
            agency.0,
            format!("business-{id}")
        )
        .execute(&self.owner)
        .await
        .expect("business");
        id
    }

    /// Adds a person with a role in the agency (owner and admin reach all businesses) or in the business,
    /// depending on the role.
    pub async fn person(&self, role: Role, agency: Option<AgencyId>, business: Option<BusinessId>) -> UserId {
        let id: UserId = new_id();
        let platform = matches!(role, Role::SuperAdmin | Role::Support).then(|| role.key());
        sqlx::query!(
            "insert into users (id, email, name, platform_role) values ($1, $2, $3, $4)",
            id.0,
            format!("{id}@example.test"),
            role.label(),
            platform
        )
        .execute(&self.owner)
        .await
        .expect("person");
        match (role, agency, business) {
            (Role::AgencyOwner | Role::AgencyAdmin | Role::AgencyStaff, Some(agency), assigned) => {
                self.agency_member(id, role, agency).await;
                if let (Role::AgencyStaff, Some(business)) = (role, assigned) {
                    self.business_member(id, Role::TeamMember, agency, business, "assigned").await;
                }
            }
            (Role::BusinessOwner | Role::TeamMember, Some(agency), Some(business)) => {
                self.business_member(id, role, agency, business, "member").await;
            }
            _ => {}
        }
        id
    }

    async fn agency_member(&self, user: UserId, role: Role, agency: AgencyId) {
        let reach = if role == Role::AgencyStaff { "listed" } else { "all" };
        sqlx::query!(
            "insert into user_agency_memberships (agency_id, user_id, role_id, reach) select $1, $2, id, $4 from roles where is_builtin and key = $3",
            agency.0,
            user.0,
            role.key(),
            reach
        )
        .execute(&self.owner)
        .await
        .expect("membership");
    }

    async fn business_member(&self, user: UserId, role: Role, agency: AgencyId, business: BusinessId, kind: &str) {
        sqlx::query!(
            "insert into user_sub_account_memberships (agency_id, sub_account_id, user_id, role_id, kind) select $1, $2, $3, id, $5 from roles where is_builtin and key = $4",
            agency.0,
            business.0,
            user.0,
            role.key(),
            kind
        )
        .execute(&self.owner)
        .await
        .expect("membership");
    }

    /// Blocks every transaction that writes this audit row from now on, until the hold is dropped, so that the
    /// test decides the order of a race.
    #[expect(clippy::disallowed_methods, reason = "a trigger of a test is no query of the product")]
    pub async fn hold(&self, action: &str) -> Hold {
        let gate = format!(
            "create or replace function test_gate() returns trigger language plpgsql as $$ begin
               perform set_config('lock_timeout', '0', true); perform pg_advisory_xact_lock({LOCK}); return new; end $$;
             create or replace trigger test_gate before insert on audit_events for each row when (new.action = '{action}') execute function test_gate()"
        );
        self.owner.execute(AssertSqlSafe(gate)).await.expect("the gate stands");
        let mut lock = self.server.clone().connect().await.expect("a connection");
        sqlx::query("select pg_advisory_lock($1)").bind(LOCK).execute(&mut lock).await.expect("the gate is shut");
        Hold { lock, looks: self.owner.clone() }
    }

    /// Every audit row of a request: action, kind of actor, actor, IP address, result.
    pub async fn audit_of(&self, request: &str) -> Vec<(String, String, Option<Uuid>, Option<String>, String)> {
        let rows = sqlx::query!(
            "select action, actor_kind, actor_id, host(ip) as ip, result from audit_events where request_id = $1 order by created_at, id",
            request
        );
        let rows = rows.fetch_all(&self.owner).await.expect("the log");
        rows.into_iter().map(|row| (row.action, row.actor_kind, row.actor_id, row.ip, row.result)).collect()
    }

    /// An id that nobody has.
    #[must_use]
    pub fn nobody() -> Uuid {
        Uuid::now_v7()
    }
}

/// Blocks every transaction that writes an audit row, until it is dropped.
pub struct Hold {
    lock: PgConnection,
    looks: PgPool,
}

impl Hold {
    /// Waits until a transaction is blocked.
    #[expect(clippy::disallowed_methods, reason = "the catalogue is asked in words the macro cannot check")]
    pub async fn reached(&self) {
        let waits = "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'advisory')";
        while !sqlx::query_scalar::<_, bool>(waits).fetch_one(&self.looks).await.expect("catalogue") {
            tokio::task::yield_now().await;
        }
    }

    /// Lets the blocked transactions continue.
    pub async fn release(self) {
        self.lock.close().await.expect("the gate opens");
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let name = std::mem::take(&mut self.name);
        // A separate runtime, because the test's runtime is ending and the database must be dropped all the same.
        let gone = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
            runtime.block_on(async {
                let mut conn = admin().await;
                ddl(&mut conn, format!("drop database if exists {name} with (force)")).await;
            });
        });
        // A failed drop leaves the database to the next run's sweep.
        drop(gone.join());
    }
}

#[cfg(test)]
mod tests {
    use super::TestDb;

    #[tokio::test]
    async fn a_server_that_forgets_what_it_commits_is_known() {
        let test = TestDb::new().await;
        let forgets = async || test.not_durable().await.contains(&"synchronous_commit".to_owned());
        test.execute(
            "do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$",
        )
        .await;
        assert!(forgets().await);
        test.execute(
            "do $$ begin execute format('alter database %I set synchronous_commit = on', current_database()); end $$",
        )
        .await;
        assert!(!forgets().await);
    }
}
