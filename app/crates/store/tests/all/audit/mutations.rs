//! Makes a thousand changes that bypass the product, as somebody could who may do anything in the database but has
//! neither the keys nor the log stream: edits, cuts, new dates, new orders, and rewritten chains. The verification
//! must notice each of them.

use std::collections::BTreeMap;

use rand::RngExt as _;
use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use sqlx::{AssertSqlSafe, Executor};
use store::DbRole;
use store::audit::{self, Head};
use store::testing::TestDb;
use store::vault::{Keyring, Vault};
use uuid::Uuid;

use super::KEY;

/// Chains that are changed at once, each in its own way.
const CHAINS: usize = 50;
/// How often they are changed.
const ROUNDS: usize = 20;
/// Rows of a chain, with a signed head after every fourth row.
const ROWS: i64 = 12;

/// Writes four rows into every chain, links them and signs the heads.
async fn write(test: &TestDb, db: &store::Db, vault: &Vault, part: i64) -> Vec<Head> {
    let sql = format!(
        "insert into audit_events (agency_id, sub_account_id, actor_kind, actor_id, action, object_type, object_id, reason, request_id, ip, session_ref, payload, created_at, chain_id, content_hash)
         select a.id, gen_random_uuid(), 'person', gen_random_uuid(), 'thing.done', 'thing', n::text, 'because', 'r' || n, '192.0.2.1', 's', jsonb_build_object('n', n),
                now() - interval '50 minutes' + interval '1 second' * n, '00000000-0000-0000-0000-000000000000', ''
         from agencies a, generate_series({part} * 4 + 1, {part} * 4 + 4) n order by a.id, n"
    );
    test.superuser().execute(AssertSqlSafe(sql)).await.unwrap();
    assert_eq!(audit::link_pending(db).await.unwrap(), 4 * CHAINS as i64);
    audit::checkpoint(db, vault).await.unwrap()
}

