//! The stream that an MCP client without a session asks for: it says what the client is told of, tells that the tools of its
//! business changed and nothing of other tenants, counts as a stream, and ends with its token.

use axum::body::BodyDataStream;
use axum::http::{StatusCode, header};
use futures::StreamExt;
use serde_json::{Value, json};

use crate::event_streams::{self, event, field, quick};
use crate::helpers::{Tenant, TestApp, until};
use crate::tool_agents::{add, shell, token, tx};
use crate::tools_access::{json as body, owners, post};
use crate::tools_mcp::{alone, message};
use crate::tools_streams::lists;

/// The method of the request.
const LISTEN: &str = "subscriptions/listen";
/// Where a message says to which request it belongs.
const ABOUT: &str = "io.modelcontextprotocol/subscriptionId";

/// What a client asks to be told of.
fn wanted() -> Value {
    json!({ "notifications": { "toolsListChanged": true, "promptsListChanged": true } })
}

/// A stream whose first message said what the client is told of.
async fn listen(app: &TestApp, secret: &str) -> BodyDataStream {
    let answer = app.open(alone(secret, LISTEN, wanted())).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/event-stream");
    assert_eq!(answer.headers()["x-accel-buffering"], "no");
    let mut stream = answer.into_body().into_data_stream();
    let first = said(&mut stream).await.unwrap();
    assert_eq!(first["method"], "notifications/subscriptions/acknowledged", "{first}");
    assert_eq!(first["params"]["notifications"], json!({ "toolsListChanged": true }), "only what there is: {first}");
    assert_eq!(first["params"]["_meta"][ABOUT], 1, "{first}");
    stream
}

/// The next message. `None` if the stream ended.
async fn said(stream: &mut BodyDataStream) -> Option<Value> {
    Some(event_streams::message(&field(&event(stream).await?, "data")))
}

/// The next message has to say that the list of tools changed.
async fn news(stream: &mut BodyDataStream) {
    let said = said(stream).await.unwrap();
    let params = json!({ "_meta": { ABOUT: 1 } });
    assert_eq!(said, json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed", "params": params }));
}

/// Revokes the newest token of the tenant's business.
async fn revoke(app: &TestApp, tenant: &Tenant) {
    let token = token(app, tenant).await;
    let mut tx = tx(app, tenant).await;
    store::api_tokens::revoke(&mut tx, token).await.unwrap();
    tx.commit().await.unwrap();
}

/// The stream ends, and says before that the token is the reason.
async fn ends(stream: &mut BodyDataStream) {
    let last = said(stream).await.unwrap();
    assert_eq!((&last["id"], &last["error"]["code"]), (&json!(1), &json!(-32600)), "{last}");
    assert_eq!(said(stream).await, None);
}

#[tokio::test]
async fn a_client_is_told_of_its_tools_until_its_token_ends_and_of_no_other_tenants() {
    // With each heartbeat the token is looked at.
    let app = quick().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    let (secret, foreign) = (owners(&app, &own).await, owners(&app, &other).await);
    let (mut stream, mut elsewhere) = (listen(&app, &secret).await, listen(&app, &foreign).await);
    let server = add(&app, &own, &shell(&app, "shell", Vec::new()).await).await;
    lists(&app, &own, server, "where").await;
    news(&mut stream).await;
    lists(&app, &own, server, "when").await;
    news(&mut stream).await;
    revoke(&app, &other).await;
    ends(&mut elsewhere).await;
    let beat = stream.next().await.unwrap().unwrap();
    assert!(beat.starts_with(b":"), "that of another goes on: {beat:?}");
    revoke(&app, &own).await;
    ends(&mut stream).await;
}

#[tokio::test]
async fn a_client_whose_business_is_paused_hears_that_its_token_works_again_later() {
    let app = quick().await;
    let tenant = app.tenant().await;
    let mut stream = listen(&app, &owners(&app, &tenant).await).await;
    app.base.execute("update sub_accounts set status = 'paused'").await;
    let last = said(&mut stream).await.unwrap();
    let why = last["error"]["message"].as_str().unwrap();
    assert!(why.contains("is paused") && why.contains("works again"), "{last}");
    assert_eq!(said(&mut stream).await, None);
}

#[tokio::test]
async fn the_stream_counts_as_one_of_its_token() {
    let app = TestApp::new().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    let (secret, neighbour) = (owners(&app, &own).await, owners(&app, &other).await);
    let mut held = Vec::new();
    for _ in 0..slipway::http::streams::OF_TOKEN {
        held.push(listen(&app, &secret).await);
    }
    let refused = app.send(alone(&secret, LISTEN, wanted())).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{}", refused.body);
    assert!(refused.headers.contains_key(header::RETRY_AFTER));
    let called = app.send(alone(&secret, "tools/list", json!({}))).await;
    assert_eq!(called.status, StatusCode::OK, "calls have other limits: {}", called.body);
    let _theirs = listen(&app, &neighbour).await;
    held.clear();
    let opened = async || app.open(alone(&secret, LISTEN, wanted())).await.status();
    until("room", async || (opened().await == StatusCode::OK).then_some(())).await;
}

#[tokio::test]
async fn a_client_that_asks_for_nothing_that_there_is_hears_only_that() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let other = json!({ "notifications": { "promptsListChanged": true } });
    let mut stream = app.open(alone(&secret, LISTEN, other)).await.into_body().into_data_stream();
    let first = said(&mut stream).await.unwrap();
    assert_eq!(first["params"]["notifications"], json!({}), "{first}");
}

#[tokio::test]
async fn a_request_for_news_is_one_of_its_version_and_says_so() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let older = post(&app, "/mcp", &secret, message(LISTEN, wanted())).await;
    assert_eq!(body(&older)["error"]["code"], -32601, "older versions have a stream of their own: {}", older.body);
    let mut hidden = alone(&secret, LISTEN, wanted());
    hidden.headers_mut().insert("mcp-method", "tools/list".parse().unwrap());
    let hidden = app.send(hidden).await;
    assert_eq!(hidden.status, StatusCode::BAD_REQUEST, "what is not counted is not answered: {}", hidden.body);
}
