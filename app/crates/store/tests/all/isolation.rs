//! Can one tenant see or change another's rows? Tests every table that has a tenant, with every operation, as the
//! own tenant, another tenant and none. The tables come from the catalog, so a new table is tested as soon as it
//! exists.
#![expect(clippy::disallowed_methods, reason = "the catalogue is asked in words the macro cannot check")]

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, Row};
use store::testing::TestDb;
use uuid::Uuid;

/// An agency, one of its businesses, and a person who belongs to both.
#[derive(Clone, Copy)]
struct Tenant {
    agency: Uuid,
    business: Uuid,
    person: Uuid,
}

async fn tenant(test: &TestDb) -> Tenant {
    let agency = test.agency().await;
    let business = test.business(agency).await;
    let person = test.person(domain::identity::Role::BusinessOwner, Some(agency), Some(business)).await;
    Tenant { agency: agency.0, business: business.0, person: person.0 }
}

/// The columns of a table that must be written, each with an expression that satisfies its type and checks.
struct Table {
    name: String,
    columns: Vec<(String, String)>,
}

/// Every table with a column for a tenant: an agency, a business or a person.
const TENANT_TABLES: &str = "select c.relname::text from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
    and exists (select from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and a.attname in ('agency_id', 'sub_account_id', 'user_id')) order by 1";

const COLUMNS: &str = "select a.attname::text, format_type(a.atttypid, null), t.typtype = 'e' as is_enum,
    (select (regexp_match(string_agg(pg_get_constraintdef(k.oid), ' '), quote_ident(a.attname) || ' = ANY \\(ARRAY\\[''([^'']+)'''))[1] from pg_constraint k
     where k.conrelid = a.attrelid and k.contype = 'c' and a.attnum = any (k.conkey)) as allowed,
    (select count(*) > 0 from pg_constraint k where k.conrelid = a.attrelid and k.contype = 'c' and a.attnum = any (k.conkey) and pg_get_constraintdef(k.oid) ~ 'length\\(.*= 32') as is_hash
    from pg_attribute a join pg_type t on t.oid = a.atttypid
    where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity = '' and a.attnotnull
      and (not a.atthasdef or a.attname = 'id') and a.attname not in ('agency_id', 'sub_account_id', 'user_id')";

async fn tables(test: &TestDb) -> Vec<Table> {
    let names: Vec<String> = sqlx::query_scalar(TENANT_TABLES).fetch_all(test.superuser()).await.unwrap();
    let mut tables = Vec::new();
    for name in names {
        let rows = sqlx::query(COLUMNS).bind(&name).fetch_all(test.superuser()).await.unwrap();
        let mut columns: Vec<(String, String)> = rows.iter().map(|row| (row.get::<String, _>(0), value(row))).collect();
        let tenant: Vec<String> = sqlx::query_scalar(
            "select attname::text from pg_attribute where attrelid = $1::regclass and attname in ('agency_id', 'sub_account_id', 'user_id') and not attisdropped",
        )
        .bind(&name)
        .fetch_all(test.superuser())
        .await
        .unwrap();
        columns.extend(tenant.into_iter().map(|column| (column.clone(), format!("${column}"))));
        if name == "roles" {
            columns.push(("owner".into(), "$owner".into()));
        }
        tables.push(Table { name, columns });
    }
    tables
}

fn value(row: &sqlx::postgres::PgRow) -> String {
    let (name, kind): (String, String) = (row.get(0), row.get(1));
    let (is_enum, allowed, is_hash): (bool, Option<String>, bool) = (row.get(2), row.get(3), row.get(4));
    match (kind.as_str(), allowed) {
        (_, Some(allowed)) => format!("'{allowed}'"),
        _ if is_enum => format!("(enum_range(null::{kind}))[1]"),
        ("uuid", _) => "gen_random_uuid()".into(),
        ("bytea", _) if is_hash || name == "secret_hash" => "sha256(gen_random_uuid()::text::bytea)".into(),
        ("bytea", _) => r"'\x00'".into(),
        ("jsonb", _) if name == "accounts" => "'[]'".into(),
        ("jsonb", _) => "'{}'".into(),
        ("text[]", _) => "'{x}'".into(),
        ("timestamp with time zone", _) => "now() + interval '1 hour'".into(),
        ("date", _) => "current_date".into(),
        // A session that is idle for longer is open to whoever removes ended ones.
        _ if name == "idle_seconds" => "100000".into(),
        ("text", _) if name == "phone_number" => "'+1' || (2000000000 + random() * 7999999999)::bigint".into(),
        ("text", _) if name == "email" => "left(gen_random_uuid()::text, 12) || '@example.test'".into(),
        ("text", _) => "left(gen_random_uuid()::text, 8)".into(),
        ("boolean", _) => "true".into(),
        _ => "1".into(),
    }
}

