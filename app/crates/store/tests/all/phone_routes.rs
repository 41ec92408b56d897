//! Does a number ring in one place, whoever asks, and is it found by an index?
#![expect(clippy::disallowed_methods, reason = "the plan of a statement is asked in words the macro cannot check")]

use domain::identity::Reach;
use domain::page::ListQuery;
use domain::phone_routes::{Fallback, NewPhoneRoute, Overflow};
use domain::{AgencyId, BusinessId};
use sqlx::{AssertSqlSafe, Executor};
use store::phone_routes::{self as routes, DEFAULT_TAKEN, NUMBER_TAKEN};
use store::tenant::{Scope, TenantTx};
use store::testing::TestDb;
use store::{Db, DbRole, Error};

fn route(number: &str, business: BusinessId) -> NewPhoneRoute {
    NewPhoneRoute {
        number: number.to_owned(),
        business,
        label: String::new(),
        active: true,
        is_default: false,
        timezone: "America/New_York".to_owned(),
        hours: None,
        overflow: None,
        fallback: Fallback::Own,
    }
}

async fn begin(db: &Db, agency: AgencyId) -> TenantTx {
    TenantTx::begin(db, Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() }).await.unwrap()
}

async fn listed(db: &Db, agency: AgencyId, business: BusinessId) -> TenantTx {
    let scope = Scope::Agency { user: None, agency, reach: Reach::Listed, listed: vec![business] };
    TenantTx::begin(db, scope).await.unwrap()
}

#[tokio::test]
async fn a_number_has_one_route_on_the_whole_platform() {
    let test = TestDb::new().await;
    let (db, mine, other) = (test.db(DbRole::Web).await, test.agency().await, test.agency().await);
    let (business, theirs) = (test.business(mine).await, test.business(other).await);
    let mut tx = begin(&db, mine).await;
    let made = routes::add(&mut tx, &route("+13055550100", business)).await.unwrap();
    assert_eq!(routes::find(&mut tx, "+13055550100").await.unwrap(), Some(made.clone()));
    tx.commit().await.unwrap();
    for (agency, business) in [(mine, business), (other, theirs)] {
        let taken = routes::add(&mut begin(&db, agency).await, &route("+13055550100", business)).await;
        assert!(matches!(taken, Err(Error::Taken(name)) if name == NUMBER_TAKEN));
    }
    let mut tx = begin(&db, other).await;
    assert_eq!(routes::find(&mut tx, "+13055550100").await.unwrap(), None, "another agency does not see whose it is");
    assert!(matches!(routes::remove(&mut tx, made.id).await, Err(Error::NotFound)));
    let mut tx = begin(&db, mine).await;
    routes::remove(&mut tx, made.id).await.unwrap();
    routes::add(&mut tx, &route("+13055550100", business)).await.unwrap();
}

