//! A third-party tool server behind the gateway, as a real process: its tools stand beside ours under its prefix, a person is
//! asked before they run, arguments are checked here, and each client's process reaches that client alone.

use std::path::PathBuf;

use axum::http::{Request, StatusCode, header};
use domain::UserId;
use domain::identity::Role;
use domain::tool_servers::{FoundTool, NewToolServer};
use domain::tools::{ApprovedFor, Outcome};
use operations::platform::tool_hosts::{self, Asked, Ending};
use operations::tools::{Caller, approval, cancelling, kill};
use operations::{BusinessActor, PlatformActor};
use serde_json::{Value, json};
use store::tenant::PlatformTx;
use uuid::Uuid;

use crate::helpers::{Answer, Tenant, TestApp, until};
use crate::tenant_credentials::hand_over;
use crate::tool_agents;
use crate::tools_access::{json as body, post, request, token_of};
use crate::tools_sessions::{SESSION, begin};

/// A tool server in the language that every machine has. It answers a call with the location that it was started for; the call
/// with one number in its arguments only once the file exists that it was given, and the one with another number with the ids
/// of the call that waited and of the one that was cancelled.
const SERVER: &str = r#"
while read -r line; do
  id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9][0-9]*\).*/\1/p')
  case "$line" in *'"n":424242'*) slow=$id; touch "$0.begun"; while [ ! -e "$0" ]; do sleep 0.05; done ;; esac
  case "$line" in
    *'"initialize"'*) result='{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"sh","version":"1"}}' ;;
    *'"notifications/cancelled"'*) cancelled=$(printf '%s' "$line" | sed -n 's/.*"requestId":\([0-9][0-9]*\).*/\1/p'); continue ;;
    *'"n":515151'*) result="{\"content\":[{\"type\":\"text\",\"text\":\"waited $slow cancelled $cancelled\"}]}" ;;
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
        let input =
            json!({ "type": "object", "properties": { "n": { "type": "integer" } }, "additionalProperties": false });
        let (name, description) = ("where".to_owned(), "Says where it is.".to_owned());
        lists(app, &tenant, command, vec![FoundTool { name, description, input, output: None }]).await;
        let owner = app.person(Role::BusinessOwner, &tenant).await;
        let secret = token_of(app, &tenant, Some(owner), &["tools"]).await;
        Self { tenant, owner, secret, access }
    }

    /// What became of the calls, the newest first.
    async fn outcomes(&self, app: &TestApp) -> Vec<Outcome> {
        tool_agents::outcomes(app, &self.tenant).await
    }

    /// The owner of the client.
    async fn actor(&self, app: &TestApp) -> BusinessActor {
        tool_agents::actor(app, &self.tenant, self.owner).await
    }

    /// The agent.
    async fn caller(&self, app: &TestApp) -> Caller {
        tool_agents::caller(app, &self.tenant).await
    }

    /// Lets the agent call the tool without a question.
    async fn allow(&self, app: &TestApp, tool: &str) {
        tool_agents::allow(app, &self.tenant, self.owner, tool).await;
    }
}

/// Sets up a server for the tenant's agency that listed these tools.
async fn lists(app: &TestApp, tenant: &Tenant, new: &NewToolServer, found: Vec<FoundTool>) {
    let id = tool_agents::add(app, tenant, new).await;
    tool_agents::listed(app, tenant, (id, &new.prefix), found).await;
}

/// The name of the file for which the server waits before it answers one of its calls. It lies in the server's own folder,
/// because no other one is open to it.
fn gate(app: &TestApp) -> String {
    format!("slipway-gate-{}", app.base.name())
}

/// The folder of the server of this test that waits, by the file that it makes when it begins to.
fn begun(app: &TestApp) -> Option<PathBuf> {
    let homes = std::fs::read_dir(std::env::temp_dir().join("slipway-tools")).ok()?.flatten();
    homes.map(|home| home.path()).find(|home| home.join(format!("{}.begun", gate(app))).exists())
}