impl Table {
    fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|(name, _)| name == column)
    }

    fn insert(&self, of: Tenant, in_business: bool) -> String {
        let names: Vec<_> = self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let values = self.columns.iter().map(|(_, value)| match value.as_str() {
            "$owner" if in_business => format!("'{}'", of.business),
            "$agency_id" | "$owner" => format!("'{}'", of.agency),
            "$sub_account_id" if in_business => format!("'{}'", of.business),
            "$sub_account_id" => "null".into(),
            "$user_id" => format!("'{}'", of.person),
            other => other.to_owned(),
        });
        format!("insert into {} ({}) values ({})", self.name, names.join(", "), values.collect::<Vec<_>>().join(", "))
    }

    /// Condition for the rows of a tenant, whichever way the table names the tenant.
    fn of(&self, tenant: Tenant) -> String {
        let mut terms = Vec::new();
        for (column, id) in
            [("agency_id", tenant.agency), ("sub_account_id", tenant.business), ("user_id", tenant.person)]
        {
            if self.has(column) {
                terms.push(format!("{column} = '{id}'"));
            }
        }
        terms.join(" or ")
    }
}

async fn fill(test: &TestDb, tables: &[Table], tenants: &[Tenant]) {
    let mut conn = test.superuser().acquire().await.unwrap();
    // Foreign keys and triggers are off, because only the policies of each table are tested here.
    conn.execute("set session_replication_role = replica").await.unwrap();
    for table in tables {
        for tenant in tenants {
            for in_business in [true, false] {
                let sql = table.insert(*tenant, in_business);
                if let Err(error) = conn.execute(AssertSqlSafe(sql.clone())).await {
                    let once = error
                        .as_database_error()
                        .is_some_and(|e| matches!(e.code().as_deref(), Some("23505" | "23502")));
                    assert!(once, "{error}: {sql}");
                }
            }
        }
    }
    conn.execute("reset session_replication_role").await.unwrap();
}

async fn begin(conn: &mut PgConnection, role: &str, who: Option<(Tenant, bool)>) {
    conn.execute("begin").await.unwrap();
    let (agency, business, person) = who.map_or_else(Default::default, |(tenant, in_agency)| {
        let agency = if in_agency { tenant.agency.to_string() } else { String::new() };
        (agency, tenant.business.to_string(), tenant.person.to_string())
    });
    sqlx::query(
        "select set_config('role', $1, true), set_config('app.current_user_id', $2, true), set_config('app.current_sub_account_id', $3, true),
         set_config('app.current_agency_id', $4, true), set_config('app.agency_reach', 'all', true), set_config('app.visible_sub_account_ids', '', true), set_config('app.presented_hash', '', true)",
    )
    .bind(role)
    .bind(person)
    .bind(business)
    .bind(agency)
    .fetch_one(&mut *conn)
    .await
    .unwrap();
}

/// Number of rows that a statement touched, or 0 if the role has no right to run it.
async fn touched(conn: &mut PgConnection, sql: String) -> u64 {
    conn.execute("savepoint s").await.unwrap();
    let done = conn.execute(AssertSqlSafe(sql.clone())).await;
    conn.execute("rollback to s").await.unwrap();
    match done {
        Ok(done) => done.rows_affected(),
        Err(error) => {
            let denied = error.as_database_error().is_some_and(|e| e.code().as_deref() == Some("42501"));
            assert!(denied, "{error}: {sql}");
            0
        }
    }
}

/// Tables in which the worker serves every tenant (queue, audit chain, installs and limits) and is not bound to
/// one.
const OPEN_TO_WORKER: &[&str] = &[
    "work_ready",
    "work_scheduled",
    "work_leases",
    "work_dead",
    "outbox_events",
    "app_installs",
    "audit_events",
    "platform_settings",
];

/// Tables to which a page may add rows without seeing any (an install that nobody has claimed).
const OPEN_TO_INSERT: &[&str] = &["app_installs"];

