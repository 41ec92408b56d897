//! What the store keeps for mails that wait: the links they will carry, the keys under which they wait only once, and the
//! counts of the day.
#![expect(clippy::disallowed_methods, reason = "a test looks past the rules into the server")]

use std::time::Duration;

use domain::AgencyId;
use domain::identity::{Reach, Role};
use domain::work::Kind;
use store::invites::{self, MailState, NewInvite};
use store::mail_limits::{self, LimitReached, PER_SENDER_AND_ADDRESS};
use store::queue::{self, Work};
use store::tenant::{PlatformTx, Scope, TenantTx};
use store::testing::TestDb;
use store::{Db, DbRole, Error};

const HOUR: Duration = Duration::from_secs(3600);
const EMAIL: &str = "x@stranger.test";

struct World {
    test: TestDb,
    db: Db,
    agency: AgencyId,
}

impl World {
    async fn new() -> Self {
        let test = TestDb::new().await;
        let db = test.db(DbRole::Web).await;
        let agency = test.agency().await;
        Self { test, db, agency }
    }

    async fn tx(&self) -> TenantTx {
        let scope = Scope::Agency { user: None, agency: self.agency, reach: Reach::All, listed: vec![] };
        TenantTx::begin(&self.db, scope).await.unwrap()
    }

    async fn platform(&self) -> PlatformTx {
        PlatformTx::begin(&self.db, None).await.unwrap()
    }

