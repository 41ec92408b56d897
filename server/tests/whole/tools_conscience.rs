//! Does a program do what people allow and nothing else? Switches, policies, budgets and the guard against loops hold it, an
//! approved call is the one that was shown, and the log of all that is whole.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use domain::identity::Role;
use domain::page::ListQuery;
use domain::tools::{ApprovedFor, Limits, Outcome, Policy};
use domain::{ApiTokenId, ToolApprovalId, UserId};
use operations::tools::{approval, budget, kill, log, policy};
use operations::{BusinessActor, PlatformActor, Refusal};
use serde_json::{Value, json};
use store::tenant::{Scope, TenantTx};
use store::tools::calls;
use web::clock::now;

use crate::health_and_metrics::FIGURES;
use crate::helpers::{Answer, Tenant, TestApp};
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
        let mut tx = tx(&app, &tenant).await;
        let token = store::api_tokens::list(&mut tx).await.unwrap()[0].id;
        drop(tx);
        Self { app, tenant, owner, secret, token }
    }

    /// The owner, as whoever decides.
    async fn actor(&self) -> BusinessActor {
        let person = store::identity::caller(&self.app.db, self.owner).await.unwrap().unwrap();
        let place = domain::access::businesses(&person, &self.tenant.business.to_string()).pop().unwrap();
        BusinessActor::new(self.app.db.clone(), self.owner, place)
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
        let mut tx = tx(&self.app, &self.tenant).await;
        let page = calls::list(&mut tx, &ListQuery::default()).await.unwrap();
        page.rows.into_iter().map(|line| line.outcome).collect()
    }
}

async fn tx(app: &TestApp, tenant: &Tenant) -> TenantTx {
    TenantTx::begin(&app.db, Scope::Business { user: None, business: tenant.business }).await.unwrap()
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

#[tokio::test]
async fn what_was_approved_is_what_was_shown_and_what_was_rejected_says_why() {
    let world = World::new().await;
    let actor = world.actor().await;
    let rejected = world.ask("One?").await;
    approval::reject(&actor, rejected, "Not on Sundays.", now()).await.unwrap();
    let told = world.poll(rejected).await;
    assert_eq!((&told["status"], &told["reason"]), (&json!("rejected"), &json!("Not on Sundays.")));
    let again = approval::approve(&actor, rejected, ApprovedFor::Once, now()).await;
    assert!(matches!(again, Err(Refusal::State(_))), "{again:?}");

    let changed = world.ask("Two?").await;
    approval::approve(&actor, changed, ApprovedFor::Once, now()).await.unwrap();
    world.app.base.execute("update tool_approvals set arguments = jsonb_set(arguments, '{title}', '\"Evil\"') where state = 'approved'").await;
    assert!(world.poll(changed).await["result"].is_null());
    assert_eq!(world.entries().await, 0, "arguments that changed since do not run");
    world.app.base.execute("update tool_approvals set arguments = jsonb_set(arguments, '{title}', '\"Two?\"') where state = 'approved'").await;
    let repeated = world.add("Two?").await;
    assert_eq!(repeated.status, StatusCode::OK, "the same call runs, too: {}", repeated.body);
    assert_eq!(world.poll(changed).await["status"], "done");
    assert_eq!(world.add("Two?").await.status, StatusCode::ACCEPTED, "once: the next one asks again");
    assert_eq!(world.entries().await, 1);
}

#[tokio::test]
async fn an_hour_and_from_now_on_hold_for_the_tool_and_no_other() {
    let world = World::new().await;
    let actor = world.actor().await;
    for (how, title) in [(ApprovedFor::Hour, "One?"), (ApprovedFor::Always, "Two?")] {
        let id = world.ask(title).await;
        approval::approve(&actor, id, how, now()).await.unwrap();
        assert_eq!(world.poll(id).await["status"], "done");
        let more = world.add(&format!("{title} And more?")).await;
        assert_eq!(more.status, StatusCode::OK, "{how:?}: {}", more.body);
        world.app.base.execute("update tool_policies set allowed_until = allowed_until - interval '2 hours'").await;
    }
    assert_eq!(world.add("Three?").await.status, StatusCode::OK, "from now on has no end");
    let other = json!({ "knowledge": world.tenant.job });
    let answer = post(&world.app, "/tools/knowledge_remove_entry", &world.secret, other).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
}

#[tokio::test]
async fn an_approval_opens_nothing_that_was_closed_since_the_call() {
    const TOOL: &str = "knowledge_add_entry";
    let world = World::new().await;
    let actor = world.actor().await;
    for closed in [Policy::Deny, Policy::DryRun] {
        world.choose(TOOL, Policy::Ask).await;
        let id = world.ask(&format!("{closed:?}?")).await;
        world.choose(TOOL, closed).await;
        for how in [ApprovedFor::Hour, ApprovedFor::Always] {
            let opened = approval::approve(&actor, id, how, now()).await;
            assert!(matches!(opened, Err(Refusal::State(_))), "{closed:?} {how:?}: {opened:?}");
        }
        assert_eq!(world.poll(id).await["status"], "waiting", "it was not decided either");
        approval::approve(&actor, id, ApprovedFor::Once, now()).await.unwrap();
        assert!(world.poll(id).await["result"].is_null(), "{closed:?}");
        let more = world.add("More?").await;
        assert!(more.status == StatusCode::FORBIDDEN || body(&more)["dry_run"] == true, "{closed:?}: {}", more.body);
    }
    assert_eq!(world.entries().await, 0);
    world.choose(TOOL, Policy::Ask).await;
    let id = world.ask("Open?").await;
    world.choose(TOOL, Policy::Allow).await;
    approval::approve(&actor, id, ApprovedFor::Hour, now()).await.unwrap();
    let kept = store::tools::policies::of_token(&mut tx(&world.app, &world.tenant).await, world.token).await.unwrap();
    assert_eq!(kept, [(TOOL.to_owned(), Policy::Allow)], "an hour takes nothing away");
}

#[tokio::test]
async fn what_was_approved_runs_once_for_all_who_ask_at_once_and_for_no_other_token() {
    let world = World::new().await;
    let id = world.ask("Open?").await;
    approval::approve(&world.actor().await, id, ApprovedFor::Once, now()).await.unwrap();
    let other = token_of(&world.app, &world.tenant, Some(world.owner), &["tools"]).await;
    let path = format!("/tools/approvals/{id}");
    let stranger = post(&world.app, &path, &other, json!({})).await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND, "another token of the same business: {}", stranger.body);
    let entry = json!({ "kind": "question", "title": "Open?", "content": "From nine to five." });
    let asked = post(&world.app, ADD, &other, entry).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "its own call is another question: {}", asked.body);
    let (one, two, three) = tokio::join!(world.poll(id), world.poll(id), world.add("Open?"));
    let ran = [&one, &two, &body(&three)].into_iter().filter(|answer| !answer["result"].is_null()).count();
    assert_eq!((ran, world.entries().await), (1, 1), "{one} {two} {}", three.body);
}