#[tokio::test]
async fn no_tenant_reaches_another_by_any_operation() {
    let test = TestDb::new().await;
    let (one, two) = (tenant(&test).await, tenant(&test).await);
    let tables = tables(&test).await;
    assert!(tables.len() >= 28, "{}", tables.len());
    fill(&test, &tables, &[one, two]).await;
    let mut conn = PgConnection::connect(&test.url()).await.unwrap();
    let mut checks = 0;
    for role in ["app_rt", "app_worker"] {
        for who in [Some((one, true)), Some((one, false)), None] {
            for table in &tables {
                if role == "app_worker" && OPEN_TO_WORKER.contains(&table.name.as_str()) {
                    continue;
                }
                begin(&mut conn, role, who).await;
                let (t, theirs) = (&table.name, table.of(two));
                let column = &table.columns[0].0;
                let mut cases = vec![
                    ("select", format!("select {column} from {t} where {theirs}")),
                    ("update", format!("update {t} set updated_at = now() where {theirs}")),
                    ("delete", format!("delete from {t} where {theirs}")),
                ];
                if !OPEN_TO_INSERT.contains(&t.as_str()) {
                    cases.push(("insert", table.insert(two, true)));
                }
                for (operation, sql) in cases {
                    let scope = who.map_or("no tenant", |(_, in_agency)| if in_agency { "agency" } else { "business" });
                    assert_eq!(
                        touched(&mut conn, sql).await,
                        0,
                        "{role} in {scope} of one: {operation} {t} of the other"
                    );
                    checks += 1;
                }
                conn.execute("rollback").await.unwrap();
            }
        }
    }
    assert!(checks > 500, "{checks}");
}

/// Tables of which a page sees no row of its own tenant, because the queue belongs to the worker.
const CLOSED_TO_PAGES: &[&str] = &["work_ready", "work_scheduled", "work_leases", "work_dead", "outbox_events"];

#[tokio::test]
async fn each_tenant_reaches_its_own() {
    let test = TestDb::new().await;
    let one = tenant(&test).await;
    let tables = tables(&test).await;
    fill(&test, &tables, &[one]).await;
    let mut conn = PgConnection::connect(&test.url()).await.unwrap();
    begin(&mut conn, "app_rt", Some((one, true))).await;
    for table in tables.iter().filter(|table| !CLOSED_TO_PAGES.contains(&table.name.as_str())) {
        let sql = format!("select {} from {} where {}", table.columns[0].0, table.name, table.of(one));
        assert!(touched(&mut conn, sql).await > 0, "{}", table.name);
    }
}

#[tokio::test]
async fn a_forged_parent_of_another_tenant_is_refused_by_the_key() {
    let test = TestDb::new().await;
    let (one, two) = (tenant(&test).await, tenant(&test).await);
    let keys: Vec<(String, String, String)> = sqlx::query_as(
        "select c.conrelid::regclass::text, c.confrelid::regclass::text, (select string_agg(quote_ident(a.attname), ',' order by o) from unnest(c.conkey) with ordinality u (n, o)
           join pg_attribute a on a.attrelid = c.conrelid and a.attnum = u.n)
         from pg_constraint c where c.contype = 'f' and c.connamespace = 'public'::regnamespace and array_length(c.conkey, 1) = 2 and c.confrelid::regclass::text <> 'roles'",
    )
    .fetch_all(test.superuser())
    .await
    .unwrap();
    assert!(keys.len() >= 15, "{}", keys.len());
    let tables = tables(&test).await;
    fill(&test, &tables, &[one, two]).await;
    for (child, parent, columns) in keys {
        let [tenant_column, key]: [&str; 2] = columns.split(',').collect::<Vec<_>>().try_into().unwrap();
        let (of, mine, theirs) = if tenant_column == "sub_account_id" {
            ("sub_account_id", one.business, two.business)
        } else {
            ("agency_id", one.agency, two.agency)
        };
        let parent_of_two: Option<Uuid> =
            sqlx::query_scalar(AssertSqlSafe(format!("select id from {parent} where {of} = '{theirs}' limit 1")))
                .fetch_optional(test.superuser())
                .await
                .unwrap();
        let Some(foreign) = parent_of_two else { panic!("{parent} has no row") };
        let sql = format!("update {child} set {key} = '{foreign}' where {tenant_column} = '{mine}'");
        let error = test.superuser().execute(AssertSqlSafe(sql.clone())).await.expect_err(&sql);
        let code = error.as_database_error().and_then(|e| e.code().map(|code| code.into_owned()));
        assert!(matches!(code.as_deref(), Some("23503" | "23505" | "23514")), "{error}: {sql}");
    }
}

