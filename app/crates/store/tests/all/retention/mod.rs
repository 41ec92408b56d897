//! Is everything that grows removed after its time, and nothing sooner? The tests use the table of rules and the
//! catalog, so they find a table that nobody thought of.
#![expect(clippy::disallowed_methods, reason = "the catalogue is asked in words the macro cannot check")]

mod rows;

use std::collections::BTreeSet;
use std::time::Duration;

use rows::{left, row};
use sqlx::{AssertSqlSafe, Executor};
use store::retention::{KEPT, PIECE, RULES, Rule};
use store::testing::TestDb;
use store::{Db, DbRole};

async fn count(test: &TestDb, sql: String) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(test.superuser()).await.unwrap()
}

/// Adds a row that is this many seconds younger than the rule's age.
async fn add(test: &TestDb, rule: &Rule, younger: f64) {
    let at = format!("now() - interval '1 second' * {}", rule.age.as_secs_f64() - younger);
    // Triggers and foreign keys are off, because only the rule is tested here.
    let sql = format!("set session_replication_role = replica; insert into {}", row(rule).replace("{at}", &at));
    let mut conn = test.superuser().acquire().await.unwrap();
    conn.execute(AssertSqlSafe(sql)).await.unwrap();
    conn.execute("reset session_replication_role").await.unwrap();
}

async fn piece(db: &Db, rule: &Rule, age: Duration) -> u64 {
    (rule.piece)(db, age, PIECE).await.unwrap()
}

#[tokio::test]
async fn each_rule_removes_what_is_older_than_its_age_and_nothing_younger() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    for rule in RULES {
        let (age, hour) = (rule.age.as_secs_f64(), 3600.0_f64);
        let younger = if rule.age.is_zero() { hour } else { hour.min(age / 2.0) };
        add(&test, rule, younger).await;
        assert_eq!(piece(&db, rule, rule.age).await, 0, "{}: a younger row stays", rule.name);
        add(&test, rule, -3600.0).await;
        assert_eq!(piece(&db, rule, rule.age).await, 1, "{}: an older row goes", rule.name);
        assert_eq!(count(&test, left(rule)).await, 1, "{}: the younger row is left", rule.name);
        assert_eq!(piece(&db, rule, rule.age).await, 0, "{}: and stays", rule.name);
        // A simulated clock runs faster, so ages are shorter there.
        if !rule.age.is_zero() {
            assert_eq!(
                piece(&db, rule, Duration::from_secs_f64((age - younger) / 2.0)).await,
                1,
                "{}: by a shorter age it goes",
                rule.name
            );
        }
        let sql = format!("set session_replication_role = replica; truncate {} cascade", rule.tables[0]);
        test.superuser().execute(AssertSqlSafe(sql)).await.unwrap();
        test.execute("reset session_replication_role").await;
    }
}

#[tokio::test]
async fn every_table_that_grows_has_a_rule_or_a_reason() {
    let test = TestDb::new().await;
    let tables: BTreeSet<String> = sqlx::query_scalar(
        "select distinct c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
         and c.relname <> '_sqlx_migrations' and a.attnum > 0 and not a.attisdropped and a.atttypid = 'timestamptz'::regtype",
    )
    .fetch_all(test.superuser())
    .await
    .unwrap()
    .into_iter()
    .collect();
    let ruled: BTreeSet<String> = RULES.iter().flat_map(|rule| rule.tables).map(|table| (*table).to_owned()).collect();
    let kept: BTreeSet<String> = KEPT.iter().map(|(table, _)| (*table).to_owned()).collect();
    assert_eq!(ruled.intersection(&kept).collect::<Vec<_>>(), Vec::<&String>::new(), "removed and kept");
    let named: BTreeSet<String> = ruled.union(&kept).cloned().collect();
    assert_eq!(named, tables, "each table is in RULES or in KEPT");
    assert!(KEPT.iter().all(|(_, why)| why.len() > 5));
}

