//! Is a to-do left once, ticked once, given to somebody who works here, and seen by its agency alone?
#![expect(clippy::disallowed_methods, reason = "rows are counted in words the macro cannot check")]

use domain::identity::{Reach, Role};
use domain::page::{Condition, ListQuery, Operator};
use domain::provisioning::{Summary, TodoItem};
use domain::todos::{Assignee, Todo, TodoKind};
use domain::{AgencyId, JobId};
use store::tenant::{Scope, TenantTx};
use store::testing::TestDb;
use store::{Db, DbRole, Error, todos};

use crate::orders::start;

fn scope(agency: AgencyId) -> Scope {
    Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() }
}

async fn begin(db: &Db, agency: AgencyId) -> TenantTx {
    TenantTx::begin(db, scope(agency)).await.unwrap()
}

/// A job, not run.
async fn job(db: &Db, agency: AgencyId) -> JobId {
    start(db, scope(agency), "Bay Dental", "owner@bay.test").await
}

fn summary() -> Summary {
    let todo = vec![
        TodoItem::new(TodoKind::PublishWorkflows, "Publish the workflows", "They are drafts."),
        TodoItem::new(TodoKind::DeleteLocation, "Delete location L1", "It is parked.").about("L1"),
    ];
    Summary { done: Vec::new(), todo }
}

async fn leave(db: &Db, agency: AgencyId, job: JobId) -> Vec<Todo> {
    let mut tx = begin(db, agency).await;
    todos::leave(&mut tx, job, &summary(), false).await.unwrap();
    let left = todos::of_job(&mut tx, job).await.unwrap();
    tx.commit().await.unwrap();
    left
}

async fn count(test: &TestDb, sql: &'static str) -> i64 {
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(test.superuser()).await.unwrap()
}

#[tokio::test]
async fn what_is_left_twice_is_left_once_and_keeps_its_tick() {
    let test = TestDb::new().await;
    let (db, agency) = (test.db(DbRole::Worker).await, test.agency().await);
    let job = job(&db, agency).await;
    let left = leave(&db, agency, job).await;
    assert_eq!(left.len(), 2, "{left:?}");
    let mut tx = begin(&db, agency).await;
    todos::set_done(&mut tx, left[0].id, true).await.unwrap();
    tx.commit().await.unwrap();
    let again = leave(&db, agency, job).await;
    assert_eq!(again.len(), 2, "{again:?}");
    assert_eq!(again.iter().filter(|one| one.done_at.is_some()).count(), 1, "{again:?}");
    let mut tx = begin(&db, agency).await;
    let row = store::provisioning::row(&mut tx, job).await.unwrap();
    assert_eq!(row.open_todos, Some(1));
    let locations: Vec<_> = again.iter().filter_map(|one| one.location_id.as_deref()).collect();
    assert_eq!(locations, ["L1"]);
}

#[tokio::test]
async fn a_tick_is_written_once_and_can_be_taken_back() {
    let test = TestDb::new().await;
    let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
    let job = job(&db, agency).await;
    let one = leave(&db, agency, job).await.remove(0);
    let ticked = "select count(*) from audit_events where action = 'todo.done'";
    for _ in 0..2 {
        let mut tx = begin(&db, agency).await;
        assert!(todos::set_done(&mut tx, one.id, true).await.unwrap().done_at.is_some());
        tx.commit().await.unwrap();
    }
    assert_eq!(count(&test, ticked).await, 1);
    let mut tx = begin(&db, agency).await;
    assert_eq!(todos::counts(&mut tx).await.unwrap().done, 1);
    assert_eq!(todos::set_done(&mut tx, one.id, false).await.unwrap().done_at, None);
    assert_eq!(todos::counts(&mut tx).await.unwrap().open, 2);
}

#[tokio::test]
async fn a_to_do_is_given_to_somebody_who_works_here() {
    let test = TestDb::new().await;
    let (db, agency, other) = (test.db(DbRole::Web).await, test.agency().await, test.agency().await);
    let colleague = test.person(Role::AgencyStaff, Some(agency), None).await;
    let stranger = test.person(Role::AgencyStaff, Some(other), None).await;
    let job = job(&db, agency).await;
    let one = leave(&db, agency, job).await.remove(0);
    let mut tx = begin(&db, agency).await;
    let refused = todos::assign(&mut tx, one.id, Assignee::Person(stranger)).await;
    assert!(matches!(refused, Err(Error::Refused(what)) if what == todos::NO_MEMBER));
    assert_eq!(todos::assign(&mut tx, one.id, Assignee::Person(colleague)).await.unwrap().assigned_to, Some(colleague));
    assert_eq!(todos::assign(&mut tx, one.id, Assignee::Nobody).await.unwrap().assigned_to, None);
    for to in [colleague, colleague] {
        todos::assign(&mut tx, one.id, Assignee::Person(to)).await.unwrap();
    }
    tx.commit().await.unwrap();
    let told = "select count(*) from notifications where kind = 'todo.assigned'";
    assert_eq!(count(&test, told).await, 2, "once each time it comes to them");
}

