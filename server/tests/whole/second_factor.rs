//! How a person changes to another authenticator app: by themselves, or when they are locked out.

use axum::http::StatusCode;
use domain::UserId;
use domain::identity::Role;
use domain::permission::{EndpointKind, Needs, POLICY};
use store::sessions::NewSession;
use store::tenant::{PlatformTx, Scope, TenantTx};
use totp_rs::{Algorithm, Builder, Secret};
use web::session::Proof;

use crate::authorisation::{address, opened};
use crate::brute_force::enrol;
use crate::helpers::{TestApp, master};

/// A session that has shown password and second factor.
pub async fn whole_session(app: &TestApp, user: UserId) -> String {
    let id = tower_sessions::session::Id::default();
    let proof = Proof { at: Some(web::clock::now()), ..Proof::by_password(user, true).and_second_factor() };
    let data = serde_json::json!({ web::session::PROOF: proof });
    let hour = std::time::Duration::from_secs(3600);
    let (hash, user) = (slipway::http::session::hash(&id), Some(user));
    let new = NewSession { hash, user, data: &data, idle: hour, absolute: hour, ip: None, user_agent: None };
    assert!(store::sessions::create(&app.db, &new).await.unwrap());
    format!("sid={id}")
}

/// The code that an authenticator app shows for the key on this page.
pub fn code_of(page: &str) -> String {
    let key: String = page
        .split(|letter: char| !letter.is_ascii_uppercase() && !letter.is_ascii_digit())
        .find(|word| word.len() == 32)
        .unwrap()
        .to_owned();
    let seed = Secret::try_from_base32(key).unwrap();
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_secret(seed.as_bytes().to_vec())
        .with_skew(1)
        .build_noncompliant();
    totp.generate(u64::try_from(web::clock::now().timestamp()).unwrap()).to_string()
}

#[tokio::test]
async fn what_could_not_be_begun_is_no_success() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::BusinessOwner, &tenant).await).await;
    app.base.execute("alter table user_factors add constraint broken check (kind <> 'totp') not valid").await;
    let sent = app.post("begin_second_factor", "", "/me/second-factor", &cookie).await;
    assert_eq!(sent.location, "/me/second-factor");
    let page = app.browse("/me/second-factor", Some(&cookie)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("role=\"alert\""), "{}", page.body);
}

#[tokio::test]
async fn an_app_is_replaced_by_another_and_the_other_sessions_end() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    enrol(&app, user).await;
    let (here, elsewhere) = (whole_session(&app, user).await, whole_session(&app, user).await);
    let before = app.browse("/me/second-factor", Some(&here)).await.body;
    assert!(before.contains("Replace it with another app"), "{before}");

    assert_eq!(app.submit("begin_second_factor", "", Some(&here)).await.location, "/me/second-factor");
    let page = app.browse("/me/second-factor", Some(&here)).await.body;
    assert!(page.contains("QR code") && page.contains("keeps working until"), "{page}");
    assert_eq!(app.get("/me", Some(&elsewhere)).await.status, StatusCode::OK, "nothing has changed yet");
    let wrong = app.submit("confirm_second_factor", "code=00000", Some(&here)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);

    let done = app.submit("confirm_second_factor", &format!("code={}", code_of(&page)), Some(&here)).await;
    assert_eq!(done.location, "/me/second-factor", "{}", done.body);
    let here = done.cookie().unwrap();
    let after = app.browse("/me/second-factor", Some(&here)).await.body;
    assert!(after.contains("Your recovery codes") && after.contains("is on"), "{after}");
    assert!(app.get("/me", Some(&elsewhere)).await.location.starts_with("/login"), "the other session ended");
    let mut tx = TenantTx::begin(&app.db, Scope::Person(user)).await.unwrap();
    assert!(!store::factors::use_recovery_code(&mut tx, [1; 32]).await.unwrap(), "the old recovery codes are gone");
    assert_eq!(store::factors::recovery_codes_left(&mut tx).await.unwrap(), 10);
}

