//! Can anybody keep somebody from signing in? Strangers try as often as they like, from wherever they like; then its person comes.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::UserId;
use domain::identity::Role;

use crate::guessing::enrol;
use crate::helpers::{Answer, TestApp};
use crate::step_up::{PASSWORD, with_password};

async fn from(app: &TestApp, ip: &str, deed: &str, form: &str, cookie: Option<&str>) -> Answer {
    let request = Request::post(format!("/do/{deed}"))
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

/// Strangers guess from many addresses, each as soon as it may; at the end every wait is as long as it gets.
async fn attack(app: &TestApp, deed: &str, form: &str, cookie: Option<&str>) {
    for n in 0..12 {
        app.base.execute("update auth_throttles set blocked_until = null").await;
        from(app, &format!("198.51.100.{n}"), deed, form, cookie).await;
    }
    app.base
        .execute("update auth_throttles set failures = failures + 20, blocked_until = null where failures > 5")
        .await;
    from(app, "198.51.100.99", deed, form, cookie).await;
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
    // Somewhere quite new they wait a little, and no longer.
    let new = from(&app, "203.0.113.6", "sign_in", &right, None).await;
    assert_eq!(new.status, StatusCode::TOO_MANY_REQUESTS, "{}", new.body);
    let waits: u64 = new.body.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap();
    assert!(waits <= 31, "{}", new.body);
    // A cookie of another account, or one that nobody sealed, is none.
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
    // One in thirty seconds; a machine that needs longer for fifteen requests would let a second one through.
    assert!(looked_at <= 3, "{looked_at} guesses");
}

#[tokio::test]
async fn a_password_set_by_a_link_opens_the_door_again() {
    let app = TestApp::new().await;
    let user = app.base.person(Role::BusinessOwner, None, None).await;
    with_password(&app, user).await;
    let email = format!("email={user}%40example.test");
    attack(&app, "sign_in", &sign_in(user, "wrong"), None).await;
    // Strangers ask for links too, until mails pause.
    attack(&app, "request_reset", &email, None).await;
    let asked = from(&app, "203.0.113.8", "request_reset", &email, None).await;
    assert_eq!((asked.status, asked.location.as_str()), (StatusCode::OK, "/forgot"), "{}", asked.body);
    let mails = async || Some(std::fs::read_dir(&app.mails).ok()?.count()).filter(|count| *count > 0);
    let sent = crate::helpers::until("a mail", mails).await;
    assert!(sent <= 14, "{sent}");
    let newest = std::fs::read_dir(&app.mails).unwrap().map(|file| file.unwrap().path()).max().unwrap();
    let text = std::fs::read_to_string(newest).unwrap().replace("=\r\n", "");
    let at = text.find("/password/").unwrap() + "/password/".len();
    let secret: String = text[at..].chars().take(64).collect();
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
    // They signed in here before the second factor was set up.
    let device =
        from(&app, "192.0.2.1", "sign_in", &sign_in(user, PASSWORD), None).await.cookie_named("device").unwrap();
    enrol(&app, user).await;
    let (thief, own) = (app.sign_in(user).await, app.sign_in(user).await);
    attack(&app, "confirm_code", "code=000000", Some(&thief)).await;
    let refused = from(&app, "198.51.100.200", "confirm_code", "code=000000", Some(&thief)).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let both = format!("{own}; {device}");
    let looked_at = from(&app, "203.0.113.9", "confirm_code", "code=000000", Some(&both)).await;
    assert_eq!(looked_at.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", looked_at.body);
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
        // As after hundreds of them.
        app.base.execute("update auth_throttles set failures = 300 where failures > 0").await;
        from(&app, "192.0.2.1", "sign_in", &right, cookie).await;
        let slowed = from(&app, "192.0.2.1", "sign_in", &right, cookie).await;
        assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS, "{}", slowed.body);
        app.base.execute("delete from auth_throttles where failures > 0").await;
    }
}
