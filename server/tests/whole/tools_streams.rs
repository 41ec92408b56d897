//! The stream of an MCP client: it tells once that the tools of its business changed, to a client that comes back as well, tells
//! nothing of other tenants, and ends with its token.

use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode, header};
use domain::ToolServerId;
use domain::tool_servers::FoundTool;
use futures::StreamExt;
use serde_json::json;
use store::tenant::TenantTx;
use tower::ServiceExt;

use crate::event_streams::{event, field, message, quick};
use crate::helpers::{Tenant, TestApp, until};
use crate::tool_agents::{add, listed, of_agency, shell, token, tx};
use crate::tools_access::owners;
use crate::tools_sessions::{SESSION, begin};

/// A request for the stream of a session, by a client that was told of this event last.
fn asked(secret: &str, session: &str, last: Option<&str>) -> Request<Body> {
    let mut request = Request::get("/mcp")
        .header(header::HOST, "127.0.0.1:3000")
        .header(header::AUTHORIZATION, format!("Bearer {secret}"))
        .header(header::ACCEPT, "text/event-stream")
        .header(SESSION, session);
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    request.body(Body::empty()).unwrap()
}

/// A stream, and the id of its first event, which tells nothing.
async fn listen(app: &TestApp, secret: &str) -> (BodyDataStream, String) {
    let session = begin(app, secret, "2025-11-25").await;
    let answer = app.open(asked(secret, &session, None)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/event-stream");
    assert_eq!(answer.headers()["x-accel-buffering"], "no");
    let mut stream = answer.into_body().into_data_stream();
    let (id, data) = told(&mut stream).await.unwrap();
    assert!(!id.is_empty() && data.is_empty(), "{id} {data}");
    (stream, id)
}

/// The id and the data of the next event. `None` if the stream ended.
async fn told(stream: &mut BodyDataStream) -> Option<(String, String)> {
    let event = event(stream).await?;
    Some((field(&event, "id"), field(&event, "data")))
}

/// The id of the next event, which has to say that the list of tools changed.
async fn news(stream: &mut BodyDataStream) -> String {
    let (id, data) = told(stream).await.unwrap();
    assert_eq!(message(&data), json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" }));
    id
}

/// The server was asked and listed a tool of this name.
pub async fn lists(app: &TestApp, tenant: &Tenant, server: ToolServerId, name: &str) {
    let (name, description) = (name.to_owned(), "Says where it is.".to_owned());
    let found = FoundTool { name, description, input: json!({ "type": "object" }), output: None };
    listed(app, tenant, (server, "demo"), vec![found]).await;
}

#[tokio::test]
async fn a_change_of_the_tools_is_told_once_and_to_no_other_tenant() {
    let app = TestApp::new().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    let (secret, foreign) = (owners(&app, &own).await, owners(&app, &other).await);
    let ((mut stream, first), (mut elsewhere, beginning)) = (listen(&app, &secret).await, listen(&app, &foreign).await);
    assert_eq!(first, beginning, "both see the same tools at first");
    let new = shell(&app, "shell", Vec::new()).await;
    // A server without tools changes no list, nor does one that lists the same again, nor a stop of all tools.
    let server = add(&app, &own, &new).await;
    lists(&app, &own, server, "where").await;
    let come = news(&mut stream).await;
    lists(&app, &own, server, "where").await;
    let mut tx = tx(&app, &own).await;
    store::tools::kill::stop(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    lists(&app, &own, server, "when").await;
    let another = news(&mut stream).await;
    let mut tx = TenantTx::begin(&app.db, of_agency(&own)).await.unwrap();
    store::tool_servers::set_active(&mut tx, server, false).await.unwrap();
    tx.commit().await.unwrap();
    let gone = news(&mut stream).await;
    assert!(come != first && another != come && another != first, "{first} {come} {another}");
    assert_eq!(gone, first, "the list is again what it was");
    let theirs = add(&app, &other, &new).await;
    lists(&app, &other, theirs, "who").await;
    let heard = news(&mut elsewhere).await;
    assert!(![&come, &another, &first].contains(&&heard), "the first that they heard of is their own: {heard}");
}

/// The stream that another process opens.
async fn back(process: &Router, asked: Request<Body>) -> BodyDataStream {
    process.clone().oneshot(asked).await.unwrap().into_body().into_data_stream()
}

#[tokio::test]
async fn a_client_that_comes_back_hears_what_changed_meanwhile_in_any_process() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let (stream, before) = listen(&app, &secret).await;
    drop(stream);
    let server = add(&app, &tenant, &shell(&app, "shell", Vec::new()).await).await;
    lists(&app, &tenant, server, "where").await;
    let session = begin(&app, &secret, "2025-11-25").await;
    let second = app.second().await;
    let now = news(&mut back(&second, asked(&secret, &session, Some(&before))).await).await;
    let (id, data) = told(&mut back(&second, asked(&secret, &session, Some(&now))).await).await.unwrap();
    assert!(id == now && data.is_empty(), "it knows the list: {data}");
    let hostile = news(&mut back(&second, asked(&secret, &session, Some("\"; drop"))).await).await;
    assert_eq!(hostile, now, "an id that names no list is one of another list");
}

#[tokio::test]
async fn a_stream_is_opened_within_a_session_of_its_own_token_alone() {
    let app = TestApp::new().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    let (secret, foreign) = (owners(&app, &own).await, owners(&app, &other).await);
    let session = begin(&app, &secret, "2025-06-18").await;
    for (thief, session) in [(&foreign, session.as_str()), (&secret, "00")] {
        assert_eq!(app.send(asked(thief, session, None)).await.status, StatusCode::NOT_FOUND, "{session}");
    }
    let mut other_kind = asked(&secret, &session, None);
    other_kind.headers_mut().insert(header::ACCEPT, "application/json".parse().unwrap());
    assert_eq!(app.send(other_kind).await.status, StatusCode::NOT_ACCEPTABLE);
    let mut named = asked(&secret, &session, None);
    *named.uri_mut() = format!("/mcp/{}", own.business).parse().unwrap();
    let mut stream = app.open(named).await.into_body().into_data_stream();
    let (id, data) = told(&mut stream).await.unwrap();
    assert!(!id.is_empty() && data.is_empty(), "its clients take each event for a message: {data}");
    let mut named = asked(&secret, &session, None);
    *named.uri_mut() = format!("/mcp/{}", other.business).parse().unwrap();
    assert_eq!(app.send(named).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_token_has_so_many_streams_and_one_that_ends_makes_room() {
    let app = TestApp::new().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    let (secret, neighbour) = (owners(&app, &own).await, owners(&app, &other).await);
    let session = begin(&app, &secret, "2025-11-25").await;
    let mut held = Vec::new();
    for _ in 0..slipway::http::streams::OF_TOKEN {
        let answer = app.open(asked(&secret, &session, None)).await;
        assert_eq!(answer.status(), StatusCode::OK);
        held.push(answer);
    }
    let refused = app.send(asked(&secret, &session, None)).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{}", refused.body);
    assert!(refused.headers.contains_key(header::RETRY_AFTER));
    let (_theirs, _) = listen(&app, &neighbour).await;
    held.clear();
    let opened = async || app.open(asked(&secret, &session, None)).await.status();
    until("room", async || (opened().await == StatusCode::OK).then_some(())).await;
}

#[tokio::test]
async fn a_stream_ends_with_its_token() {
    // With each heartbeat the token is looked at.
    let app = quick().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    let (secret, neighbour) = (owners(&app, &own).await, owners(&app, &other).await);
    let ((mut ends, _), (mut stays, _)) = (listen(&app, &secret).await, listen(&app, &neighbour).await);
    let token = token(&app, &own).await;
    let mut tx = tx(&app, &own).await;
    store::api_tokens::revoke(&mut tx, token).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(told(&mut ends).await, None);
    let beat = stays.next().await.unwrap().unwrap();
    assert!(beat.starts_with(b":"), "that of another goes on: {beat:?}");
}
