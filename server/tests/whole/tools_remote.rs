//! A third-party tool server behind the gateway, as a real process: its tools stand beside ours under its prefix, a person is
//! asked before they run, arguments are checked here, and each client's process reaches that client alone.

use std::collections::BTreeMap;
use std::path::PathBuf;

use axum::http::{Request, StatusCode, header};
use domain::UserId;
use domain::identity::{Reach, Role};
use domain::page::ListQuery;
use domain::tool_servers::{FoundTool, NewToolCommand, NewToolServer};
use domain::tools::{Outcome, Policy};
use operations::BusinessActor;
use operations::tools::policy;
use serde_json::{Value, json};
use store::DbRole;
use store::tenant::{PlatformTx, Scope, TenantTx};

use crate::helpers::{Tenant, TestApp, until};
use crate::tenant_credentials::hand_over;
use crate::tools_access::{json as body, post, token_of};

/// A tool server in the language that every machine has. It answers a call with the location that it was started for; the call
/// with this number in its arguments only once the file exists that it was given.
const SERVER: &str = r#"
while read -r line; do
  id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9][0-9]*\).*/\1/p')
  case "$line" in *'"n":424242'*) while [ ! -e "$0" ]; do sleep 0.05; done ;; esac
  case "$line" in
    *'"initialize"'*) result='{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"sh","version":"1"}}' ;;
    *'"tools/call"'*) result="{\"content\":[{\"type\":\"text\",\"text\":\"at $GHL_LOCATION_ID\"}]}" ;;
    *) continue ;;
  esac
  printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$result"
done
"#;

/// A client whose tool server may be called, and the token of its agent.
struct Client {
    tenant: Tenant,
    owner: UserId,
    secret: String,
    access: &'static str,
}

impl Client {
    async fn new(app: &TestApp, command: &NewToolServer) -> Self {
        let tenant = app.tenant().await;
        let access = hand_over(app, &tenant).await;
        let agency = tenant.agency;
        let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
        let mut tx = TenantTx::begin(&app.db, scope.clone()).await.unwrap();
        let id = store::tool_servers::add(&mut tx, command).await.unwrap();
        tx.commit().await.unwrap();
        let input =
            json!({ "type": "object", "properties": { "n": { "type": "integer" } }, "additionalProperties": false });
        let (name, description) = ("where".to_owned(), "Says where it is.".to_owned());
        let found = FoundTool { name, description, input, output: None };
        let listed = operations::tool_servers::sorted(&command.prefix, vec![found]);
        let mut tx = TenantTx::begin(&app.base.db(DbRole::Worker).await, scope).await.unwrap();
        store::tool_servers::probed(&mut tx, id, &Ok(listed)).await.unwrap();
        tx.commit().await.unwrap();
        let owner = app.person(Role::BusinessOwner, &tenant).await;
        let secret = token_of(app, &tenant, Some(owner), &["tools"]).await;
        Self { tenant, owner, secret, access }
    }

    /// What became of the calls, the newest first.
    async fn outcomes(&self, app: &TestApp) -> Vec<Outcome> {
        let scope = Scope::Business { user: None, business: self.tenant.business };
        let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
        let page = store::tools::calls::list(&mut tx, &ListQuery::default()).await.unwrap();
        page.rows.into_iter().map(|line| line.outcome).collect()
    }

    /// Lets the agent call the tool without a question.
    async fn allow(&self, app: &TestApp, tool: &str) {
        let person = store::identity::caller(&app.db, self.owner).await.unwrap().unwrap();
        let place = domain::access::businesses(&person, &self.tenant.business.to_string()).pop().unwrap();
        let actor = BusinessActor::new(app.db.clone(), self.owner, place);
        let scope = Scope::Business { user: None, business: self.tenant.business };
        let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
        let token = store::api_tokens::list(&mut tx).await.unwrap()[0].id;
        drop(tx);
        policy::save(&actor, token, &BTreeMap::from([(tool.to_owned(), Policy::Allow)])).await.unwrap();
    }
}

/// The file for which the server waits before it answers one of its calls.
fn gate(app: &TestApp) -> PathBuf {
    std::env::temp_dir().join(format!("slipway-gate-{}", app.base.name()))
}

/// The command line of the server, which the platform allows, with the prefix that both agencies choose.
async fn command(app: &TestApp) -> NewToolServer {
    let arguments = vec!["-c".to_owned(), SERVER.to_owned(), gate(app).to_string_lossy().into_owned()];
    let new = NewToolCommand { name: "shell".to_owned(), program: "/bin/sh".to_owned(), arguments };
    let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
    let command = store::tool_servers::allow(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    NewToolServer { prefix: "demo".to_owned(), command, business: None }
}

fn call(n: usize) -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "demo_where", "arguments": { "n": n } } })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_client_calls_its_own_process_through_the_same_door() {
    let app = TestApp::new().await;
    let server = command(&app).await;
    let clients = [Client::new(&app, &server).await, Client::new(&app, &server).await];
    let plain = Request::get("/tools").header(header::AUTHORIZATION, format!("Bearer {}", clients[0].secret));
    let listed = body(&app.send(plain.body(axum::body::Body::empty()).unwrap()).await);
    let found = listed["tools"].as_array().unwrap().iter().find(|tool| tool["name"] == "demo_where").cloned();
    assert!(found.is_some_and(|tool| tool["effect"] == "write" && tool["description"] == "Says where it is."));

    let wrong = post(&app, "/tools/demo_where", &clients[0].secret, json!({ "n": "x" })).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);
    assert_eq!(body(&wrong)["errors"][0]["pointer"], "/n");
    let tenant = post(&app, "/tools/demo_where", &clients[0].secret, json!({ "location_id": "L" })).await;
    assert_eq!(tenant.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", tenant.body);
    let asked = post(&app, "/tools/demo_where", &clients[0].secret, json!({})).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "nobody knows what it does, so a person is asked: {}", asked.body);

    for client in &clients {
        client.allow(&app, "demo_where").await;
    }
    let calls = (0..8).flat_map(|n| clients.iter().map(move |client| (n, client)));
    let app = &app;
    let answers = calls.map(|(n, client)| async move { (client, post(app, "/mcp", &client.secret, call(n)).await) });
    for (client, answer) in futures::future::join_all(answers).await {
        let result = body(&answer)["result"].clone();
        let wanted = format!("at L{}", client.tenant.business);
        assert_eq!(result["content"][0]["text"], wanted, "the same id and arguments, another client: {}", answer.body);
        assert!(result["_meta"]["slipway/call"].is_string() && !answer.body.contains(client.access));
    }
    let done = post(app, "/tools/demo_where", &clients[1].secret, json!({ "n": 99 })).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert!(body(&done)["result"]["content"][0]["text"].is_string(), "{}", done.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_caller_hangs_up_goes_on_to_its_end() {
    let app = TestApp::new().await;
    let client = Client::new(&app, &command(&app).await).await;
    client.allow(&app, "demo_where").await;
    let begun = until("the call", async || client.outcomes(&app).await.contains(&Outcome::Running).then_some(()));
    tokio::select! {
        answer = post(&app, "/mcp", &client.secret, call(424_242)) => panic!("it does not wait: {}", answer.body),
        () = begun => {}
    }
    std::fs::write(gate(&app), "").unwrap();
    until("its end in the log", async || (client.outcomes(&app).await == [Outcome::Done]).then_some(())).await;
    std::fs::remove_file(gate(&app)).unwrap();
}
