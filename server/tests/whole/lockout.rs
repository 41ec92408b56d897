//! Nobody can keep a person from signing in: strangers try as often as they like, from anywhere; then the person
//! signs in.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::UserId;
use domain::identity::Role;
use store::tenant::{Scope, TenantTx};

use crate::brute_force::enrol;
use crate::helpers::{Answer, TestApp};
use crate::step_up::{PASSWORD, with_password};

async fn from(app: &TestApp, ip: &str, operation: &str, form: &str, cookie: Option<&str>) -> Answer {
    let request = Request::post(format!("/do/{operation}"))
        .header("sec-fetch-site", "same-origin")
        .header("x-forwarded-for", ip)
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request = cookie.iter().fold(request, |request, cookie| request.header(header::COOKIE, *cookie));
    app.send(request.body(Body::from(form.to_owned())).unwrap()).await
}

fn sign_in(user: UserId, password: &str) -> String {
    let email = format!("{user}@example.test");
    serde_urlencoded::to_string([("email", email.as_str()), ("password", password)]).unwrap()
}

/// Strangers guess from many addresses, each as soon as it may. At the end every wait has its maximum length.
async fn attack(app: &TestApp, operation: &str, form: &str, cookie: Option<&str>) {
    for n in 0..12 {
        app.base.execute("update auth_throttles set blocked_until = null").await;
        from(app, &format!("198.51.100.{n}"), operation, form, cookie).await;
    }
    app.base
        .execute("update auth_throttles set failures = failures + 20, blocked_until = null where failures > 5")
        .await;
    from(app, "198.51.100.99", operation, form, cookie).await;
}

#[tokio::test]
async fn a_right_password_is_let_in_where_its_person_was_before() {
    let app = TestApp::new().await;
    let user = app.base.person(Role::BusinessOwner, None, None).await;
    with_password(&app, user).await;
    let (right, wrong) = (sign_in(user, PASSWORD), sign_in(user, "wrong"));
    let before = from(&app, "192.0.2.1", "sign_in", &right, None).await;
    let device = before.cookie_named("device").expect("the browser is remembered");
    attack(&app, "sign_in", &wrong, None).await;
    let elsewhere = from(&app, "203.0.113.5", "sign_in", &right, Some(&device)).await;
    assert_eq!(elsewhere.location, "/", "a browser that signed in before: {}", elsewhere.body);
    let there = from(&app, "192.0.2.1", "sign_in", &right, None).await;
    assert_eq!(there.location, "/", "a place from which they signed in lately: {}", there.body);
    // From a completely new place the person waits a little, and no longer.
    let new = from(&app, "203.0.113.6", "sign_in", &right, None).await;
    assert_eq!(new.status, StatusCode::TOO_MANY_REQUESTS, "{}", new.body);
    let waits: u64 = new.body.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap();
    assert!(waits <= 31, "{}", new.body);
    app.lengthen_waits().await;
    // The cookie of another account, or one that we did not seal, has no effect.
    let other = app.base.person(Role::BusinessOwner, None, None).await;
    with_password(&app, other).await;
    let others =
        from(&app, "192.0.2.77", "sign_in", &sign_in(other, PASSWORD), None).await.cookie_named("device").unwrap();
    for junk in [others.as_str(), "device=1.2", "device=00000000000000000000000000000000.0011"] {
        let refused = from(&app, "203.0.113.7", "sign_in", &right, Some(junk)).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{junk}: {}", refused.body);
    }
}

#[tokio::test]
async fn guesses_from_everywhere_are_as_few_as_from_one_place() {
    let app = TestApp::new().await;
    let user = app.base.person(Role::BusinessOwner, None, None).await;
    with_password(&app, user).await;
    let wrong = sign_in(user, "wrong");
    from(&app, "198.51.100.1", "sign_in", &wrong, None).await;
    app.base.execute("update auth_throttles set failures = 30 where failures > 0").await;
    let mut looked_at = 0;
    for n in 0..15 {
        let answer = from(&app, &format!("198.51.101.{n}"), "sign_in", &wrong, None).await;
        looked_at += usize::from(answer.status == StatusCode::CONFLICT);
    }
    // One guess in thirty seconds; on a machine that needs longer for fifteen requests a second one would pass.
    assert!(looked_at <= 3, "{looked_at} guesses");
}