#[tokio::test]
async fn what_would_be_different_from_what_was_shown_is_not_done() {
    const REMOVE: &str = "/tools/knowledge_remove_entry";
    let world = World::new().await;
    world.choose("knowledge_add_entry", Policy::Allow).await;
    let known = body(&world.add("Open?").await)["result"]["knowledge"].clone();
    world.choose("knowledge_remove_entry", Policy::Ask).await;
    let entry = json!({ "knowledge": known });
    let asked = body(&post(&world.app, REMOVE, &world.secret, entry.clone()).await);
    let id: ToolApprovalId = asked["approval"].as_str().unwrap().parse().unwrap();
    approval::approve(&world.actor().await, id, ApprovedFor::Once, now()).await.unwrap();
    world.app.base.execute("update knowledge set title = 'Prices', question = 'Prices'").await;
    assert!(world.poll(id).await["result"].is_null());
    assert_eq!(world.entries().await, 1, "somebody approved the removal of another entry");
    let told = world.poll(id).await;
    assert!(told["status"] == "failed" && told["reason"].as_str().unwrap().contains("different"), "{told}");
    let again = post(&world.app, REMOVE, &world.secret, entry).await;
    assert_eq!(again.status, StatusCode::ACCEPTED, "it is asked anew: {}", again.body);
    assert_ne!(body(&again)["approval"], asked["approval"]);
}

