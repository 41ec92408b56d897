//! Does paging through the list of jobs lose or repeat a job, in any order and view? Does it for a long log? What
//! is deleted and what stays when a part of a job is deleted?

use std::collections::BTreeSet;

use domain::JobId;
use domain::identity::{Reach, Role};
use domain::page::ListQuery;
use domain::provisioning::NewJob;
use store::provisioning::{LogQuery, Start};
use store::tenant::{Scope, TenantTx};
use store::testing::TestDb;
use store::{DbRole, new_id, provisioning};

use crate::orders::{client, start};

const SORTS: [&str; 7] = ["", "-created", "created", "client", "-client", "status", "-status"];
const VIEWS: [&str; 7] = ["", "running", "failed", "needs_input", "mine", "done", "cancelled"];

/// Puts the jobs into states that several of them share. Two jobs have the same name except for its case.
const STATES: &str = r#"
  update provisioning_jobs set status = 'IN_PROGRESS' where number > 1;
  update provisioning_jobs set status = 'COMPLETED', finished_at = now() where number in (2, 3);
  update provisioning_jobs set status = 'FAILED', finished_at = now() where number in (4, 5);
  update provisioning_jobs set status = 'AWAITING_INPUT', question_json = '{}' where number in (6, 7)"#;

/// Reads a whole list in pages of two.
async fn leafed(tx: &mut TenantTx, sort: &str, view: &str, q: &str) -> Vec<JobId> {
    let mut query =
        ListQuery { sort: sort.to_owned(), view: view.to_owned(), q: q.to_owned(), limit: 2, ..ListQuery::default() };
    let mut found = Vec::new();
    loop {
        let page = provisioning::list(tx, &query).await.unwrap();
        assert!(page.rows.len() <= 2 && found.len() < 20, "{sort} {view} {q}: it goes on for ever");
        found.extend(page.rows.iter().map(|row| row.id));
        let Some(next) = page.next else { return found };
        assert_eq!(page.rows.len(), 2, "{sort} {view} {q}: only the last page is short");
        query.cursor = Some(next);
    }
}

#[tokio::test]
async fn leafing_through_jobs_loses_none_and_repeats_none() {
    let test = TestDb::new().await;
    let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
    let me = test.person(Role::AgencyOwner, Some(agency), None).await;
    let scope = |user| Scope::Agency { user, agency, reach: Reach::All, listed: Vec::new() };
    let mut all = Vec::new();
    for (at, name) in ["Ada", "bea", "Bea", "Cleo", "Dora", "Eve", "Fay"].into_iter().enumerate() {
        let by = scope(Some(me).filter(|_| at % 2 == 0));
        all.push(start(&db, by, name, &format!("{at}@same.test")).await);
    }
    test.execute(STATES).await;
    // First with the times at which they were started, then with one time for all, then with two times.
    for times in [
        "select 1",
        "update provisioning_jobs set created_at = '2026-01-02 03:04:05.678901Z'",
        "update provisioning_jobs set created_at = created_at - interval '1 microsecond' where number % 2 = 0",
    ] {
        test.execute(times).await;
        let mut tx = TenantTx::begin(&db, scope(Some(me))).await.unwrap();
        let counts = provisioning::counts(&mut tx).await.unwrap();
        for sort in SORTS {
            for (view, wanted) in VIEWS.into_iter().zip([7, 1, 2, 2, 4, 2]) {
                let found = leafed(&mut tx, sort, view, "").await;
                assert_eq!(found.len(), wanted, "{sort} {view} {times}: {counts:?}");
                assert_eq!(BTreeSet::from_iter(&found).len(), wanted, "{sort} {view} {times}: one twice");
                let searched = leafed(&mut tx, sort, view, "a").await;
                let left: Vec<_> = found.iter().filter(|job| searched.contains(job)).collect();
                assert_eq!(searched.iter().collect::<Vec<_>>(), left, "{sort} {view}: a search keeps the order");
            }
            let (up, down) = (leafed(&mut tx, sort, "", "").await, leafed(&mut tx, "", "", "").await);
            assert_eq!(BTreeSet::from_iter(up), BTreeSet::from_iter(all.clone()));
            assert!(sort != "created" || leafed(&mut tx, sort, "", "").await.into_iter().rev().eq(down));
        }
    }
}

/// Ten thousand log lines of one job, a hundred for each second.
const LINES: &str = r#"
  insert into provisioning_logs (agency_id, job_id, "timestamp", step, message)
  select agency_id, id, now() - make_interval(secs => n / 100), 'CREATE_LOCATION', 'line ' || n from provisioning_jobs, generate_series(1, 10000) n"#;

