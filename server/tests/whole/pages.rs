//! What every answer carries, and how bad input is handled: headers, other sites, forms, repeated API keys.

use crate::authorisation::{address, opened};
use crate::conversations::fill;
use crate::helpers::TestApp;
use crate::writes::wrote;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::identity::Role;
use domain::permission::EndpointKind;

#[tokio::test]
async fn every_answer_is_protected() {
    let app = TestApp::new().await;
    for path in ["/login", "/health", "/nothing-here", "/api/v1/snapshots", "/a/x", "/pkg/none.js"] {
        let answer = app.get(path, None).await;
        for name in [
            "content-security-policy",
            "x-content-type-options",
            "referrer-policy",
            "cross-origin-opener-policy",
            "cache-control",
        ] {
            assert!(answer.headers.contains_key(name), "{path} lacks {name}");
        }
    }
    let page = app.get("/login", None).await;
    let policy = page.headers.get(header::CONTENT_SECURITY_POLICY).unwrap().to_str().unwrap().to_owned();
    assert!(policy.contains("script-src 'nonce-") && !policy.contains("unsafe-inline"), "{policy}");
    assert!(!page.body.contains(" style="), "no inline style may be in a page");
}

/// A page that wrote its session back would undo what another tab has just stored. Rows that are written only once
/// in a while (that the platform looked, that somebody was refused) exist after the first request.
#[tokio::test]
async fn reading_a_page_again_writes_nothing() {
    let app = TestApp::new().await;
    let mut tenant = app.tenant().await;
    let mut read = 0;
    for role in [Role::AgencyOwner, Role::SuperAdmin, Role::BusinessOwner] {
        let user = app.person(role, &tenant).await;
        fill(&app, &mut tenant, user).await;
        let cookie = app.sign_in(user).await;
        for rule in opened().filter(|rule| rule.kind == EndpointKind::Page) {
            app.get(&address(rule, &tenant), Some(&cookie)).await;
            let mut known = app.base.writes().await;
            let answer = app.get(&address(rule, &tenant), Some(&cookie)).await;
            let again = async || drop(app.get(&address(rule, &tenant), Some(&cookie)).await);
            let tables = wrote(async || app.base.writes().await, &mut known, again).await;
            assert!(tables.is_empty(), "{role:?} {} ({}) writes {tables:?}", rule.path, answer.status);
            read += usize::from(answer.status == StatusCode::OK);
        }
    }
    assert!(read > 40, "{read} pages were shown");
}

#[tokio::test]
async fn another_site_can_change_nothing() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example")]
    {
        let request = Request::post("/do/cancel_job")
            .header(header::COOKIE, &cookie)
            .header(name, value)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("agency={}&job={}", tenant.agency, tenant.job)))
            .unwrap();
        assert_eq!(app.send(request).await.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_failed_form_comes_back_with_what_was_typed_but_no_secret() {
    let app = TestApp::new().await;
    let request = Request::post("/do/sign_in")
        .header("sec-fetch-site", "same-origin")
        .header(header::ACCEPT, "text/html")
        .header(header::REFERER, "http://127.0.0.1:3000/login")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("email=ana%40example.test&password=not-the-password&next="))
        .unwrap();
    let answer = app.send(request).await;
    assert_eq!((answer.status, answer.location.as_str()), (StatusCode::SEE_OTHER, "/login"));
    let cookie =
        answer.headers.get(header::SET_COOKIE).unwrap().to_str().unwrap().split(';').next().unwrap().to_owned();
    let page = app.get("/login", Some(&cookie)).await.body;
    assert!(
        page.contains("ana@example.test") && page.contains("role=\"alert\""),
        "the error and the address are shown"
    );
    assert!(!page.contains("not-the-password"));
    assert!(!app.get("/login", Some(&cookie)).await.body.contains("role=\"alert\""), "shown once");
}

#[tokio::test]
async fn the_same_key_gives_the_same_job_and_another_body_is_refused() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = app.token(&tenant, &["provisioning"]).await;
    let post = async |name: &str| {
        let body = format!(
            r#"{{"client":{{"name":"{name}","email":"a@b.example","country":"US","timezone":"America/New_York"}}}}"#
        );
        let request = Request::post("/api/v1/provisioning/jobs")
            .header(header::AUTHORIZATION, format!("Bearer {secret}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", "order-17")
            .body(Body::from(body))
            .unwrap();
        app.send(request).await
    };
    let (first, again, other) = (post("One").await, post("One").await, post("Two").await);
    assert_eq!((first.status.as_u16(), again.status.as_u16(), other.status.as_u16()), (202, 202, 422));
    assert_eq!(first.body, again.body);
}