    /// Invites the address as an admin, with a link of this hash.
    async fn invite(&self, hash: u8) -> uuid::Uuid {
        let (role, reach) = (Role::AgencyAdmin, Reach::All);
        let mut tx = self.tx().await;
        let new = NewInvite { hash: [hash; 32], email: EMAIL, role, reach, valid: HOUR };
        let id = invites::invite(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }
}

#[tokio::test]
async fn a_link_whose_mail_is_sent_again_replaces_the_one_before() {
    let world = World::new().await;
    let id = world.invite(1).await;
    let mut tx = world.tx().await;
    for hash in [2, 3] {
        assert_eq!(invites::mail_of(&mut tx, id).await.unwrap().state, MailState::Waits);
        invites::renew(&mut tx, id, [hash; 32], HOUR).await.unwrap();
    }
    invites::mail_settled(&mut tx, id).await.unwrap();
    assert_eq!(invites::mail_of(&mut tx, id).await.unwrap().state, MailState::Sent);
    assert!(!invites::list(&mut tx).await.unwrap()[0].unsent);
    tx.commit().await.unwrap();
    for hash in [1, 2] {
        assert!(invites::find(&world.db, [hash; 32]).await.unwrap().is_none(), "{hash}");
    }
    assert!(invites::accept(&world.db, [3; 32], "X", "$a").await.is_ok());
    let late = invites::renew(&mut world.tx().await, id, [4; 32], HOUR).await;
    assert!(matches!(late, Err(Error::NotFound)), "an accepted one is not sent again: {late:?}");
}

#[tokio::test]
async fn an_invitation_that_ends_before_its_mail_leaves_is_not_renewed() {
    let world = World::new().await;
    let (first, second) = (world.invite(1).await, world.invite(2).await);
    let mut tx = world.tx().await;
    assert_eq!(invites::mail_of(&mut tx, first).await.unwrap().state, MailState::Ended, "a newer one replaced it");
    invites::withdraw(&mut tx, second).await.unwrap();
    assert_eq!(invites::mail_of(&mut tx, second).await.unwrap().state, MailState::Ended);
    for id in [first, second] {
        assert!(matches!(invites::renew(&mut tx, id, [9; 32], HOUR).await, Err(Error::NotFound)));
    }
}

#[tokio::test]
async fn a_link_to_a_password_is_renewed_until_it_is_used_or_replaced() {
    let world = World::new().await;
    let user = world.test.person(Role::Support, None, None).await;
    let renew = async |id, hash: u8| {
        let mut tx = world.platform().await;
        let done = invites::renew_password_link(&mut tx, id, [hash; 32], HOUR).await;
        tx.commit().await.unwrap();
        done.is_ok()
    };
    let mut tx = world.platform().await;
    let first = invites::first_password(&mut tx, [1; 32], user, HOUR).await.unwrap();
    assert_eq!(invites::open_first_password(&mut tx, user).await.unwrap(), Some(first));
    let second = invites::first_password(&mut tx, [2; 32], user, HOUR).await.unwrap();
    assert_eq!(invites::open_first_password(&mut tx, user).await.unwrap(), Some(second));
    tx.commit().await.unwrap();
    assert!(!renew(first, 3).await, "it was replaced");
    assert!(renew(second, 4).await);
    assert!(matches!(invites::set_password(&world.db, [2; 32], "$a").await, Err(Error::NotFound)));
    assert_eq!(invites::set_password(&world.db, [4; 32], "$a").await.unwrap(), user);
    assert!(!renew(second, 5).await, "it was used");
}

#[tokio::test]
async fn the_same_invitation_is_known_while_its_mail_waits() {
    let world = World::new().await;
    let id = world.invite(1).await;
    let mut tx = world.tx().await;
    let same = async |tx: &mut TenantTx, role| invites::unsent(tx, "X@Stranger.test ", role, Reach::All).await.unwrap();
    assert_eq!(same(&mut tx, Role::AgencyAdmin).await, Some(id));
    assert_eq!(same(&mut tx, Role::AgencyOwner).await, None, "another role");
    invites::mail_settled(&mut tx, id).await.unwrap();
    assert_eq!(same(&mut tx, Role::AgencyAdmin).await, None, "one that was sent is made anew");
}

/// Moves all work through the tables in which work can wait.
const MOVES: [&str; 3] = [
    "select 1",
    "with gone as (delete from work_ready returning *) insert into work_leases (id, lane, tenant_key, kind, dedupe_key, lease_owner, lease_until)
     select id, lane, tenant_key, kind, dedupe_key, gen_random_uuid(), now() from gone",
    "with gone as (delete from work_leases returning *) insert into work_scheduled (id, lane, tenant_key, kind, dedupe_key, run_at)
     select id, lane, tenant_key, kind, dedupe_key, now() from gone",
];

#[tokio::test]
async fn work_is_found_by_its_key_wherever_it_waits() {
    let world = World::new().await;
    let work = Work::new(Kind::SendMail).once("mail:1");
    let mut tx = world.tx().await;
    assert!(!queue::is_queued(&mut tx, "mail:1").await.unwrap());
    assert!(queue::add(&mut tx, &work).await.unwrap());
    tx.commit().await.unwrap();
    let mut tx = world.platform().await;
    assert!(!queue::add_platform(&mut tx, None, &work).await.unwrap(), "it waits only once");
    assert!(queue::add_platform(&mut tx, None, &Work::new(Kind::SendMail).once("mail:2")).await.unwrap());
    tx.commit().await.unwrap();
    for moves in MOVES {
        world.test.execute(moves).await;
        for key in ["mail:1", "mail:2"] {
            assert!(queue::is_queued(&mut world.tx().await, key).await.unwrap(), "{key} after {moves}");
            assert!(queue::is_queued_platform(&mut world.platform().await, key).await.unwrap(), "{key} after {moves}");
        }
    }
    world.test.execute("delete from work_scheduled").await;
    assert!(!queue::is_queued(&mut world.tx().await, "mail:1").await.unwrap());
}

#[tokio::test]
async fn a_mail_that_a_limit_refuses_is_counted_nowhere() {
    let world = World::new().await;
    let taken = async || {
        let mut tx = world.tx().await;
        let taken = mail_limits::take_in(&mut tx, EMAIL).await.unwrap();
        // The transaction goes on: what else is written in it stays.
        tx.commit().await.unwrap();
        taken
    };
    let counts = async || {
        let sum = "select coalesce(sum(failures), 0)::bigint from auth_throttles";
        sqlx::query_scalar::<_, i64>(sum).fetch_one(world.test.superuser()).await.unwrap()
    };
    let mut last = None;
    for _ in 0..PER_SENDER_AND_ADDRESS {
        last = taken().await.ok();
    }
    let before = counts().await;
    assert_eq!(before, i64::from(3 * PER_SENDER_AND_ADDRESS));
    assert!(matches!(taken().await, Err(LimitReached::Address(_))));
    assert_eq!(counts().await, before);
    mail_limits::give_back(&world.db, last.unwrap()).await.unwrap();
    assert_eq!(counts().await, before - 3);
    let mut tx = world.tx().await;
    let earlier = mail_limits::Counted::earlier(Some(world.agency), EMAIL);
    mail_limits::give_back_in(&mut tx, &earlier).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(counts().await, before - 6);
    assert!(taken().await.is_ok());
}
