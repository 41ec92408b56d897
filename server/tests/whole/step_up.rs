//! How a person whose proof of identity is old does something sensitive: they prove it again, and the form that
//! waited is sent.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::UserId;
use domain::credential::Slot;
use domain::identity::{Reach, Role};
use domain::integration::Kind;
use domain::permission::{EndpointKind, Needs, POLICY, Right, Rule};
use operations::identity::confirmation::{claim_form, release_form};
use secrecy::{ExposeSecret, SecretString};
use store::integrations::NewConnection;
use store::tenant::{Scope, TenantTx};

use crate::helpers::{TestApp, until};
use crate::writes::wrote;

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

/// The confirmation of a password on the page at `asked`, with the form that the page names.
pub fn confirm_shown(body: &str, next: &str) -> String {
    let id = body.split("name=\"form\"").nth(1).and_then(|rest| rest.split("value=\"").nth(1)).unwrap();
    format!("{}&form={}", confirm(PASSWORD, next), id.split('"').next().unwrap())
}

#[tokio::test]
async fn a_form_that_waited_for_the_proof_is_sent_once_it_is_given() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    with_password(&app, user).await;
    let old = app.signed_in(user, TimeDelta::minutes(11)).await;
    let page = format!("/a/{}/tokens", tenant.agency);
    let form = format!("agency={}&name=Website+%3Cforms%3E&snapshots=on", tenant.agency);

    let led = app.post("create_token", &form, &page, &old).await;
    assert!(led.location.starts_with("/me/confirm?next="), "{}", led.location);
    assert_eq!(app.audited(user, "token.made", "ok").await, 0);
    let asked = app.browse(&led.location, Some(&old)).await.body;
    assert!(asked.contains("to create the API token Website &lt;forms&gt;"), "it says what is confirmed: {asked}");
    let proof = confirm_shown(&asked, &page);

    let wrong = app.post("confirm_identity", &proof.replace("four", "five"), &led.location, &old).await;
    assert_eq!(wrong.location, led.location, "a wrong password leads back to the question");
    let again = app.browse(&led.location, Some(&old)).await.body;
    assert!(again.contains("Wrong password") && again.contains("Website &lt;forms&gt;"));
    assert_eq!(app.audited(user, "token.made", "ok").await, 0);

    let right = app.post("confirm_identity", &proof, &led.location, &old).await;
    assert_eq!(right.location, page);
    let new = right.cookie().unwrap();
    assert_ne!(new, old, "the session has a new id");
    assert_eq!(app.audited(user, "token.made", "ok").await, 1);
    assert!(app.browse(&page, Some(&new)).await.body.contains("slw_"), "the token is shown once");

    let twice = app.post("confirm_identity", &proof, &led.location, &new).await;
    assert_eq!((twice.location.as_str(), app.audited(user, "token.made", "ok").await), (page.as_str(), 1));
}

#[tokio::test]
async fn a_form_that_waits_is_judged_when_it_is_sent() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    with_password(&app, user).await;
    let page = format!("/a/{}/tokens", tenant.agency);
    let form = |name: &str| format!("agency={}&name={name}&snapshots=on", tenant.agency);

    // What the form lacks is said on its own page, with what was typed.
    let old = app.signed_in(user, TimeDelta::minutes(11)).await;
    let led = app.post("create_token", &form("+"), &page, &old).await;
    let asked = app.browse(&led.location, Some(&old)).await.body;
    let sent = app.post("confirm_identity", &confirm_shown(&asked, &page), &led.location, &old).await;
    assert_eq!((sent.location.as_str(), app.audited(user, "token.made", "ok").await), (page.as_str(), 0));
    assert!(app.browse(&page, Some(&sent.cookie().unwrap())).await.body.contains("aria-invalid=\"true\""));

    // Another form was sent meanwhile: what the first page named is not what waits, so nothing is sent.
    let old = app.signed_in(user, TimeDelta::minutes(11)).await;
    let led = app.post("create_token", &form("First"), &page, &old).await;
    let first = app.browse(&led.location, Some(&old)).await.body;
    app.post("create_token", &form("Second"), &page, &old).await;
    let sent = app.post("confirm_identity", &confirm_shown(&first, &page), &led.location, &old).await;
    assert_eq!((sent.location.as_str(), app.audited(user, "token.made", "ok").await), (page.as_str(), 0));

    // The right is gone by then.
    let old = app.signed_in(user, TimeDelta::minutes(11)).await;
    let led = app.post("create_token", &form("Late"), &page, &old).await;
    let asked = app.browse(&led.location, Some(&old)).await.body;
    app.base.execute("update user_agency_memberships set status = 'suspended'").await;
    app.post("confirm_identity", &confirm_shown(&asked, &page), &led.location, &old).await;
    assert_eq!(app.audited(user, "token.made", "ok").await, 0);
}

