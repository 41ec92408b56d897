//! Does the script that follows a deployment pass as it is written? It is `curl` without a content type: what it sends
//! with `-d` calls itself a form. `cargo x image` runs the same file with `curl` itself.

use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::{Json, Router};
use domain::identity::Role;
use serde_json::json;
use tokio::net::TcpListener;

use crate::helpers::{Answer, TestApp, master};
use crate::tools_access::{json as body, token_of};

/// The script, word for word.
const SCRIPT: &str = include_str!("smoke.sh");

/// The client of the script: `demo`.
const NAMED: &str = "update sub_accounts set slug = 'demo' where name like 'business-%'";

/// A HighLevel that knows the access token of the script, shows it its sub-account, and has no contacts.
async fn highlevel() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let answer = |headers: HeaderMap| async move {
        let is_known = headers.get(header::AUTHORIZATION).is_some_and(|value| value == "Bearer fake");
        let status = if is_known { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
        (status, Json(json!({ "location": { "id": "123" }, "contacts": [], "total": 0 })))
    };
    let router = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// One call of the script.
struct Called {
    path: String,
    /// The token that it shows, which is a variable or an example.
    token: Option<String>,
    /// What it posts.
    data: Option<String>,
}

/// The calls of the script, in its order.
fn called() -> Vec<Called> {
    let between = |line: &str, before: &str, end: char| -> Option<String> {
        let (_, rest) = line.split_once(before)?;
        Some(rest.split(end).next()?.to_owned())
    };
    let joined = SCRIPT.replace("\\\n", " ");
    let lines = joined.lines().filter(|line| line.starts_with("curl -sSf "));
    let calls = lines.map(|line| Called {
        path: between(line, "https://$PROD_URL", ' ').unwrap(),
        token: between(line, "\"Authorization: Bearer ", '"'),
        data: between(line, "-d '", '\''),
    });
    calls.collect()
}

/// What `curl` says of itself.
fn curl(request: Builder) -> Builder {
    request
        .header(header::HOST, "127.0.0.1:3000")
        .header(header::USER_AGENT, "curl/8.5.0")
        .header(header::ACCEPT, "*/*")
}

/// `curl -X POST -H "Authorization: Bearer $token" -d "$data"`.
async fn post(app: &TestApp, called: &Called, token: &str) -> Answer {
    let data = called.data.clone().unwrap();
    let request = curl(Request::post(&called.path))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_LENGTH, data.len())
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    app.send(request.body(Body::from(data)).unwrap()).await
}

#[tokio::test]
async fn the_smoke_script_passes_as_it_is_written() {
    let (highlevel, master) = (highlevel().await, master());
    let app = TestApp::with(&[
        ("GHL_BASE_URL", &highlevel),
        ("GHL_MARKETPLACE_URL", &highlevel),
        ("GHL_CLIENT_ID", "app-x"),
        ("ENCRYPTION_KEY", &master),
    ])
    .await;
    let tenant = app.tenant().await;
    app.base.execute(NAMED).await;
    let admin_token = app.token(&tenant, &["credentials"]).await;
    let owner = app.person(Role::BusinessOwner, &tenant).await;
    let demo_token = token_of(&app, &tenant, Some(owner), &["tools"]).await;

    let script = called();
    let [health, credentials, contacts] = script.as_slice() else { panic!("the script has other calls") };

    assert_eq!((health.path.as_str(), &health.token, &health.data), ("/health", &None, &None));
    let health = app.send(curl(Request::get(&health.path)).body(Body::empty()).unwrap()).await;
    assert_eq!(health.status, StatusCode::OK, "{}", health.body);
    assert!(body(&health).is_object(), "jq reads it");

    assert_eq!(credentials.token.as_deref(), Some("$ADMIN_TOKEN"));
    let stored = post(&app, credentials, &admin_token).await;
    assert_eq!(stored.status, StatusCode::CREATED, "{}", stored.body);

    assert_eq!(contacts.token.as_deref(), Some("demo-token"));
    let listed = post(&app, contacts, &demo_token).await;
    assert_eq!(listed.status, StatusCode::OK, "{}", listed.body);
    assert_eq!(body(&listed)["result"]["contacts"], json!([]), "{}", listed.body);
    assert!(!listed.body.contains("fake"), "no token is passed on");
}

#[tokio::test]
async fn a_body_is_read_as_json_whatever_it_calls_itself_and_opens_nothing_without_a_token() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.person(Role::BusinessOwner, &tenant).await;
    let secret = token_of(&app, &tenant, Some(owner), &["tools"]).await;
    let of_client = format!("/mcp/{}/tool/business_get_details", tenant.business);
    for path in ["/tools/business_get_details", of_client.as_str()] {
        for (kind, data, status) in [
            ("application/x-www-form-urlencoded", "{}", 200),
            ("application/x-www-form-urlencoded", "x=1", 400),
            ("application/x-www-form-urlencoded", r#"{"more":1}"#, 422),
            ("text/plain", "{}", 200),
            ("text/plain", "[]", 422),
            ("what/ever", "", 200),
        ] {
            let request = Request::post(path)
                .header(header::AUTHORIZATION, format!("Bearer {secret}"))
                .header(header::CONTENT_TYPE, kind);
            let answer = app.send(request.body(Body::from(data)).unwrap()).await;
            assert_eq!(answer.status.as_u16(), status, "{path} {kind} {data}: {}", answer.body);
        }
        let bare = || Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = app.send(bare().body(Body::from("{}")).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}: {}", answer.body);
        let elsewhere = bare().header(header::ORIGIN, "https://evil.example");
        let answer = app.send(elsewhere.body(Body::from("{}")).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {}", answer.body);
    }
}
