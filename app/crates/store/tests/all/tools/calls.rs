//! Does the chain of calls show every change, and does the log say how each call ended, once?

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use domain::page::ListQuery;
use domain::tools::Outcome;
use sqlx::AssertSqlSafe;
use store::retention::{PIECE, RULES};
use store::tools::calls::{self, Ended};
use store::tools::{chain, checks, judging};
use store::{DbRole, TenantTx};

use super::World;

const DONE: Ended<'static> = Ended { outcome: Outcome::Done, reason: None, bytes: Some(2), ms: 3 };

impl World {
    /// Makes so many calls, each in a transaction of its own.
    async fn calls(&self, many: u8) {
        for hash in 0..many {
            let mut tx = self.tx().await;
            let id = self.call(&mut tx, hash).await;
            calls::end(&mut tx, id, DONE).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    async fn faults(&self) -> Vec<String> {
        chain::verify(&mut self.tx().await).await.unwrap().faults
    }
}

#[tokio::test]
async fn every_change_of_the_log_is_found() {
    let world = World::new().await;
    world.calls(5).await;
    assert_eq!(chain::verify(&mut world.tx().await).await.unwrap().calls, 5);
    assert_eq!(world.faults().await, Vec::<String>::new());
    for harm in [
        "update tool_calls set tool = 'x' where seq = 3",
        "update tool_calls set token_name = 'x' where seq = 1",
        "update tool_calls set token_id = gen_random_uuid() where seq = 2",
        "update tool_calls set effect = 'write' where seq = 3",
        "update tool_calls set arguments = '{}' where seq = 3",
        "update tool_calls set arguments_hash = sha256('x') where seq = 3",
        "update tool_calls set policy = 'ask' where seq = 3",
        "update tool_calls set approval_id = gen_random_uuid() where seq = 5",
        "update tool_calls set approved_by = gen_random_uuid() where seq = 5",
        "update tool_calls set outcome = 'failed' where seq = 3",
        "update tool_calls set reason = '' where seq = 3",
        "update tool_calls set result_bytes = 3 where seq = 3",
        "update tool_calls set ms = null where seq = 3",
        "update tool_calls set ended_at = ended_at + interval '1 microsecond' where seq = 3",
        "update tool_calls set created_at = created_at - interval '1 microsecond' where seq = 3",
        "update tool_calls set hash = sha256('x') where seq = 3",
        "update tool_calls set prev_hash = sha256('x') where seq = 1",
        "update tool_calls set seq = 9 where seq = 5",
        "delete from tool_calls where seq = 1",
        "delete from tool_calls where seq <= 4",
        "delete from tool_calls where seq = 3",
        "delete from tool_calls where seq = 5",
        "delete from tool_chains",
        "update tool_chains set seq = 4, hash = (select hash from tool_calls where seq = 4)",
    ] {
        world
            .test
            .execute("create table kept as select * from tool_calls; create table ends as select * from tool_chains")
            .await;
        sqlx::raw_sql(AssertSqlSafe(harm.to_owned())).execute(world.test.superuser()).await.unwrap();
        assert!(!world.faults().await.is_empty(), "{harm}");
        world
            .test
            .execute(
                "delete from tool_calls; insert into tool_calls select * from kept; drop table kept;
                 delete from tool_chains; insert into tool_chains select * from ends; drop table ends",
            )
            .await;
        assert_eq!(world.faults().await, Vec::<String>::new(), "after {harm}");
    }
}

/// Ages the calls with these numbers by so many days, and lets the rule of retention remove what is a year old.
async fn retain(world: &World, ages: &[(i64, i32)]) -> u64 {
    let rule = RULES.iter().find(|rule| rule.name == "tool-calls").unwrap();
    for (seq, days) in ages {
        let sql = format!("update tool_calls set created_at = now() - interval '{days} days' where seq = {seq}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(world.test.superuser()).await.unwrap();
    }
    world.test.execute("update tool_chains set created_at = now() - interval '500 days'").await;
    (rule.piece)(&world.test.db(DbRole::Worker).await, rule.age, PIECE).await.unwrap()
}

#[tokio::test]
async fn what_is_a_year_old_goes_from_the_front_and_the_chain_stays_whole() {
    let world = World::new().await;
    world.calls(4).await;
    let seqs = "select coalesce(sum(seq), 0)::bigint from tool_calls";
    assert_eq!(retain(&world, &[(1, 366), (3, 366)]).await, 1, "the third began sooner and ended later");
    assert_eq!((world.number(seqs).await, missing(&world).await), (2 + 3 + 4, Vec::new()));
    assert_eq!(retain(&world, &[(2, 366)]).await, 2);
    assert_eq!((world.number(seqs).await, missing(&world).await), (4, Vec::new()));
    assert_eq!(retain(&world, &[(4, 366)]).await, 1);
    assert_eq!(world.faults().await, Vec::<String>::new(), "nothing is left, and all of it was old");
    world.calls(2).await;
    let look = chain::verify(&mut world.tx().await).await.unwrap();
    assert_eq!((look.calls, look.faults), (2, Vec::new()));
    for harm in ["delete from tool_calls where seq = 5", "delete from tool_calls where seq = 6"] {
        world.test.execute(harm).await;
        assert!(!world.faults().await.is_empty(), "somebody else removed it: {harm}");
    }
}

/// The faults of the chain, apart from calls that a test made older.
async fn missing(world: &World) -> Vec<String> {
    world.faults().await.into_iter().filter(|fault| !fault.ends_with("it was changed")).collect()
}

#[tokio::test]
async fn a_gap_does_not_keep_old_calls_for_ever() {
    let world = World::new().await;
    world.calls(3).await;
    world.test.execute("delete from tool_calls where seq = 1").await;
    assert!(!world.faults().await.is_empty(), "the oldest call is missed");
    assert_eq!(retain(&world, &[(2, 370), (3, 366)]).await, 0);
    assert_eq!(retain(&world, &[(2, 373)]).await, 1);
    assert_eq!(retain(&world, &[]).await, 1, "the next one follows what was removed");
    assert_eq!(world.faults().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_look_names_a_hundred_faults_and_no_more() {
    let world = World::new().await;
    world.calls(120).await;
    world.test.execute("update tool_calls set tool = 'x'").await;
    assert_eq!(world.faults().await.len(), 100);
}

#[tokio::test]
async fn the_chains_of_all_businesses_are_verified_and_an_emptied_one_is_found() {
    let world = World::new().await;
    world.calls(2).await;
    let all = async || chain::verify_all(&world.db).await.unwrap();
    let whole = chain::ChainLook { calls: 2, faults: Vec::new() };
    assert_eq!(all().await, [(world.business, whole)], "the other business has no chain");
    world.test.execute("delete from tool_calls").await;
    let emptied = all().await;
    assert!(emptied.len() == 1 && emptied[0].1.faults.len() == 1, "{emptied:?}");
    world.test.execute("update tool_chains set linked_at = now() - interval '1 year'").await;
    assert!(all().await.is_empty(), "after a year nothing is kept");
}

#[tokio::test]
async fn a_look_through_the_log_is_kept_and_due_once_a_day() {
    let world = World::new().await;
    assert_eq!(checks::last(&mut world.tx().await).await.unwrap(), None, "nobody called yet");
    world.calls(3).await;
    let (work, day) = (world.test.db(DbRole::Worker).await, Duration::from_secs(24 * 3600));
    let due = async || checks::due(&work, day, None).await.unwrap().found;
    let look = async || {
        let mut tx = world.tx().await;
        checks::check(&mut tx).await.unwrap();
        let last = checks::last(&mut tx).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        (last.at.is_some(), last.faults)
    };
    assert_eq!(due().await, [(world.agency, world.business)]);
    assert_eq!(look().await, (true, 0));
    assert!(due().await.is_empty());
    world.test.execute("update tool_calls set tool = 'x' where seq = 2").await;
    world.test.execute("update tool_chains set verified_at = now() - interval '25 hours'").await;
    assert_eq!(due().await, [(world.agency, world.business)]);
    assert_eq!(look().await, (true, 1));
}

#[tokio::test]
async fn calls_that_end_at_once_make_one_chain_for_each_business() {
    let world = World::new().await;
    let one = async || {
        let mut tx = world.tx().await;
        let id = world.call(&mut tx, 1).await;
        calls::end(&mut tx, id, DONE).await.unwrap();
        tx.commit().await.unwrap();
    };
    tokio::join!(one(), one(), one(), one());
    let mut tx = world.elsewhere().await;
    let id = world.call(&mut tx, 1).await;
    calls::end(&mut tx, id, DONE).await.unwrap();
    tx.commit().await.unwrap();
    let looks = [
        chain::verify(&mut world.tx().await).await.unwrap(),
        chain::verify(&mut world.elsewhere().await).await.unwrap(),
    ];
    assert_eq!(looks.map(|look| (look.calls, look.faults)), [(4, Vec::new()), (1, Vec::new())]);
    assert_eq!(calls::get(&mut world.elsewhere().await, id).await.unwrap().seq, 1);
    assert!(matches!(calls::get(&mut world.tx().await, id).await, Err(store::Error::NotFound)));
}

#[tokio::test]
async fn a_call_ends_once_and_one_that_never_ended_is_closed_by_a_later_one() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let (ended, lost) = (world.call(&mut tx, 1).await, world.call(&mut tx, 2).await);
    calls::end(&mut tx, ended, DONE).await.unwrap();
    calls::end(&mut tx, ended, Ended { outcome: Outcome::Failed, ..DONE }).await.unwrap();
    tx.commit().await.unwrap();
    world
        .test
        .execute("update tool_calls set created_at = created_at - interval '11 minutes' where outcome = 'running'")
        .await;
    let mut tx = world.tx().await;
    world.call(&mut tx, 3).await;
    tx.commit().await.unwrap();
    let mut tx = world.tx().await;
    for (id, expected) in [(ended, Outcome::Done), (lost, Outcome::Failed)] {
        let line = calls::get(&mut tx, id).await.unwrap();
        assert!(line.outcome == expected && line.seq > 0 && line.hash.len() == 64, "{line:?}");
    }
    assert_eq!(chain::verify(&mut tx).await.unwrap().faults, Vec::<String>::new());
}

#[tokio::test]
async fn the_list_and_the_sums_say_the_same() {
    let world = World::new().await;
    world.calls(3).await;
    let mut tx = world.tx().await;
    let id = world.call(&mut tx, 1).await;
    let refused = Ended { outcome: Outcome::Refused, reason: Some("Stopped."), bytes: None, ms: 0 };
    calls::end(&mut tx, id, refused).await.unwrap();
    for (view, rows) in [("", 4), ("done", 3), ("refused", 1), ("failed", 0)] {
        let query = ListQuery { view: view.to_owned(), ..ListQuery::default() };
        assert_eq!(calls::list(&mut tx, &query).await.unwrap().rows.len(), rows, "{view}");
    }
    let query = ListQuery { q: "nothing".to_owned(), ..ListQuery::default() };
    let page = calls::list(&mut tx, &query).await.unwrap();
    assert_eq!((page.total, page.rows[0].id), (Some(4), id), "newest first, and without a search");
    let did = calls::did(&mut tx, Utc::now() - TimeDelta::hours(1)).await.unwrap();
    assert_eq!((did.len(), did[0].done, did[0].refused, did[0].writes), (1, 3, 1, false));
    let same = async |tx: &mut TenantTx, tool: &str| {
        judging::of_call(tx, world.token, tool, &[1; 32], Utc::now()).await.unwrap().same
    };
    assert_eq!((same(&mut tx, "contacts_list").await, same(&mut tx, "other").await), (2, 0));
    let told = async |tx: &mut TenantTx, tool: &str, reason: &str| {
        calls::told_in_a_minute(tx, world.token, tool, (Outcome::Refused, reason)).await.unwrap()
    };
    assert!(told(&mut tx, "contacts_list", "Stopped.").await);
    assert!(!told(&mut tx, "contacts_list", "Denied.").await && !told(&mut tx, "other", "Stopped.").await);
    let limited = world.call(&mut tx, 1).await;
    calls::end(&mut tx, limited, Ended { outcome: Outcome::Limited, ..refused }).await.unwrap();
    assert_eq!(same(&mut tx, "contacts_list").await, 2, "what the guard refused does not hold it closed");
    tx.commit().await.unwrap();
    let query = ListQuery::default();
    assert!(calls::list(&mut world.elsewhere().await, &query).await.unwrap().rows.is_empty());
}
