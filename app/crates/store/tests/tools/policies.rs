//! Does a choice hold for its token and tool alone, and an allowed hour for an hour where a person would be asked?

use chrono::{TimeDelta, Utc};
use domain::identity::Reach;
use domain::tool_servers::{NewToolCommand, NewToolServer};
use domain::tools::Policy;
use sqlx::AssertSqlSafe;
use store::tools::{approvals, policies};
use store::{PlatformTx, Scope, TenantTx, tool_servers};

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
async fn with_a_tool_server_goes_what_was_decided_about_its_tools() {
    let world = World::new().await;
    let new = NewToolCommand { name: "crm".to_owned(), program: "/bin/crm".to_owned(), arguments: Vec::new() };
    let mut platform = PlatformTx::begin(&world.db, None).await.unwrap();
    let command = tool_servers::allow(&mut platform, &new).await.unwrap();
    platform.commit().await.unwrap();
    let agency = async || {
        let scope = Scope::Agency { user: None, agency: world.agency, reach: Reach::All, listed: Vec::new() };
        TenantTx::begin(&world.db, scope).await.unwrap()
    };
    let mut tx = agency().await;
    let server = NewToolServer { prefix: "crm".to_owned(), command, business: None };
    let server = tool_servers::add(&mut tx, &server).await.unwrap();
    tx.commit().await.unwrap();
    let all = [("crm_pay", Policy::Allow), ("crmx_pay", Policy::Allow), ("inbox_crm_pay", Policy::Deny)];
    for mut tx in [world.tx().await, world.elsewhere().await] {
        policies::save(&mut tx, world.token, &chosen(&all)).await.unwrap();
        tx.commit().await.unwrap();
    }
    let (open, _) = world.ask(1, Utc::now()).await;
    let (kept, _) = world.ask(2, Utc::now()).await;
    let sql = format!("update tool_approvals set tool = 'crm_pay' where id = '{open}'");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(world.test.superuser()).await.unwrap();
    let foreign = world.test.agency().await;
    let foreign = world.test.business(foreign).await;
    let sql = format!(
        "insert into tool_policies (sub_account_id, token_id, tool, policy) values ('{foreign}', '{foreign}', 'crm_pay', 'allow')"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(world.test.superuser()).await.unwrap();
    let mut tx = agency().await;
    assert_eq!(tool_servers::remove(&mut tx, server).await.unwrap(), "crm");
    tx.commit().await.unwrap();
    for mut tx in [world.tx().await, world.elsewhere().await] {
        assert_eq!(policies::of_token(&mut tx, world.token).await.unwrap(), chosen(&all[1..]));
    }
    let waiting = approvals::waiting(&mut world.tx().await).await.unwrap();
    assert_eq!(waiting.iter().map(|one| one.id).collect::<Vec<_>>(), [kept]);
    assert_eq!(world.number("select count(*) from tool_policies where tool = 'crm_pay'").await, 1, "another agency's");
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
        assert_eq!(holding, Some(expected), "{tool} after {minutes} minutes");
    }
    policies::save(&mut tx, world.token, &chosen(&[("hour", Policy::Deny)])).await.unwrap();
    assert_eq!(policies::holding(&mut tx, world.token, "hour", now).await.unwrap(), Some(Policy::Deny));
    assert_eq!(policies::holding(&mut tx, world.token, "always", now).await.unwrap(), None);
}
