//! Does every important look-up have its index, and can the index be used under the policies?

use sqlx::PgConnection;
use store::testing::TestDb;

/// Indexes that the source documents require, by table and leading columns.
const WANTED: &[(&str, &str)] = &[
    ("agencies", "ghl_agency_id"),
    ("agencies", "token_expires_at"),
    ("agencies", "created_at"),
    ("snapshots", "agency_id"),
    ("snapshots", "ghl_snapshot_id"),
    ("snapshots", "is_active"),
    ("snapshots", "agency_id, ghl_snapshot_id"),
    ("phone_routing", "phone_number"),
    ("provisioning_jobs", "agency_id"),
    ("provisioning_jobs", "status"),
    ("provisioning_jobs", "snapshot_id"),
    ("provisioning_jobs", "agency_id, status"),
    ("provisioning_logs", "job_id"),
    ("provisioning_logs", "\"timestamp\""),
    ("provisioning_logs", "job_id, \"timestamp\" DESC"),
    ("users", "email_normalized"),
    ("users", "platform_role"),
    ("users", "created_at"),
];

#[tokio::test]
async fn every_wanted_index_is_there() {
    let test = TestDb::new().await;
    let indexes: Vec<(String, String)> =
        sqlx::query_as("select tablename::text, indexdef from pg_indexes where schemaname = 'public'")
            .fetch_all(test.superuser())
            .await
            .unwrap();
    for (table, columns) in WANTED {
        let there = indexes.iter().any(|(on, definition)| on == table && definition.contains(&format!("({columns}")));
        assert!(there, "{table} ({columns})");
    }
}

/// Asserts that nine in ten of the changes of a table's rows, about a hundred in this database, wrote no index.
async fn wrote_no_index(conn: &mut PgConnection, table: &str) {
    let (all, hot): (i64, i64) = sqlx::query_as(
        "select pg_stat_get_xact_tuples_updated(c.oid) + pg_stat_get_tuples_updated(c.oid), pg_stat_get_xact_tuples_hot_updated(c.oid) + pg_stat_get_tuples_hot_updated(c.oid)
         from pg_class c where c.relname = $1",
    )
    .bind(table)
    .fetch_one(conn)
    .await
    .unwrap();
    assert!(hot >= 90, "{hot} of {all} changes of {table} wrote no index");
}

/// A heartbeat changes only columns that no index contains, and the page has room for the new version of the row,
/// so it writes no index.
#[tokio::test]
async fn a_jobs_signs_of_life_write_no_index() {
    let test = TestDb::new().await;
    let agency = test.agency().await;
    let one =
        sqlx::query("insert into provisioning_jobs (agency_id, client_data_json) values ($1, '{}')").bind(agency.0);
    one.execute(test.superuser()).await.unwrap();
    test.execute("update provisioning_jobs set status = 'IN_PROGRESS'").await;
    let mut conn = test.superuser().acquire().await.unwrap();
    for _ in 0..100 {
        sqlx::query("update provisioning_jobs set lease_until = now() + interval '60 seconds'")
            .execute(&mut *conn)
            .await
            .unwrap();
    }
    wrote_no_index(&mut conn, "provisioning_jobs").await;
}

/// There are more messages than anything else: what a platform reports of one writes no index.
#[tokio::test]
async fn the_statuses_of_a_message_write_no_index() {
    let test = TestDb::new().await;
    test.execute(
        "set session_replication_role = replica; insert into messages (sub_account_id, conversation_id, direction, sender, status, external_id)
         values (gen_random_uuid(), gen_random_uuid(), 'out', 'person', 'sent', 'wamid'); reset session_replication_role",
    )
    .await;
    let mut conn = test.superuser().acquire().await.unwrap();
    for _ in 0..50 {
        for status in ["delivered", "read"] {
            sqlx::query("update messages set status = $1, delivered_at = now(), read_at = now(), details = details || '{\"billable\": true}'")
                .bind(status)
                .execute(&mut *conn)
                .await
                .unwrap();
        }
    }
    wrote_no_index(&mut conn, "messages").await;
}

/// The platform's id of a message is long, and most messages have one.
#[tokio::test]
async fn the_ids_of_platforms_stand_in_one_index() {
    let test = TestDb::new().await;
    let indexes: Vec<String> = sqlx::query_scalar(
        "select indexdef from pg_indexes where schemaname = 'public' and tablename = 'messages' and indexdef like '%external_id%'",
    )
    .fetch_all(test.superuser())
    .await
    .unwrap();
    let columns = "(sub_account_id, external_id, conversation_id)";
    let is_one = indexes.len() == 1 && indexes[0].starts_with("CREATE UNIQUE INDEX") && indexes[0].contains(columns);
    assert!(is_one, "{indexes:?}");
}

/// Rows of these tables live for seconds or change all the time. With the usual settings a table is looked through when a fifth
/// of it is dead, which is too late for whoever looks for the next piece of work.
#[tokio::test]
async fn tables_that_work_passes_through_are_vacuumed_early() {
    let test = TestDb::new().await;
    for table in [
        "conversations",
        "inbound_events",
        "inbound_items",
        "inbound_keys",
        "message_sends",
        "messages",
        "outbox_events",
        "provisioning_jobs",
        "provisioning_steps",
        "rate_windows",
        "request_counts",
        "work_leases",
        "work_ready",
        "work_scheduled",
    ] {
        let share: Option<f64> = sqlx::query_scalar(
            "select (select option_value::float8 from pg_options_to_table(reloptions) where option_name = 'autovacuum_vacuum_scale_factor') from pg_class where oid = $1::regclass",
        )
        .bind(table)
        .fetch_one(test.superuser())
        .await
        .unwrap();
        assert!(share.is_some_and(|share| share <= 0.02), "{table}: {share:?}");
    }
}
