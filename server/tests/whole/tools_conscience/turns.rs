//! Do changes of what a program may do take turns, so that none undoes another one that was made at the same time?

use std::collections::BTreeMap;

use domain::tools::{ApprovedFor, Limits, Policy};
use operations::Refusal;
use operations::tools::{approval, budget, policy};
use store::tenant::TenantTx;
use store::tools::{budgets, policies};
use web::clock::now;

use super::World;
use crate::at_once::after;
use crate::tool_agents::tx;

const ADD: &str = "knowledge_add_entry";

/// A transaction that changes what the program may do, and has not ended.
async fn turn(world: &World) -> TenantTx {
    let mut tx = tx(&world.app, &world.tenant).await;
    policies::take_turn(&mut tx, world.token).await.unwrap();
    tx
}

#[tokio::test]
async fn of_two_who_change_limits_at_once_both_are_kept() {
    let world = World::new().await;
    let (actor, token) = (world.actor().await, world.token);
    let mut first = turn(&world).await;
    let priced = Limits { money: Some(50_000), price: 30_000, ..Limits::of(100, 100) };
    budgets::save(&mut first, token, &priced).await.unwrap();
    let late = async move { budget::change(&actor, token, |known| Limits { calls: 7, ..known }).await };
    after(&world.app, first, late).await.unwrap();
    let kept = budgets::of_token(&mut tx(&world.app, &world.tenant).await, token).await.unwrap();
    assert_eq!((kept.calls, kept.writes, kept.money, kept.price), (7, 100, Some(50_000), 30_000));
}

#[tokio::test]
async fn what_is_closed_while_somebody_approves_stays_closed() {
    for how in [ApprovedFor::Always, ApprovedFor::Hour] {
        let world = World::new().await;
        let id = world.ask("Open?").await;
        let actor = world.actor().await;
        let mut first = turn(&world).await;
        policies::save(&mut first, world.token, &[(ADD.to_owned(), Policy::Deny)]).await.unwrap();
        let late = async move { approval::approve(&actor, id, how, now()).await };
        let approved = after(&world.app, first, late).await;
        assert!(matches!(approved, Err(Refusal::State(_))), "{approved:?}");
        let mut tx = tx(&world.app, &world.tenant).await;
        assert_eq!(policies::holding(&mut tx, world.token, ADD, now()).await.unwrap(), Some(Policy::Deny));
    }
}

#[tokio::test]
async fn the_log_says_what_held_before_a_choice() {
    let world = World::new().await;
    let (actor, token) = (world.actor().await, world.token);
    let mut first = turn(&world).await;
    policies::save(&mut first, token, &[(ADD.to_owned(), Policy::Deny)]).await.unwrap();
    let chosen = BTreeMap::from([(ADD.to_owned(), Policy::Allow)]);
    after(&world.app, first, async move { policy::save(&actor, token, &chosen).await }).await.unwrap();
    let rows = world.app.base.contents().await;
    let log = rows.iter().find(|(table, _)| table == "audit_events").map(|(_, rows)| rows.as_str()).unwrap();
    assert!(log.contains("deny \u{2192} allow") && !log.contains("ask \u{2192} allow"), "{log}");
}