#[tokio::test]
async fn a_route_moves_to_another_client_and_keeps_its_id() {
    let test = TestDb::new().await;
    let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
    let (from, to) = (test.business(agency).await, test.business(agency).await);
    let mut tx = begin(&db, agency).await;
    let made = routes::add(&mut tx, &route("+13055550100", from)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = begin(&db, agency).await;
    let overflow = Some(Overflow { business: from, hours: None });
    let new = NewPhoneRoute { label: "Front desk".to_owned(), overflow, ..route("+13055550111", to) };
    let moved = routes::change(&mut tx, made.id, &new).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((moved.id, moved.created_at, moved.business), (made.id, made.created_at, to));
    assert_eq!((moved.number.as_str(), moved.label.as_str()), ("+13055550111", "Front desk"));
    let mut tx = begin(&db, agency).await;
    assert_eq!(routes::get(&mut tx, made.id).await.unwrap(), moved);
    assert_eq!(routes::find(&mut tx, "+13055550100").await.unwrap(), None);
    let off = routes::set_active(&mut tx, made.id, false).await.unwrap();
    assert!(!off.active && off.overflow.is_some());
    tx.commit().await.unwrap();
    // A client in the trash gets no overflow, and its own route counts as off.
    test.execute("update sub_accounts set deleted_at = now(), status = 'deleted'").await;
    let mut tx = begin(&db, agency).await;
    let gone = routes::set_active(&mut tx, made.id, true).await.unwrap();
    assert!(!gone.active && gone.overflow.is_none());
    assert_eq!(routes::list(&mut tx, &ListQuery::default()).await.unwrap().total, Some(0));
}

#[tokio::test]
async fn an_agency_has_one_default_client() {
    let test = TestDb::new().await;
    let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
    let (first, second) = (test.business(agency).await, test.business(agency).await);
    let new = |number, business| NewPhoneRoute { is_default: true, ..route(number, business) };
    let mut tx = begin(&db, agency).await;
    let one = routes::add(&mut tx, &new("+13055550100", first)).await.unwrap();
    let two = routes::add(&mut tx, &new("+13055550111", second)).await.unwrap();
    assert_eq!(routes::default(&mut tx).await.unwrap().map(|route| route.id), Some(two.id));
    assert!(!routes::get(&mut tx, one.id).await.unwrap().is_default);
    routes::change(&mut tx, one.id, &new("+13055550100", first)).await.unwrap();
    assert_eq!(routes::default(&mut tx).await.unwrap().map(|route| route.id), Some(one.id));
    tx.commit().await.unwrap();
    // Whoever does not reach the default client cannot take its place.
    let mut tx = listed(&db, agency, second).await;
    let taken = routes::change(&mut tx, two.id, &new("+13055550111", second)).await;
    assert!(matches!(taken, Err(Error::Taken(name)) if name == DEFAULT_TAKEN));
}

#[tokio::test]
async fn whoever_reaches_some_clients_sees_and_changes_their_routes_alone() {
    let test = TestDb::new().await;
    let (db, agency, other) = (test.db(DbRole::Web).await, test.agency().await, test.agency().await);
    let (own, hidden) = (test.business(agency).await, test.business(agency).await);
    let mut tx = begin(&db, agency).await;
    let overflow = Some(Overflow { business: hidden, hours: None });
    let seen = routes::add(&mut tx, &NewPhoneRoute { overflow, ..route("+13055550100", own) }).await.unwrap();
    let unseen = routes::add(&mut tx, &route("+13055550111", hidden)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = listed(&db, agency, own).await;
    let rows = routes::list(&mut tx, &ListQuery::default()).await.unwrap().rows;
    assert_eq!(rows.iter().map(|route| route.id).collect::<Vec<_>>(), [seen.id]);
    assert_eq!((&rows[0].overflow, &rows[0].overflow_name), (&seen.overflow, &None));
    assert!(matches!(routes::get(&mut tx, unseen.id).await, Err(Error::NotFound)));
    for foreign in [hidden, test.business(other).await] {
        let refused = routes::add(&mut tx, &route("+13055550122", foreign)).await;
        assert!(matches!(refused, Err(Error::Refused(what)) if what == "business"));
        let overflow = Some(Overflow { business: foreign, hours: None });
        let refused = routes::change(&mut tx, seen.id, &NewPhoneRoute { overflow, ..route("+13055550100", own) }).await;
        assert!(matches!(refused, Err(Error::Refused(what)) if what == "business"));
    }
}

#[tokio::test]
async fn lists_page_by_number_and_find_it_as_people_write_it() {
    let test = TestDb::new().await;
    let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
    let business = test.business(agency).await;
    let mut tx = begin(&db, agency).await;
    let numbers: Vec<String> = (0..5).map(|number| format!("+1305555010{number}")).collect();
    for (turn, number) in numbers.iter().enumerate().rev() {
        let new = NewPhoneRoute { label: format!("Line {turn}"), active: turn > 1, ..route(number, business) };
        routes::add(&mut tx, &new).await.unwrap();
    }
    let (mut query, mut found) = (ListQuery { limit: 2, ..ListQuery::default() }, Vec::new());
    loop {
        let page = routes::list(&mut tx, &query).await.unwrap();
        assert_eq!(page.total, Some(5));
        found.extend(page.rows.into_iter().map(|route| route.number));
        query.cursor = page.next;
        if query.cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, numbers);
    for (q, view, count) in [
        ("(305) 555-0103", "", 1),
        ("line 3", "", 1),
        ("555", "off", 2),
        ("", "on", 3),
        ("", "default", 0),
        ("nobody", "", 0),
    ] {
        let query = ListQuery { q: q.to_owned(), view: view.to_owned(), ..ListQuery::default() };
        assert_eq!(routes::list(&mut tx, &query).await.unwrap().total, Some(count), "{q:?} {view:?}");
    }
}

/// What Postgres does for a statement in the scope of the agency, with the policies in force.
async fn plan(test: &TestDb, agency: AgencyId, sql: &str) -> String {
    let mut conn = test.superuser().acquire().await.unwrap();
    let scope = format!(
        "begin; set local role app_rt; select set_config('app.current_agency_id', '{agency}', true), set_config('app.agency_reach', 'all', true)"
    );
    sqlx::raw_sql(AssertSqlSafe(scope)).execute(&mut *conn).await.unwrap();
    let lines: Vec<String> =
        sqlx::query_scalar(AssertSqlSafe(format!("explain {sql}"))).fetch_all(&mut *conn).await.unwrap();
    conn.execute("rollback").await.unwrap();
    lines.join("\n")
}

#[tokio::test]
async fn a_number_and_the_next_page_are_found_by_an_index_under_the_policies() {
    let test = TestDb::new().await;
    let agency = test.agency().await;
    let business = test.business(agency).await;
    let fill = format!(
        "insert into phone_routing (sub_account_id, agency_id, phone_number)
         select '{business}', '{agency}', '+1305' || lpad(n::text, 7, '0') from generate_series(1, 5000) n"
    );
    sqlx::raw_sql(AssertSqlSafe(fill)).execute(test.superuser()).await.unwrap();
    test.execute("analyze phone_routing").await;
    let one = format!("select id from phone_routing where agency_id = '{agency}' and phone_number = '+13050000100'");
    let found = plan(&test, agency, &one).await;
    assert!(
        found.contains("Index") && found.contains("phone_number = '+13050000100'") && !found.contains("Seq Scan"),
        "{found}"
    );
    let page = format!(
        "select id from phone_routing where agency_id = '{agency}' and phone_number > '+13050002000' order by phone_number limit 51"
    );
    let found = plan(&test, agency, &page).await;
    assert!(found.contains("Index") && !found.contains("Sort") && !found.contains("Seq Scan"), "{found}");
}