#[tokio::test]
async fn three_contacts_are_erased_once_a_person_read_which_and_the_log_stays_whole() {
    const ERASE: &str = "/tools/inbox_erase_contacts";
    let world = World::new().await;
    world.app.base.execute("insert into contacts (sub_account_id, name) select id, 'Person ' || n from sub_accounts, generate_series(1, 3) n").await;
    let listed = async || {
        let answer = post(&world.app, "/tools/inbox_list_contacts", &world.secret, json!({})).await;
        body(&answer)["result"]["contacts"].as_array().unwrap().clone()
    };
    let ids: Vec<Value> = listed().await.iter().map(|one| one["id"].clone()).collect();
    let erase = json!({ "contacts": ids });
    assert_eq!(post(&world.app, ERASE, &world.secret, erase.clone()).await.status, StatusCode::FORBIDDEN, "as usual");
    world.choose("inbox_erase_contacts", Policy::Ask).await;
    let asked = post(&world.app, ERASE, &world.secret, erase).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.body);
    let waiting = store::tools::approvals::waiting(&mut tx(&world.app, &world.tenant).await).await.unwrap();
    for words in ["Erases 3 contacts", "- Person 1", "- Person 2", "- Person 3"] {
        assert!(waiting[0].shown.contains(words), "{words}: {}", waiting[0].shown);
    }
    let (cookie, page) =
        (world.app.sign_in(world.owner).await, format!("/b/{}/ai-tools/approvals", world.tenant.business));
    let page = world.app.browse(&page, Some(&cookie)).await.body;
    for words in ["Erases 3 contacts", ">Person 1<", ">Person 2<", ">Person 3<"] {
        assert!(page.contains(words), "{words} is not on the page: {page}");
    }
    assert_eq!(listed().await.len(), 3, "nobody decided yet");
    let (actor, id) = (world.actor().await, body(&asked)["approval"].as_str().unwrap().parse().unwrap());
    approval::approve(&actor, id, ApprovedFor::Once, now()).await.unwrap();
    let done = world.poll(id).await;
    assert_eq!((&done["status"], &done["result"]["erased"]), (&json!("done"), &json!(3)), "{done}");
    assert!(listed().await.is_empty());
    let look = log::verify(&actor).await.unwrap();
    assert!(look.calls > 0 && look.faults.is_empty(), "{:?}", look.faults);
    for (table, rows) in world.app.base.contents().await.into_iter().filter(|(table, _)| table.starts_with("tool_")) {
        let named = ids.iter().filter_map(Value::as_str).chain(["Person 1"]).find(|name| rows.contains(*name));
        assert_eq!(named, None, "{table} still names who was erased");
    }
}

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
async fn a_poll_runs_what_people_could_read_and_counts_it() {
    let world = World::new().await;
    let actor = world.actor().await;
    let id = world.ask("Open \u{202e}?nepO").await;
    let waiting = store::tools::approvals::waiting(&mut tx(&world.app, &world.tenant).await).await.unwrap();
    assert!(!waiting[0].shown.contains('\u{202e}'), "{}", waiting[0].shown);
    approval::approve(&actor, id, ApprovedFor::Once, now()).await.unwrap();
    budget::save(&actor, world.token, &Limits::of(0, 0)).await.unwrap();
    let before = store::tools::budgets::of_token(&mut tx(&world.app, &world.tenant).await, world.token).await.unwrap();
    assert_eq!(world.poll(id).await["status"], "done");
    let after = store::tools::budgets::of_token(&mut tx(&world.app, &world.tenant).await, world.token).await.unwrap();
    assert_eq!(
        after.writes_today,
        before.writes_today + 1,
        "what a poll runs counts for the day, also if nothing is left"
    );
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

#[tokio::test]
async fn nobody_decides_or_chooses_for_another_business() {
    let (world, other) = (World::new().await, World::new().await);
    let id = world.ask("Open?").await;
    let foreign = world.app.tenant().await;
    let stranger = world.app.person(Role::BusinessOwner, &foreign).await;
    let person = store::identity::caller(&world.app.db, stranger).await.unwrap().unwrap();
    let place = domain::access::businesses(&person, &foreign.business.to_string()).pop().unwrap();
    let actor = BusinessActor::new(world.app.db.clone(), stranger, place);
    let refused = [
        approval::approve(&actor, id, ApprovedFor::Always, now()).await,
        approval::reject(&actor, id, "", now()).await,
        policy::save(&actor, world.token, &BTreeMap::new()).await,
        budget::save(&actor, world.token, &Limits::of(1, 1)).await,
        budget::save(&world.actor().await, other.token, &Limits::of(1, 1)).await,
    ];
    for (at, one) in refused.into_iter().enumerate() {
        assert!(matches!(one, Err(Refusal::NotFound)), "{at}: {one:?}");
    }
    let member = world.app.person(Role::TeamMember, &world.tenant).await;
    let person = store::identity::caller(&world.app.db, member).await.unwrap().unwrap();
    let place = domain::access::businesses(&person, &world.tenant.business.to_string()).pop().unwrap();
    let actor = BusinessActor::new(world.app.db.clone(), member, place);
    let refused = [approval::approve(&actor, id, ApprovedFor::Once, now()).await, kill::stop(&actor).await];
    for one in refused {
        assert!(matches!(one, Err(Refusal::Forbidden(_))), "{one:?}");
    }
    assert_eq!(world.poll(id).await["status"], "waiting");
}
