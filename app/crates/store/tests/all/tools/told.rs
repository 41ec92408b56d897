//! Do the owners of a business hear once of calls that wait for long, and of none that somebody decided?

use chrono::{TimeDelta, Utc};
use store::DbRole;
use store::tools::approvals::{self, Decision};
use store::tools::told;

use super::World;

/// The mails that wait to be sent.
const QUEUED: &str = "select count(*) from work_ready where payload ->> 'mail' = 'approval_waits'";

impl World {
    /// As the worker: tells owners at this time after now. Returns how many mails wait from then on.
    async fn told(&self, later: TimeDelta) -> i64 {
        let (worker, now) = (self.test.db(DbRole::Worker).await, Utc::now() + later);
        let due = told::businesses(&worker, now, None).await.unwrap();
        for (_, business) in due.found {
            let mut tx = self.begin(business).await;
            told::tell(&mut tx, now).await.unwrap();
            tx.commit().await.unwrap();
        }
        self.number(QUEUED).await
    }

    async fn owed(&self, person: usize, later: TimeDelta) -> Option<i64> {
        let owed = told::owed(&mut self.tx().await, self.people[person], Utc::now() + later).await.unwrap();
        owed.map(|owed| owed.count)
    }
}

#[tokio::test]
async fn owners_hear_once_of_what_waits_for_ten_minutes_and_an_hour_later_of_what_came_since() {
    let world = World::new().await;
    let minutes = TimeDelta::minutes;
    world.ask(1, Utc::now()).await;
    world.ask(2, Utc::now()).await;
    assert_eq!(world.told(minutes(9)).await, 0, "a person may still be about to decide");
    assert_eq!(world.told(minutes(11)).await, 1, "one mail to the owner, and none to the agency's staff");
    world.test.execute("delete from work_ready").await;
    assert_eq!(world.told(minutes(30)).await, 0, "they know of both");
    world.ask(3, Utc::now()).await;
    assert_eq!(world.told(minutes(5)).await, 0);
    for later in [31, 45, 70] {
        assert_eq!(world.told(minutes(later)).await, 0, "they had a mail less than an hour before: {later}");
    }
    world.ask(4, Utc::now()).await;
    assert_eq!(world.told(minutes(72)).await, 1);
    world.test.execute("delete from work_ready").await;
    assert_eq!(world.told(minutes(200)).await, 0, "one mail was about both");
    assert_eq!((world.owed(0, minutes(72)).await, world.owed(1, minutes(72)).await), (Some(4), None));
    let owed = told::owed(&mut world.tx().await, world.people[0], Utc::now() + minutes(72)).await.unwrap().unwrap();
    let named: Vec<_> = owed.newest.iter().map(|call| (call.agent.as_str(), call.tool.as_str())).collect();
    assert_eq!(named, [("Claude", "contacts_delete"); 4]);
    assert_eq!(world.owed(0, TimeDelta::hours(25)).await, None, "nobody can answer any more");
}

#[tokio::test]
async fn nobody_hears_of_what_was_decided_or_is_over() {
    let world = World::new().await;
    let (id, _) = world.ask(1, Utc::now()).await;
    assert_eq!(world.told(TimeDelta::hours(25)).await, 0, "it is over");
    let mut tx = world.tx().await;
    let decision = Decision { by: world.people[1], approved: true, reason: "", now: Utc::now() };
    approvals::decide(&mut tx, id, decision).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.told(TimeDelta::minutes(11)).await, 0);
    assert_eq!(world.owed(0, TimeDelta::minutes(11)).await, None);
}
