//! Does the refresh token of an AI agent work once, also for an agent whose answer was lost on the way, and never for two?

use axum::http::StatusCode;
use store::tenant::TenantTx;

use crate::agent_sign_in::{code, form, listed, owner, redeem, refused, registered, renew, tokens};
use crate::conversations::scope;
use crate::helpers::TestApp;

/// The moment after which a replaced refresh token may not come again.
async fn later(app: &TestApp) {
    app.base.execute("update agent_sign_ins set replaced_at = replaced_at - interval '31 seconds'").await;
}

#[tokio::test]
async fn a_refresh_token_is_replaced_and_a_used_one_ends_the_agent() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let (user, cookie) = owner(&app, &tenant).await;
    let (client, stranger) = (registered(&app, "Claude").await, registered(&app, "Evil").await);
    let code = code(&app, &tenant, &cookie, &client).await;
    let (first, used) = tokens(&redeem(&app, &client, &code, &[]).await);
    let ids = async || {
        let mut tx = TenantTx::begin(&app.db, scope(&tenant, user)).await.unwrap();
        let tokens = store::api_tokens::list(&mut tx).await.unwrap();
        tokens.into_iter().map(|token| token.id).collect::<Vec<_>>()
    };
    let before = ids().await;
    refused(&renew(&app, &stranger, &used).await, "invalid_grant", "another program");
    let (second, fresh) = tokens(&renew(&app, &client, &used).await);
    assert_eq!((listed(&app, &first).await, listed(&app, &second).await), (StatusCode::UNAUTHORIZED, StatusCode::OK));
    assert_eq!((before.len(), &ids().await), (1, &before), "what it may do stays, because it is the same token");
    later(&app).await;
    refused(&renew(&app, &client, &used).await, "invalid_grant", "somebody else has it");
    assert_eq!(listed(&app, &second).await, StatusCode::UNAUTHORIZED);
    refused(&renew(&app, &client, &fresh).await, "invalid_grant", "for good");
    assert_eq!(app.audited(user, "token.revoked", "ok").await, 1);
}

#[tokio::test]
async fn an_agent_that_lost_an_answer_asks_again_once() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let (user, cookie) = owner(&app, &tenant).await;
    let (client, stranger) = (registered(&app, "Claude").await, registered(&app, "Evil").await);
    let code = code(&app, &tenant, &cookie, &client).await;
    let (_, used) = tokens(&redeem(&app, &client, &code, &[]).await);
    let (lost_access, lost) = tokens(&renew(&app, &client, &used).await);
    refused(&renew(&app, &stranger, &used).await, "invalid_grant", "another program");
    let (access, refresh) = tokens(&renew(&app, &client, &used).await);
    assert_eq!(
        (listed(&app, &lost_access).await, listed(&app, &access).await),
        (StatusCode::UNAUTHORIZED, StatusCode::OK)
    );
    let (_, last) = tokens(&renew(&app, &client, &refresh).await);
    let (access, _) = tokens(&renew(&app, &client, &refresh).await);
    assert_eq!(listed(&app, &access).await, StatusCode::OK, "each one may be lost once");
    refused(&renew(&app, &client, &refresh).await, "invalid_grant", "twice is somebody else");
    assert_eq!(listed(&app, &access).await, StatusCode::UNAUTHORIZED);
    for gone in [&used, &lost, &refresh, &last] {
        refused(&renew(&app, &client, gone).await, "invalid_grant", "for good");
    }
    assert_eq!(app.audited(user, "token.revoked", "ok").await, 1);
}

#[tokio::test]
async fn an_agent_that_lost_an_answer_may_end_itself() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let (_, cookie) = owner(&app, &tenant).await;
    let client = registered(&app, "Claude").await;
    let code = code(&app, &tenant, &cookie, &client).await;
    let (_, used) = tokens(&redeem(&app, &client, &code, &[]).await);
    let (access, lost) = tokens(&renew(&app, &client, &used).await);
    assert_eq!(form(&app, "/oauth/revoke", &[("token", &used)]).await.status, StatusCode::OK);
    assert_eq!(listed(&app, &access).await, StatusCode::UNAUTHORIZED, "whoever got the answer has nothing");
    refused(&renew(&app, &client, &lost).await, "invalid_grant", "for good");
}

#[tokio::test]
async fn of_two_who_know_a_refresh_token_the_second_one_ends_both() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let (_, cookie) = owner(&app, &tenant).await;
    let client = registered(&app, "Claude").await;
    for is_thief_first in [true, false] {
        let code = code(&app, &tenant, &cookie, &client).await;
        let (_, known) = tokens(&redeem(&app, &client, &code, &[]).await);
        let (_, first) = tokens(&renew(&app, &client, &known).await);
        let (access, second) = tokens(&renew(&app, &client, &known).await);
        let (shown, other) = if is_thief_first { (first, second) } else { (known, second) };
        refused(&renew(&app, &client, &shown).await, "invalid_grant", "at once, too");
        assert_eq!(listed(&app, &access).await, StatusCode::UNAUTHORIZED);
        refused(&renew(&app, &client, &other).await, "invalid_grant", "for good");
    }
}