/// Tables that outlive their tenant: the record of what was done, and rows that expire on their own.
const OUTLIVES: &[&str] = &["audit_events", "outbox_events", "oauth_states"];

#[tokio::test]
async fn after_thirty_days_in_the_trash_nothing_of_it_is_left_but_the_record() {
    let test = TestDb::new().await;
    let (one, two) = (tenant(&test).await, tenant(&test).await);
    let tables = tables(&test).await;
    fill(&test, &tables, &[one, two]).await;
    let worker = test.db(store::DbRole::Worker).await;
    let rows = async |table: &Table, column: &str, id: Uuid| -> i64 {
        let sql = format!("select count(*) from {} where {column} = '{id}'", table.name);
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(test.superuser()).await.unwrap()
    };
    let trash = async |table: &str, id: Uuid, days: f64| {
        let sql = format!(
            "update {table} set status = 'deleted', deleted_at = now() - interval '1 day' * {days} where id = '{id}'"
        );
        test.superuser().execute(AssertSqlSafe(sql)).await.unwrap();
    };
    trash("sub_accounts", one.business, 29.9).await;
    trash("agencies", two.agency, 29.9).await;
    assert_eq!(store::trash::sweep(&worker).await.unwrap(), 0, "the time is not over");
    trash("sub_accounts", one.business, 30.1).await;
    trash("agencies", two.agency, 30.1).await;
    assert_eq!(store::trash::sweep(&worker).await.unwrap(), 2);
    assert_eq!(store::trash::sweep(&worker).await.unwrap(), 0);
    for table in tables.iter().filter(|table| !OUTLIVES.contains(&table.name.as_str())) {
        if table.has("sub_account_id") {
            assert_eq!(rows(table, "sub_account_id", one.business).await, 0, "{} of the business", table.name);
        }
        if table.has("agency_id") {
            assert_eq!(rows(table, "agency_id", two.agency).await, 0, "{} of the agency", table.name);
        }
    }
    let kept = tables.iter().find(|table| table.name == "provisioning_jobs").unwrap();
    assert!(rows(kept, "agency_id", one.agency).await > 0, "the other agency keeps what is its own");
    for (action, id) in [("business.erased", one.business), ("agency.erased", two.agency)] {
        let sql = format!("select count(*) from audit_events where action = '{action}' and object_id = '{id}'");
        let told: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(test.superuser()).await.unwrap();
        assert_eq!(told, 1, "{action}");
    }
}

#[tokio::test]
async fn the_login_alone_reads_nothing() {
    let test = TestDb::new().await;
    let mut conn = PgConnection::connect(&test.url()).await.unwrap();
    for table in tables(&test).await {
        let read = conn.execute(AssertSqlSafe(format!("select 1 from {}", table.name))).await;
        let code = read.unwrap_err().as_database_error().and_then(|e| e.code().map(|code| code.into_owned()));
        assert_eq!(code.as_deref(), Some("42501"), "{}", table.name);
    }
}

#[tokio::test]
async fn staff_who_reach_listed_clients_see_those_and_no_other() {
    let test = TestDb::new().await;
    let agency = test.agency().await;
    let (mine, other) = (test.business(agency).await, test.business(agency).await);
    let stranger = test.business(test.agency().await).await;
    let db = test.db(store::DbRole::Web).await;
    let seen = async |listed: Vec<domain::BusinessId>, reach| {
        let scope = store::Scope::Agency { user: None, agency, reach, listed };
        let mut tx = store::TenantTx::begin(&db, scope).await.unwrap();
        store::businesses::list(&mut tx, &domain::page::ListQuery::default()).await.unwrap().rows.len()
    };
    use domain::identity::Reach;
    assert_eq!(
        seen(vec![mine, stranger], Reach::Listed).await,
        1,
        "a listed business of another agency is not reached"
    );
    assert_eq!(seen(vec![mine, other], Reach::Listed).await, 2);
    assert_eq!(seen(vec![], Reach::All).await, 2);
    assert_eq!(seen(vec![], Reach::Listed).await, 0);
}