#[tokio::test]
async fn the_platform_lets_somebody_in_again_who_lost_their_phone() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let (user, admin) = (app.person(Role::AgencyAdmin, &tenant).await, app.person(Role::SuperAdmin, &tenant).await);
    enrol(&app, user).await;
    let (theirs, cookie) = (whole_session(&app, user).await, app.sign_in(admin).await);
    let list = app.browse("/admin/people", Some(&cookie)).await.body;
    assert_eq!(list.matches("/do/reset_second_factor").count(), 1, "for whoever has one");
    let own = app.submit("reset_second_factor", &format!("user={admin}"), Some(&cookie)).await;
    assert_eq!(own.status, StatusCode::CONFLICT, "{}", own.body);
    let nobody = app.submit("reset_second_factor", &format!("user={}", uuid::Uuid::nil()), Some(&cookie)).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND, "{}", nobody.body);

    let done = app.submit("reset_second_factor", &format!("user={user}"), Some(&cookie)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(app.audited(admin, "factor.reset", "ok").await, 1);
    assert!(app.get("/me", Some(&theirs)).await.location.starts_with("/login"));
    let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
    assert!(!store::identity::get(&mut tx, user).await.unwrap().mfa_enrolled);
    let mut tx = TenantTx::begin(&app.db, Scope::Person(user)).await.unwrap();
    assert!(store::factors::totp(&mut tx, &app.vault).await.unwrap().is_none());
    assert_eq!(store::factors::recovery_codes_left(&mut tx).await.unwrap(), 0);
}

#[tokio::test]
async fn the_platform_ends_somebodys_sessions_and_that_is_remembered() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let (user, admin) = (app.person(Role::AgencyAdmin, &tenant).await, app.person(Role::SuperAdmin, &tenant).await);
    let (theirs, cookie) = (app.sign_in(user).await, app.sign_in(admin).await);
    let done = app.submit("end_sessions_of", &format!("user={user}"), Some(&cookie)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert!(app.get("/me", Some(&theirs)).await.location.starts_with("/login"));
    assert_eq!(app.get("/me", Some(&cookie)).await.status, StatusCode::OK, "nobody else's");
    assert_eq!(app.audited(admin, "sessions.ended", "ok").await, 1);
}

#[tokio::test]
async fn a_seed_is_shown_to_the_session_that_began_it_and_to_no_other() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    let (thief, owner) = (app.sign_in(user).await, app.sign_in(user).await);
    app.submit("begin_second_factor", "", Some(&owner)).await;
    let page = app.browse("/me/second-factor", Some(&owner)).await.body;
    let code = code_of(&page);
    let seen = app.browse("/me/second-factor", Some(&thief)).await.body;
    assert!(!seen.contains("QR code") && seen.contains("Set up an authenticator app"), "{seen}");
    let planted = app.submit("confirm_second_factor", &format!("code={code}"), Some(&thief)).await;
    assert_eq!(planted.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", planted.body);
    // The setup that the thief starts is not what the owner scans.
    app.submit("begin_second_factor", "", Some(&thief)).await;
    let mine = app.browse("/me/second-factor", Some(&owner)).await.body;
    assert!(!mine.contains("QR code"), "{mine}");
}

#[tokio::test]
async fn codes_at_enrolment_are_few_and_their_digits_are_plain_whatever_the_keyboard() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    let cookie = app.sign_in(user).await;
    app.submit("begin_second_factor", "", Some(&cookie)).await;
    let page = app.browse("/me/second-factor", Some(&cookie)).await.body;
    for _ in 0..6 {
        app.submit("confirm_second_factor", "code=000000", Some(&cookie)).await;
    }
    app.lengthen_waits().await;
    let paused = app.submit("confirm_second_factor", "code=000000", Some(&cookie)).await;
    assert_eq!(paused.status, StatusCode::TOO_MANY_REQUESTS, "{}", paused.body);
    app.base.execute("delete from auth_throttles").await;
    let wide = |digit: char| char::from_u32(u32::from(digit) + 0xFEE0).unwrap();
    let code: String = code_of(&page).chars().map(wide).collect();
    let form = serde_urlencoded::to_string([("code", code.as_str())]).unwrap();
    let done = app.submit("confirm_second_factor", &form, Some(&cookie)).await;
    assert_eq!(done.location, "/me/second-factor", "{}", done.body);
    let shown = app.browse("/me/second-factor", done.cookie().as_deref()).await.body;
    let is_code = |word: &&str| {
        word.len() == 19
            && word
                .split('-')
                .all(|four| four.len() == 4 && four.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()))
    };
    let codes: Vec<&str> = shown.split(['<', '>']).filter(is_code).collect();
    assert_eq!(codes.len(), 10, "80 bits each: {shown}");
    // A code signs in, also when written differently; so does a code of a former version, 40 bits in hexadecimal.
    let old = web::token::hash("00ff00ff00");
    let sql = "insert into user_factors (user_id, kind, secret_hash) values ($1, 'recovery', $2)";
    app.base.insert(sql, user.0, &old).await;
    for code in [codes[0].to_lowercase().replace('-', " "), "00FF00FF00".to_owned()] {
        let pending_second_factor = app.sign_in(user).await;
        let form = serde_urlencoded::to_string([("code", code.as_str())]).unwrap();
        let done = app.submit("confirm_code", &form, Some(&pending_second_factor)).await;
        assert_eq!(done.location, "/", "{code}: {}", done.body);
    }
}

