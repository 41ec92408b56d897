//! Tests that a schema change does not disturb running programs.
#![expect(clippy::unwrap_used, reason = "in a test a broken set-up is a failure")]
#![expect(clippy::disallowed_methods, reason = "made-up tables are asked in words the macro cannot check")]

use std::time::Duration;

use super::apply::{self, Patience, made_up};
use super::*;
use crate::testing::TestDb;

const HURRIED: Patience = Patience { lock: Duration::from_millis(50), pause: Duration::from_millis(10), tries: 3 };
/// The last migration of the first release. The programs of that release decide by `schema_migrations` alone.
const FIRST_RELEASE: i64 = 20_261_203_104_000;

async fn owner(test: &TestDb) -> PgConnection {
    let mut conn = connect(&test.owner_url()).await.unwrap();
    conn.execute("set role app_owner").await.unwrap();
    conn
}

#[test]
fn every_migration_since_the_first_release_says_which_programs_go_on_working() {
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > FIRST_RELEASE) {
        let oldest = apply::oldest_program(migration.sql.as_str());
        assert!(
            oldest.is_some_and(|oldest| oldest < migration.version && MIGRATIONS.version_exists(oldest)),
            "{} needs a line `-- oldest program: <last migration of the oldest program that works on it>` in its head",
            migration.version
        );
    }
}

/// What a program of before reads and writes stays as it is: nothing is taken away or renamed, and a row that it adds may lack
/// every new column. So what the heads of the migrations say is true of each of them.
#[test]
fn no_migration_takes_anything_from_the_programs_before_it() {
    let takes = [
        "drop table",
        "drop column",
        "drop view",
        "drop function",
        "rename column",
        "rename to",
        "set not null",
        "drop default",
        "set data type",
    ];
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > FIRST_RELEASE) {
        for line in migration.sql.as_str().lines() {
            let code = line.split("--").next().unwrap_or_default().to_lowercase();
            let taken = takes.iter().find(|what| code.contains(**what));
            assert_eq!(taken, None, "{}: {line}", migration.version);
            let is_demanded = code.contains("add column") && code.contains("not null");
            let is_filled = code.contains("default") || code.contains("generated");
            assert!(
                !is_demanded || is_filled,
                "{} demands a column that older programs do not write: {line}",
                migration.version
            );
        }
    }
}

#[tokio::test]
async fn a_newer_schema_is_worked_on_when_it_says_so() {
    let test = TestDb::new().await;
    let (db, mut conn) = (test.db(crate::DbRole::Web).await, owner(&test).await);
    let sql = |oldest: i64| -> &'static str { format!("-- made up\n-- oldest program: {oldest}\nselect 1").leak() };
    let later = [made_up(newest() + 1, sql(newest()), false), made_up(newest() + 2, sql(FIRST_RELEASE), false)];
    apply::missing(&mut conn, &later, HURRIED).await.unwrap();
    check_known(&db).await.unwrap();
    let listed: Vec<String> =
        sqlx::query_scalar("select version from schema_migrations where version::bigint > $1 order by 1")
            .bind(FIRST_RELEASE)
            .fetch_all(test.superuser())
            .await
            .unwrap();
    assert_eq!(listed, [(newest() + 1).to_string()], "programs of the first release judge only what stops them");
    for (stops, version) in [(sql(newest() + 1), newest() + 3), ("select 1", newest() + 4)] {
        apply::missing(&mut conn, &[made_up(version, stops, false)], HURRIED).await.unwrap();
        assert!(check_known(&db).await.unwrap_err().to_string().contains("newer"), "{stops}");
        assert!(pending(&db).await.unwrap().is_empty(), "what runs goes on");
        sqlx::query("delete from _sqlx_migrations where version = $1")
            .bind(version)
            .execute(test.superuser())
            .await
            .unwrap();
    }
    check_known(&db).await.unwrap();
}

