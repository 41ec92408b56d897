//! Does every look-up that matters have its index, and can it be used under the rules?

use store::testing::TestDb;

/// Indexes the source documents ask for, by table and leading columns.
const WANTED: &[(&str, &str)] = &[
    ("agencies", "ghl_agency_id"),
    ("agencies", "token_expires_at"),
    ("agencies", "created_at"),
    ("snapshots", "agency_id"),
    ("snapshots", "ghl_snapshot_id"),
    ("snapshots", "is_active"),
    ("snapshots", "agency_id, ghl_snapshot_id"),
    ("provisioning_jobs", "agency_id"),
    ("provisioning_jobs", "status"),
    ("provisioning_jobs", "snapshot_id"),
    ("provisioning_jobs", "created_at"),
    ("provisioning_jobs", "updated_at"),
    ("provisioning_jobs", "agency_id, status"),
    ("provisioning_logs", "job_id"),
    ("provisioning_logs", "\"timestamp\""),
    ("provisioning_logs", "step"),
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
    let gin = indexes
        .iter()
        .any(|(on, definition)| on == "provisioning_jobs" && definition.contains("gin (client_data_json"));
    assert!(gin, "client data is searched through a GIN index");
}

/// Under row-level security a JSON operator may not use an index; inside the definer function it may.
#[tokio::test]
async fn a_job_is_found_by_client_data_through_the_index() {
    let test = TestDb::new().await;
    let mut conn = test.superuser().acquire().await.unwrap();
    for sql in ["set enable_seqscan = off", "set enable_indexscan = off", "set role app_lookup"] {
        sqlx::query(sql).execute(&mut *conn).await.unwrap();
    }
    let plan: Vec<String> = sqlx::query_scalar(
        "explain select id from provisioning_jobs where agency_id = gen_random_uuid() and client_data_json @> '{\"email\": \"a@b.test\"}'",
    )
    .fetch_all(&mut *conn)
    .await
    .unwrap();
    assert!(plan.iter().any(|line| line.contains("provisioning_jobs_client")), "{plan:#?}");
}