/// A server that demands a second factor of staff.
async fn demanding() -> TestApp {
    let master = master();
    TestApp::with(&[
        ("GHL_BASE_URL", "http://127.0.0.1:9"),
        ("GHL_MARKETPLACE_URL", "http://127.0.0.1:9"),
        ("GHL_CLIENT_ID", "app-x"),
        ("ENCRYPTION_KEY", &master),
        ("REQUIRE_STAFF_MFA", "true"),
    ])
    .await
}

#[tokio::test]
async fn whoever_has_still_to_show_a_second_factor_reaches_that_alone() {
    let app = demanding().await;
    let tenant = app.tenant().await;
    let (has_one, has_none) =
        (app.person(Role::AgencyOwner, &tenant).await, app.person(Role::AgencyOwner, &tenant).await);
    enrol(&app, has_one).await;
    for (user, enrolled) in [(has_one, true), (has_none, false)] {
        let cookie = app.sign_in(user).await;
        for rule in opened() {
            let answer = app.get(&address(rule, &tenant), Some(&cookie)).await;
            let led = match (rule.needs, enrolled) {
                (_, true) => "/login/code",
                (Needs::SecondFactorSetup, false) => "",
                (_, false) => "/me/second-factor",
            };
            assert_eq!(answer.location, led, "{}: {}", rule.path, answer.status);
        }
        let closed = |needs| !matches!(needs, Needs::Nothing | Needs::Proof);
        for rule in POLICY.iter().filter(|rule| rule.kind == EndpointKind::ServerFunction && closed(rule.needs)) {
            let reaches = match rule.needs {
                Needs::PendingSecondFactor => true,
                Needs::SecondFactorSetup => !enrolled,
                _ => false,
            };
            let answer = app.submit(rule.path, &crate::forms::form(rule.path, &tenant), Some(&cookie)).await;
            let refused = answer.status == StatusCode::UNAUTHORIZED;
            assert_eq!(refused, !reaches, "{} {enrolled}: {} {}", rule.path, answer.status, answer.body);
        }
    }
}

#[tokio::test]
async fn whoever_must_set_up_a_second_factor_is_signed_in_once_it_is_there() {
    let app = demanding().await;
    let tenant = app.tenant().await;
    // The proof of identity of somebody who must is never too old: there is nothing yet with which to renew it.
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    let pending = app.signed_in(user, chrono::TimeDelta::minutes(11)).await;
    let begun = app.submit("begin_second_factor", "", Some(&pending)).await;
    assert_eq!(begun.location, "/me/second-factor", "{}", begun.body);
    let page = app.browse("/me/second-factor", Some(&pending)).await.body;
    let done = app.submit("confirm_second_factor", &format!("code={}", code_of(&page)), Some(&pending)).await;
    assert_eq!(done.location, "/me/second-factor", "{}", done.body);
    let cookie = done.cookie().unwrap();
    assert_eq!(app.get("/me", Some(&cookie)).await.status, StatusCode::OK);
    let again = app.submit("confirm_code", "code=000000", Some(&cookie)).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED, "nothing is missing any more: {}", again.body);
    assert_eq!(app.audited(user, "factor.added", "ok").await, 1);
}
