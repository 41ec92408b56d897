//! Is the token of a sub-account opened rarely, replaced at once when HighLevel refuses it, and only then?

use serde_json::json;
use tokio::task::JoinSet;

use crate::helpers::until;
use crate::highlevel_tools::{World, words};

/// How often the audit log says that a token was opened for a tool.
async fn opened(world: &World) -> usize {
    let tables = world.base.contents().await;
    let rows = tables.iter().filter(|(table, _)| table == "audit_events").flat_map(|(_, rows)| rows.lines());
    rows.filter(|row| row.contains("credential.opened") && row.contains("tools")).count()
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_and_the_call_sent_again() {
    let world = World::new().await;
    world.call(world.bright, "list_contacts", json!({})).await.unwrap();
    let first = world.token().await;
    let refusal = json!({"fault": "status", "status": 401, "body": "{\"statusCode\":401,\"message\":\"Invalid JWT\"}"});
    world.fault("POST", "/contacts/search", refusal.clone());
    world.call(world.bright, "list_contacts", json!({})).await.unwrap();
    assert_eq!(world.calls("POST", "/oauth/locationToken"), 2);
    assert_ne!(world.token().await, first);
    let mut always = refusal;
    always["match"] = json!({"method": "POST", "path": "/contacts/search"});
    always["times"] = json!(5);
    world.sim.faults(json!([always])).unwrap();
    let before = world.calls("POST", "/contacts/search");
    let refused = words(world.call(world.bright, "list_contacts", json!({})).await);
    assert!(refused.contains("connect it again"), "{refused}");
    assert_eq!(world.calls("POST", "/contacts/search") - before, 2, "no loop");
}

#[tokio::test]
async fn a_token_is_opened_once_for_the_calls_of_some_minutes_and_replaced_at_once() {
    let world = World::new().await;
    let call = async || world.call(world.bright, "list_contacts", json!({})).await.unwrap();
    call().await;
    let notes = store::listen::start(&world.web).await.unwrap();
    let mut following = JoinSet::new();
    following.spawn(world.cache.clone().follow(notes));
    until("a call that opens nothing", async || {
        let before = opened(&world).await;
        call().await;
        (opened(&world).await == before).then_some(())
    })
    .await;
    let (first, minted) = (world.token().await, world.calls("POST", "/oauth/locationToken"));
    let refusal = json!({"fault": "status", "status": 401, "body": "{\"statusCode\":401,\"message\":\"Invalid JWT\"}"});
    world.fault("POST", "/contacts/search", refusal);
    call().await;
    call().await;
    assert_eq!(world.calls("POST", "/oauth/locationToken"), minted + 1, "the new one serves the next call, too");
    assert_ne!(world.token().await, first);
}
