//! A call that waits asks the person at the MCP client to see to it: it runs once somebody approved it on the page, whatever the
//! client says, and it is withdrawn when they decline, in whichever process that arrives.

use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode, header};
use chrono::TimeDelta;
use domain::identity::Role;
use domain::page::ListQuery;
use domain::tools::ApprovedFor;
use domain::{ToolApprovalId, UserId};
use futures::StreamExt;
use operations::BusinessActor;
use operations::tools::approval;
use serde_json::{Value, json};
use store::tenant::{Scope, TenantTx};
use store::tools::{approvals, policies};
use tower::ServiceExt;

use crate::helpers::{Tenant, TestApp};
use crate::tool_agents::{self, tx};
use crate::tools_access::{owners, request, token_of};
use crate::tools_mcp::{handshake, message};
use crate::tools_sessions::SESSION;

/// A client whose person can be asked.
struct World {
    app: TestApp,
    tenant: Tenant,
    owner: UserId,
    secret: String,
    session: String,
}

impl World {
    async fn new(elicitation: Value) -> Self {
        let app = TestApp::new().await;
        let tenant = app.tenant().await;
        let owner = app.person(Role::BusinessOwner, &tenant).await;
        let secret = token_of(&app, &tenant, Some(owner), &["tools"]).await;
        let session = begin(&app, &secret, elicitation).await;
        Self { app, tenant, owner, secret, session }
    }

    /// Calls a tool about which a person is asked, and returns the messages of the answer.
    async fn call(&self, meta: Value) -> Messages {
        let entry = json!({ "kind": "question", "title": "When?", "content": "From nine to five." });
        let params = json!({ "name": "knowledge_add_entry", "arguments": entry, "_meta": meta });
        let answer = self.app.open(self.within(&message("tools/call", params))).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/event-stream");
        assert_eq!(answer.headers()["x-accel-buffering"], "no");
        Messages(answer.into_body().into_data_stream())
    }

    fn within(&self, sent: &Value) -> Request<Body> {
        in_session(&self.secret, &self.session, sent)
    }

    async fn actor(&self) -> BusinessActor {
        tool_agents::actor(&self.app, &self.tenant, self.owner).await
    }

    async fn approve(&self, id: ToolApprovalId) {
        approval::approve(&self.actor().await, id, ApprovedFor::Once, web::clock::now()).await.unwrap();
    }

    /// How many calls wait for a person.
    async fn waiting(&self) -> i64 {
        approvals::count_waiting(&mut tx(&self.app, &self.tenant).await).await.unwrap()
    }

    /// Who did this, as the audit log has it.
    async fn who_did(&self, action: &str) -> Vec<String> {
        let mut tx = tx(&self.app, &self.tenant).await;
        let acts = store::audit::list(&mut tx, &ListQuery::default()).await.unwrap().rows;
        acts.into_iter().filter(|act| act.action == action).map(|act| act.actor_kind).collect()
    }

    /// How many entries the assistant knows.
    async fn entries(&self) -> usize {
        let tables = self.app.base.contents().await;
        let rows = tables.iter().filter(|(table, _)| table == "knowledge").map(|(_, rows)| rows.lines().count());
        rows.sum()
    }
}

async fn begin(app: &TestApp, secret: &str, elicitation: Value) -> String {
    let mut hello = handshake("2025-11-25");
    hello["params"]["capabilities"] = json!({ "elicitation": elicitation });
    let begun = app.send(request("/mcp", secret, &hello)).await;
    begun.headers[SESSION].to_str().unwrap().to_owned()
}

fn in_session(secret: &str, session: &str, sent: &Value) -> Request<Body> {
    let mut asked = request("/mcp", secret, sent);
    asked.headers_mut().insert(SESSION, session.parse().unwrap());
    asked
}

/// The messages of a stream, one after the other.
struct Messages(BodyDataStream);

impl Messages {
    async fn next(&mut self) -> Option<Value> {
        loop {
            let next = tokio::time::timeout(std::time::Duration::from_secs(60), self.0.next());
            let piece = next.await.expect("something happens")?.unwrap();
            let text = String::from_utf8_lossy(&piece).into_owned();
            let mut data = text.lines().filter_map(|line| line.strip_prefix("data:"));
            if let Some(message) = data.find_map(|data| serde_json::from_str(data.trim()).ok()) {
                return Some(message);
            }
        }
    }

    /// The question, and the approval that it is about.
    async fn question(&mut self) -> (Value, ToolApprovalId) {
        let asked = self.next().await.unwrap();
        assert_eq!(asked["method"], "elicitation/create", "{asked}");
        let id = asked["id"].as_str().unwrap().strip_prefix("approval-").unwrap().parse().unwrap();
        (asked, id)
    }

    /// The result, which comes last.
    async fn result(&mut self) -> Value {
        let answer = self.next().await.unwrap();
        assert_eq!(answer["id"], 1, "{answer}");
        assert_eq!(self.next().await, None, "nothing follows");
        answer["result"].clone()
    }
}

/// What the person at the client answered.
fn said(asked: &Value, action: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": asked["id"], "result": { "action": action, "content": { "approved": true } } })
}

async fn status(process: &Router, asked: Request<Body>) -> StatusCode {
    process.clone().oneshot(asked).await.unwrap().status()
}

