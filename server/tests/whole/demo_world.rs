//! Seeding again completes an interrupted demo world and leaves a complete one unchanged.

use axum::http::StatusCode;
use domain::agency::NewAgency;
use domain::identity::{Reach, Role};
use domain::provisioning::JobCounts;
use simulator::Handle;
use store::tenant::{PlatformTx, Scope, TenantTx};

use crate::helpers::{CLIENT_SECRET, TestApp, master};

/// Numbers of clients and people, and the job counts, of the demo agency.
async fn world(app: &TestApp) -> (i64, i64, JobCounts) {
    let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
    let agency = store::agencies::find_ref(&mut tx, "harbor").await.unwrap().unwrap();
    let query = domain::page::ListQuery { q: "harbor".to_owned(), ..Default::default() };
    let row = store::agencies::list(&mut tx, &query).await.unwrap().rows.swap_remove(0);
    assert_eq!(row.agency.id, agency.id);
    let scope = Scope::Agency { user: None, agency: agency.id, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    (row.businesses, row.people, store::provisioning::counts(&mut tx).await.unwrap())
}

#[tokio::test]
async fn an_interrupted_demo_world_is_made_whole_and_a_whole_one_is_left_alone() {
    let sim = Handle::start_with(|config| config.client_secret = CLIENT_SECRET.to_owned()).await.unwrap();
    let app = TestApp::beside(&sim, &master()).await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    // Seeding was interrupted after the agency and before its people, one of whom has no password yet.
    let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
    let new = NewAgency { name: "Harbor Marketing".to_owned(), slug: "harbor".to_owned() };
    store::agencies::add(&mut tx, &new).await.unwrap();
    store::identity::add(&mut tx, "maya@harbor.test", "Maya Okafor", None).await.unwrap();
    tx.commit().await.unwrap();
    assert!(app.browse("/admin/start", Some(&admin)).await.body.contains("/do/seed_demo"), "it is offered once more");

    let seed = async || app.submit("seed_demo", "", Some(&admin)).await;
    let done = seed().await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    let form = [("email", "maya@harbor.test"), ("password", "slipway-demo"), ("next", "")];
    let maya = app.submit("sign_in", &serde_urlencoded::to_string(form).unwrap(), None).await;
    assert_eq!(maya.status, StatusCode::OK, "{}", maya.body);
    let whole = world(&app).await;
    assert!(!app.browse("/admin/start", Some(&admin)).await.body.contains("/do/seed_demo"));
    assert_eq!(seed().await.status, StatusCode::CONFLICT);
    assert_eq!(world(&app).await, whole);

    // The same, interrupted later.
    app.base.execute("delete from provisioning_jobs where idempotency_key in ('demo', 'demo: Luna Yoga')").await;
    let done = seed().await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(world(&app).await, whole, "what was there is not made twice");
}

#[tokio::test]
async fn an_agency_of_somebodys_own_that_is_called_harbor_gets_no_demo_data() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
    let new = NewAgency { name: "Harbor Books".to_owned(), slug: "harbor".to_owned() };
    store::agencies::add(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    let before = world(&app).await;
    let refused = app.submit("seed_demo", "", Some(&admin)).await;
    assert_eq!(refused.status, StatusCode::BAD_GATEWAY, "{}", refused.body);
    assert_eq!(world(&app).await, before);
}
