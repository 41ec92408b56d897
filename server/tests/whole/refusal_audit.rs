//! What the audit log records of refusals, and of reads that change nothing: one row a minute or one row a session,
//! never one per request.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::UserId;
use domain::identity::Role;
use domain::page::ListQuery;
use store::tenant::PlatformTx;

use crate::helpers::TestApp;
use crate::step_up::with_password;

/// Rows with this action: who, on what, and the result.
async fn rows(app: &TestApp, action: &str) -> Vec<(Option<uuid::Uuid>, Option<String>, String)> {
    let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
    let query = ListQuery { q: action.to_owned(), limit: 100, ..ListQuery::default() };
    let found = store::audit::list_platform(&mut tx, None, &query).await.unwrap().rows;
    let found = found.into_iter().filter(|row| row.action == action);
    found.map(|row| (row.actor_id, row.object_id, row.result)).collect()
}

fn denied(user: UserId, endpoint: &str) -> (Option<uuid::Uuid>, Option<String>, String) {
    (Some(user.0), Some(endpoint.to_owned()), "denied".to_owned())
}

#[tokio::test]
async fn a_refusal_is_in_the_log_once_a_minute_for_each_person_and_endpoint() {
    let app = TestApp::new().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    let user = app.person(Role::AgencyStaff, &own).await;
    let cookie = app.sign_in(user).await;
    for _ in 0..5 {
        let page = app.get(&format!("/a/{}/settings", own.agency), Some(&cookie)).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        let foreign = app.get(&format!("/a/{}/team", other.agency), Some(&cookie)).await;
        assert_eq!(foreign.status, StatusCode::NOT_FOUND);
        let operation = app.submit("rename_agency", &format!("agency={}&name=X", own.agency), Some(&cookie)).await;
        assert_eq!(operation.status, StatusCode::FORBIDDEN);
    }
    let mut seen = rows(&app, "access.denied").await;
    seen.sort();
    let mut wanted =
        ["/a/{agency}/settings", "/a/{agency}/team", "rename_agency"].map(|endpoint| denied(user, endpoint));
    wanted.sort();
    assert_eq!(seen, wanted);
    app.base.execute("update auth_throttles set created_at = created_at - interval '61 seconds'").await;
    app.get(&format!("/a/{}/settings", own.agency), Some(&cookie)).await;
    assert_eq!(rows(&app, "access.denied").await.len(), 4, "and again a minute later");
    // The agency's own log shows what was attempted in it.
    let owner = app.sign_in(app.person(Role::AgencyOwner, &own).await).await;
    let log = app.get(&format!("/a/{}/audit", own.agency), Some(&owner)).await.body;
    assert!(log.contains("was refused access to") && log.contains("Denied"), "{log}");
}

#[tokio::test]
async fn a_failed_sign_in_names_the_account_and_nobody_as_its_doer() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    with_password(&app, user).await;
    app.submit("sign_in", &format!("email={user}%40example.test&password=wrong"), None).await;
    app.submit("sign_in", "email=nobody%40example.test&password=wrong", None).await;
    let mut seen = rows(&app, "session.sign_in").await;
    seen.sort();
    let failed = "failed".to_owned();
    assert_eq!(seen, [(None, None, failed.clone()), (None, Some(user.to_string()), failed)]);
    let cookie = app.sign_in(user).await;
    app.submit("change_password", "current_password=wrong&password=nine+ships+leave+at+dawn", Some(&cookie)).await;
    assert_eq!(app.audited(user, "session.confirmed", "failed").await, 1, "a wrong current password is one");
}

#[tokio::test]
async fn tries_that_wait_tokens_that_are_unknown_and_other_sites_are_in_the_log_once_a_minute() {
    let app = TestApp::new().await;
    for _ in 0..4 {
        app.submit("sign_in", "email=ann%40example.test&password=wrong", None).await;
    }
    app.base.execute("update auth_throttles set blocked_until = now() + interval '10 minutes'").await;
    for _ in 0..3 {
        let paused = app.submit("sign_in", "email=ann%40example.test&password=wrong", None).await;
        assert_eq!(paused.status, StatusCode::TOO_MANY_REQUESTS);
        let token = Request::get("/api/v1/snapshots").header(header::AUTHORIZATION, "Bearer slw_nobody");
        assert_eq!(app.send(token.body(Body::empty()).unwrap()).await.status, StatusCode::UNAUTHORIZED);
        let foreign = Request::post("/do/sign_out").header("sec-fetch-site", "cross-site");
        assert_eq!(app.send(foreign.body(Body::empty()).unwrap()).await.status, StatusCode::FORBIDDEN);
    }
    let one = |endpoint: &str| vec![(None, Some(endpoint.to_owned()), "denied".to_owned())];
    assert_eq!(rows(&app, "tries.throttled").await, one("sign_in"));
    // Both kinds share a limit per second, which other tests in this process share too.
    for (action, endpoint) in [("token.refused", "/api/v1/snapshots"), ("request.cross_site", "/do/sign_out")] {
        let seen = rows(&app, action).await;
        assert!(seen.is_empty() || seen == one(endpoint), "{action}: {seen:?}");
    }
}

