//! The same request sent twice, by two clicks, by "back", or by a client that got no answer, creates one job or
//! one token.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::SnapshotId;
use domain::identity::{Reach, Role};
use domain::page::ListQuery;
use domain::snapshot::SeenSnapshot;
use serde_json::{Value, json};
use store::tenant::{Scope, TenantTx};

use crate::forms::{body, fields};
use crate::helpers::{Answer, Tenant, TestApp};

async fn agency(app: &TestApp, tenant: &Tenant) -> TenantTx {
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    TenantTx::begin(&app.db, scope).await.unwrap()
}

async fn jobs(app: &TestApp, tenant: &Tenant) -> i64 {
    store::provisioning::counts(&mut agency(app, tenant).await).await.unwrap().all
}

/// The form with these fields changed.
fn changed(form: &BTreeMap<String, String>, changes: &[(&str, &str)]) -> String {
    let mut form = form.clone();
    form.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    body(&form)
}

#[tokio::test]
async fn a_form_of_a_new_client_starts_one_job_for_each_order() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let page = format!("/a/{}/provisioning/new", tenant.agency);
    let form = fields("start_job", &tenant);
    let post = async |form: String| app.post("start_job", &form, &page, &cookie).await.location;
    let first = body(&form);
    let (one, same) = tokio::join!(post(first.clone()), post(first.clone()));
    assert!(one == same && !one.ends_with("/new"), "two presses at once: {one} {same}");
    assert_eq!(post(first.clone()).await, one, "and one after the other");
    assert_eq!(jobs(&app, &tenant).await, 2, "the tenant's own and this one");

    // "Back", something changed, and two clicks again with the key of the old page.
    let other = changed(&form, &[("/client/name", "Y"), ("create_anyway", "on")]);
    let (two, same) = tokio::join!(post(other.clone()), post(other.clone()));
    assert!(two == same && two != one, "{one} {two} {same}");
    assert_eq!(post(other).await, two);
    assert_eq!(post(first).await, one, "the first order is still the first job");
    assert_eq!(jobs(&app, &tenant).await, 3);
}

async fn start(app: &TestApp, secret: &str, key: &str, order: &Value) -> Answer {
    let request = Request::post("/api/v1/provisioning/jobs")
        .header(header::AUTHORIZATION, format!("Bearer {secret}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header("idempotency-key", key);
    app.send(request.body(Body::from(order.to_string())).unwrap()).await
}

#[tokio::test]
async fn a_repeated_start_gives_its_job_also_when_the_snapshot_is_switched_off_since() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = app.token(&tenant, &["provisioning"]).await;
    let mut tx = agency(&app, &tenant).await;
    let seen = SeenSnapshot { ghl_snapshot_id: "s1".to_owned(), name: "Dental".to_owned(), kind: None };
    store::snapshots::sync(&mut tx, &[seen]).await.unwrap();
    let snapshot: SnapshotId = store::snapshots::list(&mut tx, &ListQuery::default()).await.unwrap().rows[0].id;
    tx.commit().await.unwrap();
    let client =
        json!({ "name": "Once Dental", "email": "o@once.test", "country": "US", "timezone": "America/New_York" });
    let order = json!({ "client": client, "snapshot_id": snapshot, "create_anyway": true });

    let first = start(&app, &secret, "key-1", &order).await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{}", first.body);
    let mut tx = agency(&app, &tenant).await;
    store::snapshots::set_active(&mut tx, snapshot, false).await.unwrap();
    tx.commit().await.unwrap();
    let again = start(&app, &secret, "key-1", &order).await;
    assert_eq!((again.status, again.body), (StatusCode::ACCEPTED, first.body));
    let new = start(&app, &secret, "key-2", &order).await;
    assert_eq!(new.status, StatusCode::UNPROCESSABLE_ENTITY, "a new job can't have it: {}", new.body);
    assert!(new.body.contains("/snapshot_id"));
    let other = json!({ "client": { "name": "Other", "email": "o@once.test", "country": "US", "timezone": "UTC" } });
    let other = start(&app, &secret, "key-1", &other).await;
    assert!(other.body.contains("Idempotency-Key used before"), "{}", other.body);
}

#[tokio::test]
async fn a_form_of_a_new_token_makes_one_and_its_value_is_shown() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let page = format!("/a/{}/tokens", tenant.agency);
    let form = fields("create_token", &tenant);
    let post = async |form: String| app.post("create_token", &form, &page, &cookie).await.location;
    let count = async || store::api_tokens::list(&mut agency(&app, &tenant).await).await.unwrap().len();
    let shown = async || {
        let body = app.browse(&page, Some(&cookie)).await.body;
        let at = body.find("slw_").filter(|at| body[at + 4..].chars().take(64).all(|c| c.is_ascii_hexdigit()))?;
        Some(body[at..at + 68].to_owned())
    };

    let fresh = app.browse(&page, Some(&cookie)).await.body;
    assert!(fresh.contains("name=\"once\""), "the page gives its form a key");
    let both = tokio::join!(post(body(&form)), post(body(&form)));
    assert_eq!(both, (page.clone(), page.clone()));
    assert_eq!(count().await, 1);
    let secret = shown().await.expect("the value of the one token is shown");
    let works = Request::get("/api/v1/provisioning/jobs").header(header::AUTHORIZATION, format!("Bearer {secret}"));
    assert_eq!(app.send(works.body(Body::empty()).unwrap()).await.status, StatusCode::OK);

    post(body(&form)).await;
    assert_eq!((count().await, shown().await), (1, None), "nor later");
    post(changed(&form, &[("name", "y")])).await;
    assert!(shown().await.is_some_and(|other| other != secret), "a changed form makes another");
    assert_eq!(count().await, 2);
}
