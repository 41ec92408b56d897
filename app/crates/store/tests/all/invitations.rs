//! Does an older link still grant anything? Tests every kind of place with every event that may happen between the
//! creation of a link and its use.
#![expect(clippy::disallowed_methods, reason = "a test looks past the rules into the server")]

use std::time::Duration;

use domain::identity::{AgencyRole, Reach, Role};
use domain::{AgencyId, BusinessId, UserId};
use store::invites::{self, LinkState, NewInvite};
use store::tenant::{PlatformTx, Scope, TenantTx};
use store::testing::TestDb;
use store::{Db, DbRole, Error, identity, memberships};

const HOUR: Duration = Duration::from_secs(3600);

/// Where a person is invited to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum To {
    Agency,
    Business,
}

/// What happens after the link was created.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Then {
    Removed,
    Demoted,
    Suspended,
    Disabled,
    InvitedAgain,
    AcceptedAnother,
    /// As in a version that ends no links.
    RemovedByFormer,
}

const ALL: [Then; 7] = [
    Then::Removed,
    Then::Demoted,
    Then::Suspended,
    Then::Disabled,
    Then::InvitedAgain,
    Then::AcceptedAnother,
    Then::RemovedByFormer,
];

struct World {
    test: TestDb,
    db: Db,
    agency: AgencyId,
    business: BusinessId,
    owner: UserId,
}

impl World {
    async fn new() -> Self {
        let test = TestDb::new().await;
        let db = test.db(DbRole::Web).await;
        let agency = test.agency().await;
        let business = test.business(agency).await;
        let owner = test.person(Role::AgencyOwner, Some(agency), None).await;
        Self { test, db, agency, business, owner }
    }

    async fn tx(&self, to: To) -> TenantTx {
        let (user, agency, reach) = (Some(self.owner), self.agency, Reach::All);
        let scope = match to {
            To::Agency => Scope::Agency { user, agency, reach, listed: vec![] },
            To::Business => Scope::AgencyBusiness { user, agency, business: self.business, reach, listed: vec![] },
        };
        TenantTx::begin(&self.db, scope).await.unwrap()
    }

