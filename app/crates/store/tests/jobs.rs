//! Does the list of jobs lose or repeat any of them, whichever order and view it is leafed through in?
#![cfg(feature = "testing")]
#![expect(clippy::unwrap_used, reason = "in a test a broken set-up is a failure")]

use std::collections::BTreeSet;

use domain::JobId;
use domain::identity::{Reach, Role};
use domain::page::ListQuery;
use domain::provisioning::{Client, NewJob};
use store::tenant::{Scope, TenantTx};
use store::testing::TestDb;
use store::{DbRole, provisioning};

const SORTS: [&str; 7] = ["", "-created", "created", "client", "-client", "status", "-status"];
const VIEWS: [&str; 6] = ["", "running", "failed", "needs_input", "mine", "done"];

/// Every job, in a state that several of them share; two are called the same.
const STATES: &str = r#"
  update provisioning_jobs set status = 'IN_PROGRESS' where number > 1;
  update provisioning_jobs set status = 'COMPLETED', finished_at = now() where number in (2, 3);
  update provisioning_jobs set status = 'FAILED', finished_at = now() where number in (4, 5);
  update provisioning_jobs set status = 'AWAITING_INPUT', question_json = '{}' where number in (6, 7)"#;

/// All of a list, leafed through in pages of two.
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
        let client = Client {
            name: name.to_owned(),
            email: format!("{at}@same.test"),
            country: "US".to_owned(),
            timezone: "America/New_York".to_owned(),
            ..Client::default()
        };
        let order = NewJob { client, ..NewJob::default() }.check().unwrap();
        let mut tx = TenantTx::begin(&db, scope(Some(me).filter(|_| at % 2 == 0))).await.unwrap();
        all.push(provisioning::start(&mut tx, &order, None).await.unwrap().job);
        tx.commit().await.unwrap();
    }
    test.execute(STATES).await;
    // Once as they were started, once all in the same moment, once in two moments.
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
