//! Is an approved call the one that was shown, and does it run once, for its token, and never against what was closed since?

use std::collections::BTreeMap;

use axum::http::StatusCode;
use domain::ToolApprovalId;
use domain::identity::Role;
use domain::tools::{ApprovedFor, Limits, Policy};
use operations::Refusal;
use operations::tools::{approval, budget, kill, log, policy};
use serde_json::{Value, json};
use web::clock::now;

use super::{ADD, World};
use crate::tool_agents::{self, tx};
use crate::tools_access::{json as body, post, token_of};

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
    worker::testing::run_periodic(&world.app.worker).await.unwrap();
    let look = log::verify(&actor).await.unwrap();
    assert!(look.calls > 0 && look.faults.is_empty(), "{:?}", look.faults);
    for (table, rows) in world.app.base.contents().await.into_iter().filter(|(table, _)| table.starts_with("tool_")) {
        let named = ids.iter().filter_map(Value::as_str).chain(["Person 1"]).find(|name| rows.contains(*name));
        assert_eq!(named, None, "{table} still names who was erased");
    }
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
async fn nobody_decides_or_chooses_for_another_business() {
    let (world, other) = (World::new().await, World::new().await);
    let id = world.ask("Open?").await;
    let foreign = world.app.tenant().await;
    let stranger = world.app.person(Role::BusinessOwner, &foreign).await;
    let actor = tool_agents::actor(&world.app, &foreign, stranger).await;
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
    let actor = tool_agents::actor(&world.app, &world.tenant, member).await;
    let refused = [approval::approve(&actor, id, ApprovedFor::Once, now()).await, kill::stop(&actor).await];
    for one in refused {
        assert!(matches!(one, Err(Refusal::Forbidden(_))), "{one:?}");
    }
    assert_eq!(world.poll(id).await["status"], "waiting");
}