    async fn invite(&self, to: To, hash: u8, user: UserId) {
        let email = format!("{user}@example.test");
        let role = if to == To::Agency { Role::AgencyAdmin } else { Role::BusinessOwner };
        let new = NewInvite { hash: [hash; 32], email: &email, role, reach: Reach::All, valid: HOUR };
        let mut tx = self.tx(to).await;
        invites::invite(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Creates another open link like the one that `from` names, as a version that ends no links would leave it.
    async fn second(&self, from: u8, hash: u8) {
        sqlx::query(
            "insert into one_time_tokens (secret_hash, purpose, agency_id, sub_account_id, email, created_by, payload, created_at, expires_at)
             select $2, purpose, agency_id, sub_account_id, email, created_by, payload, created_at, expires_at from one_time_tokens where secret_hash = $1",
        )
        .bind([from; 32])
        .bind([hash; 32])
        .execute(self.test.superuser())
        .await
        .unwrap();
    }

    async fn past_the_rules(&self, to: To, user: UserId, set: &str) {
        let table = if to == To::Agency { "user_agency_memberships" } else { "user_sub_account_memberships" };
        let sql = format!("update {table} set {set} where user_id = $1");
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(user.0).execute(self.test.superuser()).await.unwrap();
    }

    async fn happens(&self, to: To, then: Then, user: UserId) {
        let mut tx = self.tx(to).await;
        match (then, to) {
            (Then::Removed, To::Agency) => memberships::remove_from_agency(&mut tx, user).await.unwrap(),
            (Then::Removed, To::Business) => memberships::remove_from_business(&mut tx, user).await.unwrap(),
            (Then::Demoted, To::Agency) => {
                let staff = AgencyRole::BuiltIn(Role::AgencyStaff);
                memberships::set_role(&mut tx, user, &staff, Reach::Listed).await.unwrap();
            }
            (Then::Demoted, To::Business) => {
                memberships::add_to_business(&mut tx, user, Role::TeamMember).await.unwrap()
            }
            (Then::Suspended, _) => self.past_the_rules(to, user, "status = 'suspended'").await,
            (Then::RemovedByFormer, _) => self.past_the_rules(to, user, "deleted_at = now()").await,
            (Then::Disabled, _) => {
                let mut tx = PlatformTx::begin(&self.db, None).await.unwrap();
                identity::set_disabled(&mut tx, user, true).await.unwrap();
                identity::set_disabled(&mut tx, user, false).await.unwrap();
                tx.commit().await.unwrap();
            }
            (Then::InvitedAgain, _) => {
                drop(tx);
                return self.invite(to, 2, user).await;
            }
            (Then::AcceptedAnother, _) => {
                self.second(1, 2).await;
                invites::accept(&self.db, [2; 32], "X", "$a").await.unwrap();
            }
        }
        tx.commit().await.unwrap();
    }

    async fn places(&self, user: UserId) -> String {
        format!("{:?}", identity::caller(&self.db, user).await.unwrap().unwrap().memberships)
    }
}

#[tokio::test]
async fn no_older_link_gives_anything() {
    for to in [To::Agency, To::Business] {
        for then in ALL {
            let world = World::new().await;
            let role = if to == To::Agency { Role::AgencyAdmin } else { Role::BusinessOwner };
            let user = world.test.person(role, Some(world.agency), Some(world.business)).await;
            world.invite(to, 1, user).await;
            world.happens(to, then, user).await;
            let before = world.places(user).await;
            let late = invites::accept(&world.db, [1; 32], "X", "$a").await;
            assert!(matches!(late, Err(Error::NotFound)), "{to:?} {then:?}: {late:?}");
            assert_eq!(world.places(user).await, before, "{to:?} {then:?}");
            // A newer link still works.
            world.invite(to, 3, user).await;
            assert!(invites::accept(&world.db, [3; 32], "X", "$a").await.is_ok(), "{to:?} {then:?}");
        }
    }
}

#[tokio::test]
async fn no_link_makes_an_owner_of_a_business_less() {
    let world = World::new().await;
    let user = world.test.person(Role::BusinessOwner, Some(world.agency), Some(world.business)).await;
    let email = format!("{user}@example.test");
    // Made by somebody who did not see that the person accepted another one meanwhile.
    let new = NewInvite { hash: [1; 32], email: &email, role: Role::TeamMember, reach: Reach::Listed, valid: HOUR };
    let mut tx = world.tx(To::Business).await;
    invites::invite(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    let before = world.places(user).await;
    let less = invites::accept(&world.db, [1; 32], "X", "$a").await;
    assert!(matches!(less, Err(Error::NotFound)), "{less:?}");
    assert_eq!(world.places(user).await, before);
}

#[tokio::test]
async fn who_leaves_the_agency_gets_no_client_of_it_by_an_older_link() {
    let world = World::new().await;
    let user = world.test.person(Role::AgencyStaff, Some(world.agency), None).await;
    world.invite(To::Business, 1, user).await;
    world.invite(To::Agency, 2, user).await;
    let mut tx = world.tx(To::Agency).await;
    let mine = invites::list(&mut tx).await.unwrap();
    assert_eq!(mine.len(), 1, "the client's is not among the agency's");
    memberships::remove_from_agency(&mut tx, user).await.unwrap();
    tx.commit().await.unwrap();
    for hash in [1, 2] {
        assert!(matches!(invites::accept(&world.db, [hash; 32], "X", "$a").await, Err(Error::NotFound)));
        assert_eq!(invites::link_state(&world.db, [hash; 32]).await.unwrap(), Some(LinkState::Ended));
    }
}

#[tokio::test]
async fn an_invitation_accepted_while_its_person_is_removed_gives_nothing() {
    let world = World::new().await;
    let user = world.test.person(Role::AgencyStaff, Some(world.agency), None).await;
    world.invite(To::Agency, 1, user).await;
    let mut removing = world.tx(To::Agency).await;
    memberships::remove_from_agency(&mut removing, user).await.unwrap();
    let db = world.db.clone();
    let accepting = tokio::spawn(async move { invites::accept(&db, [1; 32], "X", "$a").await });
    let waits =
        "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')";
    while !accepting.is_finished()
        && !sqlx::query_scalar::<_, bool>(waits).fetch_one(world.test.superuser()).await.unwrap()
    {}
    removing.commit().await.unwrap();
    let late = accepting.await.unwrap();
    assert!(matches!(late, Err(Error::NotFound)), "{late:?}");
    assert_eq!(world.places(user).await, "[]");
}

#[tokio::test]
async fn no_older_link_makes_anybody_run_the_platform() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    for then in ["taken", "disabled", "again"] {
        let user = test.person(Role::Support, None, None).await;
        let mut tx = PlatformTx::begin(&db, None).await.unwrap();
        invites::first_password(&mut tx, [1; 32], user, HOUR).await.unwrap();
        match then {
            "taken" => identity::set_platform_role(&mut tx, user, None).await.unwrap(),
            "disabled" => {
                identity::set_disabled(&mut tx, user, true).await.unwrap();
                identity::set_disabled(&mut tx, user, false).await.unwrap();
            }
            _ => {
                invites::first_password(&mut tx, [2; 32], user, HOUR).await.unwrap();
            }
        }
        tx.commit().await.unwrap();
        assert!(matches!(invites::set_password(&db, [1; 32], "$a").await, Err(Error::NotFound)), "{then}");
        test.execute("delete from one_time_tokens").await;
    }
}

#[tokio::test]
async fn a_password_set_meanwhile_is_not_overwritten_by_who_knew_only_the_former() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let user = test.person(Role::TeamMember, None, None).await;
    let account = async || identity::auth_user(&db, &format!("{user}@example.test")).await.unwrap().unwrap();
    let change = async |hash: &str, generation: i32| {
        let mut tx = TenantTx::begin(&db, Scope::Person(user)).await.unwrap();
        let done = identity::change_password(&mut tx, user, hash, generation).await;
        tx.commit().await.unwrap();
        done
    };
    let former = account().await;
    change("$new", former.generation).await.unwrap();
    assert!(matches!(change("$thief", former.generation).await, Err(Error::Stale)));
    // A sign-in in progress would have stored the former password again under a stronger hash.
    identity::rehash_password(&db, &former, "$former-but-stronger").await.unwrap();
    let now = account().await;
    let kept = secrecy::ExposeSecret::expose_secret(now.password_hash.as_ref().unwrap());
    assert_eq!((kept, now.generation), ("$new", former.generation + 1));
}

#[tokio::test]
async fn links_to_trashed_places_do_not_work() {
    const OPEN: &str = "update one_time_tokens set created_by = null";
    for (to, trash, restore) in [
        (To::Agency, "update agencies set deleted_at = now()", "update agencies set deleted_at = null"),
        (To::Business, "update agencies set deleted_at = now()", "update agencies set deleted_at = null"),
        (To::Business, "update sub_accounts set deleted_at = now()", "update sub_accounts set deleted_at = null"),
    ] {
        for inviter in ["a member", "nobody"] {
            let world = World::new().await;
            let user = world.test.person(Role::TeamMember, None, None).await;
            world.invite(to, 1, user).await;
            // As when the operator of the server invites: no inviter loses a right together with the place.
            if inviter == "nobody" {
                world.test.execute(OPEN).await;
            }
            world.test.execute(trash).await;
            let what = format!("{to:?} by {inviter} after {trash}");
            assert!(invites::find(&world.db, [1; 32]).await.unwrap().is_none(), "{what}");
            let late = invites::accept(&world.db, [1; 32], "X", "$a").await;
            assert!(matches!(late, Err(Error::NotFound)), "{what}: {late:?}");
            assert_eq!(invites::link_state(&world.db, [1; 32]).await.unwrap(), Some(LinkState::Gone), "{what}");
            let rows = "select (select count(*) from user_agency_memberships where user_id = $1) + (select count(*) from user_sub_account_memberships where user_id = $1)";
            let made: i64 = sqlx::query_scalar(rows).bind(user.0).fetch_one(world.test.superuser()).await.unwrap();
            assert_eq!(made, 0, "{what}");
            // A place that is restored in time brings its open invitations back.
            world.test.execute(restore).await;
            assert_eq!(invites::link_state(&world.db, [1; 32]).await.unwrap(), None, "{what}");
            assert!(invites::accept(&world.db, [1; 32], "X", "$a").await.is_ok(), "{what}");
        }
    }
}

#[tokio::test]
async fn the_trash_of_an_agency_leaves_its_people_their_own_links() {
    let world = World::new().await;
    invites::reset(&world.db, [1; 32], world.owner, HOUR).await.unwrap();
    world.test.execute("update agencies set deleted_at = now()").await;
    assert!(invites::find(&world.db, [1; 32]).await.unwrap().is_some(), "a password is the person's, not the agency's");
    assert_eq!(invites::set_password(&world.db, [1; 32], "$a").await.unwrap(), world.owner);
}

/// Makes a link of hash 2 to hand on, in place of the mailed link of hash 1.
async fn hand_over(world: &World, email: &str) {
    let (role, reach) = (Role::AgencyAdmin, Reach::All);
    let mut tx = world.tx(To::Agency).await;
    let new = NewInvite { hash: [1; 32], email, role, reach, valid: HOUR };
    let id = invites::invite(&mut tx, &new).await.unwrap();
    invites::hand_over(&mut tx, id, [2; 32], HOUR).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn no_invitation_sets_the_first_password_of_somebody_who_never_read_it() {
    for (role, handed_over, works) in [
        (Role::Support, true, false),
        (Role::Support, false, false),
        (Role::TeamMember, true, false),
        (Role::TeamMember, false, true),
    ] {
        let world = World::new().await;
        let user = world.test.person(role, None, None).await;
        let email = format!("{user}@example.test");
        let hash = if handed_over { 2 } else { 1 };
        if handed_over {
            hand_over(&world, &email).await
        } else {
            world.invite(To::Agency, 1, user).await
        }
        let done = invites::accept(&world.db, [hash; 32], "X", "$a").await;
        assert_eq!(done.is_ok(), works, "{role:?} {handed_over}: {done:?}");
        let account = identity::auth_user(&world.db, &email).await.unwrap().unwrap();
        assert_eq!(account.password_hash.is_some(), works, "{role:?} {handed_over}");
    }
}

#[tokio::test]
async fn an_account_made_by_a_link_that_was_handed_over_is_proven_by_a_reset_that_removes_its_factors() {
    const FACTOR: &str = "with u as (update users set mfa_enrolled_at = now() returning id)
        insert into user_factors (id, user_id, kind, secret_hash) select gen_random_uuid(), id, 'recovery', sha256(id::text::bytea) from u";
    let world = World::new().await;
    hand_over(&world, "stranger@example.test").await;
    let user = invites::accept(&world.db, [2; 32], "X", "$a").await.unwrap();
    let proven = async || {
        let mut tx = PlatformTx::begin(&world.db, None).await.unwrap();
        let stranger = identity::has_proven_address(&mut tx, user).await.unwrap();
        (stranger, identity::has_proven_address(&mut tx, world.owner).await.unwrap())
    };
    assert_eq!(proven().await, (false, true));
    world.test.execute(FACTOR).await;
    let enrolled = async |user| identity::caller(&world.db, user).await.unwrap().unwrap().mfa_enrolled;
    for (hash, who, stays) in [(3, user, false), (4, world.owner, true)] {
        invites::reset(&world.db, [hash; 32], who, HOUR).await.unwrap();
        invites::set_password(&world.db, [hash; 32], "$b").await.unwrap();
        assert_eq!(enrolled(who).await, stays);
    }
    assert_eq!(proven().await, (true, true));
    let rows = "select count(*) from user_factors where user_id = $1";
    let left: i64 = sqlx::query_scalar(rows).bind(user.0).fetch_one(world.test.superuser()).await.unwrap();
    assert_eq!(left, 0);
}
