//! May an AI agent be ended in the moment in which it gets a fresh token?

use chrono::{TimeDelta, Utc};
use domain::identity::Role;
use operations::tools::sign_in;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use store::agent_sign_ins::{self, NewSignIn};
use store::api_tokens::{self, NewToken};
use store::tenant::TenantTx;

use crate::conversations::scope;
use crate::helpers::{TestApp, until};

/// What stands for the hashes of the secrets.
const SHARED: [u8; 32] = [1; 32];
const OTHER: [u8; 32] = [2; 32];

#[tokio::test]
async fn who_ends_an_agent_waits_for_its_renewal_and_ends_it_then() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    let begin = async || TenantTx::begin(&app.db, scope(&tenant, user)).await.unwrap();
    let later = Utc::now() + TimeDelta::hours(1);
    let mut tx = begin().await;
    let (name, host) = ("Claude", "claude.example");
    let new = NewSignIn { secret: &SHARED, client: &OTHER, code: &OTHER, name, host, expires_at: later };
    agent_sign_ins::add(&mut tx, &new).await.unwrap();
    let new = NewToken { name: name.to_owned(), scopes: vec!["tools".to_owned()], expires_at: Some(later) };
    let (token, access) = api_tokens::add(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    let id = agent_sign_ins::find(&app.db, SHARED).await.unwrap().unwrap().id;
    let mut tx = begin().await;
    agent_sign_ins::go_on(&mut tx, id, (token, &OTHER), later).await.unwrap();
    tx.commit().await.unwrap();

    let mut renews = begin().await;
    agent_sign_ins::hold(&mut renews, id).await.unwrap().unwrap();
    let renewed = async {
        until("the end to wait", async || app.base.waits_for_a_lock().await.then_some(())).await;
        let fresh = api_tokens::renew(&mut renews, token, later).await.unwrap();
        renews.commit().await.unwrap();
        fresh
    };
    let (ended, fresh) = tokio::join!(sign_in::revoke(&app.db, access.expose_secret()), renewed);
    ended.unwrap();
    assert_eq!(agent_sign_ins::find(&app.db, SHARED).await.unwrap(), None);
    let hash: [u8; 32] = Sha256::digest(fresh.expose_secret()).into();
    assert!(api_tokens::find(&app.db, hash).await.unwrap().is_none(), "the fresh token ended, too");
}
