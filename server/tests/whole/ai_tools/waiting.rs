//! Do people see and hear of the calls that wait for them, and does each of these end once?

use axum::http::StatusCode;
use domain::ToolApprovalId;
use domain::identity::Role;

use super::{agent, asked, has_all};
use crate::helpers::TestApp;

/// What a mail says of a call that `asked` made.
const NAMED: &str = "Claude: Update a contact";

#[tokio::test]
async fn what_waits_is_shown_as_a_difference_and_decided_once() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    let (owner, token) = (app.sign_in(user).await, agent(&app, &tenant, user).await);
    let page = format!("/b/{}/ai-tools/approvals", tenant.business);
    assert!(app.browse(&page, Some(&owner)).await.body.contains("Nothing to approve"));
    let (first, second) = (asked(&app, &tenant, user, token).await, asked(&app, &tenant, user, token).await);
    let shown = app.browse(&page, Some(&owner)).await.body;
    has_all(
        &shown,
        &["Removed", "Added", "Approve once", "Approve for an hour", "Always approve", "Reject", &first.to_string()],
    );
    let form = |id: ToolApprovalId, more: &str| format!("business={}&approval={id}&{more}", tenant.business);
    let approved = app.post("approve_tool_call", &form(first, "how=once"), &page, &owner).await;
    assert_eq!(approved.location, page);
    let rejected = app.post("reject_tool_call", &form(second, "reason=Not+her"), &page, &owner).await;
    assert_eq!(rejected.location, page);
    let shown = app.browse(&page, Some(&owner)).await.body;
    has_all(&shown, &["Nothing to approve", "Approved", "Rejected", "Not her"]);
    for (operation, more) in [("approve_tool_call", "how=once"), ("reject_tool_call", "reason=")] {
        let again = app.submit(operation, &form(second, more), Some(&owner)).await;
        assert_eq!(again.status, StatusCode::CONFLICT, "{operation}: {}", again.body);
    }
    let unknown = app.submit("approve_tool_call", &form(first, "how=forever"), Some(&owner)).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
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
        assert!(sent.iter().all(|mail| mail.contains(NAMED)), "{sent:?}");
    }
}