#[tokio::test]
async fn a_form_with_a_secret_comes_back_without_it() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    with_password(&app, user).await;
    let old = app.signed_in(user, TimeDelta::minutes(11)).await;
    let page = format!("/a/{}/tokens", tenant.agency);
    let form = format!("agency={}&name=Website+forms&snapshots=on&secret=hidden-word", tenant.agency);
    let led = app.post("create_token", &form, &page, &old).await;
    let asked = app.browse(&led.location, Some(&old)).await.body;
    assert!(!asked.contains("hidden-word"));
    let right = app.post("confirm_identity", &confirm_shown(&asked, &page), &led.location, &old).await;
    assert_eq!(right.location, page);
    let new = right.cookie().unwrap();
    assert!(app.browse("/me", Some(&old)).await.location.starts_with("/login"), "the old id is dead");
    let back = app.browse(&page, Some(&new)).await.body;
    assert!(back.contains("value=\"Website forms\""), "what was typed is there");
    assert!(back.contains("Confirmed.") && !back.contains("hidden-word"));
    assert!(!app.browse(&page, Some(&new)).await.body.contains("Website forms"), "once");
    assert_eq!(app.audited(user, "session.confirmed", "ok").await, 1);
    assert_eq!(app.audited(user, "token.made", "ok").await, 0);
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
        let mut known = app.writes().await;
        let refused = app.submit(operation, &form, Some(&old)).await;
        assert!(
            refused.status == StatusCode::FORBIDDEN && refused.body.contains("StepUp"),
            "{operation}: {}",
            refused.body
        );
        let again = async || drop(app.submit(operation, &form, Some(&old)).await);
        assert!(wrote(async || app.writes().await, &mut known, again).await.is_empty(), "{operation}");
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
    app.lengthen_waits().await;
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

#[tokio::test]
async fn a_form_that_waited_is_claimed_by_one_of_two_clicks() {
    let app = TestApp::new().await;
    let form = uuid::Uuid::now_v7();
    let claim = || claim_form(&app.db, form);
    let (first, second) = tokio::join!(claim(), claim());
    assert_eq!(usize::from(first.unwrap()) + usize::from(second.unwrap()), 1);
    assert!(!claim().await.unwrap(), "nor by a later one");
    release_form(&app.db, form).await.unwrap();
    assert!(claim().await.unwrap() && !claim().await.unwrap(), "what was not done can be sent once more");
}

#[tokio::test]
async fn a_form_with_several_fields_of_one_name_is_sent_whole() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    with_password(&app, user).await;
    let old = app.signed_in(user, TimeDelta::minutes(11)).await;
    let page = format!("/a/{}/roles", tenant.agency);
    let rights = ["clients.read", "todos.read", "provision.read"];
    let boxes: String = rights.iter().map(|right| format!("&rights%5B%5D={right}")).collect();
    let led = app.post("make_role", &format!("agency={}&name=Reader{boxes}", tenant.agency), &page, &old).await;
    let asked = app.browse(&led.location, Some(&old)).await.body;
    assert!(asked.contains("to create the role Reader"), "{asked}");
    let sent = app.post("confirm_identity", &confirm_shown(&asked, &page), &led.location, &old).await;
    assert_eq!((sent.location.as_str(), app.audited(user, "role.made", "ok").await), (page.as_str(), 1));
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let made = store::roles::list(&mut tx).await.unwrap().remove(0).role;
    for right in rights {
        let right = Right::parse(right).unwrap();
        assert!(made.actions.contains(&right), "{right:?} is missing: {made:?}");
    }
}

#[tokio::test]
async fn a_form_that_was_claimed_is_sent_although_its_browser_is_gone() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    with_password(&app, user).await;
    let old = app.signed_in(user, TimeDelta::minutes(11)).await;
    let page = format!("/a/{}/roles", tenant.agency);
    let form = format!("agency={}&name=Reader&rights%5B%5D=clients.read", tenant.agency);
    let led = app.post("make_role", &form, &page, &old).await;
    let proof = confirm_shown(&app.browse(&led.location, Some(&old)).await.body, &page);
    let held = proof.split("form=").nth(1).unwrap().to_owned();

    // Somebody else is about to make a role of this name, so the operation waits for them, and the browser goes.
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let mut other = TenantTx::begin(&app.db, scope).await.unwrap();
    store::roles::add(&mut other, "Reader", &[Right::ClientsRead]).await.unwrap();
    let claim = store::throttle::Key::of("held form", &held);
    let claimed = until("the claim", async || {
        store::throttle::knows(&app.db, claim).await.is_ok_and(|known| known).then_some(())
    });
    tokio::select! {
        answer = app.post("confirm_identity", &proof, &led.location, &old) => panic!("it did not wait: {}", answer.status),
        () = claimed => {}
    }
    drop(other);
    until("the role", async || (app.audited(user, "role.made", "ok").await == 1).then_some(())).await;
}

#[tokio::test]
async fn imported_clients_are_confirmed() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    let old = app.signed_in(user, TimeDelta::minutes(11)).await;
    let form = format!("agency={}&id%5B%5D=L1&id%5B%5D=L2&invite%5B%5D=L1", tenant.agency);
    let refused = app.submit("import_locations", &form, Some(&old)).await;
    assert!(refused.status == StatusCode::FORBIDDEN && refused.body.contains("StepUp"), "{}", refused.body);
}

#[tokio::test]
async fn another_address_of_a_webhook_is_confirmed() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    let old = app.signed_in(user, TimeDelta::minutes(11)).await;
    let form = format!("agency={}&id={user}&url=https%3A%2F%2Fevil.example", tenant.agency);
    let refused = app.submit("change_webhook", &form, Some(&old)).await;
    assert!(refused.status == StatusCode::FORBIDDEN && refused.body.contains("StepUp"), "{}", refused.body);
}
