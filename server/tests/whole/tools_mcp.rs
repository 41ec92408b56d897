//! The tools by MCP over streamable HTTP: every protocol version, the list page by page, results, errors that a model can
//! read, progress, and nothing that is stored between requests.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use futures::StreamExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::helpers::{Answer, TestApp};
use crate::tools_access::{json as body, owners, post, request};

/// The protocol versions that begin with a handshake.
const VERSIONS: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
/// The first one that has none.
const WITHOUT_HANDSHAKE: &str = "2026-07-28";

/// A request of this method.
pub fn message(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })
}

/// The request that begins a session with this version.
pub fn handshake(version: &str) -> Value {
    let client = json!({ "name": "test", "version": "1" });
    message("initialize", json!({ "protocolVersion": version, "capabilities": {}, "clientInfo": client }))
}

/// A request of the newest version, which says in itself what a handshake said.
pub fn alone(secret: &str, method: &str, mut params: Value) -> Request<Body> {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": WITHOUT_HANDSHAKE,
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let name = params["name"].as_str().map(|name| name.parse().unwrap());
    let mut asked = request("/mcp", secret, &message(method, params));
    asked.headers_mut().insert("mcp-protocol-version", WITHOUT_HANDSHAKE.parse().unwrap());
    asked.headers_mut().insert("mcp-method", method.parse().unwrap());
    if let Some(name) = name {
        asked.headers_mut().insert("mcp-name", name);
    }
    asked
}

/// A call of a tool.
pub fn call(name: &str, arguments: Value) -> Value {
    message("tools/call", json!({ "name": name, "arguments": arguments }))
}

/// All that the server says it can do.
fn announced() -> Value {
    json!({ "logging": {}, "tools": { "listChanged": true } })
}

async fn result(app: &TestApp, secret: &str, sent: Value) -> Value {
    let answer = post(app, "/mcp", secret, sent).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    body(&answer)["result"].clone()
}

/// The messages of an answer, which is a stream or, when the result is all there is, JSON.
async fn streamed(app: &TestApp, asked: Request<Body>) -> Vec<Value> {
    let answer = app.open(asked).await;
    let stream = answer.headers()[header::CONTENT_TYPE] == "text/event-stream";
    let mut parts = answer.into_body().into_data_stream();
    let mut text = String::new();
    while let Some(part) = parts.next().await {
        text.push_str(&String::from_utf8_lossy(&part.unwrap()));
    }
    if !stream {
        return vec![serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))];
    }
    let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
    data.filter_map(|data| serde_json::from_str(data.trim()).ok()).collect()
}

fn error_code(answer: &Answer) -> i64 {
    body(answer)["error"]["code"].as_i64().unwrap_or_else(|| panic!("{}", answer.body))
}

#[tokio::test]
async fn every_version_is_negotiated_and_begins_a_session() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let others = [("1999-01-01", "2025-11-25"), (WITHOUT_HANDSHAKE, "2025-11-25")];
    for (asked, wanted) in VERSIONS.into_iter().map(|one| (one, one)).chain(others) {
        let answer = post(&app, "/mcp", &secret, handshake(asked)).await;
        assert_eq!(answer.status, StatusCode::OK, "{asked}: {}", answer.body);
        let id = answer.headers["mcp-session-id"].as_bytes();
        assert!(!id.is_empty() && id.iter().all(u8::is_ascii_hexdigit), "{asked}: {id:?}");
        let begun = body(&answer)["result"].clone();
        assert_eq!(begun["protocolVersion"], wanted, "{begun}");
        assert!(begun["capabilities"] == announced() && begun["serverInfo"]["name"] == "slipway", "{begun}");
        assert!(begun["instructions"].as_str().is_some_and(|text| text.contains("never as instructions")), "{begun}");
    }
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(post(&app, "/mcp", &secret, ready).await.status, StatusCode::ACCEPTED);
    assert_eq!(result(&app, &secret, message("ping", json!({}))).await, json!({}));
    let level = result(&app, &secret, message("logging/setLevel", json!({ "level": "info" }))).await;
    assert_eq!(level, json!({}));
}

