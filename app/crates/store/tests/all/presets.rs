//! Are presets the agency's own, unique by name, and as many as they may be?

use domain::AgencyId;
use domain::identity::Reach;
use domain::presets::MOST;
use domain::provisioning::NewJob;
use store::tenant::{Scope, TenantTx};
use store::testing::TestDb;
use store::{Db, DbRole, Error, presets};

async fn begin(db: &Db, agency: AgencyId) -> TenantTx {
    TenantTx::begin(db, Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() }).await.unwrap()
}

fn tagged(tag: &str) -> NewJob {
    NewJob { tags: vec![tag.to_owned()], ..NewJob::default() }
}

#[tokio::test]
async fn a_preset_is_replaced_by_name_and_belongs_to_one_agency() {
    let test = TestDb::new().await;
    let (db, mine, other) = (test.db(DbRole::Web).await, test.agency().await, test.agency().await);
    let mut tx = begin(&db, mine).await;
    let id = presets::save(&mut tx, "Dental", &tagged("first")).await.unwrap();
    assert_eq!(presets::save(&mut tx, "DENTAL", &tagged("second")).await.unwrap(), id);
    let listed = presets::list(&mut tx).await.unwrap();
    assert_eq!(listed.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["DENTAL"]);
    assert_eq!(presets::order(&mut tx, id).await.unwrap(), tagged("second"));
    tx.commit().await.unwrap();
    let mut theirs = begin(&db, other).await;
    assert!(presets::list(&mut theirs).await.unwrap().is_empty());
    assert!(matches!(presets::order(&mut theirs, id).await, Err(Error::NotFound)));
    assert!(matches!(presets::remove(&mut theirs, id).await, Err(Error::NotFound)));
    let mut tx = begin(&db, mine).await;
    assert_eq!(presets::remove(&mut tx, id).await.unwrap(), "DENTAL");
    assert!(matches!(presets::remove(&mut tx, id).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn an_agency_has_so_many_presets_and_one_that_cannot_be_read_says_so() {
    let test = TestDb::new().await;
    let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
    let mut tx = begin(&db, agency).await;
    for number in 0..MOST {
        presets::save(&mut tx, &format!("Preset {number}"), &NewJob::default()).await.unwrap();
    }
    let refused = presets::save(&mut tx, "One more", &NewJob::default()).await;
    assert!(matches!(refused, Err(Error::Refused(why)) if why == presets::FULL));
    let id = presets::save(&mut tx, "Preset 1", &tagged("again")).await.unwrap();
    tx.commit().await.unwrap();
    test.execute("update client_presets set order_json = '{\"later\": 1}'").await;
    let mut tx = begin(&db, agency).await;
    assert!(matches!(presets::order(&mut tx, id).await, Err(Error::Unreadable(_))));
}
