//! Tests that an install belongs to nobody until the right agency claims it, and that a claim transfers everything
//! of it at once.

use super::*;
use crate::fixtures::{agency, audited, begin, company, pair, vault};
use crate::testing::TestDb;

fn install<'a>(company: &'a str, secret: &'a NewSecret, claim: Option<[u8; 32]>) -> NewInstall<'a> {
    NewInstall {
        app_id: "app",
        company_id: company,
        location_id: None,
        name: Some("Harbor"),
        secret,
        claim,
        begun_here: false,
        email: Some("owner@harbor.test"),
        place: Some("harbor.test, US"),
        installer: Some("Sam Field <sam@harbor.test>"),
        code: None,
    }
}

#[tokio::test]
async fn only_the_browser_that_installed_shows_it_to_an_agency() {
    let test = TestDb::new().await;
    let (db, mine, other) = (test.db(DbRole::Web).await, test.agency().await, test.agency().await);
    let (vault, secret, shown) = (vault(&db).await, pair("market"), Some([5; 32]));
    let id = add(&db, &vault, &install("C1", &secret, shown)).await.unwrap();
    let mut tx = begin(&db, agency(mine)).await;
    assert!(unclaimed(&mut tx, None).await.unwrap().is_empty());
    assert!(unclaimed(&mut tx, Some([6; 32])).await.unwrap().is_empty());
    assert!(matches!(claim(&mut tx, &vault, id, None).await, Err(Error::NotFound)));
    assert_eq!(unclaimed(&mut tx, shown).await.unwrap().len(), 1);
    let integration = claim(&mut tx, &vault, id, shown).await.unwrap();
    let opened = credentials::current(&mut tx, &vault, integration, "test").await.unwrap().unwrap();
    assert_eq!((opened.kind, opened.access.expose_secret()), (CredentialKind::OauthCompany, "access-market"));
    tx.commit().await.unwrap();
    assert_eq!(audited(&test, "install.claimed", id).await, 1);
    let mut tx = begin(&db, agency(other)).await;
    assert!(matches!(claim(&mut tx, &vault, id, shown).await, Err(Error::NotFound)), "it is claimed once");
    let left = sqlx::query_scalar!("select sealed_tokens from app_installs").fetch_one(test.superuser()).await.unwrap();
    assert_eq!(left, None, "the tokens are nowhere twice");
    let waiting =
        sqlx::query_scalar!(r#"select count(*) as "n!" from work_ready"#).fetch_one(test.superuser()).await.unwrap();
    assert_eq!(waiting, 3, "check, snapshots and sub-accounts");
}

#[tokio::test]
async fn the_agency_of_the_same_company_needs_no_more() {
    let test = TestDb::new().await;
    let (db, mine, other) = (test.db(DbRole::Web).await, test.agency().await, test.agency().await);
    let (vault, secret) = (vault(&db).await, pair("location"));
    let mut tx = begin(&db, agency(mine)).await;
    integrations::upsert(&mut tx, &company("C1")).await.unwrap();
    tx.commit().await.unwrap();
    let new = NewInstall { location_id: Some("L1"), ..install("C1", &secret, None) };
    let id = add(&db, &vault, &new).await.unwrap();
    let mut tx = begin(&db, agency(other)).await;
    assert!(unclaimed(&mut tx, None).await.unwrap().is_empty());
    let mut tx = begin(&db, agency(mine)).await;
    assert_eq!(unclaimed(&mut tx, None).await.unwrap()[0].location_id.as_deref(), Some("L1"));
    let integration = claim(&mut tx, &vault, id, None).await.unwrap();
    let facts = integrations::get(&mut tx, integration).await.unwrap();
    assert_eq!(
        (facts.platform_id.as_str(), facts.parent_platform_id.as_deref(), facts.business),
        ("L1", Some("C1"), None)
    );
}

#[tokio::test]
async fn the_same_install_again_is_the_same_row_and_a_claimed_one_stays_claimed() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Web).await, test.agency().await);
    let vault = vault(&db).await;
    let (old, new, shown) = (pair("old"), pair("new"), Some([5; 32]));
    let first = add(&db, &vault, &install("C1", &old, None)).await.unwrap();
    let again = add(&db, &vault, &install("C1", &new, shown)).await.unwrap();
    assert_eq!(first, again);
    let mut tx = begin(&db, agency(mine)).await;
    let integration = claim(&mut tx, &vault, first, shown).await.unwrap();
    let opened = credentials::current(&mut tx, &vault, integration, "test").await.unwrap().unwrap();
    assert_eq!(opened.access.expose_secret(), "access-new");
    tx.commit().await.unwrap();
    add(&db, &vault, &install("C1", &old, Some([6; 32]))).await.unwrap();
    let mut tx = begin(&db, agency(mine)).await;
    assert!(unclaimed(&mut tx, Some([6; 32])).await.unwrap().is_empty());
    let mut tx = begin(&db.acting_as(DbRole::Worker), Scope::Open).await;
    let asked = db.clock().await.unwrap();
    assert_eq!(uninstalled(&mut tx, "app", ("C1", None), asked).await.unwrap(), Some(mine));
    assert_eq!(uninstalled(&mut tx, "app", ("C1", None), asked).await.unwrap(), None, "said twice changes nothing");
}

