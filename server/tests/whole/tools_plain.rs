//! The tools by plain HTTP: they are listed with their schemas, a bad name or argument is named, what changes something waits
//! for a person, and what was approved runs once.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use domain::identity::Role;
use operations::tools::approval;
use serde_json::{Value, json};

use crate::helpers::{Answer, TestApp};
use crate::tool_agents;
use crate::tools_access::{json as body, owners, post, token_of};

const ADD: &str = "/tools/knowledge_add_entry";

async fn get(app: &TestApp, path: &str, secret: &str) -> Answer {
    let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {secret}"));
    app.send(request.body(Body::empty()).unwrap()).await
}

/// The rows of what assistants know.
async fn knowledge(app: &TestApp) -> Vec<String> {
    let tables = app.base.contents().await.into_iter();
    let rows = tables.filter(|(table, _)| table == "knowledge").map(|(_, rows)| rows);
    rows.flat_map(|rows| rows.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

fn entry() -> Value {
    json!({ "kind": "question", "title": "When are you open?", "content": "From nine to five." })
}

#[tokio::test]
async fn tools_are_listed_with_what_they_take_and_called_with_it() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let listed = get(&app, "/tools", &secret).await;
    assert_eq!(listed.status, StatusCode::OK, "{}", listed.body);
    let tools = body(&listed)["tools"].as_array().unwrap().clone();
    assert!(tools.len() > 10);
    for tool in &tools {
        assert!(["read", "write", "destructive"].contains(&tool["effect"].as_str().unwrap()), "{tool}");
        assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
        assert_eq!(tool["inputSchema"]["additionalProperties"], false, "{tool}");
    }
    let called = post(&app, "/tools/business_get_details", &secret, json!({})).await;
    assert_eq!(called.status, StatusCode::OK, "{}", called.body);
    let called = body(&called);
    assert_eq!(called["result"]["name"], format!("business-{}", tenant.business));
    assert!(called["call"].is_string() && called["dry_run"] == false, "{called}");
    let bare = Request::post("/tools/business_get_details").header(header::AUTHORIZATION, format!("Bearer {secret}"));
    assert_eq!(app.send(bare.body(Body::empty()).unwrap()).await.status, StatusCode::OK, "no body is no arguments");
}

#[tokio::test]
async fn a_bad_name_or_argument_is_named_and_nothing_is_done() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    for name in ["nothing", "knowledge_add_entry%00", "..", "KNOWLEDGE_ADD_ENTRY"] {
        let answer = post(&app, &format!("/tools/{name}"), &secret, json!({})).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}: {}", answer.body);
    }
    let before = knowledge(&app).await;
    for (arguments, pointer) in [
        (json!({ "kind": "question", "content": "x" }), "/title"),
        (json!({ "kind": "riddle", "title": "x", "content": "x" }), "/kind"),
        (json!({ "kind": "text", "title": 7, "content": "x" }), "/title"),
        (json!({ "kind": "text", "title": "x", "content": "x", "more": 1 }), "/more"),
        (json!({ "kind": "text", "title": "x", "content": "x", "tenantId": tenant.business }), "/tenantId"),
        (json!({ "kind": "text", "title": "x", "content": "x", "location_id": "y" }), "/location_id"),
    ] {
        let answer = post(&app, ADD, &secret, arguments).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{pointer}: {}", answer.body);
        let problem = body(&answer);
        let errors = problem["errors"].as_array().unwrap();
        assert!(errors.iter().any(|error| error["pointer"] == pointer), "{pointer}: {problem}");
    }
    for (text, status) in [("{", 400), ("[]", 422), ("7", 422)] {
        let answer = app.call(&secret, Method::POST, ADD, text).await;
        assert_eq!(answer.status.as_u16(), status, "{text}: {}", answer.body);
    }
    let large = post(&app, ADD, &secret, json!({ "content": "x".repeat(300 * 1024) })).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", large.body);
    assert_eq!(knowledge(&app).await, before, "nothing was learnt");
}

#[tokio::test]
async fn what_changes_something_waits_for_a_person_and_then_runs_once() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.person(Role::BusinessOwner, &tenant).await;
    let secret = token_of(&app, &tenant, Some(owner), &["tools"]).await;
    let asked = post(&app, ADD, &secret, entry()).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.body);
    let (address, told) = (asked.headers[header::LOCATION].to_str().unwrap().to_owned(), body(&asked));
    assert_eq!(told["poll"], address.as_str());
    assert!(asked.headers.contains_key(header::RETRY_AFTER));
    let waiting = body(&post(&app, &address, &secret, json!({})).await);
    assert_eq!(waiting["status"], "waiting", "{waiting}");
    let other = app.tenant().await;
    let foreign = owners(&app, &other).await;
    assert_eq!(post(&app, &address, &foreign, json!({})).await.status, StatusCode::NOT_FOUND, "nobody else's");
    assert_eq!(post(&app, "/tools/approvals/x", &secret, json!({})).await.status, StatusCode::NOT_FOUND);

    let actor = tool_agents::actor(&app, &tenant, owner).await;
    let id = told["approval"].as_str().unwrap().parse().unwrap();
    let how = domain::tools::ApprovedFor::Once;
    approval::approve(&actor, id, how, web::clock::now()).await.unwrap();
    let (first, second) =
        tokio::join!(post(&app, &address, &secret, json!({})), post(&app, &address, &secret, json!({})));
    let ran: Vec<bool> = [&first, &second].map(|answer| body(answer)["result"].is_object()).to_vec();
    assert_eq!(ran.iter().filter(|ran| **ran).count(), 1, "once: {} {}", first.body, second.body);
    assert_eq!(knowledge(&app).await.len(), 1, "the approved entry is there, and once");
}

#[tokio::test]
async fn what_cannot_be_brought_back_is_denied() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let answer = post(&app, "/tools/knowledge_remove_entry", &secret, json!({ "knowledge": tenant.job })).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
    assert!(answer.body.contains("policy"), "{}", answer.body);
}
