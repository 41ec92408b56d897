//! Somebody who sends many guesses at once gets no more of them than one after another.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chrono::TimeDelta;
use domain::UserId;
use domain::identity::Role;
use futures::future::join_all;
use store::tenant::{Scope, TenantTx};

use crate::helpers::TestApp;
use crate::step_up::{PASSWORD, with_password};

/// Gives a person a second factor whose code no test knows.
pub async fn enrol(app: &TestApp, user: UserId) {
    let mut tx = TenantTx::begin(&app.db, Scope::Person(user)).await.unwrap();
    let id = store::factors::add_totp(&mut tx, &app.vault, &rand::random::<[u8; 20]>()).await.unwrap();
    store::factors::confirm_totp(&mut tx, id, 1, &[[1; 32]]).await.unwrap();
    tx.commit().await.unwrap();
}

/// Sends one wrong attempt and then twenty at once. Returns how many of those were checked. Waits are made long
/// first, so that none ends while the test runs.
async fn looked_at(app: &TestApp, operation: &str, form: &str, cookie: Option<&str>, wrong: StatusCode) -> usize {
    assert_eq!(app.submit(operation, form, cookie).await.status, wrong, "{operation}");
    app.base.execute("update auth_throttles set failures = 13 where failures > 0").await;
    let tries = join_all((0..20).map(|_| app.submit(operation, form, cookie))).await;
    assert!(tries.iter().all(|one| one.status == wrong || one.status == StatusCode::TOO_MANY_REQUESTS), "{operation}");
    tries.iter().filter(|one| one.status == wrong).count()
}

#[tokio::test]
async fn codes_guessed_at_once_are_checked_one_after_the_other() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    enrol(&app, user).await;
    let pending_second_factor = app.sign_in(user).await;
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    assert_eq!(looked_at(&app, "confirm_code", "code=000000", Some(&pending_second_factor), wrong).await, 1);
    assert_eq!(app.audited(user, "session.sign_in", "failed").await, 2, "and no more was looked at");
}

#[tokio::test]
async fn passwords_guessed_at_once_are_checked_one_after_the_other() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    let form = "email=ann%40example.test&password=wrong";
    assert_eq!(looked_at(&app, "sign_in", form, None, StatusCode::CONFLICT).await, 1);

    with_password(&app, user).await;
    let cookie = app.signed_in(user, TimeDelta::minutes(11)).await;
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    assert_eq!(looked_at(&app, "confirm_identity", "password=wrong&next=/me", Some(&cookie), wrong).await, 1);
    assert_eq!(app.audited(user, "session.confirmed", "failed").await, 2);

    app.base.execute("delete from auth_throttles").await;
    let form = "current_password=wrong&password=nine+ships+leave+at+dawn";
    assert_eq!(looked_at(&app, "change_password", form, Some(&cookie), wrong).await, 1);
    app.base.execute("update auth_throttles set blocked_until = null").await;
    let right = serde_urlencoded::to_string([("current_password", PASSWORD), ("password", "nine ships leave at dawn")]);
    let changed = app.submit("change_password", &right.unwrap(), Some(&cookie)).await;
    assert_eq!(changed.location, "/login", "{}", changed.body);
}

#[tokio::test]
async fn many_people_of_one_address_sign_in_and_one_of_them_buys_no_guesses() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    with_password(&app, user).await;
    let mut tx = store::tenant::PlatformTx::begin(&app.db, None).await.unwrap();
    let email = store::identity::get(&mut tx, user).await.unwrap().email;
    tx.commit().await.unwrap();
    let right = serde_urlencoded::to_string([("email", email.as_str()), ("password", PASSWORD)]).unwrap();
    for answer in join_all((0..3).map(|_| app.submit("sign_in", &right, None))).await {
        assert_eq!(answer.location, "/", "{}", answer.body);
    }
    app.submit("sign_in", "email=bob%40example.test&password=wrong", None).await;
    app.base.execute("update auth_throttles set failures = 30, blocked_until = null").await;
    assert_eq!(app.submit("sign_in", &right, None).await.location, "/");
    app.submit("sign_in", "email=cy%40example.test&password=wrong", None).await;
    let blocked = app.submit("sign_in", &right, None).await;
    assert_eq!(blocked.status, StatusCode::TOO_MANY_REQUESTS, "the address is not forgiven: {}", blocked.body);
}

#[tokio::test]
async fn one_account_is_mailed_a_few_times_however_many_ask_and_nobody_hears_of_it() {
    let app = TestApp::new().await;
    let ask = |from: u8, email: &str| {
        let request = Request::post("/do/request_reset")
            .header("sec-fetch-site", "same-origin")
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("x-forwarded-for", format!("203.0.113.1, 192.0.2.{from}"));
        app.send(request.body(Body::from(format!("email={email}"))).unwrap())
    };
    let user = app.base.person(Role::TeamMember, None, None).await;
    let email = format!("{user}%40example.test");
    let sent = async || app.audited_object(&user.to_string(), "password.reset_asked").await;
    assert_eq!(ask(0, &email).await.location, "/forgot");
    crate::helpers::until("the first", async || (sent().await == 1).then_some(())).await;
    app.base
        .execute(
            "update auth_throttles set failures = 13, blocked_until = now() + interval '15 minutes' where failures > 0",
        )
        .await;
    // The same answer, also for capital letters; no mail.
    for (from, email) in [(5, email.to_uppercase()), (6, email.clone()), (7, "bob%40example.test".to_owned())] {
        let asked = ask(from, &email).await;
        assert_eq!((asked.status, asked.location.as_str()), (StatusCode::OK, "/forgot"), "{}", asked.body);
    }
    assert_eq!(sent().await, 1);
    // An IP address that requests mails for many accounts must wait itself.
    assert_eq!(ask(0, &email).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_link_nobody_made_is_refused_before_its_password_is_looked_at() {
    let app = TestApp::new().await;
    // Refusing a short password costs nothing. If the password were checked first, the answer would complain about
    // it.
    for (operation, form) in [
        ("set_password", "token=nobody-made-this&password=short"),
        ("accept_invite", "token=nobody-made-this&name=X&password=short"),
    ] {
        let refused = app.submit(operation, form, None).await;
        assert!(
            refused.status == StatusCode::CONFLICT && refused.body.contains("Ask for a new"),
            "{operation}: {}",
            refused.body
        );
    }
    let tenant = app.tenant().await;
    let user = app.person(Role::TeamMember, &tenant).await;
    let secret = web::token::Secret::new();
    store::invites::reset(&app.db, secret.hash(), user, std::time::Duration::from_secs(60)).await.unwrap();
    let form = format!("token={}&name=X&password=short", secret.expose());
    let refused = app.submit("accept_invite", &form, None).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "a reset is no invitation: {}", refused.body);
    let asked = app.submit("set_password", &form, None).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", asked.body);
}