/// Rules whose rows are found without an index on their time, and why this does not matter.
const UNINDEXED: &[(&str, &str)] = &[
    ("assistant-versions", "about a hundred for each client"),
    ("expired-tokens", "made by people"),
    ("links", "a few invitations a day"),
    ("outbox", "the oldest are the first by position"),
    ("people-leases", "a row for each person being changed"),
    ("rate-windows", "a row for each company"),
    ("request-keys", "only the keys of a day are in their own index"),
    ("request-counts", "one per tenant whose programs sent something lately"),
    ("revoked-tokens", "made by people"),
];

#[tokio::test]
async fn what_is_old_is_found_by_an_index() {
    let test = TestDb::new().await;
    for rule in RULES {
        let indexed: bool = sqlx::query_scalar(
            "select exists (select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
             where i.indrelid = $1::regclass and i.indisvalid and a.attname = $2)",
        )
        .bind(rule.tables[0])
        .bind(rule.time)
        .fetch_one(test.superuser())
        .await
        .unwrap();
        let excused = UNINDEXED.iter().any(|(name, _)| *name == rule.name);
        assert!(indexed || excused, "{} has no index on {}", rule.name, rule.time);
    }
}

#[tokio::test]
async fn a_backlog_of_many_pieces_goes_in_pieces() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let agency = test.agency().await;
    let sql = format!(
        "insert into api_calls (agency_id, provider, method, endpoint, outcome, ms, created_at)
         select '{agency}', 'ghl', 'GET', '/x', 'ok', 1, now() - interval '1 day' * case when n % 10 = 0 then 89 else 91 end from generate_series(1, 20000) n"
    );
    test.superuser().execute(AssertSqlSafe(sql)).await.unwrap();
    let rule = RULES.iter().find(|rule| rule.name == "calls").unwrap();
    let mut pieces = Vec::new();
    while let gone @ 1.. = piece(&db, rule, rule.age).await {
        pieces.push(gone);
    }
    assert_eq!(pieces, [5000, 5000, 5000, 3000]);
    assert_eq!(count(&test, "select count(*) from api_calls".into()).await, 2000);
}

/// Whoever looks at an old answer still sees what it said, and from which sources.
#[tokio::test]
async fn an_old_answer_of_the_assistant_keeps_its_words_and_loses_what_was_copied() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    test.execute(
        r#"set session_replication_role = replica;
           insert into ai_answers (sub_account_id, conversation_id, trigger_message_id, mode, state, draft, sources, trace, created_at)
           select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'auto', 'sent', 'Until noon.', s.sources::jsonb, '{"steps": [{"name": "search"}]}', now() - interval '91 days'
           from (values ('[{"title": "b", "passage": "9 to 12"}, {"title": "a", "passage": "x"}]'), ('[]')) s (sources);
           reset session_replication_role"#,
    )
    .await;
    let rule = RULES.iter().find(|rule| rule.name == "assistant-traces").unwrap();
    assert_eq!(piece(&db, rule, rule.age).await, 2);
    let emptied = r#"select count(*) from ai_answers where draft = 'Until noon.' and trace = '{}' and sources in ('[{"title": "b"}, {"title": "a"}]', '[]')"#;
    assert_eq!(count(&test, emptied.into()).await, 2);
}

