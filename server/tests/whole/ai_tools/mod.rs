//! Do the pages of AI tools connect an agent, show what it asks for and did, and decide, for whoever may and nobody else?

mod connecting;
mod history;
mod stopped;
mod waiting;

use axum::http::StatusCode;
use domain::identity::Role;
use domain::tools::{Outcome, Policy};
use domain::{ApiTokenId, ToolApprovalId, ToolCallId, UserId, feature};
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
        for english in ["AI tools", "AI agent", "Approve", "Approvals", "Dry run", "Update a contact", "Permissions"] {
            assert!(!page.contains(english), "{path} says {english}: {page}");
        }
    }
}