#[tokio::test]
async fn a_migration_lets_others_go_first_and_comes_again() {
    let test = TestDb::new().await;
    let mut conn = owner(&test).await;
    let migration = [made_up(newest() + 1, "alter table work_ready add column later int", false)];
    let mut other = connect(&test.owner_url()).await.unwrap();
    let mut busy = other.begin().await.unwrap();
    busy.execute("select from work_ready").await.unwrap();
    let refused = apply::missing(&mut conn, &migration, HURRIED).await.unwrap_err();
    assert!(refused.waited_too_long(), "{refused}");
    conn.close().await.unwrap();
    let mut conn = owner(&test).await;
    let patient = Patience { tries: 1000, ..HURRIED };
    let (applied, freed) = tokio::join!(apply::missing(&mut conn, &migration, patient), async {
        while !waits(&test).await {}
        busy.commit().await
    });
    applied.unwrap();
    freed.unwrap();
    let there: bool = sqlx::query_scalar("select exists (select from information_schema.columns where table_name = 'work_ready' and column_name = 'later')")
        .fetch_one(test.superuser())
        .await
        .unwrap();
    assert!(there);
}

#[tokio::test]
async fn a_migration_that_was_chosen_to_end_a_deadlock_comes_again() {
    let test = TestDb::new().await;
    let mut conn = owner(&test).await;
    // A sequence counts on although the transaction is rolled back.
    conn.execute("create sequence tries").await.unwrap();
    let sql = "do $$ begin if nextval('tries') < 3 then raise 'both waited' using errcode = 'deadlock_detected'; end if; end $$";
    apply::missing(&mut conn, &[made_up(newest() + 1, sql, false)], HURRIED).await.unwrap();
    let tries: i64 = sqlx::query_scalar("select last_value from tries").fetch_one(test.superuser()).await.unwrap();
    assert_eq!(tries, 3);
}

/// Requests read these tables in one statement. A migration that takes one of them and later another could wait for a
/// request that waits for it.
#[test]
fn a_migration_that_adds_rights_takes_all_their_tables_before_anything_else() {
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > 20_261_207_000_000) {
        let sql = migration.sql.as_str();
        if !sql.contains("alter table roles no force") {
            continue;
        }
        let first = sql.lines().find(|line| line.starts_with("lock table ") || line.starts_with("alter table "));
        let taken = first.is_some_and(|line| {
            line.starts_with("lock table ") && line.contains("permissions, role_permissions, roles")
        });
        let is_brief = sql.contains("set local lock_timeout = '200ms';");
        assert!(taken && is_brief, "{}: {first:?}", migration.version);
    }
}

/// Whether a statement waits for a lock on a table of this database.
async fn waits(test: &TestDb) -> bool {
    sqlx::query_scalar("select exists (select from pg_locks where not granted and relation = 'work_ready'::regclass and database = (select oid from pg_database where datname = current_database()))")
        .fetch_one(test.superuser())
        .await
        .unwrap()
}

#[tokio::test]
async fn an_index_that_was_half_built_is_built_anew() {
    let test = TestDb::new().await;
    let mut conn = owner(&test).await;
    conn.execute("create table twins (n int)").await.unwrap();
    conn.execute("insert into twins values (1), (1)").await.unwrap();
    let migration = [made_up(newest() + 1, "create unique index concurrently twins_n on twins (n)", true)];
    apply::missing(&mut conn, &migration, HURRIED).await.unwrap_err();
    conn.close().await.unwrap();
    let mut conn = owner(&test).await;
    conn.execute("delete from twins where ctid = (select min(ctid) from twins)").await.unwrap();
    apply::missing(&mut conn, &migration, HURRIED).await.unwrap();
    let valid: Vec<bool> = sqlx::query_scalar("select indisvalid from pg_index where indrelid = 'twins'::regclass")
        .fetch_all(test.superuser())
        .await
        .unwrap();
    assert_eq!(valid, [true]);
}