/// An old job still shows what it was, but no longer contains data about people, and nobody can start it again.
#[tokio::test]
async fn an_old_job_keeps_its_number_and_its_location_and_forgets_people() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let agency = test.agency().await;
    let sql = format!(
        r#"with job as (insert into provisioning_jobs (agency_id, client_data_json, location_id, error_message)
             select '{agency}', '{{"name": "Bay Dental", "email": "ana@bay.test", "phone": "+1305", "country": "US", "users": [{{"email": "x"}}]}}', 'L' || n, 'ana@bay.test is taken'
             from generate_series(1, 2) n returning id),
           steps as (insert into provisioning_steps (agency_id, job_id, step, position, status, input_json, output_json)
             select '{agency}', id, 'CREATE_LOCATION', 4, 'COMPLETED', '{{"email": "ana@bay.test"}}', '{{"name": "Ana"}}' from job returning id, job_id),
           tries as (insert into provisioning_attempts (agency_id, step_id, attempt, lease_owner, error_detail) select '{agency}', id, 1, gen_random_uuid(), 'ana' from steps),
           made as (insert into effects (agency_id, kind, provider, marker, request_hash, job_id, step_id, attempt, lease_owner, state, decided_at)
             select '{agency}', kind, 'ghl', kind || s.id, '', s.job_id, s.id, 1, gen_random_uuid(), 'CONFIRMED', now() from steps s, (values ('create_location'), ('create_user')) k(kind)),
           left_over as (insert into todos (agency_id, job_id, kind, key, what)
             select '{agency}', id, kind, kind, 'Add ana@bay.test' from job, (values ('add_user'), ('delete_location')) k(kind))
           insert into provisioning_logs (agency_id, job_id, step, message) select '{agency}', id, 'CREATE_LOCATION', 'Ana Lee' from job"#
    );
    test.superuser().execute(AssertSqlSafe(sql)).await.unwrap();
    test.execute("set session_replication_role = replica; update provisioning_jobs set status = 'FAILED', finished_at = now() - interval '91 days' where location_id = 'L1'; reset session_replication_role").await;
    let rule = RULES.iter().find(|rule| rule.name == "old-jobs").unwrap();
    while piece(&db, rule, rule.age).await > 0 {}
    for (what, sql, rows) in [
        ("lines", "provisioning_logs", 1),
        ("tries", "provisioning_attempts", 1),
        ("writes", "effects", 3),
        ("locations made", "effects where kind = 'create_location'", 2),
        ("answers", "provisioning_steps where output_json <> '{}' or input_json <> '{}'", 1),
        ("to-dos", "todos", 3),
        ("jobs", "provisioning_jobs", 2),
        (
            "emptied jobs",
            r#"provisioning_jobs where archived_at is not null and location_id = 'L1' and error_message is null and client_data_json = '{"name": "Bay Dental", "country": "US"}'"#,
            1,
        ),
    ] {
        assert_eq!(count(&test, format!("select count(*) from {sql}")).await, rows, "{what}");
    }
    let job: uuid::Uuid = sqlx::query_scalar("select id from provisioning_jobs where location_id = 'L1'")
        .fetch_one(test.superuser())
        .await
        .unwrap();
    let scope = store::Scope::Agency { user: None, agency, reach: domain::identity::Reach::All, listed: vec![] };
    let mut tx = store::TenantTx::begin(&db, scope).await.unwrap();
    let refused = store::provisioning::retry(&mut tx, domain::JobId(job)).await;
    assert!(matches!(refused, Err(store::Error::Stale)), "{refused:?}");
    assert!(store::provisioning::get(&mut tx, domain::JobId(job)).await.is_ok(), "it can be read");
}

async fn seed_old_job(test: &TestDb, agency: domain::AgencyId) -> domain::JobId {
    let sql = format!(
        r#"with job as (insert into provisioning_jobs (agency_id, client_data_json) values ('{agency}', '{{"name": "Bay Dental", "email": "ana@bay.test", "phone": "+13055550100", "country": "US"}}') returning id),
           line as (insert into provisioning_logs (agency_id, job_id, step, message) select '{agency}', id, 'CREATE_LOCATION', 'Ana Lee' from job)
           select id from job"#
    );
    let id: uuid::Uuid = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(test.superuser()).await.unwrap();
    test.execute("set session_replication_role = replica; update provisioning_jobs set status = 'FAILED', finished_at = now() - interval '91 days'; reset session_replication_role").await;
    domain::JobId(id)
}

fn old_jobs() -> &'static Rule {
    RULES.iter().find(|rule| rule.name == "old-jobs").unwrap()
}

const fn scope(agency: domain::AgencyId) -> store::Scope {
    store::Scope::Agency { user: None, agency, reach: domain::identity::Reach::All, listed: vec![] }
}

