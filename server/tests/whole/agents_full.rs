//! May a business that has connected as many AI agents as it can connect one more, once some of them have ended?

use domain::identity::Role;
use operations::tools::tokens::MOST;
use store::api_tokens::{self, NewToken};
use store::tenant::TenantTx;

use crate::conversations::scope;
use crate::helpers::TestApp;

#[tokio::test]
async fn agents_that_ended_make_room_and_those_that_come_back_do_not() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    let cookie = app.sign_in(user).await;
    let mut tx = TenantTx::begin(&app.db, scope(&tenant, user)).await.unwrap();
    for at in 0..MOST {
        let new = NewToken { name: format!("Agent {at}"), scopes: vec!["tools".to_owned()], expires_at: None };
        api_tokens::add(&mut tx, &new).await.unwrap();
    }
    tx.commit().await.unwrap();
    let page = format!("/b/{}/ai-tools", tenant.business);
    let connected = async |once: &str| {
        let form = format!("business={}&name=Claude&lifetime=30&once={once}", tenant.business);
        app.post("create_tool_token", &form, &page, &cookie).await;
        let mut tx = TenantTx::begin(&app.db, scope(&tenant, user)).await.unwrap();
        let tokens = api_tokens::list(&mut tx).await.unwrap();
        tokens.into_iter().map(|token| token.name).collect::<Vec<_>>()
    };
    let has = |names: &[String], wanted: &str| names.iter().any(|name| name == wanted);

    let names = connected("0000000001").await;
    assert_eq!((names.len(), has(&names, "Claude")), (MOST, false), "all of them work");
    app.base
        .execute("update api_tokens set expires_at = now() - interval '1 day' where name in ('Agent 0', 'Agent 1')")
        .await;
    app.base
        .execute(
            "insert into agent_sign_ins (agency_id, sub_account_id, secret_hash, client_hash, code_hash, made_by, name, host, token_id, expires_at)
             select agency_id, sub_account_id, sha256('a'), sha256('b'), sha256('c'), created_by, name, 'claude.example', id, now() + interval '1 day'
             from api_tokens where name = 'Agent 1'",
        )
        .await;
    let names = connected("0000000002").await;
    assert_eq!((names.len(), has(&names, "Claude")), (MOST, true), "one made room");
    assert_eq!((has(&names, "Agent 0"), has(&names, "Agent 1")), (false, true), "the other one gets a fresh token");
}