#[tokio::test]
async fn an_install_that_arrives_while_the_former_one_is_removed_stays() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let (vault, secret, shown) = (vault(&db).await, pair("again"), Some([5; 32]));
    let asked = db.clock().await.unwrap();
    add(&db, &vault, &install("C1", &secret, shown)).await.unwrap();
    let mut tx = begin(&db.acting_as(DbRole::Worker), Scope::Open).await;
    assert_eq!(uninstalled(&mut tx, "app", ("C1", None), asked).await.unwrap(), None);
    assert_eq!(unclaimed(&mut tx, shown).await.unwrap().len(), 1);
    let asked = db.clock().await.unwrap();
    uninstalled(&mut tx, "app", ("C1", None), asked).await.unwrap();
    assert!(unclaimed(&mut tx, shown).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_company_of_another_agency_is_not_taken_away_by_a_claim() {
    let test = TestDb::new().await;
    let (db, mine, thief) = (test.db(DbRole::Web).await, test.agency().await, test.agency().await);
    let (vault, secret, shown) = (vault(&db).await, pair("market"), Some([5; 32]));
    let mut tx = begin(&db, agency(mine)).await;
    integrations::upsert(&mut tx, &company("C1")).await.unwrap();
    tx.commit().await.unwrap();
    let id = add(&db, &vault, &install("C1", &secret, shown)).await.unwrap();
    let mut tx = begin(&db, agency(thief)).await;
    assert!(matches!(claim(&mut tx, &vault, id, shown).await, Err(Error::Taken(_))));
    drop(tx);
    let mut tx = begin(&db, agency(mine)).await;
    assert!(claim(&mut tx, &vault, id, None).await.is_ok(), "nothing was lost by the attempt");
}

#[tokio::test]
async fn after_an_hour_an_install_is_nobodys_and_its_tokens_are_gone() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Web).await, test.agency().await);
    let (vault, secret, shown) = (vault(&db).await, pair("market"), Some([5; 32]));
    let new = NewInstall { code: Some([4; 32]), ..install("C1", &secret, shown) };
    let id = add(&db, &vault, &new).await.unwrap();
    let known = arrived(&db, [4; 32]).await.unwrap().expect("the same code again is known");
    assert_eq!((known.id, known.label(), known.begun_here), (id, "Harbor", false));
    assert_eq!(known.installer.as_deref(), Some("Sam Field <sam@harbor.test>"));
    assert_eq!(arrived(&db, [3; 32]).await.unwrap(), None);
    assert_eq!(crate::retention::sweep(&db).await.unwrap(), 0);
    test.execute("update app_installs set installed_at = now() - interval '61 minutes'").await;
    let mut tx = begin(&db, agency(mine)).await;
    assert!(unclaimed(&mut tx, shown).await.unwrap().is_empty());
    assert!(matches!(claim(&mut tx, &vault, id, shown).await, Err(Error::NotFound)));
    drop(tx);
    assert_eq!(crate::retention::sweep(&db).await.unwrap(), 1);
    assert_eq!(arrived(&db, [4; 32]).await.unwrap(), None);
}
