//! Do the pages of AI tools connect an agent, show what it asks for and did, and decide, for whoever may and nobody else?

use axum::http::{StatusCode, header};
use domain::feature;
use domain::identity::Role;
use domain::tools::{Outcome, Policy};
use domain::{ApiTokenId, ToolApprovalId, ToolCallId, UserId};
use operations::platform::tool_hosts::{self, Asked, Ending};
use operations::platform::tool_processes::{ProcessState, ProcessView};
use serde_json::json;
use store::api_tokens::NewToken;
use store::tenant::{PlatformTx, TenantTx};
use store::tools::approvals::NewApproval;
use store::tools::calls::{Ended, NewCall};
use store::tools::{approvals, calls, kill};
use uuid::Uuid;

use crate::conversations::scope;
use crate::forms;
use crate::helpers::{Tenant, TestApp};

/// The tool that these tests call.
const TOOL: &str = "inbox_update_contact";

/// Connects an agent to the business.
async fn agent(app: &TestApp, tenant: &Tenant, user: UserId) -> ApiTokenId {
    let mut tx = TenantTx::begin(&app.db, scope(tenant, user)).await.unwrap();
    let new = NewToken { name: "Claude".to_owned(), scopes: vec!["tools".to_owned()], expires_at: None };
    let (id, _) = store::api_tokens::add(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// What is chosen for the tool on the page of an agent.
fn chosen(page: &str) -> &str {
    let select = page.split_once(&format!("name=\"{TOOL}\"")).unwrap().1.split_once("</select>").unwrap().0;
    select.split("<option").find(|one| one.contains("selected")).unwrap()
}

/// A call of an agent that ended so.
async fn called(app: &TestApp, tenant: &Tenant, user: UserId, (token, outcome): (ApiTokenId, Outcome)) -> ToolCallId {
    let mut tx = TenantTx::begin(&app.db, scope(tenant, user)).await.unwrap();
    let arguments = json!({ "contact": "ana", "name": "Ana Lee" });
    let call = NewCall {
        token,
        token_name: "Claude",
        tool: TOOL,
        effect: "write",
        arguments: &arguments,
        hash: &[7; 32],
        policy: Policy::Allow,
        approval: None,
    };
    let id = calls::begin(&mut tx, &call).await.unwrap();
    let reason = (outcome == Outcome::Refused).then_some("The policy forbids it.");
    calls::end(&mut tx, id, Ended { outcome, reason, bytes: Some(42), ms: 7 }).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// A call that waits for a person.
async fn asked(app: &TestApp, tenant: &Tenant, user: UserId, token: ApiTokenId) -> ToolApprovalId {
    let mut tx = TenantTx::begin(&app.db, scope(tenant, user)).await.unwrap();
    let mut hash = [0; 32];
    hash[..16].copy_from_slice(Uuid::now_v7().as_bytes());
    let new = NewApproval {
        token,
        token_name: "Claude",
        tool: TOOL,
        arguments: &json!({ "contact": "ana", "name": "Ana Lee" }),
        hash: &hash,
        shown: "Change the contact Ana:\n- Ana\n+ Ana Lee",
        now: web::clock::now(),
    };
    let (id, _) = approvals::ask(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// An agent of the business with a call that ended and one that waits.
pub async fn filled(app: &TestApp, tenant: &Tenant, user: UserId) -> (ApiTokenId, ToolCallId) {
    let agent = agent(app, tenant, user).await;
    asked(app, tenant, user, agent).await;
    (agent, called(app, tenant, user, (agent, Outcome::Done)).await)
}

/// The form of a server function about AI tools, with everything that it is about, and whether it is one of the platform.
/// `None` if it is about something else.
pub async fn form(app: &TestApp, tenant: &Tenant, user: UserId, operation: &str) -> Option<(String, bool)> {
    let own = feature::FEATURES.iter().find(|feature| feature.key == "tools")?;
    own.operations.iter().find(|one| one.name == operation)?;
    match operation {
        "resume_tools" => {
            let mut tx = TenantTx::begin(&app.db, scope(tenant, user)).await.unwrap();
            kill::stop(&mut tx).await.unwrap();
            tx.commit().await.unwrap();
        }
        "resume_all_tools" => {
            let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
            kill::stop_all(&mut tx).await.unwrap();
            tx.commit().await.unwrap();
        }
        _ => {}
    }
    let mut fields = forms::fields(operation, tenant);
    let agent = agent(app, tenant, user).await;
    for (name, value) in &mut fields {
        *value = match name.as_str() {
            "token" => agent.to_string(),
            "approval" => asked(app, tenant, user, agent).await.to_string(),
            "once" => Uuid::now_v7().to_string(),
            _ => continue,
        };
    }
    Some((forms::body(&fields), operation.ends_with("_all_tools")))
}

/// Each of these in a text.
fn has_all(body: &str, texts: &[&str]) {
    for text in texts {
        assert!(body.contains(text), "{text} is missing in {body}");
    }
}

#[tokio::test]
async fn an_agent_is_connected_once_and_its_token_is_shown_once_with_lines_to_paste() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.sign_in(app.person(Role::BusinessOwner, &tenant).await).await;
    let page = format!("/b/{}/ai-tools", tenant.business);
    has_all(&app.browse(&page, Some(&owner)).await.body, &["No AI agent yet", "YOUR_TOKEN", "/do/create_tool_token"]);
    let form = format!("business={}&name=Claude&lifetime=30&once=0123456789", tenant.business);
    for _ in 0..2 {
        let sent = app.post("create_tool_token", &form, &page, &owner).await;
        assert_eq!(sent.location, format!("{page}#connect"));
    }
    let shown = app.browse(&page, Some(&owner)).await.body;
    let mcp = format!("/mcp/{}", tenant.business);
    has_all(&shown, &["slw_", "Claude Desktop", "Cursor", "VS Code", "curl", "mcp-remote", &mcp, "What it may do"]);
    let again = app.browse(&page, Some(&owner)).await.body;
    assert!(again.contains("YOUR_TOKEN") && !again.contains("Bearer slw_"), "it is shown once");
    let mut tx = TenantTx::begin(&app.db, scope(&tenant, app.person(Role::AgencyOwner, &tenant).await)).await.unwrap();
    let tokens = store::api_tokens::list(&mut tx).await.unwrap();
    assert_eq!(tokens.len(), 1, "the second press made none");
    assert_eq!((tokens[0].business, tokens[0].scopes.as_slice()), (Some(tenant.business), &["tools".to_owned()][..]));
}

#[tokio::test]
async fn what_an_agent_may_do_is_chosen_for_each_tool_and_bounded_for_a_day() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    let (owner, token) = (app.sign_in(user).await, agent(&app, &tenant, user).await);
    let page = format!("/b/{}/ai-tools/{token}", tenant.business);
    let form = |more: &str| format!("business={}&token={token}&{more}", tenant.business);
    let sent = app.post("save_tool_policies", &form(&format!("{TOOL}=deny")), &page, &owner).await;
    assert_eq!(sent.location, page);
    let sent = app.post("save_tool_budget", &form("calls=1,000&writes=7&money=5&price=0.05"), &page, &owner).await;
    assert_eq!(sent.location, page);
    let shown = app.browse(&page, Some(&owner)).await.body;
    assert!(chosen(&shown).contains("value=\"deny\""), "{shown}");
    has_all(&shown, &["value=\"1000\"", "value=\"7\"", "value=\"5\"", "value=\"0.05\""]);
    has_all(&shown, &["All of these:", "name=\"all.inbox\"", "name=\"all.highlevel\""]);
    let sent = app.post("save_tool_policies", &form(&format!("{TOOL}=ask&all.inbox=allow")), &page, &owner).await;
    assert_eq!(sent.location, page);
    let shown = app.browse(&page, Some(&owner)).await.body;
    assert!(chosen(&shown).contains("value=\"allow\""), "the choice for all tools of a group counts: {shown}");
    app.post("save_tool_budget", &form("calls=many&writes=7"), &page, &owner).await;
    let shown = app.browse(&page, Some(&owner)).await.body;
    has_all(&shown, &["aria-invalid=\"true\"", "value=\"many\""]);
    app.post("save_tool_budget", &form("calls=9&writes=7&money=5&price="), &page, &owner).await;
    let shown = app.browse(&page, Some(&owner)).await.body;
    has_all(&shown, &["aria-invalid=\"true\"", "Without it the money is not limited."]);
    let sent = app.post("revoke_tool_token", &form(""), &page, &owner).await;
    assert_eq!(sent.location, format!("/b/{}/ai-tools", tenant.business));
    assert_eq!(app.browse(&page, Some(&owner)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whoever_lets_an_agent_do_more_proves_who_they_are() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    let (old, token) = (app.signed_in(user, chrono::TimeDelta::minutes(11)).await, agent(&app, &tenant, user).await);
    let approval = asked(&app, &tenant, user, token).await;
    let approve = |how: &str| format!("business={}&approval={approval}&how={how}", tenant.business);
    for (operation, form) in [
        ("save_tool_policies", format!("business={}&token={token}&{TOOL}=allow", tenant.business)),
        ("save_tool_budget", format!("business={}&token={token}&calls=9&writes=9", tenant.business)),
        ("approve_tool_call", approve("always")),
    ] {
        let refused = app.submit(operation, &form, Some(&old)).await;
        assert!(refused.status == StatusCode::FORBIDDEN && refused.body.contains("StepUp"), "{}", refused.body);
    }
    let once = app.submit("approve_tool_call", &approve("once"), Some(&old)).await;
    assert!(once.status.is_success() || once.status.is_redirection(), "{}", once.body);
    let owner = app.sign_in(user).await;
    let page = format!("/b/{}/ai-tools/{token}", tenant.business);
    let form = format!("business={}&token={token}&{TOOL}=allow", tenant.business);
    assert_eq!(app.post("save_tool_policies", &form, &page, &owner).await.location, page);
}

#[tokio::test]
async fn a_token_of_the_agency_is_no_agent_of_the_business() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyStaff, &tenant).await;
    let staff = app.sign_in(user).await;
    app.token(&tenant, &["provisioning"]).await;
    let agencys = domain::identity::Reach::All;
    let place = store::tenant::Scope::Agency { user: None, agency: tenant.agency, reach: agencys, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, place.clone()).await.unwrap();
    let token = store::api_tokens::list(&mut tx).await.unwrap().remove(0).id;
    drop(tx);
    let form = format!("business={}&token={token}", tenant.business);
    assert_eq!(app.submit("revoke_tool_token", &form, Some(&staff)).await.status, StatusCode::NOT_FOUND);
    let mut tx = TenantTx::begin(&app.db, place).await.unwrap();
    assert_eq!(store::api_tokens::list(&mut tx).await.unwrap().len(), 1, "it still works");
    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let page = app.browse(&format!("/a/{}/tokens", tenant.agency), Some(&owner)).await.body;
    assert!(page.contains("name=\"provisioning\"") && !page.contains("name=\"tools\""), "{page}");
    let form = format!("agency={}&name=x&tools=on", tenant.agency);
    let made = app.submit("create_token", &form, Some(&owner)).await;
    assert_eq!(made.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", made.body);
}

#[tokio::test]
async fn what_waits_is_shown_as_a_difference_and_decided_once() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    let (owner, token) = (app.sign_in(user).await, agent(&app, &tenant, user).await);
    let page = format!("/b/{}/ai-tools/approvals", tenant.business);
    assert!(app.browse(&page, Some(&owner)).await.body.contains("Nothing waits"));
    let (first, second) = (asked(&app, &tenant, user, token).await, asked(&app, &tenant, user, token).await);
    let shown = app.browse(&page, Some(&owner)).await.body;
    has_all(&shown, &["Removed", "Added", "Approve once", "For an hour", "Always", "Reject", &first.to_string()]);
    let form = |id: ToolApprovalId, more: &str| format!("business={}&approval={id}&{more}", tenant.business);
    let approved = app.post("approve_tool_call", &form(first, "how=once"), &page, &owner).await;
    assert_eq!(approved.location, page);
    let rejected = app.post("reject_tool_call", &form(second, "reason=Not+her"), &page, &owner).await;
    assert_eq!(rejected.location, page);
    let shown = app.browse(&page, Some(&owner)).await.body;
    has_all(&shown, &["Nothing waits", "Approved", "Rejected", "Not her"]);
    for (operation, more) in [("approve_tool_call", "how=once"), ("reject_tool_call", "reason=")] {
        let again = app.submit(operation, &form(second, more), Some(&owner)).await;
        assert_eq!(again.status, StatusCode::CONFLICT, "{operation}: {}", again.body);
    }
    let unknown = app.submit("approve_tool_call", &form(first, "how=forever"), Some(&owner)).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_log_is_filtered_traced_and_taken_along() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    let (owner, token) = (app.sign_in(user).await, agent(&app, &tenant, user).await);
    let done = called(&app, &tenant, user, (token, Outcome::Done)).await;
    let refused = called(&app, &tenant, user, (token, Outcome::Refused)).await;
    let log = format!("/b/{}/ai-tools/log", tenant.business);
    let (done, refused) = (done.to_string(), refused.to_string());
    let by_agent = format!("?token={token}&tool={TOOL}");
    for (query, has_done, has_refused) in [
        ("", true, true),
        ("?view=refused", false, true),
        (by_agent.as_str(), true, true),
        ("?tool=inbox_add_note", false, false),
        ("?to=2001-01-01", false, false),
    ] {
        let shown = app.browse(&format!("{log}{query}"), Some(&owner)).await.body;
        assert_eq!((shown.contains(&done), shown.contains(&refused)), (has_done, has_refused), "{query}");
        let file = app.get(&format!("{log}.csv{query}"), Some(&owner)).await;
        assert_eq!(file.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
        assert_eq!((file.body.contains(&done), file.body.contains(&refused)), (has_done, has_refused), "{query}");
    }
    assert_eq!(app.audited(user, "tool_log.downloaded", "ok").await, 5);
    let trace = app.browse(&format!("{log}/{refused}"), Some(&owner)).await.body;
    has_all(&trace, &["The policy forbids it.", TOOL, "Ana Lee", "42 bytes", "Number 2"]);
    let trust = app.browse(&format!("/b/{}/ai-tools/trust", tenant.business), Some(&owner)).await.body;
    has_all(&trust, &["1 done", "1 stopped", "What holds for every agent"]);
    assert!(!trust.contains("tool_call.changed"), "a month is summed when the page is opened, and not at each call");
    let old = app.signed_in(user, chrono::TimeDelta::minutes(11)).await;
    let led = app.browse(&format!("{log}.csv"), Some(&old)).await.location;
    assert!(led.starts_with("/me/confirm?next=") && led.contains("log.csv"), "{led}");
}

#[tokio::test]
async fn nobody_of_another_business_sees_or_decides_anything() {
    let app = TestApp::new().await;
    let (tenant, other) = (app.tenant().await, app.tenant().await);
    let user = app.person(Role::BusinessOwner, &tenant).await;
    let token = agent(&app, &tenant, user).await;
    let (approval, call) =
        (asked(&app, &tenant, user, token).await, called(&app, &tenant, user, (token, Outcome::Done)).await);
    let stranger = app.sign_in(app.person(Role::BusinessOwner, &other).await).await;
    let own = format!("/b/{}/ai-tools", other.business);
    for path in [format!("{own}/{token}"), format!("{own}/log/{call}"), format!("/b/{}/ai-tools/log", tenant.business)]
    {
        assert_eq!(app.browse(&path, Some(&stranger)).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for (operation, more) in [
        ("approve_tool_call", format!("approval={approval}&how=once")),
        ("reject_tool_call", format!("approval={approval}&reason=")),
        ("save_tool_policies", format!("token={token}&{TOOL}=allow")),
        ("save_tool_budget", format!("token={token}&calls=1&writes=1")),
        ("revoke_tool_token", format!("token={token}")),
    ] {
        for business in [tenant.business, other.business] {
            let answer = app.submit(operation, &format!("business={business}&{more}"), Some(&stranger)).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{operation}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn either_switch_is_told_on_every_page_and_taken_back() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.sign_in(app.person(Role::BusinessOwner, &tenant).await).await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let page = format!("/b/{}/ai-tools", tenant.business);
    let own = format!("business={}", tenant.business);
    let told = async |text: &str| app.browse(&page, Some(&owner)).await.body.contains(text);
    assert!(!told("are stopped").await);
    app.post("stop_tools", &own, &page, &owner).await;
    assert!(told("All AI tools of this business are stopped. No agent").await);
    app.post("resume_tools", &own, &page, &owner).await;
    assert!(!told("No agent reads or changes anything").await);
    app.post("stop_all_tools", "", "/admin/tool-processes", &admin).await;
    assert!(told("The platform stopped the AI tools of everybody").await);
    let shown = app.browse("/admin/tool-processes", Some(&admin)).await.body;
    has_all(&shown, &["No process runs", "/do/resume_all_tools"]);
    app.post("resume_all_tools", "", "/admin/tool-processes", &admin).await;
    assert!(!told("The platform stopped").await);
    for operation in ["stop_tool_process", "restart_tool_process"] {
        let answer = app.submit(operation, "process=1", Some(&admin)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{operation}: there is no process");
    }
}

#[tokio::test]
async fn the_page_shows_the_processes_of_other_servers_and_asks_these_to_end_one() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let (host, path) = (Uuid::now_v7(), "/admin/tool-processes");
    let process = ProcessView {
        id: format!("{}.7", tenant.business),
        business: tenant.business,
        server: "notes".to_owned(),
        state: ProcessState::Running,
        pid: Some(4711),
        started_at: None,
        used_at: None,
        in_use: 0,
        calls: 3,
        restarts: 0,
        memory: None,
    };
    tool_hosts::report(&app.db, host, "web-2", std::slice::from_ref(&process), true).await.unwrap();
    let shown = app.browse(path, Some(&admin)).await.body;
    has_all(&shown, &["web-2", "notes", "4711", &host.to_string(), "/do/stop_tool_process"]);
    let form = format!("process={}&host={host}", process.id);
    for (operation, how) in [("stop_tool_process", Ending::Stop), ("restart_tool_process", Ending::Restart)] {
        let sent = app.submit(operation, &form, Some(&admin)).await;
        assert!(sent.status.is_success() || sent.status.is_redirection(), "{operation}: {}", sent.body);
        let asked = tool_hosts::asked(&app.db, host).await.unwrap();
        assert_eq!(asked, [Asked { how, process: process.id.clone() }]);
        assert!(tool_hosts::asked(&app.db, host).await.unwrap().is_empty(), "it is asked once");
        let unknown = app.submit(operation, &format!("process=1&host={host}"), Some(&admin)).await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{operation}: it runs no such process");
    }
    app.base.execute("update tool_hosts set seen_at = now() - interval '2 minutes'").await;
    has_all(&app.browse(path, Some(&admin)).await.body, &["No process runs"]);
    let silent = app.submit("stop_tool_process", &form, Some(&admin)).await;
    assert_eq!(silent.status, StatusCode::NOT_FOUND, "a server that says nothing is asked for nothing");
    tool_hosts::gone(&app.db, host).await.unwrap();
}

#[tokio::test]
async fn every_page_of_ai_tools_is_in_the_chosen_language() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    let (owner, (agent, call)) = (app.sign_in(user).await, filled(&app, &tenant, user).await);
    assert_eq!(app.submit("set_language", "language=es", Some(&owner)).await.status, StatusCode::OK);
    let root = format!("/b/{}/ai-tools", tenant.business);
    let (agent, call) = (format!("/{agent}"), format!("/log/{call}"));
    for path in ["", &agent, "/approvals", "/log", &call, "/trust"] {
        let page = app.browse(&format!("{root}{path}"), Some(&owner)).await.body;
        has_all(&page, &["<html lang=\"es\"", "Herramientas de IA", "Aprobaciones"]);
        for english in ["AI tools", "AI agent", "Approve", "Approvals", "Dry run", "Update a contact", "What it may do"]
        {
            assert!(!page.contains(english), "{path} says {english}: {page}");
        }
    }
}

#[tokio::test]
async fn the_page_of_a_client_leads_its_agency_to_what_waits() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyOwner, &tenant).await;
    let (owner, token) = (app.sign_in(user).await, agent(&app, &tenant, user).await);
    let page = format!("/a/{}/clients/{}", tenant.agency, tenant.business);
    let told = format!("/b/{}/ai-tools/approvals", tenant.business);
    assert!(!app.browse(&page, Some(&owner)).await.body.contains(&told));
    asked(&app, &tenant, user, token).await;
    has_all(&app.browse(&page, Some(&owner)).await.body, &["An AI agent asks for approval.", &told]);
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    assert!(!app.browse(&page, Some(&admin)).await.body.contains(&told), "the platform reads no content");
}

#[tokio::test]
async fn the_bell_of_a_business_rings_for_whoever_may_approve_until_somebody_decided() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    let owner = app.sign_in(user).await;
    let member = app.sign_in(app.person(Role::TeamMember, &tenant).await).await;
    let page = format!("/b/{}", tenant.business);
    let bell = async |cookie: &str| {
        let body = app.browse(&page, Some(cookie)).await.body;
        let rest = body.split_once("data-unread=\"").map(|(_, rest)| rest);
        assert_eq!(rest.is_some(), body.contains(&format!("{page}/ai-tools/approvals")), "it leads to what waits");
        rest.map(|rest| rest.split('"').next().unwrap_or_default().to_owned())
    };
    assert_eq!(bell(&owner).await.as_deref(), Some(""));
    let token = agent(&app, &tenant, user).await;
    let id = asked(&app, &tenant, user, token).await;
    assert_eq!(bell(&owner).await.as_deref(), Some("1"));
    assert_eq!(bell(&member).await, None, "whoever may not approve has none");
    let form = format!("business={}&approval={id}&reason=", tenant.business);
    app.post("reject_tool_call", &form, &page, &owner).await;
    assert_eq!(bell(&owner).await.as_deref(), Some(""));
}

#[tokio::test]
async fn the_owner_sees_when_the_log_was_verified_and_that_it_was_changed() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    let owner = app.sign_in(user).await;
    filled(&app, &tenant, user).await;
    let trust = format!("/b/{}/ai-tools/trust", tenant.business);
    has_all(&app.browse(&trust, Some(&owner)).await.body, &["It has not been yet"]);
    worker::testing::run_periodic(&app.worker).await.unwrap();
    has_all(&app.browse(&trust, Some(&owner)).await.body, &["Log verified"]);
    app.base.execute("update tool_calls set tool = 'other'; update tool_chains set verified_at = null").await;
    worker::testing::run_periodic(&app.worker).await.unwrap();
    has_all(&app.browse(&trust, Some(&owner)).await.body, &["The log does not fit in one place."]);
}

#[tokio::test]
async fn an_owner_gets_one_mail_about_what_waits_for_ten_minutes_unless_they_want_none() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    let token = agent(&app, &tenant, user).await;
    for (choices, mails) in [("{}", 1), (r#"{"kinds": {"tool.approval": "off"}}"#, 0)] {
        asked(&app, &tenant, user, token).await;
        let chosen =
            format!("update users set settings_json = jsonb_build_object('notifications', '{choices}'::jsonb)");
        app.base.execute(chosen.leak()).await;
        app.base
            .execute("update tool_approvals set created_at = created_at - interval '11 minutes', told_at = told_at - interval '61 minutes'")
            .await;
        let _ = std::fs::remove_dir_all(&app.mails);
        for _ in 0..2 {
            worker::testing::run_periodic(&app.worker).await.unwrap();
            app.send_mails().await;
        }
        let sent = app.mailed();
        let about = format!("/b/{}/ai-tools/approvals", tenant.business);
        assert_eq!(sent.iter().filter(|mail| mail.contains(&about)).count(), mails, "{choices}: {sent:?}");
        assert!(sent.iter().all(|mail| mail.contains("/unsubscribe/")), "{sent:?}");
    }
}
