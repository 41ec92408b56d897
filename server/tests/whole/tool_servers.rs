//! Third-party tool servers: the platform allows a program, an agency sets up a server with it, background work asks it, and
//! its clients are offered what can be used. What is not allowed, or of somebody else, is refused.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use domain::identity::{Reach, Role};
use domain::tool_servers::{FoundTool, NewToolCommand, NewToolServer, Sorted};
use domain::work::{Kind, Queue};
use domain::{BusinessId, ToolCommandId, ToolServerId};
use operations::tool_servers;
use secrecy::ExposeSecret;
use serde_json::json;
use store::tenant::{PlatformTx, Scope, TenantTx};
use uuid::Uuid;
use worker::testing::run_due_in;
use worker::{Boxed, ToolProbe, ToolProber};

use crate::helpers::{Answer, Tenant, TestApp};
use crate::tenant_credentials::hand_over;

const RECENTLY: &str = "update tool_servers set tools = '[]', probed_at = now() - interval '59 minutes'";
const LONG_AGO: &str = "update tool_servers set tools = '[]', probed_at = now() - interval '61 minutes'";

/// A name that no other one has.
fn unique() -> String {
    format!("p{}", &Uuid::now_v7().simple().to_string()[18..32])
}

async fn allowed(app: &TestApp) -> ToolCommandId {
    let new = NewToolCommand { name: unique(), program: "/usr/bin/node".to_owned(), arguments: Vec::new() };
    let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
    let id = store::tool_servers::allow(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn server(app: &TestApp, tenant: &Tenant, business: Option<BusinessId>) -> (ToolServerId, String) {
    let (command, prefix) = (allowed(app).await, unique());
    let agency = tenant.agency;
    let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let new = NewToolServer { prefix: prefix.clone(), command, business };
    let id = store::tool_servers::add(&mut tx, &new).await.unwrap();
    store::tool_servers::ask(&mut tx, id).await.unwrap();
    tx.commit().await.unwrap();
    (id, prefix)
}

/// A valid form for a server function of tool servers, and whether somebody of the platform sends it.
pub async fn form(app: &TestApp, tenant: &Tenant, operation: &str) -> Option<(String, bool)> {
    let agency = tenant.agency;
    Some(match operation {
        "allow_tool_command" => (format!("name={}&program=%2Fusr%2Fbin%2Fnode&arguments=a%0Ab", unique()), true),
        "set_tool_command_active" => (format!("command={}&active=false", allowed(app).await), true),
        "add_tool_server" => {
            let command = allowed(app).await;
            (format!("agency={agency}&prefix={}&command={command}&business={}", unique(), tenant.business), false)
        }
        "set_tool_server_active" | "remove_tool_server" => {
            (format!("agency={agency}&server={}&active=false", server(app, tenant, None).await.0), false)
        }
        _ => return None,
    })
}

/// A tool server that lists what it is given, if it is started with the token of the client.
struct Lists(&'static str);

impl ToolProber for Lists {
    fn tools(&self, asked: ToolProbe) -> Boxed<'_, Result<Sorted, String>> {
        let tool = |name: &str, input| FoundTool {
            name: name.to_owned(),
            description: "Says <b>hello</b>.".to_owned(),
            input,
            output: None,
        };
        let found = vec![
            tool("echo", json!({ "type": "object", "properties": { "text": { "type": "string" } } })),
            tool("echo", json!({ "type": "object" })),
            tool("broken", json!({ "type": "object", "properties": 7 })),
        ];
        Box::pin(async move {
            assert_eq!(asked.access.expose_secret(), self.0, "the token of the client");
            Ok(tool_servers::sorted(&asked.server.prefix, found))
        })
    }
}

async fn submit(app: &TestApp, operation: &str, fields: &[(&str, &str)], cookie: &str) -> Answer {
    app.submit(operation, &serde_urlencoded::to_string(fields).unwrap(), Some(cookie)).await
}

#[tokio::test]
async fn a_program_that_the_platform_allows_serves_the_clients_of_an_agency() {
    let app = TestApp::new().await;
    let (tenant, other) = (app.tenant().await, app.tenant().await);
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let (agency, page) = (tenant.agency.to_string(), format!("/a/{}/tool-servers", tenant.agency));
    assert!(app.browse(&page, Some(&owner)).await.body.contains("programs yet"));
    let fields = [("name", "everything"), ("program", "/usr/bin/node"), ("arguments", "/srv/tools/index.js\nstdio")];
    let answer = submit(&app, "allow_tool_command", &fields, &admin).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let shown = app.browse("/admin/tool-servers", Some(&admin)).await.body;
    assert!(shown.contains("/usr/bin/node /srv/tools/index.js stdio"), "{shown}");
    let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
    let command = store::tool_servers::commands(&mut tx).await.unwrap().remove(0).id.to_string();
    tx.commit().await.unwrap();
    let access = hand_over(&app, &tenant).await;
    let fields = [("agency", agency.as_str()), ("prefix", "demo"), ("command", command.as_str()), ("business", "")];
    let answer = submit(&app, "add_tool_server", &fields, &owner).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert!(app.browse(&page, Some(&owner)).await.body.contains("Not checked yet"));
    run_due_in(&app.worker.clone().probing_by(Arc::new(Lists(access))), &[Queue::ToolServers]).await;
    let shown = app.browse(&page, Some(&owner)).await.body;
    for part in ["demo_echo", "The server lists two tools of this name", "Some tools can't be used", "broken"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("<b>hello</b>"), "what a server says is text");
    let client = app.sign_in(app.person(Role::BusinessOwner, &tenant).await).await;
    let shown = app.browse(&format!("/b/{}/ai-tools", tenant.business), Some(&client)).await.body;
    for part in
        ["Third-party tools", "demo_echo", "The server lists two tools of this name", "Some tools can't be used"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("/srv/tools") && !shown.contains("<b>hello</b>"), "{shown}");
    let foreign = app.sign_in(app.person(Role::BusinessOwner, &other).await).await;
    let shown = app.browse(&format!("/b/{}/ai-tools", other.business), Some(&foreign)).await.body;
    assert!(!shown.contains("Third-party tools"), "{shown}");
    let offered = tool_servers::offered(&app.db, tenant.agency, tenant.business).await.unwrap();
    assert_eq!(offered.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["demo_echo"]);
    assert!(tool_servers::offered(&app.db, other.agency, other.business).await.unwrap().is_empty());
    let stopped = [("command", command.as_str()), ("active", "false")];
    assert_eq!(submit(&app, "set_tool_command_active", &stopped, &admin).await.status, StatusCode::OK);
    assert!(tool_servers::offered(&app.db, tenant.agency, tenant.business).await.unwrap().is_empty());
    assert!(app.browse(&page, Some(&owner)).await.body.contains("No longer allowed"));
}

#[tokio::test]
async fn a_server_of_one_client_serves_no_other_and_one_that_cannot_be_asked_says_why() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let second = app.base.business(tenant.agency).await;
    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let (_, prefix) = server(&app, &tenant, Some(tenant.business)).await;
    // The client has no tokens.
    run_due_in(&app.worker.clone().probing_by(Arc::new(Lists(""))), &[Queue::ToolServers]).await;
    let page = format!("/a/{}/tool-servers", tenant.agency);
    let shown = app.browse(&page, Some(&owner)).await.body;
    assert!(shown.contains("Not answering") && shown.contains("No client has HighLevel tokens"), "{shown}");
    let access = hand_over(&app, &tenant).await;
    let (id, _) = server(&app, &tenant, None).await;
    let again = server_of(&app, &tenant, &prefix).await;
    let agency = tenant.agency.to_string();
    let ask = [("agency", agency.as_str()), ("server", again.as_str())];
    assert_eq!(submit(&app, "ask_tool_server", &ask, &owner).await.status, StatusCode::OK);
    run_due_in(&app.worker.clone().probing_by(Arc::new(Lists(access))), &[Queue::ToolServers]).await;
    let names = async |business| {
        let offered = tool_servers::offered(&app.db, tenant.agency, business).await.unwrap();
        offered.into_iter().map(|one| one.server.id).collect::<Vec<_>>()
    };
    assert_eq!(names(tenant.business).await.len(), 2);
    assert_eq!(names(second).await, [id], "the other client has the server of the whole agency alone");
}

#[tokio::test]
async fn a_server_that_was_not_asked_for_an_hour_is_asked_again() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let access = hand_over(&app, &tenant).await;
    let (_, prefix) = server(&app, &tenant, None).await;
    let asks = app.worker.clone().probing_by(Arc::new(Lists(access)));
    let listed = async || tool_servers::offered(&app.db, tenant.agency, tenant.business).await.unwrap().len();
    run_due_in(&asks, &[Queue::ToolServers]).await;
    assert_eq!(listed().await, 1);
    for (asked, again) in [(RECENTLY, 0), (LONG_AGO, 1)] {
        app.base.execute(asked).await;
        worker::testing::run_periodic(&app.worker).await.unwrap();
        run_due_in(&asks, &[Queue::ToolServers]).await;
        assert_eq!(listed().await, again, "{prefix} after: {asked}");
    }
}

