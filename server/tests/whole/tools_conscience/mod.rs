//! Does a program do what people allow and nothing else? Switches, policies, budgets and the guard against loops hold it, an
//! approved call is the one that was shown, and the log of all that is whole.

mod approvals;
mod bounds;
mod turns;

use std::collections::BTreeMap;

use axum::http::StatusCode;
use domain::identity::Role;
use domain::page::ListQuery;
use domain::tools::{ApprovedFor, Outcome, Policy};
use domain::{ApiTokenId, ToolApprovalId, UserId};
use operations::tools::{approval, kill, log, policy};
use operations::{BusinessActor, PlatformActor};
use serde_json::{Value, json};
use store::tools::calls;
use web::clock::now;

use crate::helpers::{Answer, Tenant, TestApp};
use crate::tool_agents::{self, tx};
use crate::tools_access::{READ, json as body, post, token_of};

const ADD: &str = "/tools/knowledge_add_entry";

/// A business with its owner and a token that the owner made.
struct World {
    app: TestApp,
    tenant: Tenant,
    owner: UserId,
    secret: String,
    token: ApiTokenId,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let tenant = app.tenant().await;
        let owner = app.person(Role::BusinessOwner, &tenant).await;
        let secret = token_of(&app, &tenant, Some(owner), &["tools"]).await;
        let token = tool_agents::token(&app, &tenant).await;
        Self { app, tenant, owner, secret, token }
    }

    /// The owner, as whoever decides.
    async fn actor(&self) -> BusinessActor {
        tool_agents::actor(&self.app, &self.tenant, self.owner).await
    }

    async fn choose(&self, tool: &str, chosen: Policy) {
        let chosen = BTreeMap::from([(tool.to_owned(), chosen)]);
        policy::save(&self.actor().await, self.token, &chosen).await.unwrap();
    }

    async fn add(&self, title: &str) -> Answer {
        let entry = json!({ "kind": "question", "title": title, "content": "From nine to five." });
        post(&self.app, ADD, &self.secret, entry).await
    }

    /// Asks about an entry, and returns the approval.
    async fn ask(&self, title: &str) -> ToolApprovalId {
        let asked = self.add(title).await;
        assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.body);
        body(&asked)["approval"].as_str().unwrap().parse().unwrap()
    }

    async fn poll(&self, id: ToolApprovalId) -> Value {
        body(&post(&self.app, &format!("/tools/approvals/{id}"), &self.secret, json!({})).await)
    }

    /// How many entries the assistant knows.
    async fn entries(&self) -> usize {
        let tables = self.app.base.contents().await;
        let rows = tables.iter().filter(|(table, _)| table == "knowledge").map(|(_, rows)| rows.lines().count());
        rows.sum()
    }

    /// What became of the calls, the newest first.
    async fn outcomes(&self) -> Vec<Outcome> {
        tool_agents::outcomes(&self.app, &self.tenant).await
    }
}

#[tokio::test]
async fn each_switch_stops_every_tool_until_it_is_turned_back() {
    let world = World::new().await;
    let (actor, admin) = (world.actor().await, world.app.base.person(Role::SuperAdmin, None, None).await);
    let platform = PlatformActor::new(world.app.db.clone(), admin, Role::SuperAdmin);
    let call = async || post(&world.app, READ, &world.secret, json!({})).await.status;
    assert_eq!(call().await, StatusCode::OK);
    let id = world.ask("Open?").await;
    approval::approve(&actor, id, ApprovedFor::Once, now()).await.unwrap();
    kill::stop(&actor).await.unwrap();
    assert_eq!(call().await, StatusCode::FORBIDDEN);
    assert!(world.poll(id).await["result"].is_null(), "what was approved before does not run either");
    kill::stop_all(&platform).await.unwrap();
    kill::resume(&actor).await.unwrap();
    assert_eq!(call().await, StatusCode::FORBIDDEN);
    kill::resume_all(&platform).await.unwrap();
    assert_eq!(call().await, StatusCode::OK);
    assert_eq!(world.poll(id).await["status"], "done");
    assert_eq!(world.entries().await, 1);
}

#[tokio::test]
async fn each_policy_does_what_it_says_and_every_call_is_in_the_log() {
    let world = World::new().await;
    for (chosen, status, entries) in [
        (Policy::DryRun, StatusCode::OK, 0),
        (Policy::Deny, StatusCode::FORBIDDEN, 0),
        (Policy::Ask, StatusCode::ACCEPTED, 0),
        (Policy::Allow, StatusCode::OK, 1),
    ] {
        world.choose("knowledge_add_entry", chosen).await;
        let answer = world.add("Open?").await;
        assert_eq!(answer.status, status, "{chosen:?}: {}", answer.body);
        assert_eq!(world.entries().await, entries, "{chosen:?}");
        if chosen == Policy::DryRun {
            let told = body(&answer);
            assert!(told["dry_run"] == true && told["result"]["would"].as_str().unwrap().contains("Open?"), "{told}");
        }
    }
    let expected = [Outcome::Done, Outcome::Waiting, Outcome::Refused, Outcome::DryRun];
    assert_eq!(world.outcomes().await, expected);
    let look = log::verify(&world.actor().await).await.unwrap();
    assert_eq!((look.calls, look.faults), (4, Vec::new()));
    let mut tx = tx(&world.app, &world.tenant).await;
    let lines = calls::list(&mut tx, &ListQuery::default()).await.unwrap().rows;
    assert!(lines.iter().all(|line| !line.arguments.to_string().contains("nine to five")), "masked: {lines:?}");
    let acts = store::audit::list(&mut tx, &ListQuery::default()).await.unwrap().rows;
    let added: Vec<_> = acts.iter().filter(|act| act.action == "knowledge.added").collect();
    assert!(added.len() == 1 && added[0].actor_kind == "token", "its maker did nothing: {acts:?}");
}
