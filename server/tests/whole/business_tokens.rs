//! What a token that is bound to one business opens.

use axum::http::StatusCode;
use domain::permission::{Needs, POLICY, TOKEN_SCOPES, is_of_business};
use secrecy::ExposeSecret;
use store::tenant::{Scope, TenantTx};

use crate::authorisation::{call, method};
use crate::helpers::TestApp;

/// A token bound to one business reads that business; jobs and snapshots belong to the agency.
#[tokio::test]
async fn a_token_of_one_business_is_told_what_is_not_its_own() {
    let app = TestApp::new().await;
    let own = app.tenant().await;
    let scope = Scope::Business { user: None, business: own.business };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let scopes = TOKEN_SCOPES.iter().map(|scope| (*scope).to_owned()).collect();
    let new = store::api_tokens::NewToken { name: "one".to_owned(), scopes, expires_at: None };
    let (_, secret) = store::api_tokens::add(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    // `tools_access.rs` says whom the tools answer.
    let api = POLICY.iter().filter(|rule| matches!(rule.needs, Needs::Token(_)) && rule.path.starts_with("/api/"));
    for rule in api {
        let path = rule.path.replace("{id}", &own.job.to_string());
        let answer = call(&app, method(rule), &path, Some(secret.expose_secret())).await;
        let opens = matches!(rule.needs, Needs::Token(scope) if is_of_business(scope));
        let wanted = if opens { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(answer.status, wanted, "{path}: {}", answer.body);
        assert!(wanted == StatusCode::OK || answer.body.contains("bound to one business"), "{}", answer.body);
    }
    let named = own.business.to_string();
    assert!(!is_of_business("provisioning") && !is_of_business("snapshots") && is_of_business("businesses"));
    for scope in TOKEN_SCOPES {
        let token = slipway::cli::tokens::create(&app.db, None, Some(&named), &[scope.to_owned()], "terminal").await;
        assert_eq!(token.is_ok(), is_of_business(scope), "{scope}: made at the terminal only if it opens something");
    }
}
