//! Do budgets, the guard against loops and the bounds of what may wait hold a program, and does the log count it?

use axum::http::StatusCode;
use domain::ToolApprovalId;
use domain::page::ListQuery;
use domain::tools::{ApprovedFor, Limits, Outcome, Policy};
use operations::Refusal;
use operations::tools::{approval, budget, kill};
use serde_json::json;
use store::tools::calls;
use web::clock::now;

use super::World;
use crate::health_and_metrics::FIGURES;
use crate::tool_agents::tx;
use crate::tools_access::{READ, json as body, post};

#[tokio::test]
async fn a_program_that_goes_on_when_it_is_refused_fills_no_log() {
    let world = World::new().await;
    world.choose("knowledge_add_entry", Policy::Deny).await;
    for at in 0..5 {
        assert_eq!(world.add(&format!("Question {at}?")).await.status, StatusCode::FORBIDDEN);
    }
    kill::stop(&world.actor().await).await.unwrap();
    for _ in 0..2 {
        assert_eq!(world.add("Stopped?").await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(world.outcomes().await, [Outcome::Refused; 2], "one for each reason");
    let mut tx = tx(&world.app, &world.tenant).await;
    let lines = calls::list(&mut tx, &ListQuery::default()).await.unwrap().rows;
    assert!(lines.iter().all(|line| line.arguments == json!({}) && !line.reason.is_empty()), "{lines:?}");
    let today = store::tools::budgets::of_token(&mut tx, world.token).await.unwrap();
    assert_eq!((today.refused_today, today.calls_today), (7, 0));
}

#[tokio::test]
async fn a_program_that_asked_too_often_still_makes_what_was_approved() {
    let world = World::new().await;
    let id = world.ask("Open?").await;
    for _ in 1..budget::SAME_IN_A_MINUTE {
        assert_eq!(world.add("Open?").await.status, StatusCode::ACCEPTED);
    }
    assert_eq!(world.add("Open?").await.status, StatusCode::TOO_MANY_REQUESTS);
    approval::approve(&world.actor().await, id, ApprovedFor::Once, now()).await.unwrap();
    let made = world.add("Open?").await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    assert_eq!(world.entries().await, 1);
}

#[tokio::test]
async fn one_program_fills_no_page_with_what_it_asks_for() {
    let world = World::new().await;
    let most = store::tools::approvals::MOST_WAITING;
    let mut asked = Vec::new();
    for at in 0..most {
        asked.push(world.ask(&format!("Question {at}?")).await);
    }
    let more = world.add("One more?").await;
    assert_eq!(more.status, StatusCode::CONFLICT, "{}", more.body);
    assert_eq!(world.outcomes().await[0], Outcome::Failed, "the log knows it");
    assert_eq!(world.ask("Question 0?").await, asked[0], "the same call asks for nothing new");
    approval::reject(&world.actor().await, asked[1], "", now()).await.unwrap();
    world.ask("One more?").await;
}

#[tokio::test]
async fn calls_are_counted_by_tool_and_outcome_also_those_that_a_poll_ran() {
    const TOOL: &str = "usage_get_month";
    let world = World::new().await;
    // One process counts for all tests; whoever calls this tool is alone.
    let _alone = FIGURES.lock().await;
    let counted = async |outcome: &str| {
        let figures = world.app.get("/metrics", None).await.body;
        let words = ["tool_calls_total{".to_owned(), format!("\"{TOOL}\""), format!("\"{outcome}\"")];
        let line = figures.lines().find(|line| words.iter().all(|word| line.contains(word)));
        line.and_then(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).unwrap_or(0)
    };
    let expected = [("waiting", 1), ("done", 1), ("refused", 2)];
    let mut before = Vec::new();
    for (outcome, _) in expected {
        before.push(counted(outcome).await);
    }
    let call = async || post(&world.app, &format!("/tools/{TOOL}"), &world.secret, json!({})).await;
    world.choose(TOOL, Policy::Ask).await;
    let asked = call().await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.body);
    let id: ToolApprovalId = body(&asked)["approval"].as_str().unwrap().parse().unwrap();
    approval::approve(&world.actor().await, id, ApprovedFor::Once, now()).await.unwrap();
    assert_eq!(world.poll(id).await["status"], "done");
    world.choose(TOOL, Policy::Deny).await;
    for _ in 0..2 {
        assert_eq!(call().await.status, StatusCode::FORBIDDEN);
    }
    for ((outcome, count), before) in expected.into_iter().zip(before) {
        assert_eq!(counted(outcome).await, before + count, "{outcome}");
    }
}

#[tokio::test]
async fn a_budget_and_the_guard_against_loops_hold_a_program() {
    let world = World::new().await;
    let actor = world.actor().await;
    world.choose("knowledge_add_entry", Policy::Allow).await;
    budget::save(&actor, world.token, &Limits::of(100, 1)).await.unwrap();
    assert_eq!(world.add("One?").await.status, StatusCode::OK);
    assert_eq!(world.add("Two?").await.status, StatusCode::TOO_MANY_REQUESTS, "one write a day");
    let call = async || post(&world.app, READ, &world.secret, json!({})).await.status;
    for _ in 0..budget::SAME_IN_A_MINUTE {
        assert_eq!(call().await, StatusCode::OK, "reads go on");
    }
    assert_eq!(call().await, StatusCode::TOO_MANY_REQUESTS, "the same call again and again");
    assert_eq!(world.outcomes().await[0], Outcome::Limited);
    budget::save(&actor, world.token, &Limits::of(0, 0)).await.unwrap();
    let other = post(&world.app, "/tools/knowledge_search_passages", &world.secret, json!({ "query": "x" })).await;
    assert_eq!(other.status, StatusCode::TOO_MANY_REQUESTS, "{}", other.body);
    let wrong = budget::save(&actor, world.token, &Limits::of(-1, 0)).await;
    assert!(matches!(wrong, Err(Refusal::Invalid(_))), "{wrong:?}");
}

#[tokio::test]
async fn a_message_that_costs_is_refused_once_the_money_of_the_day_is_spent() {
    let world = World::new().await;
    let actor = world.actor().await;
    world.choose("inbox_send_template", Policy::Allow).await;
    let send = async |key: &str| {
        let nobody = uuid::Uuid::nil();
        let message = json!({ "conversation": nobody, "template": nobody, "key": key });
        post(&world.app, "/tools/inbox_send_template", &world.secret, message).await
    };
    let limits = Limits { money: Some(50_000), price: 30_000, ..Limits::of(100, 100) };
    budget::save(&actor, world.token, &limits).await.unwrap();
    let first = send("first").await;
    assert_ne!(first.status, StatusCode::TOO_MANY_REQUESTS, "{}", first.body);
    let second = send("second").await;
    assert_eq!(second.status, StatusCode::TOO_MANY_REQUESTS, "{}", second.body);
    assert!(second.body.contains("0.05 in a day"), "{}", second.body);
    for wrong in [Limits { price: -1, ..limits }, Limits { money: Some(i64::MAX), ..limits }] {
        let refused = budget::save(&actor, world.token, &wrong).await;
        assert!(matches!(refused, Err(Refusal::Invalid(_))), "{refused:?}");
    }
}