/// The changes to a chain: a name and the statements. `{c}` is the chain, `{r}` one of its rows, `{i}` a row that
/// is not the last, `{e}` the id of `{r}`, `{o}` another row, `{p}` the id of `{o}`, `{k}` a signed head.
const MUTATIONS: &[(&str, &str)] = &[
    ("reason", "update audit_events set reason = 'because not' where id = {e}"),
    ("reason taken away", "update audit_events set reason = null where id = {e}"),
    ("payload", "update audit_events set payload = '{\"n\": 99}' where id = {e}"),
    ("address", "update audit_events set ip = '192.0.2.2' where id = {e}"),
    ("session", "update audit_events set session_ref = 't' where id = {e}"),
    ("request", "update audit_events set request_id = 'other' where id = {e}"),
    ("action", "update audit_events set action = 'thing.undone' where id = {e}"),
    ("object type", "update audit_events set object_type = 'person' where id = {e}"),
    ("object", "update audit_events set object_id = 'x' where id = {e}"),
    ("result", "update audit_events set result = 'denied' where id = {e}"),
    ("kind of actor", "update audit_events set actor_kind = 'system' where id = {e}"),
    ("actor", "update audit_events set actor_id = gen_random_uuid() where id = {e}"),
    ("nobody", "update audit_events set actor_id = null where id = {e}"),
    ("on behalf of", "update audit_events set on_behalf_of = gen_random_uuid() where id = {e}"),
    ("impersonation", "update audit_events set impersonation_id = gen_random_uuid() where id = {e}"),
    ("agency", "update audit_events set agency_id = gen_random_uuid() where id = {e}"),
    ("business", "update audit_events set sub_account_id = null where id = {e}"),
    ("chain", "update audit_events set chain_id = gen_random_uuid() where id = {e}"),
    ("earlier", "update audit_events set created_at = created_at - interval '10 days' where id = {e}"),
    ("a microsecond later", "update audit_events set created_at = created_at + interval '1 microsecond' where id = {e}"),
    ("salt", "update audit_events set salt = decode('00', 'hex') where id = {e}"),
    ("hash of the row", "update audit_events set content_hash = sha256(content_hash) where id = {e}"),
    ("hash of the erasable part", "update audit_events set erasable_hash = sha256(erasable_hash) where id = {e}"),
    ("version", "update audit_events set hash_version = 1 where id = {e}"),
    (
        "edited with its hashes",
        "update audit_events set action = 'x.y', reason = 'z' where id = {e}; update audit_events e set erasable_hash = audit_erasable(e) where id = {e};
         update audit_events e set content_hash = audit_kept(e) where id = {e}",
    ),
    ("emptied", "update audit_events set salt = '', payload = '{}', reason = null, ip = null, session_ref = null where id = {e}"),
    (
        "emptied, with an act about another row",
        "call ops.erase_audit({p}, 'asked'); update audit_events set salt = '', payload = '{}', reason = null, ip = null, session_ref = null where id = {e}",
    ),
    (
        "emptied and rewritten",
        "call ops.erase_audit({e}, 'asked'); select audit_seal('{c}', 1000); update audit_events set action = 'agency.renamed', created_at = created_at - interval '10 days' where id = {e}",
    ),
    (
        "emptied as a row of version 1",
        "call ops.erase_audit({e}, 'asked'); select audit_seal('{c}', 1000); update audit_events set action = 'agency.renamed', hash_version = 1 where id = {e}",
    ),
    (
        "emptied as a row and a link of version 1",
        "call ops.erase_audit({e}, 'asked'); select audit_seal('{c}', 1000); update audit_events set action = 'agency.renamed', hash_version = 1 where id = {e};
         update audit_links set hash_version = 1 where chain_id = '{c}' and seq = {r}",
    ),
    ("deleted", "delete from audit_events where id = {e}"),
    ("its link deleted", "delete from audit_links where chain_id = '{c}' and seq = {r}"),
    ("deleted with its link", "delete from audit_events where id = {e}; delete from audit_links where chain_id = '{c}' and seq = {r}"),
    (
        "deleted, the rest moved up",
        "delete from audit_events where id = {e}; delete from audit_links where chain_id = '{c}' and seq = {r};
         update audit_links set seq = -seq where chain_id = '{c}' and seq > {r}; update audit_links set seq = -seq - 1 where chain_id = '{c}' and seq < 0",
    ),
    (
        "the end cut off with its links and signed heads",
        "delete from audit_events where id in (select event_id from audit_links where chain_id = '{c}' and seq >= {r});
         delete from audit_links where chain_id = '{c}' and seq >= {r}; delete from audit_checkpoints where chain_id = '{c}' and seq >= {r}",
    ),
    ("everything deleted", "delete from audit_events where chain_id = '{c}'; delete from audit_links where chain_id = '{c}'; delete from audit_checkpoints where chain_id = '{c}'"),
    (
        "two rows change places",
        "update audit_links set event_id = gen_random_uuid() where chain_id = '{c}' and seq = {r}; update audit_links set event_id = {e} where chain_id = '{c}' and seq = {o};
         update audit_links set event_id = {p} where chain_id = '{c}' and seq = {r}",
    ),
    (
        "two links change places",
        "update audit_links set seq = -1 where chain_id = '{c}' and seq = {r}; update audit_links set seq = {r} where chain_id = '{c}' and seq = {o};
         update audit_links set seq = {o} where chain_id = '{c}' and seq = -1",
    ),
    (
        "two rows change times",
        "update audit_events set created_at = case id when {e} then (select created_at from audit_events where id = {p}) else (select created_at from audit_events where id = {e}) end where id in ({e}, {p})",
    ),
    ("hash of a link", "update audit_links set hash = sha256(hash) where chain_id = '{c}' and seq = {r}"),
    ("hash before a link", "update audit_links set prev_hash = sha256(prev_hash) where chain_id = '{c}' and seq = {r}"),
    ("version of a link", "update audit_links set hash_version = 1 where chain_id = '{c}' and seq = {r}"),
    ("written anew from a row on", "update audit_events set action = 'x.y' where id = {e}; select forge('{c}', {r})"),
    (
        "written anew with new signed heads",
        "update audit_events set action = 'x.y' where id = {e}; select forge('{c}', {r});
         update audit_checkpoints k set hash = l.hash from audit_links l where l.chain_id = k.chain_id and l.seq = k.seq and k.chain_id = '{c}'",
    ),
    (
        "written anew without signed heads",
        "update audit_events set action = 'x.y' where id = {e}; select forge('{c}', {r}); delete from audit_checkpoints where chain_id = '{c}'",
    ),
    (
        "a row put in",
        "insert into audit_events (agency_id, actor_kind, action, object_type, created_at, chain_id, content_hash)
           select agency_id, 'system', 'x.y', 'thing', created_at, chain_id, '' from audit_events where id = {e};
         update audit_links set seq = -seq where chain_id = '{c}' and seq > {i}; update audit_links set seq = 1 - seq where chain_id = '{c}' and seq < 0;
         insert into audit_links (chain_id, seq, event_id, prev_hash, hash, hash_version) select chain_id, {i} + 1, event_id, '', '', 2 from audit_pending where chain_id = '{c}';
         delete from audit_pending where chain_id = '{c}'; select forge('{c}', {i})",
    ),
    (
        "an old row that was never linked",
        "insert into audit_events (agency_id, actor_kind, action, object_type, created_at, chain_id, content_hash)
           select agency_id, 'system', 'x.y', 'thing', now() - interval '3 days', chain_id, '' from audit_events where id = {e}; delete from audit_pending where chain_id = '{c}'",
    ),
    (
        "a new row removed before it was linked",
        "insert into audit_events (agency_id, actor_kind, action, object_type, chain_id, content_hash)
           select agency_id, 'system', 'x.y', 'thing', chain_id, '' from audit_events where id = {e}; delete from audit_events where action = 'x.y' and chain_id = '{c}'",
    ),
    ("signature of a head", "update audit_checkpoints set signature = sha256(signature) where chain_id = '{c}' and seq = {k}"),
    ("a head moved", "update audit_checkpoints set seq = seq - 1 where chain_id = '{c}' and seq = {k}"),
    ("hash of a head", "update audit_checkpoints set hash = sha256(hash) where chain_id = '{c}' and seq = {k}"),
    ("version of a head", "update audit_checkpoints set hash_version = 1 where chain_id = '{c}' and seq = {k}"),
    ("a head forgets the one before", "update audit_checkpoints set prev_hash = null where chain_id = '{c}' and seq = {k} + 4"),
    ("a head removed from between", "delete from audit_checkpoints where chain_id = '{c}' and seq = {k}"),
    (
        "a cut of somebody else",
        "insert into audit_cuts (chain_id, seq, hash, key_id, signature) select chain_id, seq, hash, 1, '' from audit_links where chain_id = '{c}' and seq = {r};
         delete from audit_events where id in (select event_id from audit_links where chain_id = '{c}' and seq <= {r}); delete from audit_links where chain_id = '{c}' and seq <= {r};
         delete from audit_checkpoints where chain_id = '{c}' and seq <= {r}",
    ),
];

