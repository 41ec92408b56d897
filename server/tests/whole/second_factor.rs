//! How does somebody come to another authenticator app: by themselves, or when they are locked out.

use crate::guessing::enrol;
use crate::helpers::TestApp;
use app::session::Proof;
use axum::http::StatusCode;
use domain::UserId;
use domain::identity::Role;
use store::sessions::NewSession;
use store::tenant::{PlatformTx, Scope, TenantTx};
use totp_rs::{Algorithm, Builder, Secret};

/// A session that showed password and second factor.
async fn whole_session(app: &TestApp, user: UserId) -> String {
    let id = tower_sessions::session::Id::default();
    let proof = Proof { at: Some(app::clock::now()), ..Proof::by_password(user, true).and_second_factor() };
    let data = serde_json::json!({ app::session::PROOF: proof });
    let hour = std::time::Duration::from_secs(3600);
    let (hash, user) = (slipway::session::hash(&id), Some(user));
    let new = NewSession { hash, user, data: &data, idle: hour, absolute: hour, ip: None, user_agent: None };
    assert!(store::sessions::create(&app.db, &new).await.unwrap());
    format!("sid={id}")
}

/// The code that an app shows which was given the key on this page.
fn code_of(page: &str) -> String {
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
    totp.generate(u64::try_from(app::clock::now().timestamp()).unwrap()).to_string()
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

    assert_eq!(app.deed("begin_second_factor", "", Some(&here)).await.location, "/me/second-factor");
    let page = app.browse("/me/second-factor", Some(&here)).await.body;
    assert!(page.contains("QR code") && page.contains("stays good until"), "{page}");
    assert_eq!(app.get("/me", Some(&elsewhere)).await.status, StatusCode::OK, "nothing has changed yet");
    let wrong = app.deed("confirm_second_factor", "code=00000", Some(&here)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);

    let done = app.deed("confirm_second_factor", &format!("code={}", code_of(&page)), Some(&here)).await;
    assert_eq!(done.location, "/me/second-factor", "{}", done.body);
    let here = done.cookie().unwrap();
    let after = app.browse("/me/second-factor", Some(&here)).await.body;
    assert!(after.contains("Your recovery codes") && after.contains("is on"), "{after}");
    assert!(app.get("/me", Some(&elsewhere)).await.location.starts_with("/login"), "the other session ended");
    let mut tx = TenantTx::begin(&app.db, Scope::Person(user)).await.unwrap();
    assert!(store::factors::pending_totp(&mut tx, &app.vault).await.unwrap().is_none());
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
    let own = app.deed("reset_second_factor", &format!("user={admin}"), Some(&cookie)).await;
    assert_eq!(own.status, StatusCode::CONFLICT, "{}", own.body);
    let nobody = app.deed("reset_second_factor", &format!("user={}", uuid::Uuid::nil()), Some(&cookie)).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND, "{}", nobody.body);

    let done = app.deed("reset_second_factor", &format!("user={user}"), Some(&cookie)).await;
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
    let done = app.deed("end_sessions_of", &format!("user={user}"), Some(&cookie)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert!(app.get("/me", Some(&theirs)).await.location.starts_with("/login"));
    assert_eq!(app.get("/me", Some(&cookie)).await.status, StatusCode::OK, "nobody else's");
    assert_eq!(app.audited(admin, "sessions.ended", "ok").await, 1);
}