#[tokio::test]
async fn a_password_set_by_a_link_opens_the_door_again() {
    let app = TestApp::new().await;
    let user = app.base.person(Role::BusinessOwner, None, None).await;
    with_password(&app, user).await;
    let email = format!("email={user}%40example.test");
    attack(&app, "sign_in", &sign_in(user, "wrong"), None).await;
    // Strangers also request links, until mails are paused.
    attack(&app, "request_reset", &email, None).await;
    let asked = from(&app, "203.0.113.8", "request_reset", &email, None).await;
    assert_eq!((asked.status, asked.location.as_str()), (StatusCode::OK, "/forgot"), "{}", asked.body);
    let mails = async || {
        app.send_mails().await;
        Some(app.mailed().len()).filter(|count| *count > 0)
    };
    let sent = crate::helpers::until("a mail", mails).await;
    assert!(sent <= 14, "{sent}");
    let secret = app.mailed_secret();
    let new = "nine ships leave at dawn";
    let form = serde_urlencoded::to_string([("token", secret.as_str()), ("password", new)]).unwrap();
    let set = from(&app, "203.0.113.8", "set_password", &form, None).await;
    assert_eq!(set.location, "/login", "{}", set.body);
    let back = from(&app, "203.0.113.8", "sign_in", &sign_in(user, new), None).await;
    assert_eq!(back.location, "/", "{}", back.body);
}

#[tokio::test]
async fn codes_guessed_by_a_thief_of_the_password_keep_nobody_out_where_they_were_before() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    with_password(&app, user).await;
    let mut tx = TenantTx::begin(&app.db, Scope::Person(user)).await.unwrap();
    let id = store::factors::add_totp(&mut tx, &app.vault, &[7; 20]).await.unwrap();
    let recovery = web::token::hash("abcdefgh");
    store::factors::confirm_totp(&mut tx, id, 1, &[recovery]).await.unwrap();
    tx.commit().await.unwrap();
    // The person signed in here before, with password and code.
    let pending_second_factor = app.sign_in(user).await;
    let before = from(&app, "192.0.2.1", "confirm_code", "code=ABCD-efgh", Some(&pending_second_factor)).await;
    let device = before.cookie_named("device").expect("the browser is remembered");
    let (thief, own) = (app.sign_in(user).await, app.sign_in(user).await);
    attack(&app, "confirm_code", "code=000000", Some(&thief)).await;
    let refused = from(&app, "198.51.100.200", "confirm_code", "code=000000", Some(&thief)).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let both = format!("{own}; {device}");
    let looked_at = from(&app, "203.0.113.9", "confirm_code", "code=000000", Some(&both)).await;
    assert_eq!(looked_at.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", looked_at.body);
}

#[tokio::test]
async fn whoever_reads_the_mail_gets_no_more_codes_by_setting_passwords() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    with_password(&app, user).await;
    enrol(&app, user).await;
    let mut looked_at = 0;
    for n in 0..6 {
        let secret = web::token::Secret::new();
        store::invites::reset(&app.db, secret.hash(), user, std::time::Duration::from_secs(60)).await.unwrap();
        let form = serde_urlencoded::to_string([("token", secret.expose()), ("password", "nine ships leave at dawn")]);
        let from_here = format!("198.51.100.{n}");
        let set = from(&app, &from_here, "set_password", &form.unwrap(), None).await;
        let device = set.cookie_named("device").expect("a browser that reads the mail is known");
        let pending_second_factor = app.sign_in(user).await;
        let cookies = format!("{pending_second_factor}; {device}");
        for _ in 0..6 {
            let tried = from(&app, &from_here, "confirm_code", "code=000000", Some(&cookies)).await;
            looked_at += usize::from(tried.status == StatusCode::UNPROCESSABLE_ENTITY);
        }
        // The state after many of them: from here on each wait has its maximum length.
        app.base.execute("update auth_throttles set failures = 30 where failures >= 5").await;
    }
    assert!(looked_at <= 8, "{looked_at} codes");
}

