//! Is nothing counted beyond a budget, also by two calls at once, and does a new day begin anew?

use chrono::Utc;
use domain::tools::{Limits, Stopped};
use store::tools::budgets::{self, Amount, Over, USUAL_CALLS, USUAL_WRITES};
use store::tools::{judging, kill};

use super::World;

impl World {
    async fn count(&self, writes: bool) -> Option<Over> {
        self.take(Amount { writes, paid: false }).await
    }

    async fn take(&self, amount: Amount) -> Option<Over> {
        let mut tx = self.tx().await;
        let over = budgets::take(&mut tx, self.token, amount).await.unwrap();
        tx.commit().await.unwrap();
        over
    }

    async fn limit(&self, calls: i32, writes: i32) {
        let mut tx = self.tx().await;
        budgets::save(&mut tx, self.token, &Limits::of(calls, writes)).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_token_calls_as_often_as_it_may_and_not_once_more() {
    let world = World::new().await;
    let usual = budgets::of_token(&mut world.tx().await, world.token).await.unwrap();
    assert_eq!((usual.calls, usual.writes, usual.calls_today), (USUAL_CALLS, USUAL_WRITES, 0));
    for (calls, writes, asks_to_write, expected) in
        [(0, 0, false, Over::Calls(0)), (5, 0, true, Over::Writes(0)), (0, 5, true, Over::Calls(0))]
    {
        world.limit(calls, writes).await;
        assert_eq!(world.count(asks_to_write).await, Some(expected));
    }
    world.limit(5, 1).await;
    assert_eq!(world.count(true).await, None);
    assert_eq!(world.count(true).await, Some(Over::Writes(1)));
    let at_once = tokio::join!(world.count(false), world.count(false), world.count(false), world.count(false));
    assert_eq!([at_once.0, at_once.1, at_once.2, at_once.3], [None; 4]);
    let (one, two) = tokio::join!(world.count(false), world.count(true));
    assert_eq!((one, two), (Some(Over::Calls(5)), Some(Over::Calls(5))));
    let used = budgets::of_token(&mut world.tx().await, world.token).await.unwrap();
    assert_eq!((used.calls_today, used.writes_today), (5, 1), "what was refused is not counted");
    let mut tx = world.tx().await;
    budgets::count_refused(&mut tx, world.token).await.unwrap();
    budgets::count_refused(&mut tx, world.token).await.unwrap();
    tx.commit().await.unwrap();
    let used = budgets::of_token(&mut world.tx().await, world.token).await.unwrap();
    assert_eq!((used.calls_today, used.refused_today), (5, 2), "but told");
    world.test.execute("update tool_days set day = day - 1").await;
    assert_eq!(world.count(true).await, None);
    let elsewhere = budgets::of_token(&mut world.elsewhere().await, world.token).await.unwrap();
    assert_eq!((elsewhere.calls, elsewhere.calls_today), (USUAL_CALLS, 0));
}

#[tokio::test]
async fn messages_that_cost_are_counted_and_end_with_the_money_of_the_day() {
    let world = World::new().await;
    let limit = async |money, price| {
        let mut tx = world.tx().await;
        let limits = Limits { money, price, ..Limits::of(100, 100) };
        budgets::save(&mut tx, world.token, &limits).await.unwrap();
        tx.commit().await.unwrap();
    };
    let paid = Amount { writes: true, paid: true };
    limit(Some(1), 2).await;
    assert_eq!(world.take(paid).await, Some(Over::Money(1)), "the first message of a day costs too much");
    limit(None, 40_000).await;
    assert_eq!(world.take(paid).await, None);
    limit(Some(100_000), 40_000).await;
    let at_once = tokio::join!(world.take(paid), world.take(paid), world.take(paid));
    let left = [at_once.0, at_once.1, at_once.2];
    assert_eq!(
        left.iter().filter(|over| over.is_none()).count(),
        1,
        "two messages cost 0.08 and a third 0.12: {left:?}"
    );
    assert!(left.iter().flatten().all(|over| *over == Over::Money(100_000)), "{left:?}");
    assert_eq!(world.count(true).await, None, "what costs nothing goes on");
    let used = budgets::of_token(&mut world.tx().await, world.token).await.unwrap();
    assert_eq!((used.spent_today, used.writes_today, used.price), (80_000, 3, 40_000));
    limit(Some(0), 0).await;
    assert_eq!(world.take(paid).await, None, "a message without a price costs nothing");
}

#[tokio::test]
async fn what_a_person_approved_is_counted_although_nothing_is_left() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let limits = Limits { money: Some(50_000), price: 40_000, ..Limits::of(1, 1) };
    budgets::save(&mut tx, world.token, &limits).await.unwrap();
    for paid in [true, true, false] {
        budgets::count(&mut tx, world.token, Amount { writes: true, paid }).await.unwrap();
    }
    tx.commit().await.unwrap();
    let used = budgets::of_token(&mut world.tx().await, world.token).await.unwrap();
    assert_eq!((used.calls_today, used.writes_today, used.spent_today), (3, 3, 80_000));
    assert_eq!(world.count(false).await, Some(Over::Calls(1)), "and nothing else runs");
}

#[tokio::test]
async fn each_switch_stops_its_own() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    assert!(kill::stop(&mut tx).await.unwrap() && !kill::stop(&mut tx).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(kill::state(&mut world.tx().await).await.unwrap(), Stopped { business: true, all: false });
    assert_eq!(kill::state(&mut world.elsewhere().await).await.unwrap(), Stopped::default());
    let mut tx = world.tx().await;
    assert!(kill::resume(&mut tx).await.unwrap() && !kill::resume(&mut tx).await.unwrap());
    tx.commit().await.unwrap();
    let mut platform = store::PlatformTx::begin(&world.db, None).await.unwrap();
    assert!(kill::stop_all(&mut platform).await.unwrap() && !kill::stop_all(&mut platform).await.unwrap());
    platform.commit().await.unwrap();
    for mut tx in [world.tx().await, world.elsewhere().await] {
        assert_eq!(kill::state(&mut tx).await.unwrap(), Stopped { business: false, all: true });
        let judged = judging::of_call(&mut tx, world.token, "contacts_list", &[1; 32], Utc::now()).await.unwrap();
        assert_eq!((judged.stopped, judged.policy, judged.same), (Stopped { business: false, all: true }, None, 0));
    }
    let mut platform = store::PlatformTx::begin(&world.db, None).await.unwrap();
    assert!(kill::all_stopped(&mut platform).await.unwrap() && kill::resume_all(&mut platform).await.unwrap());
    assert!(!kill::resume_all(&mut platform).await.unwrap());
    platform.commit().await.unwrap();
    assert_eq!(kill::state(&mut world.tx().await).await.unwrap(), Stopped::default());
}
