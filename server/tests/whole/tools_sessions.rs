//! A session of an MCP client is known to every process and to one token alone: nothing is stored of it, and whoever shows one
//! that is forged, foreign or too old is asked to begin another.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use chrono::TimeDelta;
use domain::identity::Role;
use operations::tools::Caller;
use serde_json::json;
use slipway::api::tools::mcp::session::{self, Session};
use tower::ServiceExt;

use crate::helpers::{Answer, TestApp};
use crate::tool_agents::caller;
use crate::tools_access::{json as body, owners, post, request, token_of};
use crate::tools_mcp::{alone, call, handshake, message};

/// The header with the id of a session.
pub const SESSION: &str = "mcp-session-id";

/// The id of a session that this token begins with this version of the protocol.
pub async fn begin(app: &TestApp, secret: &str, version: &str) -> String {
    let begun = post(app, "/mcp", secret, handshake(version)).await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.body);
    begun.headers[SESSION].to_str().unwrap().to_owned()
}

/// A call in this session.
fn within(secret: &str, session: &str) -> Request<Body> {
    let mut asked = request("/mcp", secret, &call("business_get_details", json!({})));
    asked.headers_mut().insert(SESSION, session.parse().unwrap());
    asked
}

async fn in_session(app: &TestApp, secret: &str, session: &str) -> Answer {
    app.send(within(secret, session)).await
}

fn assert_unknown(answer: &Answer, what: &str) {
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{what}: {}", answer.body);
    let said = body(answer);
    assert!(said["jsonrpc"] == "2.0" && said["error"]["code"] == -32001 && said["id"].is_null(), "{what}: {said}");
}

#[tokio::test]
async fn a_session_is_known_to_every_process_and_outlives_each() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let session = begin(&app, &secret, "2025-06-18").await;
    assert_ne!(session, begin(&app, &secret, "2025-06-18").await, "each handshake begins one of its own");
    let answer = in_session(&app, &secret, &session).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert!(answer.body.contains(&tenant.business.to_string()), "{}", answer.body);
    // A process that starts later knows what one before it began, as after a restart.
    let elsewhere = app.second().await.oneshot(within(&secret, &session)).await.unwrap();
    assert_eq!(elsewhere.status(), StatusCode::OK);
    let mut ready = request("/mcp", &secret, &json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
    ready.headers_mut().insert(SESSION, session.parse().unwrap());
    assert_eq!(app.send(ready).await.status, StatusCode::ACCEPTED);
    let mut ends = within(&secret, &session);
    *ends.method_mut() = Method::DELETE;
    assert_eq!(app.send(ends).await.status, StatusCode::METHOD_NOT_ALLOWED, "it ends by itself");
    assert_eq!(in_session(&app, &secret, &session).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_of_another_token_or_tenant_is_there_for_nobody_else() {
    let app = TestApp::new().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    let (secret, foreign) = (owners(&app, &own).await, owners(&app, &other).await);
    let owner = app.person(Role::BusinessOwner, &own).await;
    let colleague = token_of(&app, &own, Some(owner), &["tools"]).await;
    let session = begin(&app, &secret, "2025-11-25").await;
    for (thief, what) in [(&foreign, "another tenant"), (&colleague, "another token of the business")] {
        let answer = in_session(&app, thief, &session).await;
        assert_unknown(&answer, what);
        assert!(!answer.body.contains(&own.business.to_string()), "{what}: {}", answer.body);
        let another = begin(&app, thief, "2025-11-25").await;
        assert_eq!(in_session(&app, thief, &another).await.status, StatusCode::OK, "{what} begins one of its own");
    }
    assert_eq!(in_session(&app, &secret, &session).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_forged_or_too_old_is_no_session() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let session = begin(&app, &secret, "2025-06-18").await;
    let changed = |at: usize| {
        let mut text = session.clone().into_bytes();
        text[at] = if text[at] == b'0' { b'1' } else { b'0' };
        String::from_utf8(text).unwrap()
    };
    let (first, middle, last) = (changed(0), changed(session.len() / 2), changed(session.len() - 1));
    let long = "ab".repeat(2000);
    let short = &session[..session.len() - 2];
    for forged in [first.as_str(), &middle, &last, short, "", "x", "00", &tenant.business.to_string(), &long] {
        assert_unknown(&in_session(&app, &secret, forged).await, forged);
    }
    let (caller, now) = (caller(&app, &tenant).await, web::clock::now());
    let agreed = Session { version: "2025-06-18".to_owned(), asks: None };
    for (hours, lasts) in [(23, true), (25, false)] {
        let begun = now - TimeDelta::hours(hours);
        let session = session::begin(&app.vault, &caller, &agreed, begun).await.unwrap();
        let answer = in_session(&app, &secret, &session).await;
        if lasts {
            assert_eq!(answer.status, StatusCode::OK, "{hours} h: {}", answer.body);
        } else {
            assert_unknown(&answer, "a day is over");
        }
    }
    let elsewhere = Caller { agency: app.tenant().await.agency, ..caller };
    let moved = session::begin(&app.vault, &elsewhere, &agreed, now).await.unwrap();
    assert_unknown(&in_session(&app, &secret, &moved).await, "sealed for another agency");
}

#[tokio::test]
async fn the_newest_version_has_no_sessions() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let mut asked = alone(&secret, "tools/list", json!({}));
    asked.headers_mut().insert(SESSION, "00".parse().unwrap());
    let answer = app.send(asked).await;
    assert_eq!(answer.status, StatusCode::OK, "an id means nothing there: {}", answer.body);
    assert!(!answer.headers.contains_key(SESSION));
    let pinged = post(&app, "/mcp", &secret, message("ping", json!({}))).await;
    assert!(pinged.status == StatusCode::OK && !pinged.headers.contains_key(SESSION), "only a handshake begins one");
}