#[tokio::test]
async fn a_call_runs_once_it_is_approved_on_the_page_and_not_because_its_client_says_so() {
    let world = World::new(json!({})).await;
    let mut messages = world.call(json!({})).await;
    let (asked, id) = messages.question().await;
    let page = format!("http://127.0.0.1:3000/b/{}/ai-tools/approvals", world.tenant.business);
    assert!(asked["params"]["message"].as_str().is_some_and(|text| text.contains(&page)), "{asked}");
    assert_eq!(asked["params"]["requestedSchema"]["type"], "object", "{asked}");
    let accepted = world.app.send(world.within(&said(&asked, "accept"))).await;
    assert_eq!(accepted.status, StatusCode::ACCEPTED, "{}", accepted.body);
    assert_eq!((world.waiting().await, world.entries().await), (1, 0), "a person decides on the page alone");
    world.approve(id).await;
    let result = messages.result().await;
    assert_eq!(result["isError"], false, "{result}");
    assert_eq!((world.waiting().await, world.entries().await), (0, 1), "it ran once");
    assert_eq!(world.who_did("knowledge.added").await, ["token"], "the person who made the token did nothing");
}

#[tokio::test]
async fn a_call_that_tells_its_progress_asks_between_its_news() {
    let world = World::new(json!({ "url": {} })).await;
    let mut messages = world.call(json!({ "progressToken": "p" })).await;
    assert_eq!(messages.next().await.unwrap()["method"], "notifications/progress");
    let (asked, id) = messages.question().await;
    let params = &asked["params"];
    assert!(params["mode"] == "url" && params["elicitationId"] == json!(id), "{asked}");
    assert!(params["url"].as_str().is_some_and(|url| url.ends_with("/ai-tools/approvals")), "{asked}");
    let reason = "Not this week.";
    approval::reject(&world.actor().await, id, reason, web::clock::now()).await.unwrap();
    assert_eq!(messages.next().await.unwrap()["method"], "notifications/progress");
    let result = messages.result().await;
    assert_eq!(result["isError"], true, "{result}");
    assert!(result["content"][0]["text"].as_str().is_some_and(|text| text.contains(reason)), "{result}");
    assert_eq!(world.entries().await, 0);
}

#[tokio::test]
async fn whoever_declines_withdraws_the_call_in_any_process_and_nobody_does_for_another_token() {
    let world = World::new(json!({})).await;
    let second = world.app.second().await;
    let stranger = world.app.tenant().await;
    let foreign = owners(&world.app, &stranger).await;
    let theirs = begin(&world.app, &foreign, json!({})).await;
    let colleague = token_of(&world.app, &world.tenant, Some(world.owner), &["tools"]).await;
    let colleagues = begin(&world.app, &colleague, json!({})).await;
    for action in ["decline", "cancel"] {
        let mut messages = world.call(json!({})).await;
        let (asked, _) = messages.question().await;
        let answer = said(&asked, action);
        for (secret, session) in [(&foreign, &theirs), (&colleague, &colleagues)] {
            assert_eq!(status(&second, in_session(secret, session, &answer)).await, StatusCode::ACCEPTED);
            assert_eq!(world.waiting().await, 1, "{action} of another token");
        }
        assert_eq!(status(&second, world.within(&answer)).await, StatusCode::ACCEPTED);
        assert_eq!(status(&second, world.within(&answer)).await, StatusCode::ACCEPTED, "it may arrive twice");
        let result = messages.result().await;
        assert_eq!(result["isError"], true, "{result}");
        assert!(result["content"][0]["text"].as_str().is_some_and(|text| text.contains("withdrew")), "{result}");
        assert_eq!((world.waiting().await, world.entries().await), (0, 0), "{action}");
    }
    assert_eq!(world.who_did("tool_call.withdrawn").await, ["token"; 2], "one row for each call that was withdrawn");
}

#[tokio::test]
async fn a_token_that_is_revoked_while_a_person_decides_runs_nothing() {
    let world = World::new(json!({})).await;
    let mut messages = world.call(json!({})).await;
    let (_, id) = messages.question().await;
    let token = tool_agents::token(&world.app, &world.tenant).await;
    let mut tx = tx(&world.app, &world.tenant).await;
    store::api_tokens::revoke(&mut tx, token).await.unwrap();
    tx.commit().await.unwrap();
    world.approve(id).await;
    let result = messages.result().await;
    assert!(result["isError"] == true && world.entries().await == 0, "{result}");
}

#[tokio::test]
async fn a_call_that_another_request_makes_is_not_made_again_though_the_tool_is_open_by_then() {
    let world = World::new(json!({})).await;
    let mut messages = world.call(json!({})).await;
    let (_, id) = messages.question().await;
    let (by, now) = (world.owner, web::clock::now());
    // A person allows the tool for an hour, and another request of the token takes the call at the same moment.
    let scope = Scope::Business { user: Some(by), business: world.tenant.business };
    let mut tx = TenantTx::begin(&world.app.db, scope).await.unwrap();
    let decision = approvals::Decision { by, approved: true, reason: "", now };
    let (token, tool) = approvals::decide(&mut tx, id, decision).await.unwrap().unwrap();
    policies::allow(&mut tx, token, &tool, Some(now + TimeDelta::hours(1))).await.unwrap();
    assert!(approvals::claim(&mut tx, token, id, now).await.unwrap().is_some());
    tx.commit().await.unwrap();
    let result = messages.result().await;
    assert!(result["isError"] == true && world.entries().await == 0, "{result}");
}
