//! Which IP address a request through a proxy has, and what people see who use another host name than ours.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::identity::Role;

use crate::helpers::{Answer, TestApp, master};

/// Attempts to sign in with a request that claims to come from this IP address.
async fn guess(app: &TestApp, name: &str, from: &str) -> StatusCode {
    let request = Request::post("/do/sign_in")
        .header("sec-fetch-site", "same-origin")
        .header(name, from)
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let form = format!("email=p{}%40x.test&password=wrong", rand::random::<u32>());
    app.send(request.body(Body::from(form)).unwrap()).await.status
}

async fn with(more: &[(&'static str, &str)]) -> TestApp {
    let master = master();
    let settings = [
        ("GHL_BASE_URL", "http://127.0.0.1:9"),
        ("GHL_MARKETPLACE_URL", "http://127.0.0.1:9"),
        ("GHL_CLIENT_ID", "app-x"),
        ("ENCRYPTION_KEY", master.as_str()),
    ];
    TestApp::with(&[&settings[..], more].concat()).await
}

#[tokio::test]
async fn whoever_is_no_proxy_of_ours_names_no_other_address() {
    let app = with(&[("TRUSTED_PROXIES", "10.0.0.0/8")]).await;
    for n in 0..15 {
        guess(&app, "forwarded", &format!("for=192.0.2.{n}")).await;
        guess(&app, "x-forwarded-for", &format!("192.0.2.{n}")).await;
    }
    app.lengthen_waits().await;
    let last = guess(&app, "x-forwarded-for", "192.0.2.15").await;
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS, "thirty tries from one address, whatever it claims");

    let app = with(&[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    for n in 0..30 {
        let status = guess(&app, "x-forwarded-for", &format!("192.0.2.{n}")).await;
        assert_eq!(status, StatusCode::CONFLICT, "behind our proxy each has their own");
    }
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let request = Request::post("/do/rename_agency").header("x-forwarded-for", "203.0.113.9, 192.0.2.77");
    let request = request.header(header::COOKIE, cookie).header("sec-fetch-site", "same-origin");
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let form = format!("agency={}&name=Harbor", tenant.agency);
    let done = app.send(request.body(Body::from(form)).unwrap()).await;
    assert!(done.status.is_success() || done.status.is_redirection(), "{} {}", done.status, done.body);
    let log = app.base.contents().await.into_iter().find(|(table, _)| table == "audit_events").unwrap().1;
    assert!(log.contains("192.0.2.77") && !log.contains("203.0.113.9"), "the log names who it was");
}

#[tokio::test]
async fn figures_are_not_for_whoever_a_proxy_brings() {
    let app = with(&[]).await;
    for name in ["x-forwarded-for", "forwarded", "x-real-ip", "via"] {
        let request = Request::get("/metrics").header(name, "192.0.2.1");
        assert_eq!(app.send(request.body(Body::empty()).unwrap()).await.status, StatusCode::UNAUTHORIZED, "{name}");
    }
    assert_eq!(app.get("/metrics", None).await.status, StatusCode::OK);
    let key = master();
    let production = [
        ("SLIPWAY_ENV", "production"),
        ("PUBLIC_URL", "https://app.example"),
        ("DATABASE_URL", "postgres://nowhere/x"),
        ("ENCRYPTION_KEY", key.as_str()),
        ("SMTP_URL", "folder"),
    ];
    let app = TestApp::with(&production).await;
    assert_eq!(app.get("/metrics", None).await.status, StatusCode::UNAUTHORIZED, "production asks for the token");
}

/// The sign-in page as requested with these headers.
async fn sign_in_page(app: &TestApp, said: &[(&str, &str)]) -> String {
    let mut request = Request::get("/login?next=/me").header(header::ACCEPT, "text/html");
    for (name, value) in said {
        request = request.header(*name, *value);
    }
    app.send(request.body(Body::empty()).unwrap()).await.body
}

#[tokio::test]
async fn the_sign_in_page_says_where_the_installation_lives() {
    let app = with(&[("PUBLIC_URL", "https://app.example")]).await;
    let hidden = |page: &str| {
        let at = page.find("data-lives-at=\"https://app.example\"").expect("it is there for scripts");
        page[..at].rsplit_once('<').unwrap().1.contains("hidden")
            || page[at..].split_once('>').unwrap().0.contains("hidden")
    };
    for said in [
        &[("host", "192.0.2.7:3000")][..],
        &[("host", "app.example"), ("x-forwarded-proto", "http")],
        &[("host", "127.0.0.1:3000"), ("x-forwarded-host", "other.example"), ("x-forwarded-proto", "https")],
    ] {
        let page = sign_in_page(&app, said).await;
        assert!(!hidden(&page) && page.contains("https://app.example/login?next=/me"), "{said:?}");
    }
    for said in [
        &[("host", "app.example"), ("x-forwarded-proto", "https")][..],
        &[("host", "127.0.0.1:3000"), ("x-forwarded-host", "app.example"), ("x-forwarded-proto", "https")],
        &[],
    ] {
        assert!(hidden(&sign_in_page(&app, said).await), "{said:?}");
    }
}

#[tokio::test]
async fn odd_addresses_lead_nowhere() {
    let app = TestApp::new().await;
    let not_found = |answer: &Answer| answer.status == StatusCode::NOT_FOUND && answer.location.is_empty();
    for path in
        [format!("/{}", "a".repeat(256)), format!("/{}/x", "b".repeat(4_000)), format!("/x{}", "/c".repeat(3_000))]
    {
        let answer = app.get(&path, None).await;
        assert!(not_found(&answer), "{} characters: {}", path.len(), answer.status);
    }
    for path in ["//pkg", "//pkg/", "/pkg", "//evil.example/pkg", "/fonts"] {
        let answer = app.get(path, None).await;
        assert!(not_found(&answer), "{path}: {} {}", answer.status, answer.location);
    }
    let answer = app.get("/do/sign_in", None).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{}", answer.body);
}