#[tokio::test]
async fn the_newest_version_needs_no_handshake() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let found = app.send(alone(&secret, "server/discover", json!({}))).await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.body);
    let found = body(&found)["result"].clone();
    let versions: Vec<&str> = VERSIONS.into_iter().chain([WITHOUT_HANDSHAKE]).collect();
    assert_eq!(found["supportedVersions"], json!(versions), "{found}");
    assert_eq!(found["capabilities"], announced(), "{found}");
    let answer = app.send(alone(&secret, "tools/list", json!({}))).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let listed = body(&answer)["result"].clone();
    assert!(listed["tools"].as_array().is_some_and(|tools| !tools.is_empty()), "{listed}");
    assert_eq!(listed["cacheScope"], "private", "what a token may see is no other client's: {listed}");
    let params = json!({ "name": "business_get_details", "arguments": {} });
    let called = app.send(alone(&secret, "tools/call", params)).await;
    assert_eq!(called.status, StatusCode::OK, "{}", called.body);
    let called = body(&called)["result"].clone();
    assert_eq!(called["structuredContent"]["name"], format!("business-{}", tenant.business), "{called}");
    assert_eq!(called["resultType"], "complete", "clients of this version take no other: {called}");
}

#[tokio::test]
async fn a_client_without_a_session_is_served_by_any_process() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let asked = request("/mcp", &secret, &call("business_get_details", json!({})));
    let elsewhere = app.second().await.oneshot(asked).await.unwrap();
    assert_eq!(elsewhere.status(), StatusCode::OK, "another process, which saw no handshake");
    for method in ["GET", "DELETE"] {
        let asked = Request::builder()
            .method(method)
            .uri("/mcp")
            .header(header::HOST, "127.0.0.1:3000")
            .header(header::AUTHORIZATION, format!("Bearer {secret}"))
            .header(header::ACCEPT, "text/event-stream");
        let answer = app.send(asked.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}: there is no session to hear of or to end");
    }
}

#[tokio::test]
async fn the_list_is_read_page_by_page_and_is_the_plain_one() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let mut names: Vec<String> = Vec::new();
    let mut params = json!({});
    loop {
        let page = result(&app, &secret, message("tools/list", params)).await;
        for tool in page["tools"].as_array().unwrap() {
            assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
            assert_eq!(tool["outputSchema"]["type"], "object", "{tool}");
            assert!(tool["annotations"]["readOnlyHint"].is_boolean(), "{tool}");
            names.push(tool["name"].as_str().unwrap().to_owned());
        }
        let Some(next) = page["nextCursor"].as_str() else { break };
        params = json!({ "cursor": next });
    }
    let plain = Request::get("/tools").header(header::AUTHORIZATION, format!("Bearer {secret}"));
    let plain = body(&app.send(plain.body(Body::empty()).unwrap()).await);
    let listed = plain["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap().to_owned());
    assert_eq!(names, listed.collect::<Vec<_>>());
    let unknown = post(&app, "/mcp", &secret, message("tools/list", json!({ "cursor": "nothing" }))).await;
    assert_eq!(error_code(&unknown), -32602, "{}", unknown.body);
}

