//! Does the audit log work when it is large and old? Linking and signing read only what is new, however large the
//! log is, and rows older than 400 days are removed behind a signed cut.

use sqlx::{AssertSqlSafe, Executor};
use store::audit::{self, Head};
use store::testing::TestDb;
use store::vault::{Keyring, Vault};
use store::{Db, DbRole};

use super::{KEY, faults, write};

/// Number of links that exist before the test.
const MANY: u32 = 60_000;

/// Rows of a table that statements have read so far, according to the database's own statistics.
async fn read(test: &TestDb, table: &str) -> i64 {
    let mut conn = test.superuser().acquire().await.unwrap();
    conn.execute("select pg_stat_clear_snapshot()").await.unwrap();
    let rows = sqlx::query_scalar!(
        r#"select (seq_tup_read + coalesce((select sum(i.idx_tup_read) from pg_stat_user_indexes i where i.relname = $1), 0))::bigint as "n!" from pg_stat_user_tables where relname = $1"#,
        table
    );
    rows.fetch_one(&mut *conn).await.unwrap()
}

/// Closes a pool and waits until its connections are gone, because each reports its statistics when it ends.
async fn close(test: &TestDb, db: Db) {
    db.close().await;
    loop {
        let open = sqlx::query_scalar!(
            r#"select count(*) as "n!" from pg_stat_activity where datname = current_database() and usename = 'slipway'"#
        );
        if open.fetch_one(test.superuser()).await.unwrap() == 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn linking_and_signing_read_what_is_new_and_not_what_there_is() {
    let test = TestDb::new().await;
    let keyring = || Keyring::parse(&KEY.to_owned().into()).unwrap();
    let (one, two) = (test.agency().await, test.agency().await);
    // Rows and links as in a real log. Their hashes are not checked in this test.
    let sql = format!(
        "set session_replication_role = replica;
         with rows as (insert into audit_events (agency_id, chain_id, actor_kind, action, object_type, content_hash, hash_version)
           select '{one}', '{one}', 'worker', 'thing.done', 'thing', '', 2 from generate_series(1, {MANY}) returning id)
         insert into audit_links (chain_id, seq, event_id, prev_hash, hash, hash_version) select '{one}', row_number() over (), id, '', sha256(id::text::bytea), 2 from rows;
         reset session_replication_role; analyze audit_events; analyze audit_links"
    );
    test.superuser().execute(AssertSqlSafe(sql)).await.unwrap();
    let db = test.db(DbRole::Worker).await;
    write(&db, one, 3).await;
    write(&db, two, 2).await;
    close(&test, db).await;
    let before = (read(&test, "audit_links").await, read(&test, "audit_events").await);
    let db = test.db(DbRole::Worker).await;
    assert_eq!(audit::link_pending(&db).await.unwrap(), 5);
    let vault = Vault::start(&db, keyring()).await.unwrap();
    assert_eq!(audit::checkpoint(&db, &vault).await.unwrap().len(), 2);
    assert_eq!(audit::checkpoint(&db, &vault).await.unwrap(), Vec::<Head>::new(), "nothing grew");
    drop(vault);
    close(&test, db).await;
    let links = read(&test, "audit_links").await - before.0;
    let events = read(&test, "audit_events").await - before.1;
    assert!(links < 200 && events < 200, "of {MANY} links {links} were read, of the rows {events}");
}

#[tokio::test]
async fn one_chain_that_cannot_be_linked_or_signed_holds_up_no_other() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let vault = Vault::start(&db, Keyring::parse(&KEY.to_owned().into()).unwrap()).await.unwrap();
    let (one, two) = (test.agency().await, test.agency().await);
    write(&db, one, 2).await;
    write(&db, two, 2).await;
    let poison = |table: &str| {
        format!(
            "create function poison() returns trigger language plpgsql as $$ begin if new.chain_id = '{one}' then raise exception 'poisoned'; end if; return new; end $$;
             create trigger poison before insert on {table} for each row execute function poison()"
        )
    };
    test.superuser().execute(AssertSqlSafe(poison("audit_links"))).await.unwrap();
    assert!(audit::link_pending(&db).await.unwrap_err().to_string().contains("poisoned"));
    let linked = async || -> i64 {
        sqlx::query_scalar!(r#"select count(*) as "n!" from audit_links"#).fetch_one(test.superuser()).await.unwrap()
    };
    assert_eq!(linked().await, 2, "the other chain");
    test.execute("drop function poison cascade").await;
    assert_eq!(audit::link_pending(&db).await.unwrap(), 2);
    test.superuser().execute(AssertSqlSafe(poison("audit_checkpoints"))).await.unwrap();
    assert!(audit::checkpoint(&db, &vault).await.unwrap_err().to_string().contains("poisoned"));
    let signed =
        sqlx::query_scalar!("select chain_id from audit_checkpoints").fetch_all(test.superuser()).await.unwrap();
    assert_eq!(signed, [two.0]);
}

#[tokio::test]
async fn the_log_of_400_days_ago_goes_behind_a_signed_cut() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let vault = Vault::start(&db, Keyring::parse(&KEY.to_owned().into()).unwrap()).await.unwrap();
    let (old, young) = (test.agency().await, test.agency().await);
    let rows = |days: u32, count: u32| {
        format!(
            "insert into audit_events (agency_id, actor_kind, action, object_type, created_at, chain_id, content_hash)
             select '{old}', 'worker', 'thing.done', 'thing', now() - interval '{days} days' + interval '1 second' * n, '{old}', '' from generate_series(1, {count}) n"
        )
    };
    let mut heads = Vec::new();
    for (days, count) in [(402, 1500), (401, 1000), (399, 5), (1, 5)] {
        test.superuser().execute(AssertSqlSafe(rows(days, count))).await.unwrap();
        audit::link_pending(&db).await.unwrap();
        heads.extend(audit::checkpoint(&db, &vault).await.unwrap());
    }
    write(&db, young, 3).await;
    audit::link_pending(&db).await.unwrap();
    heads.extend(audit::checkpoint(&db, &vault).await.unwrap());
    assert_eq!(audit::cut(&db, &vault, &|| true).await.unwrap(), (0, true), "linked just now: not old yet");
    // The links are as old as their rows.
    test.execute("update audit_links l set created_at = e.created_at + interval '1 minute' from audit_events e where e.id = l.event_id;
                  update audit_checkpoints c set created_at = l.created_at + interval '1 hour' from audit_links l where l.chain_id = c.chain_id and l.seq = c.seq").await;
    assert_eq!(audit::cut(&db, &vault, &|| true).await.unwrap(), (2500, true));
    assert_eq!(audit::cut(&db, &vault, &|| true).await.unwrap(), (0, true));
    let whole = async || audit::verify_with(&db, &vault, &heads).await.unwrap();
    for report in whole().await {
        let expected = if report.agency == Some(old) { (10, 10, Some(2500)) } else { (3, 3, None) };
        assert_eq!((report.rows, report.links, report.cut), expected, "{report:?}");
        assert_eq!(report.faults, Vec::<String>::new());
    }
    // The chain continues behind the cut, and the content of the cut is verified like the rest.
    write(&db, old, 2).await;
    audit::link_pending(&db).await.unwrap();
    audit::checkpoint(&db, &vault).await.unwrap();
    assert_eq!(faults(&db, &vault).await, Vec::<String>::new());
    test.execute("create table keep_cuts as table audit_cuts; create table keep_c as table audit_checkpoints").await;
    for (name, change) in [
        ("the cut removed", "delete from audit_cuts"),
        (
            "the cut moved",
            "update audit_cuts set seq = seq + 1, hash = (select hash from audit_links where chain_id = audit_cuts.chain_id and seq = audit_cuts.seq + 1)",
        ),
        ("another hash", "update audit_cuts set hash = sha256(hash)"),
        ("another signature", "update audit_cuts set signature = sha256(signature)"),
        ("the first head behind it removed", "delete from audit_checkpoints where seq = 2505"),
    ] {
        test.superuser().execute(AssertSqlSafe(change)).await.unwrap();
        assert!(!faults(&db, &vault).await.is_empty(), "{name}");
        test.execute("truncate audit_cuts, audit_checkpoints; insert into audit_cuts select * from keep_cuts; insert into audit_checkpoints select * from keep_c").await;
    }
    assert_eq!(faults(&db, &vault).await, Vec::<String>::new());
}

/// The last row of a quiet chain is linked within a minute and signed up to an hour later. It is removed only when
/// its signature is old, too: a signature that stayed behind the cut would look as if the chain had been cut off
/// before it.
#[tokio::test]
async fn a_row_goes_no_sooner_than_the_head_that_was_signed_an_hour_after_it() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let vault = Vault::start(&db, Keyring::parse(&KEY.to_owned().into()).unwrap()).await.unwrap();
    let quiet = test.agency().await;
    for minutes in [40, 20, 10] {
        let sql = format!(
            "insert into audit_events (agency_id, actor_kind, action, object_type, created_at, chain_id, content_hash)
             select '{quiet}', 'worker', 'thing.done', 'thing', now() - interval '400 days {minutes} minutes' + interval '1 second' * n, '{quiet}', '' from generate_series(1, 2) n"
        );
        test.superuser().execute(AssertSqlSafe(sql)).await.unwrap();
        audit::link_pending(&db).await.unwrap();
        audit::checkpoint(&db, &vault).await.unwrap();
    }
    test.execute("update audit_links l set created_at = e.created_at from audit_events e where e.id = l.event_id;
                  update audit_checkpoints c set created_at = l.created_at + interval '1 hour' from audit_links l where l.chain_id = c.chain_id and l.seq = c.seq").await;
    assert_eq!(audit::cut(&db, &vault, &|| true).await.unwrap(), (1, true), "up to the first head that is not old");
    assert_eq!(faults(&db, &vault).await, Vec::<String>::new());
    // Half an hour later the first head is old, and the others are not.
    test.execute("update audit_checkpoints set created_at = created_at - interval '30 minutes'").await;
    assert_eq!(audit::cut(&db, &vault, &|| true).await.unwrap(), (2, true));
    assert_eq!(faults(&db, &vault).await, Vec::<String>::new());
    test.execute("update audit_checkpoints set created_at = created_at - interval '1 hour'").await;
    assert_eq!(audit::cut(&db, &vault, &|| true).await.unwrap(), (2, true), "the last head stays, and its row with it");
    assert_eq!(faults(&db, &vault).await, Vec::<String>::new());
}

/// An edited row does not become valid by its age: the chain is cut up to that row and no further.
#[tokio::test]
async fn a_chain_that_is_not_whole_keeps_what_does_not_fit() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let vault = Vault::start(&db, Keyring::parse(&KEY.to_owned().into()).unwrap()).await.unwrap();
    let (forged, sound) = (test.agency().await, test.agency().await);
    let sql = format!(
        "insert into audit_events (agency_id, actor_kind, action, object_type, object_id, created_at, chain_id, content_hash)
         select a, 'worker', 'thing.done', 'thing', n::text, now() - interval '401 days' + interval '1 second' * n, a, '' from generate_series(1, 6) n, unnest(array['{forged}'::uuid, '{sound}'::uuid]) a"
    );
    test.superuser().execute(AssertSqlSafe(sql)).await.unwrap();
    audit::link_pending(&db).await.unwrap();
    audit::checkpoint(&db, &vault).await.unwrap();
    test.execute("update audit_links set created_at = now() - interval '401 days'; update audit_checkpoints set created_at = now() - interval '401 days'").await;
    let sql = format!("update audit_events set action = 'forged' where agency_id = '{forged}' and object_id = '3'");
    test.superuser().execute(AssertSqlSafe(sql)).await.unwrap();
    let trouble = audit::cut(&db, &vault, &|| true).await.unwrap_err().to_string();
    assert!(trouble.contains("the row was changed"), "{trouble}");
    let left = sqlx::query!(r#"select agency_id as "agency!", count(*) as "n!" from audit_events group by 1"#)
        .fetch_all(test.superuser())
        .await
        .unwrap();
    let of = |agency: domain::AgencyId| left.iter().find(|row| row.agency == agency.0).map(|row| row.n);
    assert_eq!((of(forged), of(sound)), (Some(6), Some(1)), "the row of the last signed head stays");
}
