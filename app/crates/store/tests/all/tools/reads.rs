//! Is a read that ended counted and noted once, in a chain without gaps, and never beyond a budget or round in a circle, also by
//! many at once?

use std::time::Duration;

use chrono::Utc;
use domain::ToolCallId;
use domain::page::ListQuery;
use domain::tools::{Limits, Outcome, Policy};
use serde_json::{Value, json};
use store::new_id;
use store::tools::calls::{self, Ended, NewCall};
use store::tools::reads::{self, Judged, Read};
use store::tools::{budgets, chain};

use super::World;

const DONE: Ended<'static> = Ended { outcome: Outcome::Done, reason: None, bytes: Some(2), ms: 3 };
/// The most times that the same call is made.
const MOST_SAME: i64 = 3;

/// What a read says before it runs.
fn line<'a>(world: &World, hash: &'a [u8; 32], arguments: &'a Value) -> NewCall<'a> {
    NewCall {
        token: world.token,
        token_name: "Claude",
        tool: "contacts_list",
        effect: "read",
        arguments,
        hash,
        policy: Policy::Allow,
        approval: None,
    }
}

impl World {
    async fn judged(&self, hash: u8) -> Judged {
        let (hash, arguments) = ([hash; 32], arguments());
        reads::judge(&mut self.tx().await, &line(self, &hash, &arguments), Utc::now()).await.unwrap()
    }

    async fn noted(&self, id: ToolCallId, hash: u8, judged: &Judged) -> store::Result<bool> {
        let (hash, arguments) = ([hash; 32], arguments());
        let (call, since) = (line(self, &hash, &arguments), Duration::from_micros(1234));
        let read = Read { id, call: &call, judged, since, ended: DONE, most_same: MOST_SAME };
        let mut tx = self.tx().await;
        let noted = reads::note(&mut tx, &read).await?;
        if noted {
            tx.commit().await?;
        }
        Ok(noted)
    }

    /// Judges a read, and notes it as one that ended. False if nothing was left for it.
    async fn read(&self, hash: u8) -> bool {
        let judged = self.judged(hash).await;
        self.noted(new_id(), hash, &judged).await.unwrap()
    }

    /// How many of these reads are noted if they are made at once.
    async fn at_once(&self, [a, b, c, d]: [u8; 4]) -> usize {
        let (a, b, c, d) = tokio::join!(self.read(a), self.read(b), self.read(c), self.read(d));
        [a, b, c, d].into_iter().filter(|noted| *noted).count()
    }
}

/// Names in another order, and numbers in another spelling, than the database has them.
fn arguments() -> Value {
    json!({ "query": "a\u{e4}\"", "a": [1, 2.50, 1e3], "b": { "z": null, "y": true } })
}

#[tokio::test]
async fn reads_and_other_calls_make_one_whole_chain() {
    let world = World::new().await;
    assert_eq!(world.judged(1).await.known.same, 0);
    let before = world.judged(9).await;
    assert!(world.read(1).await, "the first one begins the chain");
    assert!(world.noted(new_id(), 9, &before).await.unwrap(), "one that was judged before there was a chain follows");
    let mut tx = world.tx().await;
    let id = world.call(&mut tx, 2).await;
    let meanwhile = world.judged(3).await;
    calls::end(&mut tx, id, DONE).await.unwrap();
    tx.commit().await.unwrap();
    assert!(world.noted(new_id(), 3, &meanwhile).await.unwrap(), "one that another overtook follows it");
    assert!(world.read(1).await);
    let look = chain::verify(&mut world.tx().await).await.unwrap();
    assert_eq!((look.calls, look.faults), (5, Vec::new()));
    let used = budgets::of_token(&mut world.tx().await, world.token).await.unwrap();
    assert_eq!(used.calls_today, 4, "each read once");
    let lines = calls::list(&mut world.tx().await, &ListQuery::default()).await.unwrap().rows;
    assert!(lines.iter().all(|line| line.outcome == Outcome::Done && line.seq > 0), "{lines:?}");
    assert_eq!(world.judged(1).await.known.same, 2);
    world.test.execute("update tool_calls set ended_at = ended_at + interval '1 microsecond' where seq = 1").await;
    assert_eq!(chain::verify(&mut world.tx().await).await.unwrap().faults.len(), 1);
}

#[tokio::test]
async fn reads_that_end_at_once_are_all_noted_and_none_beyond_the_budget_or_in_a_circle() {
    let world = World::new().await;
    assert_eq!(world.at_once([10, 11, 12, 13]).await, 4);
    assert_eq!(world.at_once([1; 4]).await, 3, "in a circle");
    let mut tx = world.tx().await;
    budgets::save(&mut tx, world.token, &Limits::of(9, 0)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(world.judged(20).await.has_calls());
    assert_eq!(world.at_once([20, 21, 22, 23]).await, 2, "beyond the budget");
    assert!(!world.judged(30).await.has_calls());
    let used = budgets::of_token(&mut world.tx().await, world.token).await.unwrap();
    assert_eq!((used.calls_today, world.number("select count(*) from tool_calls").await), (9, 9));
    let look = chain::verify(&mut world.tx().await).await.unwrap();
    assert_eq!((look.calls, look.faults), (9, Vec::new()));
}

#[tokio::test]
async fn a_read_is_noted_once_though_its_commit_was_not_heard_of() {
    let world = World::new().await;
    let (id, judged) = (new_id(), world.judged(1).await);
    assert!(world.noted(id, 1, &judged).await.unwrap());
    let again = world.noted(id, 1, &judged).await;
    assert!(matches!(&again, Err(store::Error::Taken(key)) if key == "tool_calls_pkey"), "{again:?}");
    let used = budgets::of_token(&mut world.tx().await, world.token).await.unwrap();
    assert_eq!((used.calls_today, chain::verify(&mut world.tx().await).await.unwrap().calls), (1, 1));
}

#[tokio::test]
async fn a_read_closes_a_call_that_never_ended_and_tells_of_itself() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let lost = world.call(&mut tx, 1).await;
    tx.commit().await.unwrap();
    world.test.execute("update tool_calls set created_at = created_at - interval '11 minutes'").await;
    let told = "select count(*) from outbox_events where topic = 'tool_call.changed'";
    let before = world.number(told).await;
    assert!(world.read(2).await);
    assert_eq!(world.number(told).await, before + 2, "of the read, and of the end of the other");
    let mut tx = world.tx().await;
    assert_eq!(calls::get(&mut tx, lost).await.unwrap().outcome, Outcome::Failed);
    assert_eq!(chain::verify(&mut tx).await.unwrap().faults, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_read_before_a_call_is_the_business_of_the_transaction_alone() {
    let world = World::new().await;
    assert!(world.read(1).await);
    let mut tx = world.elsewhere().await;
    let (hash, arguments) = ([1; 32], arguments());
    let judged = reads::judge(&mut tx, &line(&world, &hash, &arguments), Utc::now()).await.unwrap();
    assert_eq!(judged.known.same, 0);
    let call = line(&world, &hash, &arguments);
    let read = Read { id: new_id(), call: &call, judged: &judged, since: Duration::ZERO, ended: DONE, most_same: 1 };
    assert!(reads::note(&mut tx, &read).await.unwrap());
    tx.commit().await.unwrap();
    for mut tx in [world.tx().await, world.elsewhere().await] {
        let look = chain::verify(&mut tx).await.unwrap();
        assert_eq!((look.calls, look.faults), (1, Vec::new()), "each business has its own chain");
    }
}