#[tokio::test]
async fn a_result_is_structured_and_an_error_is_one_that_a_model_reads() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let done = result(&app, &secret, call("business_get_details", json!({}))).await;
    assert_eq!(done["isError"], false, "{done}");
    assert_eq!(done["structuredContent"]["name"], format!("business-{}", tenant.business));
    assert!(done.get("resultType").is_none(), "older versions do not know it: {done}");
    let text: Value = serde_json::from_str(done["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(text, done["structuredContent"], "the text says the same");
    assert!(done["_meta"]["slipway/call"].is_string(), "{done}");

    let unknown = post(&app, "/mcp", &secret, call("nothing", json!({}))).await;
    assert_eq!(error_code(&unknown), -32602, "{}", unknown.body);
    for (name, arguments, says) in [
        ("business_get_details", json!({ "business_id": tenant.business }), "/business_id"),
        ("knowledge_add_entry", json!({ "kind": "text" }), "/title"),
        ("knowledge_add_entry", json!({ "kind": "text", "title": "x", "content": "x" }), "Waiting for a person"),
        ("knowledge_remove_entry", json!({ "knowledge": tenant.job }), "permissions"),
    ] {
        let refused = result(&app, &secret, call(name, arguments)).await;
        assert_eq!(refused["isError"], true, "{refused}");
        assert!(refused["content"][0]["text"].as_str().is_some_and(|text| text.contains(says)), "{says}: {refused}");
        assert!(refused.get("structuredContent").is_none(), "{refused}");
    }
}

#[tokio::test]
async fn progress_is_told_in_a_stream_to_whoever_asks_for_it() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let params = json!({ "name": "business_get_details", "arguments": {}, "_meta": { "progressToken": "p1" } });
    let events = streamed(&app, request("/mcp", &secret, &message("tools/call", params))).await;
    let told: Vec<&Value> = events.iter().filter(|event| event["method"] == "notifications/progress").collect();
    assert_eq!(told.len(), 2, "{events:?}");
    assert!(told.iter().all(|event| event["params"]["progressToken"] == "p1"), "{events:?}");
    assert_eq!(events.last().unwrap()["result"]["isError"], false, "the result comes last: {events:?}");
}

#[tokio::test]
async fn what_is_not_announced_is_not_done() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let prompt = json!({ "ref": { "type": "ref/prompt", "name": "x" }, "argument": { "name": "x", "value": "x" } });
    for (method, params) in [
        ("resources/list", json!({})),
        ("resources/templates/list", json!({})),
        ("resources/read", json!({ "uri": "x://y" })),
        ("resources/subscribe", json!({ "uri": "x://y" })),
        ("prompts/list", json!({})),
        ("prompts/get", json!({ "name": "x" })),
        ("completion/complete", prompt),
    ] {
        let refused = post(&app, "/mcp", &secret, message(method, params)).await;
        assert_eq!(error_code(&refused), -32601, "{method}: {}", refused.body);
    }
}

#[tokio::test]
async fn log_messages_are_for_the_request_that_wants_them() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let level = message("logging/setLevel", json!({ "level": "debug" }));
    assert_eq!(result(&app, &secret, level).await, json!({}));
    let quiet = post(&app, "/mcp", &secret, call("business_get_details", json!({}))).await;
    assert_eq!(quiet.headers[header::CONTENT_TYPE], "application/json", "another process may answer it");
    for (level, told) in [("info", 2), ("error", 0)] {
        let meta = json!({ "io.modelcontextprotocol/logLevel": level });
        let params = json!({ "name": "business_get_details", "arguments": {}, "_meta": meta });
        let events = streamed(&app, request("/mcp", &secret, &message("tools/call", params))).await;
        let messages = events.iter().filter(|event| event["method"] == "notifications/message");
        assert_eq!(messages.count(), told, "{level}: {events:?}");
        assert_eq!(events.last().unwrap()["result"]["isError"], false, "{level}: {events:?}");
    }
}

#[tokio::test]
async fn what_is_no_message_of_the_protocol_is_refused() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    for sent in [json!([]), json!({}), json!(7), json!({ "jsonrpc": "1.0", "id": 1, "method": "ping" })] {
        let answer = post(&app, "/mcp", &secret, sent.clone()).await;
        assert!(answer.status.is_client_error(), "{sent}: {} {}", answer.status, answer.body);
    }
    let unknown = post(&app, "/mcp", &secret, message("moon/land", json!({}))).await;
    assert_eq!(error_code(&unknown), -32601, "{}", unknown.body);
    let mut form = request("/mcp", &secret, &message("ping", json!({})));
    form.headers_mut().insert(header::CONTENT_TYPE, "text/plain".parse().unwrap());
    assert_eq!(app.send(form).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let mut version = request("/mcp", &secret, &message("ping", json!({})));
    version.headers_mut().insert("mcp-protocol-version", "1999-01-01".parse().unwrap());
    assert_eq!(app.send(version).await.status, StatusCode::BAD_REQUEST);
    let large = post(&app, "/mcp", &secret, call("business_get_details", json!({ "x": "y".repeat(300 * 1024) }))).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", large.body);
}
