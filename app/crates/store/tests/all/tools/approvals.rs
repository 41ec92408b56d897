//! Is the same call asked about once, decided by one person, taken by one caller, and never after its time?

use chrono::{TimeDelta, Utc};
use domain::ToolApprovalId;
use domain::tools::ApprovalState;
use store::DbRole;
use store::retention::{PIECE, RULES};
use store::tools::approvals::{self, Decision, MADE_WITHIN, OPEN_FOR};
use store::tools::lapsed;

use super::World;

impl World {
    /// Whether this person was the one who decided.
    async fn decide(&self, id: ToolApprovalId, person: usize, approved: bool, later: TimeDelta) -> bool {
        let mut tx = self.tx().await;
        let decision = Decision { by: self.people[person], approved, reason: "Not now.", now: Utc::now() + later };
        let decided = approvals::decide(&mut tx, id, decision).await.unwrap().is_some();
        tx.commit().await.unwrap();
        decided
    }

    /// Whether the call could be taken.
    async fn claim(&self, id: ToolApprovalId, later: TimeDelta) -> bool {
        let mut tx = self.tx().await;
        let taken = approvals::claim(&mut tx, self.token, id, Utc::now() + later).await.unwrap().is_some();
        tx.commit().await.unwrap();
        taken
    }

    async fn state(&self, id: ToolApprovalId) -> ApprovalState {
        approvals::get(&mut self.tx().await, id).await.unwrap().state
    }
}

#[tokio::test]
async fn the_same_call_is_asked_about_once_until_it_was_decided() {
    let world = World::new().await;
    let (first, is_new) = world.ask(1, Utc::now()).await;
    assert!(is_new);
    assert_eq!(world.ask(1, Utc::now()).await, (first, false));
    assert!(world.ask(2, Utc::now()).await.1, "another call is another question");
    let (one, two) = tokio::join!(world.ask(3, Utc::now()), world.ask(3, Utc::now()));
    assert!(one.0 == two.0 && one.1 != two.1, "two at once are one");
    assert!(world.decide(first, 0, false, TimeDelta::zero()).await);
    assert!(world.ask(1, Utc::now()).await.1, "a rejected call may be asked about again");
    assert_eq!(
        world.number("select count(*) from tool_approvals where state = 'rejected' and arguments = '{}'").await,
        1
    );
}

#[tokio::test]
async fn a_second_press_and_a_second_person_decide_nothing() {
    let world = World::new().await;
    for byte in 0..8 {
        let (id, _) = world.ask(byte, Utc::now()).await;
        let now = TimeDelta::zero();
        let (yes, no) = tokio::join!(world.decide(id, 0, true, now), world.decide(id, 1, false, now));
        assert!(yes != no, "one of the two decided");
        assert!(!world.decide(id, 0, true, now).await, "and nobody after them");
        let expected = if yes { ApprovalState::Approved } else { ApprovalState::Rejected };
        assert_eq!(world.state(id).await, expected);
    }
}

/// A request that read its token just before holds nothing that is still good.
#[tokio::test]
async fn an_approved_call_of_a_token_that_was_revoked_or_ended_is_not_taken() {
    for ending in ["update api_tokens set revoked_at = now()", "update api_tokens set expires_at = now()"] {
        let world = World::new().await;
        let (id, _) = world.ask(1, Utc::now()).await;
        assert!(world.decide(id, 0, true, TimeDelta::zero()).await);
        world.test.execute(ending).await;
        assert!(!world.claim(id, TimeDelta::seconds(1)).await, "{ending}");
        let (mut tx, now) = (world.tx().await, Utc::now() + TimeDelta::seconds(1));
        let same = approvals::claim_same(&mut tx, world.token, "contacts_delete", &[1; 32], now).await.unwrap();
        assert!(same.is_none(), "{ending}");
    }
}

#[tokio::test]
async fn an_approved_call_is_taken_once_by_its_token() {
    let world = World::new().await;
    let (id, _) = world.ask(1, Utc::now()).await;
    let now = TimeDelta::zero();
    assert!(!world.claim(id, now).await, "nobody approved it yet");
    assert!(world.decide(id, 0, true, now).await);
    let mut tx = world.tx().await;
    let foreign = approvals::claim(&mut tx, store::new_id(), id, Utc::now()).await.unwrap();
    assert!(foreign.is_none(), "another token takes nothing");
    let other = approvals::claim_same(&mut tx, world.token, "contacts_delete", &[2; 32], Utc::now()).await.unwrap();
    assert!(other.is_none(), "nor does another call");
    drop(tx);
    let (one, two) = tokio::join!(world.claim(id, now), world.claim(id, now));
    assert!(one != two, "one of two takes it");
    assert_eq!(world.ask(1, Utc::now()).await, (id, false), "nobody is asked about a call that runs");
    assert_eq!(world.state(id).await, ApprovalState::Approved);
    let mut tx = world.tx().await;
    approvals::settle(&mut tx, id, None, None).await.unwrap();
    approvals::settle(&mut tx, id, Some("again"), None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.state(id).await, ApprovalState::Done, "what ended stays as it ended");
    assert!(!world.claim(id, now).await);
}

