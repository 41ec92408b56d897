//! How a person whose proof of identity is old does something sensitive: they prove it again and get their form
//! back.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::UserId;
use domain::credential::Slot;
use domain::identity::{Reach, Role};
use domain::integration::Kind;
use domain::permission::{EndpointKind, Needs, POLICY, Right, Rule};
use secrecy::{ExposeSecret, SecretString};
use store::integrations::NewConnection;
use store::tenant::{Scope, TenantTx};

use crate::helpers::TestApp;

/// A password that nobody guesses.
pub const PASSWORD: &str = "four tall ships at noon";

/// Gives a person the password of these tests.
pub async fn with_password(app: &TestApp, user: UserId) {
    let hash = operations::identity::password::hash(SecretString::from(PASSWORD)).await.unwrap();
    let mut tx = TenantTx::begin(&app.db, Scope::Person(user)).await.unwrap();
    store::identity::set_password(&mut tx, user, hash.expose_secret()).await.unwrap();
    tx.commit().await.unwrap();
}

fn confirm(password: &str, next: &str) -> String {
    serde_urlencoded::to_string([("password", password), ("next", next)]).unwrap()
}

#[tokio::test]
async fn an_old_proof_is_renewed_and_the_form_comes_back_as_it_was() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    with_password(&app, user).await;
    let old = app.signed_in(user, TimeDelta::minutes(11)).await;
    let page = format!("/a/{}/tokens", tenant.agency);
    let form = format!("agency={}&name=Website+forms&snapshots=on&secret=hidden-word", tenant.agency);

    let led = app.post("create_token", &form, &page, &old).await;
    assert_eq!(led.status, StatusCode::SEE_OTHER);
    assert!(led.location.starts_with("/me/confirm?next="), "{}", led.location);
    let asked = app.browse(&led.location, Some(&old)).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(asked.body.contains("/do/confirm_identity") && asked.body.contains("name=\"password\""));

    let wrong = app.post("confirm_identity", &confirm("not my password", &page), &led.location, &old).await;
    assert_eq!(wrong.location, led.location, "a wrong password leads back to the question");
    assert!(app.browse(&led.location, Some(&old)).await.body.contains("This is not your password"));

    let right = app.post("confirm_identity", &confirm(PASSWORD, &page), &led.location, &old).await;
    assert_eq!(right.location, page);
    let new = right.cookie().unwrap();
    assert_ne!(new, old, "the session has a new id");
    assert!(app.browse("/me", Some(&old)).await.location.starts_with("/login"), "the old id is dead");

    let back = app.browse(&page, Some(&new)).await.body;
    assert!(back.contains("value=\"Website forms\""), "what was typed is there");
    assert!(back.contains("Confirmed.") && !back.contains("hidden-word"));
    assert!(!app.browse(&page, Some(&new)).await.body.contains("Website forms"), "once");
    assert_eq!(app.audited(user, "session.confirmed", "ok").await, 1);
    assert_eq!(app.audited(user, "session.confirmed", "failed").await, 1);

    let done = app.post("create_token", &form, &page, &new).await;
    assert_eq!(done.location, page);
    assert!(app.browse(&page, Some(&new)).await.body.contains("slw_"), "the token is shown once");
}

