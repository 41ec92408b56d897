//! Does the log of the previous version still verify?

use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Executor};
use store::DbRole;
use store::audit;
use store::testing::TestDb;
use store::vault::{AssociatedData, Keyring, Vault};

use super::{KEY, faults, write};

/// Rows, links and a signed head as the previous version wrote them: one salted hash over everything, and links
/// without their position.
const FORMER: &str = r#"alter table audit_events disable trigger user;
    insert into audit_events (agency_id, sub_account_id, actor_kind, actor_id, action, object_type, object_id, reason, request_id, ip, payload, created_at, chain_id, content_hash)
      select '{a}', case when n % 2 = 0 then gen_random_uuid() end, 'person', gen_random_uuid(), 'thing.done', 'thing', n::text, e'a "quoted"\n\\ \u0001 reason \u00e9 ' || n, 'r', '2001:db8::1',
             jsonb_build_object('n', n, 'text', e'"\u00fc"'), date_trunc('second', now()) - interval '4 days' + interval '0.25 seconds' * n, '{a}', '' from generate_series(1, 6) n;
    update audit_events e set content_hash = audit_hash(e) where agency_id = '{a}';
    alter table audit_events enable trigger user;
    do $$ declare p bytea := sha256(convert_to('{a}', 'UTF8')); h bytea; e record; s bigint := 0; begin
      for e in select * from audit_events where agency_id = '{a}' order by created_at limit 4 loop
        s := s + 1; h := sha256(p || e.content_hash);
        insert into audit_links (chain_id, seq, event_id, prev_hash, hash) values ('{a}', s, e.id, p, h); p := h;
      end loop; end $$;
    insert into audit_pending (event_id, chain_id, created_at) select id, chain_id, created_at from audit_events e where not exists (select from audit_links l where l.event_id = e.id)"#;

#[tokio::test]
async fn rows_links_and_heads_of_the_version_before_are_proven_by_their_own_hashes() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let vault = Vault::start(&db, Keyring::parse(&KEY.to_owned().into()).unwrap()).await.unwrap();
    let agency = test.agency().await;
    test.superuser().execute(AssertSqlSafe(FORMER.replace("{a}", &agency.to_string()))).await.unwrap();
    let hash =
        sqlx::query_scalar!("select hash from audit_links where seq = 3").fetch_one(test.superuser()).await.unwrap();
    let mut said = Sha256::new();
    said.update(agency.0.as_bytes());
    said.update(3_i64.to_be_bytes());
    said.update(&hash);
    let associated_data =
        AssociatedData { table: "audit_checkpoints", column: "signature", row: agency.0, agency: None, business: None };
    let (signature, key) = vault.seal(&associated_data, &said.finalize()).await.unwrap();
    sqlx::query!(
        "insert into audit_checkpoints (chain_id, seq, hash, key_id, signature) values ($1, 3, $2, $3, $4)",
        agency.0,
        hash,
        key,
        signature
    )
    .execute(test.superuser())
    .await
    .unwrap();
    // Two of its rows had no link for four days, as after a long outage. The verification reports that.
    let told = faults(&db, &vault).await;
    assert!(told.len() == 1 && told[0].starts_with("2 rows wait"), "{told:?}");
    write(&db, agency, 3).await;
    assert_eq!(audit::link_pending(&db).await.unwrap(), 5, "however old a row is, it gets its link");
    audit::checkpoint(&db, &vault).await.unwrap();
    assert_eq!(faults(&db, &vault).await, Vec::<String>::new());
    let versions =
        sqlx::query_scalar!(r#"select string_agg(hash_version::text, '' order by seq) as "v!" from audit_links"#)
            .fetch_one(test.superuser())
            .await
            .unwrap();
    assert_eq!(versions, "111111222");
    every_change_is_found(&test, &db, &vault).await;
    assert_eq!(faults(&db, &vault).await, Vec::<String>::new());
}

async fn every_change_is_found(test: &TestDb, db: &store::Db, vault: &Vault) {
    for (name, change) in [
        ("edited", "update audit_events set reason = 'x' where object_id = '2' and hash_version = 1"),
        (
            "re-dated",
            "update audit_events set created_at = created_at + interval '1 second' where object_id = '3' and hash_version = 1",
        ),
        ("payload", "update audit_events set payload = '{}' where object_id = '4' and hash_version = 1"),
        (
            "emptied",
            "update audit_events set salt = '', payload = '{}', reason = null, ip = null where object_id = '5' and hash_version = 1",
        ),
        ("head removed", "delete from audit_checkpoints where seq = 3"),
    ] {
        let mut conn = test.superuser().acquire().await.unwrap();
        conn.execute("create table keep_e as table audit_events; create table keep_c as table audit_checkpoints")
            .await
            .unwrap();
        conn.execute(AssertSqlSafe(change)).await.unwrap();
        assert!(!faults(db, vault).await.is_empty(), "{name}");
        conn.execute(
            "truncate audit_events, audit_checkpoints; alter table audit_events disable trigger user; insert into audit_events select * from keep_e;
             insert into audit_checkpoints select * from keep_c; alter table audit_events enable trigger user; drop table keep_e, keep_c",
        )
        .await
        .unwrap();
    }
}