/// Starts one job in a new agency.
async fn job(test: &TestDb) -> (store::Db, Scope, JobId) {
    let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
    let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
    let job = start(&db, scope.clone(), "Ada", "ada@same.test").await;
    (db, scope, job)
}

#[tokio::test]
async fn a_log_of_ten_thousand_lines_is_leafed_through_whole() {
    let test = TestDb::new().await;
    let (db, scope, job) = job(&test).await;
    test.execute(LINES).await;
    let mut tx = TenantTx::begin(&db, scope).await.unwrap();
    let mut query = LogQuery { limit: 2_000, ..LogQuery::default() };
    let mut seen = BTreeSet::new();
    let mut last = None;
    loop {
        let page = provisioning::log(&mut tx, job, &query).await.unwrap();
        for line in page.rows {
            assert!(last.is_none_or(|last| line.at <= last), "newest first");
            last = Some(line.at);
            assert!(seen.insert(line.message), "a line came twice");
        }
        query.cursor = page.next;
        if query.cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen.iter().filter(|line| line.starts_with("line ")).count(), 10_000);
}

#[tokio::test]
async fn a_deleted_snapshot_leaves_its_jobs_and_a_deleted_job_takes_its_log() {
    let test = TestDb::new().await;
    let (db, scope, job) = job(&test).await;
    test.execute("insert into snapshots (agency_id, ghl_snapshot_id, name) select agency_id, 'S1', 'Dental Pro' from provisioning_jobs").await;
    test.execute("update provisioning_jobs set snapshot_id = (select id from snapshots)").await;
    test.execute(LINES).await;
    test.execute("delete from snapshots").await;
    let mut tx = TenantTx::begin(&db, scope.clone()).await.unwrap();
    let kept = provisioning::get(&mut tx, job).await.unwrap();
    assert!(kept.row.snapshot.is_none(), "the job stays without its snapshot");
    drop(tx);
    test.execute("delete from provisioning_jobs").await;
    let left = test.contents().await.into_iter().filter(|(table, text)| {
        ["provisioning_logs", "provisioning_steps", "provisioning_attempts", "effects"].contains(&table.as_str())
            && !text.is_empty()
    });
    assert_eq!(left.map(|(table, _)| table).collect::<Vec<_>>(), Vec::<String>::new());
}

/// Two programs number their requests from 1; neither gets the other's job. After a day a key is forgotten.
#[tokio::test]
async fn a_key_of_a_request_is_its_tokens_own_and_lasts_a_day() {
    use store::provisioning::RequestKey;
    let test = TestDb::new().await;
    let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
    let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
    let order = |name: &str| {
        let client = client(name, "a@same.test");
        NewJob { client, create_anyway: true, ..NewJob::default() }.check().unwrap()
    };
    let tokens: [domain::ApiTokenId; 3] = std::array::from_fn(|_| new_id());
    let start = async |token: usize, name: &str| {
        let key = RequestKey { key: "1", token: Some(tokens[token]) };
        match provisioning::start_unless_duplicate(&db, &scope, &order(name), Some(key)).await? {
            Start::Started(started) => store::Result::Ok(started),
            Start::Duplicates(found) => unreachable!("it may resemble another one: {found:?}"),
        }
    };
    let mut jobs = BTreeSet::new();
    for token in 0..3 {
        let (first, again) = (start(token, "Ada").await.unwrap(), start(token, "Ada").await.unwrap());
        assert!(first.job == again.job && !first.repeated && again.repeated, "token {token}");
        assert!(jobs.insert(first.job), "token {token} got another's job");
        let other = start(token, "Bea").await;
        assert!(matches!(other, Err(store::Error::Taken(_))), "token {token}: {other:?}");
    }
    let worker = test.db(DbRole::Worker).await;
    test.execute("update provisioning_jobs set created_at = now() - interval '23 hours'").await;
    store::retention::sweep(&worker).await.unwrap();
    assert!(start(0, "Ada").await.unwrap().repeated && start(1, "Ada").await.unwrap().repeated);
    test.execute("update provisioning_jobs set created_at = now() - interval '25 hours'").await;
    store::retention::sweep(&worker).await.unwrap();
    assert!(jobs.insert(start(0, "Bea").await.unwrap().job), "a day later it is a new request");
    // The previous version stored the key without the token: a program that repeats such a request gets its job
    // and not a second one.
    test.execute("update provisioning_jobs set requested_token = null, created_at = now() - interval '25 hours' where idempotency_key = '1'").await;
    store::retention::sweep(&worker).await.unwrap();
    assert!(start(2, "Bea").await.unwrap().repeated);
}