#[tokio::test]
async fn nothing_is_decided_or_taken_after_its_time() {
    let world = World::new().await;
    let (late, _) = world.ask(1, Utc::now()).await;
    assert!(!world.decide(late, 0, true, OPEN_FOR + TimeDelta::seconds(1)).await);
    assert!(world.decide(late, 0, true, OPEN_FOR - TimeDelta::minutes(1)).await);
    assert!(!world.claim(late, OPEN_FOR * 2).await, "what was approved is made soon");
    let (soon, _) = world.ask(3, Utc::now()).await;
    assert!(world.decide(soon, 0, true, TimeDelta::zero()).await);
    assert!(!world.claim(soon, MADE_WITHIN + TimeDelta::seconds(1)).await);
    assert!(world.claim(soon, MADE_WITHIN - TimeDelta::minutes(1)).await);
    let (old, _) = world.ask(2, Utc::now() - OPEN_FOR - TimeDelta::minutes(1)).await;
    assert_eq!(world.state(old).await, ApprovalState::Expired);
    assert!(approvals::waiting(&mut world.tx().await).await.unwrap().is_empty());
    assert!(world.ask(2, Utc::now()).await.1, "what nobody decided may be asked again");
    assert_eq!(
        world.number("select count(*) from tool_approvals where state = 'expired' and arguments = '{}'").await,
        1
    );
}

#[tokio::test]
async fn what_people_read_is_emptied_a_month_later_unless_they_still_read_it() {
    let world = World::new().await;
    let (ended, _) = world.ask(1, Utc::now()).await;
    let (waits, _) = world.ask(2, Utc::now()).await;
    assert!(world.decide(ended, 0, false, TimeDelta::zero()).await);
    let rule = RULES.iter().find(|rule| rule.name == "tool-approval-words").unwrap();
    let work = world.test.db(DbRole::Worker).await;
    assert_eq!((rule.piece)(&work, rule.age, PIECE).await.unwrap(), 0);
    world.test.execute("update tool_approvals set created_at = now() - interval '31 days'").await;
    assert_eq!((rule.piece)(&work, rule.age, PIECE).await.unwrap(), 1);
    for (id, shows) in [(ended, false), (waits, true)] {
        let known = approvals::get(&mut world.tx().await, id).await.unwrap();
        assert_eq!(known.shown.contains("Ana Lee"), shows);
    }
}

#[tokio::test]
async fn what_nobody_decided_is_ended_without_a_program_that_asks_again() {
    let world = World::new().await;
    let long_ago = Utc::now() - OPEN_FOR - TimeDelta::minutes(1);
    for byte in 0..3 {
        world.ask(byte, long_ago).await;
    }
    let (open, _) = world.ask(3, Utc::now()).await;
    world.test.execute("update tool_approvals set state = 'waiting' where state = 'expired'").await;
    let work = world.test.db(DbRole::Worker).await;
    let over = lapsed::businesses(&work, Utc::now(), None).await.unwrap();
    assert_eq!((over.found, over.next), (vec![(world.agency, world.business)], None));
    let mut tx = world.tx().await;
    assert_eq!(approvals::count_waiting(&mut tx).await.unwrap(), 1);
    assert_eq!(lapsed::lapse(&mut tx, Utc::now()).await.unwrap(), 3);
    assert_eq!(lapsed::lapse(&mut tx, Utc::now()).await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert_eq!(world.number("select count(*) from tool_approvals where state = 'expired'").await, 3);
    assert_eq!(world.state(open).await, ApprovalState::Waiting);
    assert!(lapsed::businesses(&work, Utc::now(), None).await.unwrap().found.is_empty());
}

#[tokio::test]
async fn what_was_taken_and_never_ended_counts_as_failed_and_is_not_made_again() {
    let world = World::new().await;
    let (id, _) = world.ask(1, Utc::now()).await;
    assert!(world.decide(id, 0, true, TimeDelta::zero()).await && world.claim(id, TimeDelta::zero()).await);
    for (later, expected) in [(9, ApprovalState::Approved), (11, ApprovalState::Failed)] {
        let mut tx = world.tx().await;
        approvals::lapse(&mut tx, Utc::now() + TimeDelta::minutes(later)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(world.state(id).await, expected, "after {later} minutes");
    }
    assert!(!world.claim(id, TimeDelta::zero()).await);
    let known = approvals::get(&mut world.tx().await, id).await.unwrap();
    assert!(known.reason.contains("not known"), "{}", known.reason);
}

#[tokio::test]
async fn another_business_sees_and_decides_nothing() {
    let world = World::new().await;
    let (id, _) = world.ask(1, Utc::now()).await;
    let mut tx = world.elsewhere().await;
    assert!(matches!(approvals::get(&mut tx, id).await, Err(store::Error::NotFound)));
    assert!(approvals::waiting(&mut tx).await.unwrap().is_empty());
    let decision = Decision { by: world.people[1], approved: true, reason: "", now: Utc::now() };
    assert!(approvals::decide(&mut tx, id, decision).await.unwrap().is_none());
    assert!(approvals::claim(&mut tx, world.token, id, Utc::now()).await.unwrap().is_none());
    drop(tx);
    assert_eq!(approvals::waiting(&mut world.tx().await).await.unwrap()[0].id, id);
}