#[tokio::test]
async fn a_grant_that_nobody_gave_is_in_the_log() {
    let app = TestApp::new().await;
    for grant in ["grant_type=refresh_token&refresh_token=nobodys&client_id=x", "grant_type=password"] {
        let asked = Request::post("/oauth/token").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = app.send(asked.body(Body::from(grant)).unwrap()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    }
    let wanted = (None, Some("/oauth/token".to_owned()), "denied".to_owned());
    assert_eq!(rows(&app, "token.refused").await, [wanted], "only the one that could have been guessed");
}

#[tokio::test]
async fn what_a_request_is_refused_for_is_written_once_a_minute() {
    let app = TestApp::new().await;
    for _ in 0..3 {
        store::audit::refused(&app.db, "request.cross_site", "/do/sign_out", "refused").await.unwrap();
    }
    assert_eq!(rows(&app, "request.cross_site").await.len(), 1);
    app.base.execute("update auth_throttles set created_at = created_at - interval '61 seconds'").await;
    store::audit::refused(&app.db, "request.cross_site", "/do/sign_out", "refused").await.unwrap();
    assert_eq!(rows(&app, "request.cross_site").await.len(), 2);
}

#[tokio::test]
async fn a_token_that_may_not_is_named_in_its_agencys_log() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = app.token(&tenant, &["snapshots"]).await;
    let ask = Request::get("/api/v1/businesses").header(header::AUTHORIZATION, format!("Bearer {secret}"));
    assert_eq!(app.send(ask.body(Body::empty()).unwrap()).await.status, StatusCode::FORBIDDEN);
    let seen = rows(&app, "access.denied").await;
    assert!(seen.len() == 1 && seen[0].0.is_some() && seen[0].1.as_deref() == Some("/api/v1/businesses"), "{seen:?}");
}

#[tokio::test]
async fn looks_of_the_platform_are_a_row_a_session_and_not_one_each() {
    let app = TestApp::new().await;
    let (one, two) = (app.tenant().await, app.tenant().await);
    let admin = app.person(Role::SuperAdmin, &one).await;
    let cookie = app.sign_in(admin).await;
    let look = async |cookie: &str| {
        for tenant in [&one, &two] {
            for page in ["", "/team", "/provisioning"] {
                let path = format!("/a/{}{page}", tenant.agency);
                assert_eq!(app.get(&path, Some(cookie)).await.status, StatusCode::OK, "{path}");
            }
        }
        for page in ["/admin", "/admin/people", "/admin/audit"] {
            assert_eq!(app.get(page, Some(cookie)).await.status, StatusCode::OK, "{page}");
        }
    };
    let count = async || (rows(&app, "agency.viewed").await.len(), rows(&app, "platform.entered").await.len());
    look(&cookie).await;
    look(&cookie).await;
    assert_eq!(count().await, (2, 1));
    app.base.execute("update auth_throttles set created_at = created_at - interval '11 hours'").await;
    look(&cookie).await;
    assert_eq!(count().await, (2, 1), "the same session, many hours later");
    look(&app.sign_in(admin).await).await;
    assert_eq!(count().await, (4, 2), "the next session");
    // A person of the agency may look as often as they like.
    let owner = app.sign_in(app.person(Role::AgencyOwner, &one).await).await;
    app.get(&format!("/a/{}", one.agency), Some(&owner)).await;
    assert_eq!(count().await, (4, 2));
}

#[tokio::test]
async fn a_downloaded_log_is_in_the_log() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyStaff, &tenant).await;
    let cookie = app.sign_in(user).await;
    let path = format!("/a/{}/provisioning/{}/log", tenant.agency, tenant.job);
    assert_eq!(app.get(&path, Some(&cookie)).await.status, StatusCode::OK);
    assert_eq!(app.audited(user, "job.log_downloaded", "ok").await, 1);
}