#[tokio::test]
async fn another_agency_sees_none_and_ticks_none() {
    let test = TestDb::new().await;
    let (db, agency, other) = (test.db(DbRole::Web).await, test.agency().await, test.agency().await);
    let job = job(&db, agency).await;
    let one = leave(&db, agency, job).await.remove(0);
    let mut tx = begin(&db, other).await;
    assert!(todos::list(&mut tx, &ListQuery::default()).await.unwrap().rows.is_empty());
    assert!(matches!(todos::get(&mut tx, one.id).await, Err(Error::NotFound)));
    assert!(matches!(todos::set_done(&mut tx, one.id, true).await, Err(Error::NotFound)));
    assert!(matches!(todos::assign(&mut tx, one.id, Assignee::Nobody).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn the_list_shows_open_ones_first_of_all_and_those_of_a_job() {
    let test = TestDb::new().await;
    let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
    let (first, second) = (job(&db, agency).await, job(&db, agency).await);
    let done = leave(&db, agency, first).await.remove(0);
    leave(&db, agency, second).await;
    let mut tx = begin(&db, agency).await;
    todos::set_done(&mut tx, done.id, true).await.unwrap();
    let rows = async |tx: &mut TenantTx, view: &str, filters: Vec<Condition>| {
        let query = ListQuery { view: view.to_owned(), filters, ..ListQuery::default() };
        todos::list(tx, &query).await.unwrap().rows.len()
    };
    assert_eq!(rows(&mut tx, "", Vec::new()).await, 3);
    assert_eq!(rows(&mut tx, "done", Vec::new()).await, 1);
    assert_eq!(rows(&mut tx, "all", Vec::new()).await, 4);
    let of_first = Condition { field: "job".to_owned(), operator: Operator::Is, value: first.to_string() };
    assert_eq!(rows(&mut tx, "", vec![of_first]).await, 1);
}

#[tokio::test]
async fn an_owner_who_accepts_ticks_the_to_do_before_or_after_the_job_ends() {
    let test = TestDb::new().await;
    let (db, agency) = (test.db(DbRole::Worker).await, test.agency().await);
    let business = test.business(agency).await;
    let job = job(&db, agency).await;
    let of_client = "update provisioning_jobs set sub_account_id = (select id from sub_accounts limit 1)";
    test.execute(of_client).await;
    let owner = Summary { todo: vec![domain::todos::owner_accepts()], ..Summary::default() };
    let mut tx = begin(&db, agency).await;
    todos::leave(&mut tx, job, &owner, true).await.unwrap();
    let open = todos::of_business(&mut tx, business).await.unwrap();
    assert_eq!(open.len(), 1, "nobody accepted yet");
    assert_eq!(todos::open_of(&mut tx, &[business]).await.unwrap().get(&business), Some(&1));
    assert_eq!(todos::open_of(&mut tx, &[]).await.unwrap().len(), 0);
    drop(tx);
    test.person(Role::BusinessOwner, Some(agency), Some(business)).await;
    let mut tx = begin(&db, agency).await;
    todos::leave(&mut tx, job, &owner, true).await.unwrap();
    let left = todos::of_job(&mut tx, job).await.unwrap();
    assert!(left[0].done_at.is_some() && left[0].checked, "the owner was there before the job ended: {left:?}");
}

#[tokio::test]
async fn a_business_sees_and_ticks_what_is_left_to_its_own_people_alone() {
    let test = TestDb::new().await;
    let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
    let (business, other) = (test.business(agency).await, test.business(agency).await);
    let owner = test.person(Role::BusinessOwner, Some(agency), Some(business)).await;
    let job = job(&db, agency).await;
    let [own, theirs] = leave(&db, agency, job).await.try_into().unwrap();
    let mut tx = begin(&db, agency).await;
    let without = todos::assign(&mut tx, own.id, Assignee::Owner).await;
    assert!(matches!(without, Err(Error::Refused(what)) if what == todos::NO_CLIENT));
    drop(tx);
    let of_client = sqlx::query("update todos set sub_account_id = $1").bind(business.0);
    of_client.execute(test.superuser()).await.unwrap();
    let mut tx = begin(&db, agency).await;
    let given = todos::assign(&mut tx, own.id, Assignee::Owner).await.unwrap();
    assert_eq!((given.for_owner, given.assigned_to_name.as_deref()), (true, Some(domain::todos::OWNER)));
    tx.commit().await.unwrap();

    let in_business = |business, user| Scope::Business { user, business };
    let mut tx = TenantTx::begin(&db, in_business(business, Some(owner))).await.unwrap();
    let seen = todos::of_own(&mut tx).await.unwrap();
    assert_eq!(seen.iter().map(|todo| todo.id).collect::<Vec<_>>(), [own.id], "the other one is its agency's");
    assert!(matches!(todos::set_own_done(&mut tx, theirs.id, true).await, Err(Error::NotFound)));
    assert_eq!(todos::set_own_done(&mut tx, own.id, true).await.unwrap(), own.what);
    todos::set_own_done(&mut tx, own.id, true).await.unwrap();
    assert!(todos::of_own(&mut tx).await.unwrap()[0].done_by_name.is_some());
    tx.commit().await.unwrap();
    let mut tx = TenantTx::begin(&db, in_business(other, Some(owner))).await.unwrap();
    assert!(todos::of_own(&mut tx).await.unwrap().is_empty());
    assert!(matches!(todos::set_own_done(&mut tx, own.id, false).await, Err(Error::NotFound)));
    drop(tx);

    let mut tx = begin(&db, agency).await;
    let known = todos::get(&mut tx, own.id).await.unwrap();
    assert_eq!((known.done_by, known.checked), (Some(owner), false));
    assert!(known.done_by_name.is_some(), "the agency reads who ticked it");
    drop(tx);
    let written = "select count(*) from audit_events where action = 'todo.done' and sub_account_id is not null and agency_id is not null";
    assert_eq!(count(&test, written).await, 1, "a second tick leaves no trace");
    let open = async || todos::counts(&mut begin(&db, agency).await).await.unwrap().open;
    assert_eq!(open().await, 1);
    test.execute("update sub_accounts set status = 'archived'").await;
    assert_eq!(open().await, 0, "nobody is to do anything for an archived client");
}
