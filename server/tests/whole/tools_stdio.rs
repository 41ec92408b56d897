//! `slipway mcp`: the tools of a business over standard input and output. Nothing but the protocol is on standard output, the
//! token is judged anew at each request, what the client asked for is kept, and a token of another business begins nothing.

use std::process::Stdio;
use std::time::Duration;

use domain::identity::Role;
use domain::tools::Outcome;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::helpers::{TestApp, master, until};
use crate::tool_agents::{allow, outcomes};
use crate::tools_access::{owners, token_of};

/// How long an answer may take; a start may wait for other tests.
const PATIENCE: Duration = Duration::from_secs(60);

fn start(app: &TestApp, master: &str, business: &str, secret: &str) -> Child {
    let folder = app.mails.with_extension("mcp");
    std::fs::create_dir_all(&folder).unwrap();
    Command::new(env!("CARGO_BIN_EXE_slipway"))
        .args(["mcp", "--business", business])
        .current_dir(&folder)
        .env_clear()
        .env("DATABASE_URL", app.base.url())
        .env("SLIPWAY_DATA", &folder)
        .env("ENCRYPTION_KEY", master)
        .env("SLIPWAY_TOKEN", secret)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

struct Client {
    to: ChildStdin,
    from: Lines<BufReader<ChildStdout>>,
}

impl Client {
    fn of(child: &mut Child) -> Self {
        let from = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { to: child.stdin.take().unwrap(), from }
    }

    async fn tell(&mut self, message: &Value) {
        self.to.write_all(format!("{message}\n").as_bytes()).await.unwrap();
        self.to.flush().await.unwrap();
    }

    /// The next message of the program.
    async fn next(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.from.next_line()).await.expect("an answer in time");
        let line = line.unwrap().expect("the program goes on");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// Asks, and returns what was told before the answer, by method, and the answer.
    async fn hear(&mut self, id: u64, method: &str, params: Value) -> (Vec<String>, Value) {
        self.tell(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await;
        let mut told = Vec::new();
        loop {
            let message = self.next().await;
            if let Some(answered) = message.get("id") {
                assert_eq!(answered, id, "{message}");
                return (told, message);
            }
            told.push(message["method"].as_str().unwrap_or_default().to_owned());
        }
    }

    /// Asks for what is answered without another word.
    async fn ask(&mut self, id: u64, method: &str, params: Value) -> Value {
        let (told, answer) = self.hear(id, method, params).await;
        assert!(told.is_empty(), "{told:?}");
        answer
    }

    /// The first words of the protocol.
    async fn greet(&mut self) -> Value {
        let about = json!({ "name": "test", "version": "1" });
        let params = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": about });
        let begun = self.ask(1, "initialize", params).await;
        self.tell(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        begun
    }
}

/// An installation with a master key that another process may be told.
async fn beside() -> (TestApp, String) {
    let master = master();
    let settings = [("GHL_BASE_URL", "http://127.0.0.1:9"), ("GHL_CLIENT_ID", "x"), ("ENCRYPTION_KEY", &*master)];
    (TestApp::with(&settings).await, master)
}

/// The client goes away: the program ends with its input, as one that did its work.
async fn ends(app: &TestApp, mut child: Child, client: Client) {
    drop(client);
    let ended = tokio::time::timeout(PATIENCE, child.wait()).await.expect("it ends with its input").unwrap();
    assert!(ended.success(), "{ended}");
    std::fs::remove_dir_all(app.mails.with_extension("mcp")).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_beside_the_server_lists_and_calls_until_the_token_is_revoked() {
    let (app, master) = beside().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let mut child = start(&app, &master, &tenant.business.to_string(), &secret);
    let mut client = Client::of(&mut child);
    let begun = client.greet().await;
    assert_eq!(begun["result"]["protocolVersion"], "2025-06-18", "{begun}");
    let listed = client.ask(2, "tools/list", json!({})).await;
    assert!(listed["result"]["tools"].as_array().is_some_and(|tools| tools.len() > 10), "{listed}");
    let call = json!({ "name": "business_get_details", "arguments": {} });
    let called = client.ask(3, "tools/call", call.clone()).await;
    assert_eq!(called["result"]["structuredContent"]["name"], format!("business-{}", tenant.business), "{called}");
    app.base.execute("update api_tokens set revoked_at = now()").await;
    let refused = client.ask(4, "tools/call", call).await;
    assert!(refused["error"]["message"].as_str().is_some_and(|text| text.contains("revoked")), "{refused}");
    ends(&app, child, client).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_hears_of_calls_what_it_asked_for() {
    let (app, master) = beside().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let mut child = start(&app, &master, &tenant.business.to_string(), &secret);
    let mut client = Client::of(&mut child);
    client.greet().await;
    let call = |token: Option<&str>| {
        let meta = token.map_or_else(|| json!({}), |token| json!({ "progressToken": token }));
        json!({ "name": "business_get_details", "arguments": {}, "_meta": meta })
    };
    client.ask(2, "tools/call", call(None)).await;
    let (told, _) = client.hear(3, "tools/call", call(Some("p"))).await;
    assert_eq!(told, ["notifications/progress"; 2]);
    client.ask(4, "logging/setLevel", json!({ "level": "info" })).await;
    let (told, _) = client.hear(5, "tools/call", call(None)).await;
    assert_eq!(told, ["notifications/message"; 2], "the level is kept");
    client.ask(6, "logging/setLevel", json!({ "level": "error" })).await;
    client.ask(7, "tools/call", call(None)).await;
    ends(&app, child, client).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_call_is_not_answered_and_goes_on_to_its_end() {
    let (app, master) = beside().await;
    let tenant = app.tenant().await;
    let owner = app.person(Role::BusinessOwner, &tenant).await;
    let secret = token_of(&app, &tenant, Some(owner), &["tools"]).await;
    allow(&app, &tenant, owner, "knowledge_add_entry").await;
    let mut child = start(&app, &master, &tenant.business.to_string(), &secret);
    let mut client = Client::of(&mut child);
    client.greet().await;
    let hold = app.base.hold("knowledge.added").await;
    let arguments = json!({ "kind": "text", "title": "Parking", "content": "Behind the house." });
    let call = json!({ "name": "knowledge_add_entry", "arguments": arguments });
    client.tell(&json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call })).await;
    hold.reached().await;
    let cancelled = json!({ "requestId": 2, "reason": "the person changed their mind" });
    client.tell(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancelled })).await;
    client.ask(3, "ping", json!({})).await;
    hold.release().await;
    until("its end in the log", async || (outcomes(&app, &tenant).await == [Outcome::Done]).then_some(())).await;
    client.ask(4, "ping", json!({})).await;
    ends(&app, child, client).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_none_of_the_business_begins_nothing() {
    let (app, master) = beside().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    let owner = app.person(Role::BusinessOwner, &own).await;
    for (secret, says) in [
        (String::new(), "SLIPWAY_TOKEN is missing"),
        ("slw_nonsense".to_owned(), "unknown, expired or revoked"),
        (token_of(&app, &own, Some(owner), &["businesses"]).await, "lacks the scope"),
        (token_of(&app, &own, None, &["tools"]).await, "no person made this one"),
        (owners(&app, &other).await, "another business"),
    ] {
        let mut child = start(&app, &master, &own.business.to_string(), &secret);
        drop(child.stdin.take());
        let done = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("it ends").unwrap();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(!done.status.success() && said.contains(says), "{says}: {said}");
        assert!(done.stdout.is_empty(), "nothing but the protocol: {}", String::from_utf8_lossy(&done.stdout));
        assert!(secret.is_empty() || !said.contains(&secret), "{said}");
    }
    std::fs::remove_dir_all(app.mails.with_extension("mcp")).unwrap();
}