/// Recomputes the hashes of a chain from a row on, as a skilled forger would.
const FORGE: &str = r"create function forge(chain uuid, start bigint) returns void language plpgsql as $$ declare p bytea; h bytea; l record; begin
    update audit_events e set content_hash = audit_kept(e) from audit_links x where x.event_id = e.id and x.chain_id = chain and x.seq >= start;
    select hash into p from audit_links where chain_id = chain and seq = start - 1;
    p := coalesce(p, sha256(convert_to(chain::text, 'UTF8')));
    for l in select x.seq, e.content_hash from audit_links x join audit_events e on e.id = x.event_id where x.chain_id = chain and x.seq >= start order by x.seq loop
      h := sha256('\x02'::bytea || int8send(l.seq) || p || l.content_hash);
      update audit_links set prev_hash = p, hash = h where chain_id = chain and seq = l.seq;
      p := h;
    end loop; end $$";

#[tokio::test]
async fn of_a_thousand_changes_past_the_product_none_goes_unnoticed() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let vault = Vault::start(&db, Keyring::parse(&KEY.to_owned().into()).unwrap()).await.unwrap();
    for _ in 0..CHAINS {
        test.agency().await;
    }
    let mut heads = Vec::new();
    for part in 0..ROWS / 4 {
        heads = write(&test, &db, &vault, part).await;
    }
    assert_eq!(heads.len(), CHAINS);
    test.execute(FORGE).await;
    test.execute("create table keep_e as table audit_events; create table keep_l as table audit_links; create table keep_c as table audit_checkpoints").await;
    let rows =
        sqlx::query!("select chain_id, seq, event_id from audit_links").fetch_all(test.superuser()).await.unwrap();
    let ids: BTreeMap<(Uuid, i64), Uuid> =
        rows.into_iter().map(|row| ((row.chain_id, row.seq), row.event_id)).collect();
    let mut chance = SmallRng::seed_from_u64(8);
    let mut done = 0;
    for round in 0..ROUNDS {
        let reports = audit::verify_with(&db, &vault, &heads).await.unwrap();
        assert!(reports.iter().all(|report| report.faults.is_empty()), "before round {round}: {reports:?}");
        let (mut sql, mut names) = (String::new(), Vec::new());
        for (at, head) in heads.iter().enumerate() {
            let (name, template) = MUTATIONS[(round * CHAINS + at) % MUTATIONS.len()];
            let row = chance.random_range(1..=ROWS);
            let other = 1 + (row - 1 + chance.random_range(1..ROWS)) % ROWS;
            let id = |seq: i64| format!("'{}'", ids[&(head.chain, seq)]);
            let filled = template
                .replace("{c}", &head.chain.to_string())
                .replace("{r}", &row.to_string())
                // A row inserted behind the last one would be a normal new row.
                .replace("{i}", &row.min(ROWS - 1).to_string())
                .replace("{o}", &other.to_string())
                .replace("{e}", &id(row))
                .replace("{p}", &id(other))
                .replace("{k}", &(4 * chance.random_range(1..=2)).to_string());
            sql.push_str(&filled);
            sql.push(';');
            names.push((head.chain, name, filled));
        }
        test.superuser().execute(AssertSqlSafe(sql)).await.unwrap();
        let reports = audit::verify_with(&db, &vault, &heads).await.unwrap();
        for (chain, name, sql) in names {
            let report = reports.iter().find(|report| report.agency.is_some_and(|agency| agency.0 == chain)).unwrap();
            assert!(!report.faults.is_empty(), "unnoticed: {name}: {sql}: {report:?}");
            done += 1;
        }
        test.execute(
            "truncate audit_events, audit_links, audit_checkpoints, audit_cuts; alter table audit_events disable trigger user;
             insert into audit_events select * from keep_e; insert into audit_links select * from keep_l; insert into audit_checkpoints select * from keep_c;
             alter table audit_events enable trigger user; truncate audit_pending",
        )
        .await;
    }
    assert_eq!(done, 1000);
    no_function_of_the_database_is_believed(&test, &db, &vault).await;
}

