//! Are sub-accounts listed once for each agency, kept while they are imported, and counted when they are done?

use domain::business::Details;
use domain::identity::Reach;
use domain::imports::{ImportStatus, Listed, Pick, Reading, SeenLocation};
use domain::page::ListQuery;
use domain::{AgencyId, BusinessId, IntegrationId};
use store::imports::{self, Obstacle};
use store::tenant::{Scope, TenantTx};
use store::testing::TestDb;
use store::{Db, DbRole, Error, businesses};

async fn begin(db: &Db, agency: AgencyId) -> TenantTx {
    TenantTx::begin(db, Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() }).await.unwrap()
}

async fn begin_in(db: &Db, agency: AgencyId, business: BusinessId) -> TenantTx {
    let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
    TenantTx::begin(db, scope).await.unwrap()
}

fn seen(locations: &[(&str, &str)]) -> Vec<SeenLocation> {
    let details =
        Details { city: Some("Miami".to_owned()), email: Some("a@b.example".to_owned()), ..Details::default() };
    locations.iter().map(|(id, name)| SeenLocation::read(id, name, &details).unwrap()).collect()
}

fn pick(location: &str) -> Pick {
    Pick { location: location.to_owned(), email: None, invite: false }
}

async fn names(tx: &mut TenantTx, query: ListQuery) -> Vec<String> {
    imports::list(tx, &query).await.unwrap().rows.into_iter().map(|row| row.name).collect()
}

#[tokio::test]
async fn a_list_replaces_the_one_before_and_shows_what_is_no_client() {
    let test = TestDb::new().await;
    let (db, mine, other) = (test.db(DbRole::Worker).await, test.agency().await, test.agency().await);
    let business = test.business(mine).await;
    let mut tx = begin_in(&db, mine, business).await;
    businesses::set_location(&mut tx, business, "L2").await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = begin(&db, mine).await;
    let all = seen(&[("L1", "Bay Dental"), ("L2", "Yoga"), ("L3", "Zoo"), ("L1", "Bay Dental")]);
    assert_eq!(imports::put(&mut tx, "C1", &all).await.unwrap(), Listed { listed: 3, added: 3, gone: 0 });
    assert_eq!(names(&mut tx, ListQuery::default()).await, ["Bay Dental", "Zoo"]);
    let list = imports::state(&mut tx).await.unwrap();
    assert_eq!((list.listed, list.left, list.company.as_str()), (3, 2, "C1"));
    assert!(matches!(list.reading(), Reading::Done(_)));
    let again = imports::put(&mut tx, "C1", &seen(&[("L1", "Bay Dental Care"), ("L4", "Attic")])).await.unwrap();
    assert_eq!(again, Listed { listed: 2, added: 1, gone: 2 });
    assert_eq!(names(&mut tx, ListQuery::default()).await, ["Attic", "Bay Dental Care"]);
    for (q, found) in [("miami", 2), ("BAY", 1), ("L4", 1), ("nothing", 0)] {
        assert_eq!(names(&mut tx, ListQuery { q: q.to_owned(), ..ListQuery::default() }).await.len(), found, "{q}");
    }
    tx.commit().await.unwrap();
    let mut tx = begin(&db, other).await;
    assert_eq!(names(&mut tx, ListQuery::default()).await, [""; 0], "another agency sees none");
    assert_eq!(imports::put(&mut tx, "C2", &seen(&[("L1", "Bay Dental")])).await.unwrap().added, 1);
}

#[tokio::test]
async fn an_import_counts_each_sub_account_once_and_ends_with_the_last() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    let mut tx = begin(&db, mine).await;
    imports::put(&mut tx, "C1", &seen(&[("L1", "Bay"), ("L2", "Yoga"), ("L3", "Zoo")])).await.unwrap();
    assert_eq!(imports::pick(&mut tx, &[pick("L1"), pick("L2"), pick("L9")]).await.unwrap(), 2);
    assert_eq!(imports::pick(&mut tx, &[pick("L1")]).await.unwrap(), 0);
    let none = Pick { email: Some(String::new()), ..pick("L3") };
    assert_eq!(imports::pick(&mut tx, &[none]).await.unwrap(), 1);
    let progress = imports::state(&mut tx).await.unwrap().progress;
    assert_eq!((progress.total, progress.is_running()), (3, true), "what is added while it runs belongs to it");
    // What is being imported stays in the list, whatever HighLevel says of it.
    imports::put(&mut tx, "C1", &[]).await.unwrap();
    assert_eq!(imports::waiting(&mut tx).await.unwrap(), 3);
    tx.commit().await.unwrap();
    for n in 0..3 {
        let next = imports::next(&mut begin(&db, mine).await).await.unwrap().unwrap();
        assert_eq!(next.details.email.is_some(), next.location != "L3", "an address that was erased stays away");
        if n == 0 {
            let business = test.business(mine).await;
            let mut tx = begin_in(&db, mine, business).await;
            imports::done(&mut tx, next.id, business, &next.location).await.unwrap();
            tx.commit().await.unwrap();
            let again = imports::done(&mut begin_in(&db, mine, business).await, next.id, business, "L1").await;
            assert!(matches!(again, Err(Error::Stale)), "{again:?}");
        } else {
            let mut tx = begin(&db, mine).await;
            imports::failed(&mut tx, next.id, "It is gone.").await.unwrap();
            imports::failed(&mut tx, next.id, "It is gone.").await.unwrap();
            tx.commit().await.unwrap();
        }
    }
    let mut tx = begin(&db, mine).await;
    let progress = imports::state(&mut tx).await.unwrap().progress;
    assert_eq!((progress.imported, progress.failed, progress.is_running()), (1, 2, false));
    let failed =
        imports::list(&mut tx, &ListQuery { view: "failed".to_owned(), ..ListQuery::default() }).await.unwrap();
    assert_eq!(failed.rows.len(), 2);
    assert!(failed.rows.iter().all(|row| row.status == ImportStatus::Failed && row.reason.is_some()));
    assert_eq!(imports::pick(&mut tx, &[pick(&failed.rows[0].location_id)]).await.unwrap(), 1, "it may be tried again");
    assert_eq!(imports::state(&mut tx).await.unwrap().progress.total, 1, "that is another import");
}

