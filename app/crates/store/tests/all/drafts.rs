//! Are drafts their person's own, a few at a time, and never in the way of somebody else's?

use std::collections::BTreeMap;

use domain::drafts::MOST;
use domain::identity::{Reach, Role};
use domain::{AgencyId, DraftId, UserId};
use store::tenant::{Scope, TenantTx};
use store::testing::TestDb;
use store::{Db, DbRole, Error, drafts, new_id};

async fn begin(db: &Db, agency: AgencyId, user: Option<UserId>) -> TenantTx {
    TenantTx::begin(db, Scope::Agency { user, agency, reach: Reach::All, listed: Vec::new() }).await.unwrap()
}

fn named(name: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("/client/name".to_owned(), name.to_owned())])
}

#[tokio::test]
async fn a_draft_is_its_persons_own_in_one_agency() {
    let test = TestDb::new().await;
    let (db, mine, other) = (test.db(DbRole::Web).await, test.agency().await, test.agency().await);
    let me = test.person(Role::AgencyOwner, Some(mine), None).await;
    let colleague = test.person(Role::AgencyStaff, Some(mine), None).await;
    let id: DraftId = new_id();
    let mut tx = begin(&db, mine, Some(me)).await;
    drafts::save(&mut tx, id, &named("Seaside")).await.unwrap();
    drafts::save(&mut tx, id, &named("Seaside Dental")).await.unwrap();
    let listed = drafts::list(&mut tx).await.unwrap();
    assert_eq!(listed.iter().map(|one| (one.id, one.name.as_str())).collect::<Vec<_>>(), [(id, "Seaside Dental")]);
    assert_eq!(drafts::fields(&mut tx, id).await.unwrap(), Some(named("Seaside Dental")));
    tx.commit().await.unwrap();

    for (agency, user) in [(mine, colleague), (other, me), (other, colleague)] {
        let mut tx = begin(&db, agency, Some(user)).await;
        assert!(drafts::list(&mut tx).await.unwrap().is_empty());
        assert_eq!(drafts::fields(&mut tx, id).await.unwrap(), None);
        assert!(matches!(drafts::remove(&mut tx, id).await, Err(Error::NotFound)));
        // Whoever guesses an id makes a draft of their own.
        drafts::save(&mut tx, id, &named("Mine")).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = begin(&db, mine, Some(me)).await;
    assert_eq!(drafts::fields(&mut tx, id).await.unwrap(), Some(named("Seaside Dental")));
    drafts::remove(&mut tx, id).await.unwrap();
    assert_eq!(drafts::fields(&mut tx, id).await.unwrap(), None);
    tx.commit().await.unwrap();
    let mut tx = begin(&db, mine, None).await;
    assert!(drafts::save(&mut tx, id, &named("A program")).await.is_err(), "a program has no drafts");
}

#[tokio::test]
async fn the_oldest_draft_makes_room_and_one_that_cannot_be_read_is_none() {
    let test = TestDb::new().await;
    let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
    let me = test.person(Role::AgencyOwner, Some(agency), None).await;
    for number in 0..=MOST {
        let mut tx = begin(&db, agency, Some(me)).await;
        drafts::save(&mut tx, new_id(), &named(&format!("Client {number}"))).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = begin(&db, agency, Some(me)).await;
    let names: Vec<String> = drafts::list(&mut tx).await.unwrap().into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["Client 5", "Client 4", "Client 3", "Client 2", "Client 1"]);
    tx.commit().await.unwrap();
    test.execute("update client_drafts set fields = '{\"/client/name\": {\"later\": 1}}'").await;
    let mut tx = begin(&db, agency, Some(me)).await;
    let listed = drafts::list(&mut tx).await.unwrap();
    assert_eq!(drafts::fields(&mut tx, listed[0].id).await.unwrap(), None);
}