#[tokio::test]
async fn mails_that_reset_a_password_are_few_a_day_and_the_last_one_works_until_there_are_more() {
    let app = TestApp::new().await;
    let user = app.base.person(Role::BusinessOwner, None, None).await;
    with_password(&app, user).await;
    let email = format!("email={user}%40example.test");
    let sent = async || app.audited_object(&user.to_string(), "password.reset_asked").await;
    let ask = async |n: usize| {
        app.base.execute("update auth_throttles set blocked_until = null").await;
        let asked = from(&app, &format!("198.51.100.{n}"), "request_reset", &email, None).await;
        assert_eq!(asked.location, "/forgot", "{}", asked.body);
    };
    let mails = async || {
        app.send_mails().await;
        app.mailed().len()
    };
    for n in 1..=12 {
        ask(n).await;
        crate::helpers::until("the mail", async || (mails().await == n).then_some(())).await;
    }
    for n in 13..=20 {
        ask(n).await;
    }
    assert_eq!((sent().await, mails().await), (12, 12));
    let text = app.mailed().pop().unwrap();
    assert!(text.contains("for 24 hours"), "{text}");
    // Nearly a day later.
    app.base.execute("update one_time_tokens set expires_at = expires_at - interval '23 hours'").await;
    let secret = app.mailed_secret();
    let form = serde_urlencoded::to_string([("token", secret.as_str()), ("password", "nine ships leave at dawn")]);
    let set = from(&app, "203.0.113.8", "set_password", &form.unwrap(), None).await;
    assert_eq!(set.location, "/login", "{}", set.body);
    // A person who can read the mail may request more of them.
    ask(21).await;
    crate::helpers::until("another mail", async || (sent().await == 13).then_some(())).await;
}

#[tokio::test]
async fn whoever_asks_all_the_time_leaves_tries_for_the_person() {
    let app = TestApp::new().await;
    let user = app.base.person(Role::BusinessOwner, None, None).await;
    with_password(&app, user).await;
    let (right, wrong) = (sign_in(user, PASSWORD), sign_in(user, "wrong"));
    attack(&app, "sign_in", &wrong, None).await;
    // A program sends requests from one address while the account waits. Each answer counts as an attempt of that
    // address.
    for _ in 0..20 {
        from(&app, "198.51.100.77", "sign_in", &wrong, None).await;
    }
    // Waits are made long, so that none ends while the test runs.
    app.base.execute("update auth_throttles set blocked_until = null").await;
    app.base.execute("update auth_throttles set failures = failures + 9 where failures >= 5").await;
    from(&app, "198.51.100.77", "sign_in", &wrong, None).await;
    // The account's wait is over, and no other wait is.
    app.base.execute("update auth_throttles set blocked_until = null where key_hash = sha256(convert_to('account|' || (select email from users), 'UTF8'))").await;
    let program = from(&app, "198.51.100.77", "sign_in", &wrong, None).await;
    assert_eq!(program.status, StatusCode::TOO_MANY_REQUESTS, "{}", program.body);
    let person = from(&app, "203.0.113.6", "sign_in", &right, None).await;
    assert_eq!(person.location, "/", "{}", person.body);
}

#[tokio::test]
async fn a_right_password_makes_no_sessions_without_end() {
    let app = TestApp::new().await;
    let user = app.base.person(Role::BusinessOwner, None, None).await;
    with_password(&app, user).await;
    let right = sign_in(user, PASSWORD);
    let first = from(&app, "192.0.2.1", "sign_in", &right, None).await;
    let device = first.cookie_named("device").unwrap();
    for cookie in [None, Some(device.as_str())] {
        assert_eq!(from(&app, "192.0.2.1", "sign_in", &right, cookie).await.location, "/");
        // The state after hundreds of them.
        app.base.execute("update auth_throttles set failures = 300 where failures > 0").await;
        from(&app, "192.0.2.1", "sign_in", &right, cookie).await;
        let slowed = from(&app, "192.0.2.1", "sign_in", &right, cookie).await;
        assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS, "{}", slowed.body);
        app.base.execute("delete from auth_throttles where failures > 0").await;
    }
}
