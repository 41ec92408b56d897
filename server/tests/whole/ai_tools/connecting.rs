//! Do the pages of AI tools connect an agent, bound what it may do, and end it, for whoever proves who they are?

use axum::http::StatusCode;
use domain::identity::Role;
use store::tenant::TenantTx;

use super::{TOOL, agent, asked, has_all};
use crate::conversations::scope;
use crate::helpers::TestApp;

/// What is chosen for the tool on the page of an agent.
fn chosen(page: &str) -> &str {
    let select = page.split_once(&format!("name=\"{TOOL}\"")).unwrap().1.split_once("</select>").unwrap().0;
    select.split("<option").find(|one| one.contains("selected")).unwrap()
}

#[tokio::test]
async fn an_agent_is_connected_once_and_its_token_is_shown_once_with_lines_to_paste() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.sign_in(app.person(Role::BusinessOwner, &tenant).await).await;
    let page = format!("/b/{}/ai-tools", tenant.business);
    has_all(&app.browse(&page, Some(&owner)).await.body, &["No AI agents yet", "YOUR_TOKEN", "/do/create_tool_token"]);
    let form = format!("business={}&name=Claude&lifetime=30&once=0123456789", tenant.business);
    for _ in 0..2 {
        let sent = app.post("create_tool_token", &form, &page, &owner).await;
        assert_eq!(sent.location, format!("{page}#connect"));
    }
    let shown = app.browse(&page, Some(&owner)).await.body;
    let mcp = format!("/mcp/{}", tenant.business);
    has_all(&shown, &["slw_", "Claude Desktop", "Cursor", "VS Code", "curl", "mcp-remote", &mcp, "Permissions"]);
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
    has_all(&shown, &["Set all to:", "name=\"all.inbox\"", "name=\"all.highlevel\""]);
    let sent = app.post("save_tool_policies", &form(&format!("{TOOL}=ask&all.inbox=allow")), &page, &owner).await;
    assert_eq!(sent.location, page);
    let shown = app.browse(&page, Some(&owner)).await.body;
    assert!(chosen(&shown).contains("value=\"allow\""), "the choice for all tools of a group counts: {shown}");
    app.post("save_tool_budget", &form("calls=900&writes=7"), &page, &owner).await;
    let shown = app.browse(&page, Some(&owner)).await.body;
    has_all(&shown, &["value=\"900\"", "value=\"5\"", "value=\"0.05\""]);
    app.post("save_tool_budget", &form("calls=900&writes=7&money=&price="), &page, &owner).await;
    let shown = app.browse(&page, Some(&owner)).await.body;
    assert!(!shown.contains("value=\"5\"") && !shown.contains("value=\"0.05\""), "what is empty is cleared: {shown}");
    app.post("save_tool_budget", &form("calls=many&writes=7"), &page, &owner).await;
    let shown = app.browse(&page, Some(&owner)).await.body;
    has_all(&shown, &["aria-invalid=\"true\"", "value=\"many\""]);
    app.post("save_tool_budget", &form("calls=9&writes=7&money=5&price="), &page, &owner).await;
    let shown = app.browse(&page, Some(&owner)).await.body;
    has_all(&shown, &["aria-invalid=\"true\"", "Enter the price of one paid message"]);
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