#[tokio::test]
async fn what_a_client_has_is_named_and_all_leaves_out_the_trash() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    let (live, trashed) = (test.business(mine).await, test.business(mine).await);
    for (business, location) in [(live, "L1"), (trashed, "L2")] {
        let mut tx = begin_in(&db, mine, business).await;
        businesses::set_location(&mut tx, business, location).await.unwrap();
        if business == trashed {
            businesses::remove(&mut tx, business).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
    let mut tx = begin(&db, mine).await;
    imports::put(&mut tx, "C1", &seen(&[("L1", "Bay"), ("L2", "Yoga"), ("L3", "Zoo")])).await.unwrap();
    assert!(matches!(imports::obstacle(&mut tx, "L1").await.unwrap(), Some(Obstacle::Client(_))));
    assert!(matches!(imports::obstacle(&mut tx, "L2").await.unwrap(), Some(Obstacle::Trash(_))));
    assert_eq!(imports::obstacle(&mut tx, "L3").await.unwrap(), None);
    let rows = imports::list(&mut tx, &ListQuery::default()).await.unwrap().rows;
    let marked: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.in_trash.is_some())).collect();
    assert_eq!(marked, [("Yoga", true), ("Zoo", false)]);
    assert_eq!(imports::state(&mut tx).await.unwrap().left, 1);
    assert_eq!(imports::pick_all(&mut tx).await.unwrap(), 1);
    imports::fail_all(&mut tx, "HighLevel is not connected.").await.unwrap();
    assert!(!imports::state(&mut tx).await.unwrap().progress.is_running());
}

#[tokio::test]
async fn another_company_begins_with_an_empty_list() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    let integration: IntegrationId = store::new_id();
    let mut tx = begin(&db, mine).await;
    imports::put(&mut tx, "C1", &seen(&[("L1", "Bay"), ("L2", "Yoga")])).await.unwrap();
    imports::ask(&mut tx, integration, "C1").await.unwrap();
    assert_eq!(imports::state(&mut tx).await.unwrap().listed, 2, "the same company keeps its list");
    imports::unread(&mut tx, "HighLevel didn't answer.").await.unwrap();
    assert!(matches!(imports::state(&mut tx).await.unwrap().reading(), Reading::Failed(_, _)));
    imports::ask(&mut tx, integration, "C2").await.unwrap();
    let list = imports::state(&mut tx).await.unwrap();
    assert_eq!((list.listed, list.reading()), (0, Reading::Running));
}

#[tokio::test]
async fn what_a_job_is_setting_up_is_not_offered_until_it_ends_without_a_client() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    let mut tx = begin(&db, mine).await;
    imports::put(&mut tx, "C1", &seen(&[("L1", "Bay"), ("L2", "Yoga")])).await.unwrap();
    tx.commit().await.unwrap();
    test.execute("insert into provisioning_jobs (agency_id, client_data_json, location_id) select agency_id, '{}', 'L1' from ghl_locations where ghl_location_id = 'L1'").await;
    let mut tx = begin(&db, mine).await;
    assert!(matches!(imports::obstacle(&mut tx, "L1").await.unwrap(), Some(Obstacle::Job(_))));
    assert_eq!(names(&mut tx, ListQuery::default()).await, ["Yoga"]);
    assert_eq!(imports::state(&mut tx).await.unwrap().left, 1);
    assert_eq!(imports::pick(&mut tx, &[pick("L1")]).await.unwrap(), 0);
    assert_eq!(imports::pick_all(&mut tx).await.unwrap(), 1, "the other one");
    tx.commit().await.unwrap();
    test.execute("set session_replication_role = replica; update provisioning_jobs set status = 'CANCELLED', finished_at = now(); reset session_replication_role").await;
    let mut tx = begin(&db, mine).await;
    assert_eq!(names(&mut tx, ListQuery::default()).await, ["Bay", "Yoga"]);
    assert_eq!(imports::pick(&mut tx, &[pick("L1")]).await.unwrap(), 1);
}