async fn no_function_of_the_database_is_believed(test: &TestDb, db: &store::Db, vault: &Vault) {
    // Somebody who may write functions can make those of the database return anything. The verification does not
    // call them.
    test.execute(
        "create or replace function audit_kept(e audit_events) returns bytea language sql immutable as $$ select e.content_hash $$;
         create or replace function audit_erasable(e audit_events) returns bytea language sql immutable as $$ select e.erasable_hash $$;
         create or replace function audit_hash(e audit_events) returns bytea language sql immutable as $$ select e.content_hash $$;
         update audit_events set reason = 'forged', action = 'forged'",
    )
    .await;
    let reports = audit::verify(db, vault).await.unwrap();
    assert!(reports.iter().all(|report| report.faults.len() == ROWS as usize), "{reports:?}");
}

/// The erasable fields are removed, the rest still verifies, and an audit row records the erasure.
#[tokio::test]
async fn an_erasure_that_is_named_keeps_the_chain_whole() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let vault = Vault::start(&db, Keyring::parse(&KEY.to_owned().into()).unwrap()).await.unwrap();
    for _ in 0..CHAINS {
        test.agency().await;
    }
    write(&test, &db, &vault, 0).await;
    test.execute("do $$ declare e uuid; begin for e in select id from audit_events where object_id = '2' loop call ops.erase_audit(e, 'asked for by the person'); end loop; end $$").await;
    assert_eq!(audit::link_pending(&db).await.unwrap(), CHAINS as i64);
    audit::checkpoint(&db, &vault).await.unwrap();
    for report in audit::verify(&db, &vault).await.unwrap() {
        assert_eq!((report.faults.len(), report.erased, report.rows, report.links), (0, 1, 5, 5), "{report:?}");
    }
    let left: i64 = sqlx::query_scalar!(
        r#"select count(*) as "n!" from audit_events where object_id = '2' and (reason is not null or ip is not null or payload <> '{}')"#
    )
    .fetch_one(test.superuser())
    .await
    .unwrap();
    assert_eq!(left, 0);
}