/// The command line of the server, which the platform allows, with the prefix that both agencies choose.
async fn command(app: &TestApp) -> NewToolServer {
    tool_agents::shell(app, "shell", vec!["-c".to_owned(), SERVER.to_owned(), gate(app)]).await
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
async fn a_call_that_is_approved_for_an_hour_runs_once_however_many_ask_what_became_of_it() {
    let app = TestApp::new().await;
    let client = Client::new(&app, &command(&app).await).await;
    let asked = post(&app, "/tools/demo_where", &client.secret, json!({ "n": 7 })).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.body);
    let asked = body(&asked);
    let (id, path) = (asked["approval"].as_str().unwrap().parse().unwrap(), asked["poll"].as_str().unwrap());
    approval::approve(&client.actor(&app).await, id, ApprovedFor::Hour, web::clock::now()).await.unwrap();
    let polls = (0..3).map(|_| post(&app, path, &client.secret, json!({})));
    let told: Vec<Value> = futures::future::join_all(polls).await.iter().map(body).collect();
    assert!(told.iter().all(|one| one["status"] == "done" || one["status"] == "approved"), "{told:?}");
    assert_eq!(told.iter().filter(|one| one["result"]["content"].is_array()).count(), 1, "{told:?}");
    let ran = client.outcomes(&app).await.into_iter().filter(|outcome| *outcome == Outcome::Done).count();
    assert_eq!(ran, 1, "one of them made the call");
    let late = body(&post(&app, path, &client.secret, json!({})).await);
    assert!(late["status"] == "done" && late["result"].is_null(), "{late}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_caller_hangs_up_is_cancelled_at_its_server() {
    let app = TestApp::new().await;
    let server = command(&app).await;
    for (path, sent) in [("/mcp", call(424_242)), ("/tools/demo_where", json!({ "n": 424_242 }))] {
        let client = Client::new(&app, &server).await;
        client.allow(&app, "demo_where").await;
        let home = tokio::select! {
            answer = post(&app, path, &client.secret, sent) => panic!("it does not wait: {}", answer.body),
            home = until("the call", async || begun(&app)) => home,
        };
        until("its end in the log", async || (client.outcomes(&app).await == [Outcome::Failed]).then_some(())).await;
        std::fs::write(home.join(gate(&app)), "").unwrap();
        let told = post(&app, "/tools/demo_where", &client.secret, json!({ "n": 515_151 })).await;
        let text = body(&told)["result"]["content"][0]["text"].as_str().unwrap_or_default().to_owned();
        let ids: Vec<&str> = text.split(' ').collect();
        assert!(ids.len() == 4 && ids[1] == ids[3] && !ids[1].is_empty(), "{path}: {text:?} {}", told.body);
        std::fs::remove_file(home.join(format!("{}.begun", gate(&app)))).unwrap();
    }
}

/// A message within a session.
async fn sent(app: &TestApp, secret: &str, session: &str, message: Value) -> Answer {
    let mut sent = request("/mcp", secret, &message);
    sent.headers_mut().insert(SESSION, session.parse().unwrap());
    app.send(sent).await
}

/// The message of a client that does not wait for the request with this id any more.
fn cancels(id: i64) -> Value {
    let params = json!({ "requestId": id, "reason": "The person changed their mind." });
    json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_cancelled_by_a_message_of_its_session_in_whichever_process_it_arrives() {
    let app = TestApp::new().await;
    let server = command(&app).await;
    let other = Client::new(&app, &server).await;
    for elsewhere in [false, true] {
        let client = Client::new(&app, &server).await;
        client.allow(&app, "demo_where").await;
        let session = begin(&app, &client.secret, "2025-11-25").await;
        let told = async {
            let home = until("the call", async || begun(&app)).await;
            // Another token, and another program with this one, count their calls as well.
            for secret in [&other.secret, &client.secret] {
                let heard = post(&app, "/mcp", secret, cancels(1)).await;
                assert_eq!(heard.status, StatusCode::ACCEPTED, "{}", heard.body);
            }
            let heard = sent(&app, &client.secret, &session, cancels(2)).await;
            assert_eq!(heard.status, StatusCode::ACCEPTED, "{}", heard.body);
            assert_eq!(client.outcomes(&app).await, [Outcome::Running], "none was about this call");
            if elsewhere {
                let caller = client.caller(&app).await;
                let call = cancelling::name(caller.token, Some(&session), &json!(1));
                cancelling::tell(&app.db, &caller, call).await.unwrap();
            } else {
                assert_eq!(sent(&app, &client.secret, &session, cancels(1)).await.status, StatusCode::ACCEPTED);
            }
            home
        };
        let (answer, home) = tokio::join!(sent(&app, &client.secret, &session, call(424_242)), told);
        assert_eq!(body(&answer)["error"]["message"], "The call was cancelled.", "{}", answer.body);
        until("its end in the log", async || (client.outcomes(&app).await == [Outcome::Failed]).then_some(())).await;
        std::fs::write(home.join(gate(&app)), "").unwrap();
        let told = post(&app, "/tools/demo_where", &client.secret, json!({ "n": 515_151 })).await;
        let text = body(&told)["result"]["content"][0]["text"].as_str().unwrap_or_default().to_owned();
        let ids: Vec<&str> = text.split(' ').collect();
        assert!(
            ids.len() == 4 && ids[1] == ids[3] && !ids[1].is_empty(),
            "its server heard it: {text:?} {}",
            told.body
        );
        for file in [gate(&app), format!("{}.begun", gate(&app))] {
            std::fs::remove_file(home.join(file)).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_kill_switch_ends_a_call_that_runs_with_its_process_and_those_of_nobody_else() {
    let app = TestApp::new().await;
    let server = command(&app).await;
    let clients = [Client::new(&app, &server).await, Client::new(&app, &server).await];
    for client in &clients {
        client.allow(&app, "demo_where").await;
    }
    let [stopped, other] = &clients;
    let switched = async {
        until("the call", async || begun(&app)).await;
        assert!(!post(&app, "/mcp", &other.secret, call(1)).await.body.contains("isError\":true"));
        kill::stop(&stopped.actor(&app).await).await.unwrap();
    };
    let (answer, ()) = tokio::join!(post(&app, "/mcp", &stopped.secret, call(424_242)), switched);
    assert_eq!(body(&answer)["result"]["isError"], true, "its process ended under it: {}", answer.body);
    until("its end in the log", async || (stopped.outcomes(&app).await == [Outcome::Failed]).then_some(())).await;
    let again = post(&app, "/mcp", &other.secret, call(2)).await;
    assert!(body(&again)["result"]["content"].is_array() && !again.body.contains("isError\":true"), "{}", again.body);
    let refused = post(&app, "/tools/demo_where", &stopped.secret, json!({})).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_says_which_processes_it_runs_and_ends_the_one_that_another_asks_it_to_end() {
    let app = TestApp::new().await;
    let client = Client::new(&app, &command(&app).await).await;
    client.allow(&app, "demo_where").await;
    let user = app.person(Role::SuperAdmin, &client.tenant).await;
    let admin = app.sign_in(user).await;
    let page = async || app.browse("/admin/tool-processes", Some(&admin)).await.body;
    post(&app, "/mcp", &client.secret, call(1)).await;
    let shown = page().await;
    let host: Uuid = shown.split_once("name=\"host\" value=\"").unwrap().1[..36].parse().unwrap();
    // It looks at once when somebody asks, and else a few seconds later.
    let look = async || {
        let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
        store::outbox::add_platform(&mut tx, "tool_process.asked", None, Some(host), &json!({})).await.unwrap();
        tx.commit().await.unwrap();
    };
    look().await;
    let reported = async || {
        let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
        let hosts = tool_hosts::hosts(&mut tx).await.unwrap();
        hosts.into_iter().find(|one| one.id == host)?.processes.pop()
    };
    let process = until("its report", reported).await;
    assert_eq!((process.business, process.server.as_str()), (client.tenant.business, "demo"));
    let actor = PlatformActor::new(app.db.clone(), user, Role::SuperAdmin);
    let form = format!("process={}&host={host}", process.id);
    let asked = Asked { how: Ending::Stop, process: process.id };
    tool_hosts::ask(&actor, host, asked).await.unwrap();
    until("its end", async || page().await.contains("No running processes").then_some(())).await;
    app.post("stop_tool_process", &form, "/admin/tool-processes", &admin).await;
    let told = page().await;
    assert!(told.contains("It had already stopped."), "a second press says what is true: {told}");
    assert_eq!(app.audited(user, "tool_process.stopped", "ok").await, 1, "it is recorded once");
    look().await;
    until("its report", async || reported().await.is_none().then_some(())).await;
    // What is asked for too late ends nothing, and does not wait for the next process of the client.
    let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
    let late = json!({ "how": "stop", "process": "asked-too-late" });
    assert!(store::platform::tool_hosts::ask(&mut tx, host, &late).await.unwrap());
    tx.commit().await.unwrap();
    let waits = async || app.base.contents().await.iter().any(|(_, rows)| rows.contains("asked-too-late"));
    until("its reader", async || (!waits().await).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_need_one_connection_to_the_database() {
    let app = TestApp::with_one_connection().await;
    let client = Client::new(&app, &command(&app).await).await;
    client.allow(&app, "demo_where").await;
    let calls = (0..5).map(|n| post(&app, "/tools/demo_where", &client.secret, json!({ "n": n })));
    for answer in futures::future::join_all(calls).await {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
}

#[tokio::test]
async fn a_long_list_is_read_page_by_page_and_one_tool_by_its_name() {
    let app = TestApp::new().await;
    let server = command(&app).await;
    let (client, other) = (Client::new(&app, &server).await, Client::new(&app, &server).await);
    let tool = |at: usize| FoundTool {
        name: format!("t{at}"),
        description: "Counts.".to_owned(),
        input: json!({ "type": "object" }),
        output: None,
    };
    let many = NewToolServer { prefix: "many".to_owned(), ..server };
    lists(&app, &client.tenant, &many, (0..60).map(tool).collect()).await;
    let plain = Request::get("/tools").header(header::AUTHORIZATION, format!("Bearer {}", client.secret));
    let plain = body(&app.send(plain.body(axum::body::Body::empty()).unwrap()).await);
    let listed = plain["tools"].as_array().unwrap();
    let listed: Vec<&str> = listed.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    let (mut names, mut params) = (Vec::new(), json!({}));
    loop {
        let asked = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": params });
        let page = body(&post(&app, "/mcp", &client.secret, asked).await)["result"].clone();
        let tools = page["tools"].as_array().unwrap();
        assert!(!tools.is_empty() && tools.len() <= 25, "{page}");
        for tool in tools {
            let name = tool["name"].as_str().unwrap().to_owned();
            let is_foreign = name.starts_with("many_") || name.starts_with("demo_");
            assert!(!is_foreign || tool["title"] == tool["name"], "it does not pass for another one: {tool}");
            names.push(name);
        }
        let Some(next) = page["nextCursor"].as_str() else { break };
        params = json!({ "cursor": next });
    }
    assert_eq!(names, listed);
    assert_eq!(names.iter().filter(|name| name.starts_with("many_")).count(), 60);
    for name in ["demo_nothing", "many_T1", "other_where", "nonsense", "demo_%00", "many_"] {
        let answer = post(&app, &format!("/tools/{name}"), &client.secret, json!({})).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}: {}", answer.body);
    }
    let asked = post(&app, "/tools/many_t59", &client.secret, json!({})).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.body);
    let foreign = post(&app, "/tools/many_t59", &other.secret, json!({})).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND, "of another agency: {}", foreign.body);
}
