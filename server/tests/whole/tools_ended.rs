//! A process of a tool server ends at once when its server or its program is turned off, or its client is disconnected from
//! HighLevel; those of other clients go on.

use std::path::Path;

use domain::identity::{Reach, Role};
use domain::tool_servers::FoundTool;
use domain::{ToolCommandId, ToolServerId};
use serde_json::json;
use store::tenant::{PlatformTx, Scope, TenantTx};

use crate::helpers::{Tenant, TestApp, until};
use crate::tenant_credentials::hand_over;
use crate::tool_agents::{self, of_agency};
use crate::tools_access::{json as body, post, token_of};

/// A tool server that answers with the number of its process.
const SERVER: &str = r#"
while read -r line; do
  id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9][0-9]*\).*/\1/p')
  case "$line" in
    *'"initialize"'*) result='{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"sh","version":"1"}}' ;;
    *'"tools/call"'*) result="{\"content\":[{\"type\":\"text\",\"text\":\"$$\"}]}" ;;
    *) continue ;;
  esac
  printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$result"
done
"#;

/// A client with a tool server of its own, whose tool its agent may call.
struct Client {
    tenant: Tenant,
    command: ToolCommandId,
    server: ToolServerId,
    secret: String,
}

impl Client {
    async fn new(app: &TestApp, name: &str) -> Self {
        let arguments = vec!["-c".to_owned(), SERVER.to_owned()];
        let new = tool_agents::shell(app, name, arguments).await;
        let tenant = app.tenant().await;
        hand_over(app, &tenant).await;
        let server = tool_agents::add(app, &tenant, &new).await;
        let (name, description) = ("pid".to_owned(), "Says its number.".to_owned());
        let found = FoundTool { name, description, input: json!({ "type": "object" }), output: None };
        tool_agents::listed(app, &tenant, (server, &new.prefix), vec![found]).await;
        let owner = app.person(Role::BusinessOwner, &tenant).await;
        let secret = token_of(app, &tenant, Some(owner), &["tools"]).await;
        tool_agents::allow(app, &tenant, owner, "demo_pid").await;
        Self { tenant, command: new.command, server, secret }
    }

    /// The number of the process that serves the client.
    async fn pid(&self, app: &TestApp) -> String {
        let answer = post(app, "/tools/demo_pid", &self.secret, json!({})).await;
        let text = body(&answer)["result"]["content"][0]["text"].as_str().unwrap_or_default().to_owned();
        assert!(is_alive(&text), "{}", answer.body);
        text
    }
}

fn is_alive(pid: &str) -> bool {
    !pid.is_empty() && Path::new("/proc").join(pid).exists()
}

async fn turn_off_server(app: &TestApp, client: &Client) {
    let mut tx = TenantTx::begin(&app.db, of_agency(&client.tenant)).await.unwrap();
    store::tool_servers::set_active(&mut tx, client.server, false).await.unwrap();
    tx.commit().await.unwrap();
}

async fn turn_off_program(app: &TestApp, client: &Client) {
    let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
    store::tool_servers::set_command_active(&mut tx, client.command, false).await.unwrap();
    tx.commit().await.unwrap();
}

async fn disconnect(app: &TestApp, client: &Client) {
    let Tenant { agency, business, .. } = client.tenant;
    let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let location = format!("L{business}");
    let integration = store::integrations::location(&mut tx, &location).await.unwrap().unwrap().id;
    store::integrations::disconnect(&mut tx, integration, "a test").await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_ends_with_its_server_its_program_and_the_tokens_of_its_client() {
    let app = TestApp::new().await;
    let clients = [
        Client::new(&app, "one").await,
        Client::new(&app, "two").await,
        Client::new(&app, "three").await,
        Client::new(&app, "four").await,
    ];
    let mut pids = Vec::new();
    for client in &clients {
        pids.push(client.pid(&app).await);
    }
    let [first, second, third, last] = &clients;
    let ended = async |at: usize| {
        until("its end", async || (!is_alive(&pids[at])).then_some(())).await;
        assert!(pids[at + 1..].iter().all(|pid| is_alive(pid)), "those of others go on");
    };
    turn_off_server(&app, first).await;
    ended(0).await;
    turn_off_program(&app, second).await;
    ended(1).await;
    disconnect(&app, third).await;
    ended(2).await;
    assert_eq!(last.pid(&app).await, pids[3]);
}