/// A tool server that never answers.
struct Silent;

impl ToolProber for Silent {
    fn tools(&self, _: ToolProbe) -> Boxed<'_, Result<Sorted, String>> {
        Box::pin(async { Err("It did not answer in time.".to_owned()) })
    }
}

/// How many servers are asked now.
async fn asked_by(app: &TestApp, prober: Arc<dyn ToolProber>) -> usize {
    run_due_in(&app.worker.clone().probing_by(prober), &[Queue::ToolServers]).await
}

/// How many servers are due if all were asked this many minutes ago.
async fn due_after(app: &TestApp, minutes: u64) -> usize {
    let sql = format!("update tool_servers set probed_at = now() - interval '{minutes} minutes'");
    app.base.execute(sql.leak()).await;
    store::tool_servers::due(&app.db, Duration::from_secs(60 * 60), None).await.unwrap().len()
}

/// Refreshes and checks wait in another queue, so a server that holds its place for half a minute delays none of them.
#[tokio::test]
async fn a_server_that_does_not_answer_is_asked_more_rarely_and_in_a_queue_of_its_own() {
    for kind in Kind::ALL {
        assert_eq!(kind.queue() == Queue::ToolServers, kind == Kind::ProbeToolServer, "{kind:?}");
    }
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let (id, _) = server(&app, &tenant, None).await;
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let again = async || {
        let mut tx = TenantTx::begin(&app.db, scope.clone()).await.unwrap();
        store::tool_servers::ask(&mut tx, id).await.unwrap();
        tx.commit().await.unwrap();
    };
    assert_eq!(asked_by(&app, Arc::new(Silent)).await, 1, "without tokens nothing is started, so nothing failed");
    let access = hand_over(&app, &tenant).await;
    for hours in [1, 1, 2, 4, 8, 16, 24, 24] {
        assert_eq!(due_after(&app, hours * 60 - 1).await, 0, "before {hours} h");
        assert_eq!(due_after(&app, hours * 60 + 1).await, 1, "after {hours} h");
        again().await;
        assert_eq!(asked_by(&app, Arc::new(Silent)).await, 1);
    }
    again().await;
    assert_eq!(asked_by(&app, Arc::new(Lists(access))).await, 1);
    assert_eq!(due_after(&app, 61).await, 1, "one that answers again is asked each hour again");
}

