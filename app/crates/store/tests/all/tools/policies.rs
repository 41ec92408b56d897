//! Does a choice hold for its token and tool alone, and an allowed hour for an hour where a person would be asked?

use chrono::{TimeDelta, Utc};
use domain::tools::Policy;
use store::tools::{judging, policies};

use super::World;

fn chosen(policies: &[(&str, Policy)]) -> Vec<(String, Policy)> {
    policies.iter().map(|(tool, policy)| ((*tool).to_owned(), *policy)).collect()
}

#[tokio::test]
async fn a_choice_holds_for_its_token_and_tool_until_it_is_made_anew() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let first = chosen(&[("a", Policy::Deny), ("b", Policy::DryRun)]);
    policies::save(&mut tx, world.token, &first).await.unwrap();
    assert_eq!(policies::of_token(&mut tx, world.token).await.unwrap(), first);
    assert!(policies::of_token(&mut tx, store::new_id()).await.unwrap().is_empty());
    let second = chosen(&[("b", Policy::Allow), ("c", Policy::Ask)]);
    policies::save(&mut tx, world.token, &second).await.unwrap();
    assert_eq!(policies::of_token(&mut tx, world.token).await.unwrap(), second);
    let now = Utc::now();
    for (tool, expected) in [("a", None), ("b", Some(Policy::Allow)), ("c", Some(Policy::Ask))] {
        assert_eq!(policies::holding(&mut tx, world.token, tool, now).await.unwrap(), expected, "{tool}");
    }
    tx.commit().await.unwrap();
    let mut elsewhere = world.elsewhere().await;
    assert!(policies::of_token(&mut elsewhere, world.token).await.unwrap().is_empty());
    assert_eq!(policies::holding(&mut elsewhere, world.token, "b", now).await.unwrap(), None);
}

#[tokio::test]
async fn an_hour_ends_and_from_now_on_does_not() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let now = Utc::now();
    policies::allow(&mut tx, world.token, "hour", Some(now + TimeDelta::hours(1))).await.unwrap();
    policies::allow(&mut tx, world.token, "always", None).await.unwrap();
    for (tool, minutes, expected) in [
        ("hour", 59, Policy::Allow),
        ("hour", 61, Policy::Ask),
        ("always", 59, Policy::Allow),
        ("always", 600_000, Policy::Allow),
    ] {
        let later = now + TimeDelta::minutes(minutes);
        let holding = policies::holding(&mut tx, world.token, tool, later).await.unwrap();
        let judged = judging::of_call(&mut tx, world.token, tool, &[1; 32], later).await.unwrap().policy;
        assert_eq!((holding, judged), (Some(expected), Some(expected)), "{tool} after {minutes} minutes");
    }
    policies::save(&mut tx, world.token, &chosen(&[("hour", Policy::Deny)])).await.unwrap();
    assert_eq!(policies::holding(&mut tx, world.token, "hour", now).await.unwrap(), Some(Policy::Deny));
    assert_eq!(policies::holding(&mut tx, world.token, "always", now).await.unwrap(), None);
}