#[tokio::test]
async fn the_emergency_token_comes_into_use_with_a_fresh_proof_and_a_reason() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    let (old, fresh) = (app.signed_in(user, TimeDelta::minutes(11)).await, app.sign_in(user).await);
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope.clone()).await.unwrap();
    let new = NewConnection { kind: Kind::Gohighlevel, platform_id: "C1", name: Some("Harbor"), parent: None };
    let (company, _) = store::integrations::upsert(&mut tx, &new).await.unwrap();
    for (slot, token) in [(Slot::Current, "pit-in-use-until-now"), (Slot::Backup, "pit-kept-for-emergencies")] {
        let token = SecretString::from(token);
        store::credentials::store_pit(&mut tx, &app.vault, company, &token, slot).await.unwrap();
    }
    tx.commit().await.unwrap();
    let page = format!("/a/{}/connections", tenant.agency);
    assert!(app.browse(&page, Some(&fresh)).await.body.contains("/do/use_private_token"));

    let form = |reason: &str| format!("agency={}&integration={company}&reason={reason}", tenant.agency);
    let refused = app.submit("use_private_token", &form("suspended"), Some(&old)).await;
    assert!(refused.status == StatusCode::FORBIDDEN && refused.body.contains("StepUp"), "{}", refused.body);
    let refused = app.submit("use_private_token", &form("+"), Some(&fresh)).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);
    assert_eq!(app.audited(user, "credential.promoted", "ok").await, 0);
    let done = app.submit("use_private_token", &form("suspended"), Some(&fresh)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(app.audited(user, "credential.promoted", "ok").await, 1);
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let opened = store::credentials::current(&mut tx, &app.vault, company, "test").await.unwrap().unwrap();
    assert_eq!(opened.access.expose_secret(), "pit-kept-for-emergencies");
    assert!(!app.browse(&page, Some(&fresh)).await.body.contains("/do/use_private_token"), "there is none any more");
}

#[tokio::test]
async fn platform_operations_ask_for_a_fresh_proof() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let admin = app.person(Role::SuperAdmin, &tenant).await;
    let (old, fresh) = (app.signed_in(admin, TimeDelta::minutes(11)).await, app.sign_in(admin).await);
    // A mail to oneself and the example data give nobody any access.
    let harmless = ["send_test_mail", "seed_demo"];
    let manage = |rule: &&Rule| {
        let manages = rule.needs == Needs::Platform(Right::PlatformManage);
        rule.kind == EndpointKind::ServerFunction && manages && !harmless.contains(&rule.path)
    };
    for Rule { path: operation, .. } in POLICY.iter().filter(manage) {
        let form = crate::forms::form(operation, &tenant);
        let before = app.written().await;
        let refused = app.submit(operation, &form, Some(&old)).await;
        assert!(
            refused.status == StatusCode::FORBIDDEN && refused.body.contains("StepUp"),
            "{operation}: {}",
            refused.body
        );
        assert_eq!(app.written().await, before, "{operation}");
        assert!(!app.submit(operation, &form, Some(&fresh)).await.body.contains("StepUp"), "{operation}");
    }
}

#[tokio::test]
async fn a_proof_cannot_be_guessed_and_leads_to_our_own_pages_only() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    with_password(&app, user).await;
    let cookie = app.signed_in(user, TimeDelta::minutes(11)).await;
    let gone = app.submit("confirm_identity", &confirm(PASSWORD, "//evil.example"), Some(&cookie)).await;
    assert!(!gone.location.contains("evil"), "{}", gone.location);
    let cookie = app.signed_in(user, TimeDelta::minutes(11)).await;
    for _ in 0..6 {
        app.submit("confirm_identity", &confirm("not my password", "/me"), Some(&cookie)).await;
    }
    let paused = app.submit("confirm_identity", &confirm(PASSWORD, "/me"), Some(&cookie)).await;
    assert_eq!(paused.status, StatusCode::TOO_MANY_REQUESTS, "{}", paused.body);
    let change =
        serde_urlencoded::to_string([("current_password", PASSWORD), ("password", "nine ships leave at dawn")]);
    let elsewhere = app.submit("change_password", &change.unwrap(), Some(&cookie)).await;
    assert_eq!(
        elsewhere.status,
        StatusCode::TOO_MANY_REQUESTS,
        "no second form gives more guesses: {}",
        elsewhere.body
    );
}

#[tokio::test]
async fn another_authenticator_app_is_begun_and_confirmed_with_a_fresh_proof() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    let old = app.signed_in(user, TimeDelta::minutes(11)).await;
    for (operation, form) in [("begin_second_factor", ""), ("confirm_second_factor", "code=000000")] {
        let refused = app.submit(operation, form, Some(&old)).await;
        assert!(
            refused.status == StatusCode::FORBIDDEN && refused.body.contains("StepUp"),
            "{operation}: {}",
            refused.body
        );
    }
    assert_eq!(app.audited(user, "factor.begun", "ok").await, 0);
}