async fn server_of(app: &TestApp, tenant: &Tenant, prefix: &str) -> String {
    let agency = tenant.agency;
    let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let servers = store::tool_servers::list(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    servers.into_iter().find(|one| one.prefix == prefix).unwrap().id.to_string()
}

#[tokio::test]
async fn what_is_not_allowed_or_of_somebody_else_is_refused() {
    let app = TestApp::new().await;
    let (tenant, other) = (app.tenant().await, app.tenant().await);
    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let (foreign, _) = server(&app, &other, None).await;
    let (_, taken) = server(&app, &tenant, None).await;
    let (agency, command, nobody) =
        (tenant.agency.to_string(), allowed(&app).await.to_string(), Uuid::now_v7().to_string());
    let elsewhere = other.business.to_string();
    for (prefix, command, business, pointer) in [
        ("A b", &command, "", "prefix"),
        ("inbox", &command, "", "prefix"),
        (&*taken, &command, "", "prefix"),
        ("demo", &nobody, "", "command"),
        ("demo", &command, &*elsewhere, "business"),
    ] {
        let fields = [("agency", &*agency), ("prefix", prefix), ("command", command.as_str()), ("business", business)];
        let answer = submit(&app, "add_tool_server", &fields, &owner).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{pointer}: {}", answer.body);
        assert!(answer.body.contains(pointer), "{pointer}: {}", answer.body);
    }
    let foreign = foreign.to_string();
    for operation in ["set_tool_server_active", "ask_tool_server", "remove_tool_server"] {
        let fields = [("agency", &*agency), ("server", &*foreign), ("active", "false")];
        let answer = submit(&app, operation, &fields, &owner).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{operation}: {}", answer.body);
    }
    let support = app.sign_in(app.person(Role::Support, &tenant).await).await;
    let page = app.browse("/admin/tool-servers", Some(&support)).await;
    assert!(page.status == StatusCode::OK && !page.body.contains("/do/allow_tool_command"));
}

#[tokio::test]
async fn a_prefix_never_passes_to_another_program() {
    let app = TestApp::new().await;
    let (tenant, other) = (app.tenant().await, app.tenant().await);
    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let neighbour = app.sign_in(app.person(Role::AgencyOwner, &other).await).await;
    let (first, second) = (allowed(&app).await.to_string(), allowed(&app).await.to_string());
    let add = async |tenant: &Tenant, command: &str, cookie: &str| {
        let agency = tenant.agency.to_string();
        let fields = [("agency", &*agency), ("prefix", "crm"), ("command", command), ("business", "")];
        submit(&app, "add_tool_server", &fields, cookie).await
    };
    assert_eq!(add(&tenant, &first, &owner).await.status, StatusCode::OK);
    let (agency, id) = (tenant.agency.to_string(), server_of(&app, &tenant, "crm").await);
    let removed = [("agency", agency.as_str()), ("server", id.as_str())];
    assert_eq!(submit(&app, "remove_tool_server", &removed, &owner).await.status, StatusCode::OK);
    assert_eq!(submit(&app, "remove_tool_server", &removed, &owner).await.status, StatusCode::NOT_FOUND);
    let on = [("agency", agency.as_str()), ("server", id.as_str()), ("active", "true")];
    assert_eq!(submit(&app, "set_tool_server_active", &on, &owner).await.status, StatusCode::NOT_FOUND);
    let page = format!("/a/{agency}/tool-servers");
    assert!(app.browse(&page, Some(&owner)).await.body.contains("No tool servers yet"));
    // People allowed crm_… of the first program by name.
    let refused = add(&tenant, &second, &owner).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    assert!(refused.body.contains("another program"), "{}", refused.body);
    assert_eq!(add(&other, &second, &neighbour).await.status, StatusCode::OK, "another agency has its own prefixes");
    assert_eq!(add(&tenant, &first, &owner).await.status, StatusCode::OK, "the same program comes back");
    assert_eq!(server_of(&app, &tenant, "crm").await, id);
    assert_eq!(add(&tenant, &first, &owner).await.status, StatusCode::UNPROCESSABLE_ENTITY, "and is there once");
}