/// A person starts a job again at the moment when it would be archived.
#[tokio::test]
async fn a_job_that_is_started_again_just_then_keeps_its_log() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let agency = test.agency().await;
    let job = seed_old_job(&test, agency).await;
    let mut tx = store::TenantTx::begin(&db, scope(agency)).await.unwrap();
    store::provisioning::retry(&mut tx, job).await.unwrap();
    let emptying = tokio::spawn({
        let db = db.clone();
        async move { piece(&db, old_jobs(), old_jobs().age).await }
    });
    let waiting =
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while !emptying.is_finished() && count(&test, waiting.into()).await == 0 {
        tokio::task::yield_now().await;
    }
    tx.commit().await.unwrap();
    assert_eq!(emptying.await.unwrap(), 0, "it is not over any more");
    for sql in [
        "provisioning_logs where message = 'Ana Lee'",
        "provisioning_jobs where archived_at is null and client_data_json ? 'email'",
    ] {
        assert_eq!(count(&test, format!("select count(*) from {sql}")).await, 1, "{sql}");
    }
}

/// What an archived job forgets must not make its business unknown, because the business would be created, and
/// billed, a second time.
#[tokio::test]
async fn the_client_of_an_emptied_job_is_still_recognised() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let agency = test.agency().await;
    let job = seed_old_job(&test, agency).await;
    let business = test.business(agency).await;
    let alike = async |name: &str, email: &str, phone: &str| {
        let client = domain::provisioning::Client {
            name: name.into(),
            email: email.into(),
            phone: phone.into(),
            country: "US".into(),
            ..Default::default()
        };
        let mut tx = store::TenantTx::begin(&db, scope(agency)).await.unwrap();
        store::provisioning::duplicates(&mut tx, &client).await.unwrap()
    };
    let emptied = async || while piece(&db, old_jobs(), old_jobs().age).await > 0 {};
    // Without a business only the name is left, and an empty email matches no other empty email.
    emptied().await;
    let found = alike("bay dental", "", "").await;
    assert_eq!((found.len(), found[0].job, &found[0].same), (1, Some(job), &vec!["name".to_owned()]));
    assert!(alike("Other", "", "").await.is_empty() && alike("Other", "ana@bay.test", "").await.is_empty());
    // With a business, the data of the business is compared.
    let sql = format!(
        "update sub_accounts set name = 'Bay Dental', email = 'ana@bay.test', phone = '+13055550100'; update provisioning_jobs set sub_account_id = '{business}'"
    );
    test.superuser().execute(AssertSqlSafe(sql)).await.unwrap();
    for (name, email, phone, same) in [
        ("Other", "Ana@Bay.test", "", vec!["email"]),
        ("Other", "", "(305) 555-0100", vec!["phone"]),
        ("Bay Dental", "ana@bay.test", "", vec!["name", "email"]),
    ] {
        let found = alike(name, email, phone).await;
        assert_eq!(found.len(), 1, "{name} {email} {phone}: {found:?}");
        assert_eq!(
            (found[0].job, found[0].business, &found[0].same),
            (None, Some(business), &same.iter().map(ToString::to_string).collect::<Vec<_>>())
        );
    }
    // A job that still has all its data is compared, and so is its business, which may have changed since. Both
    // are one result.
    test.execute(r#"set session_replication_role = replica; update provisioning_jobs set archived_at = null, client_data_json = client_data_json || '{"email": "old@bay.test"}'; reset session_replication_role"#).await;
    for email in ["old@bay.test", "ana@bay.test"] {
        let found = alike("Other", email, "").await;
        assert_eq!(found.len(), 1, "{email}: {found:?}");
        assert_eq!(found[0].business, Some(business), "{email}");
    }
    let found = alike("Bay Dental", "ana@bay.test", "").await;
    assert_eq!(
        (found.len(), found[0].job, &found[0].same),
        (1, Some(job), &vec!["name".to_owned(), "email".to_owned()])
    );
}
