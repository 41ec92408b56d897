//! Who may make whom a member? An agency keeps an owner, a business keeps one of two who are ended at once, and an
//! invitation gives only what its creator may still give when it is accepted.
#![expect(clippy::disallowed_methods, reason = "a test looks past the rules into the server")]

use std::time::Duration;

use domain::identity::{AgencyRole, Reach, Role};
use domain::permission::Right;
use domain::{AgencyId, UserId};
use store::invites::{self, NewInvite};
use store::tenant::{PlatformTx, Scope, TenantTx};
use store::testing::TestDb;
use store::{DbRole, Error, business_roles, identity, memberships, roles};

const fn agency_scope(user: Option<UserId>, agency: AgencyId) -> Scope {
    Scope::Agency { user, agency, reach: Reach::All, listed: Vec::new() }
}

/// Whether a statement waits for a lock in the test's database.
async fn waits(test: &TestDb) -> bool {
    let sql =
        "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')";
    sqlx::query_scalar(sql).fetch_one(test.superuser()).await.unwrap()
}

/// How one owner ends the ownership of another.
#[derive(Clone, Copy, Debug)]
enum End {
    Remove,
    Demote,
}

async fn end(tx: &mut TenantTx, how: End, user: UserId) -> store::Result<()> {
    let admin = AgencyRole::BuiltIn(Role::AgencyAdmin);
    match how {
        End::Remove => memberships::remove_from_agency(tx, user).await,
        End::Demote => memberships::set_role(tx, user, &admin, Reach::All).await,
    }
}

#[tokio::test]
async fn two_owners_who_end_each_other_at_once_leave_one() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    for (first, second) in [(End::Remove, End::Remove), (End::Remove, End::Demote), (End::Demote, End::Demote)] {
        let agency = test.agency().await;
        let one = test.person(Role::AgencyOwner, Some(agency), None).await;
        let two = test.person(Role::AgencyOwner, Some(agency), None).await;
        let mut winner = TenantTx::begin(&db, agency_scope(Some(one), agency)).await.unwrap();
        end(&mut winner, first, two).await.unwrap();
        let loser = db.clone();
        let late = tokio::spawn(async move {
            let mut tx = TenantTx::begin(&loser, agency_scope(Some(two), agency)).await?;
            end(&mut tx, second, one).await?;
            tx.commit().await
        });
        while !late.is_finished() && !waits(&test).await {}
        winner.commit().await.unwrap();
        let late = late.await.unwrap();
        assert!(
            matches!(&late, Err(Error::Refused(why)) if why == "last_owner"),
            "{first:?}, {second:?}: {late:?} leaves nobody"
        );
    }
}

/// How an owner of a business vanishes without any choice of its people.
#[derive(Clone, Copy, Debug)]
enum Vanish {
    Removed,
    Disabled,
}

#[tokio::test]
async fn whoever_loses_the_role_while_the_other_owner_vanishes_keeps_it() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    for how in [Vanish::Removed, Vanish::Disabled] {
        let agency = test.agency().await;
        let business = test.business(agency).await;
        let one = test.person(Role::BusinessOwner, Some(agency), Some(business)).await;
        let two = test.person(Role::BusinessOwner, Some(agency), Some(business)).await;
        let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
        let (mut removing, mut platform) = (None, None);
        match how {
            Vanish::Removed => {
                let mut tx = TenantTx::begin(&db, scope.clone()).await.unwrap();
                memberships::remove_from_business(&mut tx, one).await.unwrap();
                removing = Some(tx);
            }
            Vanish::Disabled => {
                let mut tx = PlatformTx::begin(&db, None).await.unwrap();
                identity::set_disabled(&mut tx, one, true).await.unwrap();
                platform = Some(tx);
            }
        }
        let other = db.clone();
        let late = tokio::spawn(async move {
            let mut tx = TenantTx::begin(&other, scope).await?;
            business_roles::take_turn(&mut tx, two).await?;
            business_roles::set(&mut tx, two, Role::BusinessOwner, Role::TeamMember).await?;
            tx.commit().await
        });
        while !late.is_finished() && !waits(&test).await {}
        if let Some(tx) = removing {
            tx.commit().await.unwrap();
        }
        if let Some(tx) = platform {
            tx.commit().await.unwrap();
        }
        let late = late.await.unwrap();
        assert!(matches!(&late, Err(Error::Refused(why)) if why == "last_owner"), "{how:?}: {late:?} leaves nobody");
    }
}

#[tokio::test]
async fn an_owner_who_cannot_sign_in_does_not_count() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let agency = test.agency().await;
    let name: String = sqlx::query_scalar("select name from agencies where id = $1")
        .bind(agency.0)
        .fetch_one(test.superuser())
        .await
        .unwrap();
    let one = test.person(Role::AgencyOwner, Some(agency), None).await;
    let two = test.person(Role::AgencyOwner, Some(agency), None).await;
    test.person(Role::AgencyAdmin, Some(agency), None).await;
    let disable = async |user| {
        let mut tx = PlatformTx::begin(&db, None).await.unwrap();
        identity::set_disabled(&mut tx, user, true).await.unwrap();
        let left = memberships::without_owner(&mut tx, user).await.unwrap();
        tx.commit().await.unwrap();
        left
    };
    assert_eq!(disable(two).await, Vec::<String>::new(), "the other owner can still sign in");
    for how in [End::Remove, End::Demote] {
        let mut tx = TenantTx::begin(&db, agency_scope(None, agency)).await.unwrap();
        let ended = end(&mut tx, how, one).await;
        assert!(matches!(&ended, Err(Error::Refused(why)) if why == "last_owner"), "{how:?}: {ended:?}");
    }
    assert_eq!(disable(one).await, [name]);
    // Once they may sign in again, they are owners as before.
    let mut tx = TenantTx::begin(&db, agency_scope(None, agency)).await.unwrap();
    for owner in [one, two] {
        let ended = end(&mut tx, End::Remove, owner).await;
        assert!(matches!(&ended, Err(Error::Refused(why)) if why == "last_owner"), "{ended:?}");
    }
}

#[tokio::test]
async fn who_is_disabled_while_accepting_an_invitation_holds_no_agency_meanwhile() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let agency = test.agency().await;
    let user = test.person(Role::AgencyStaff, Some(agency), None).await;
    let (email, valid) = (format!("{user}@example.test"), Duration::from_secs(3600));
    let new = NewInvite { hash: [1; 32], email: &email, role: Role::AgencyAdmin, reach: Reach::All, valid };
    let mut tx = TenantTx::begin(&db, agency_scope(None, agency)).await.unwrap();
    invites::invite(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    // Accepting spends the link first, and then takes its turn at the agency.
    let mut accepting = test.superuser().begin().await.unwrap();
    sqlx::query("select from one_time_tokens for update").execute(&mut *accepting).await.unwrap();
    let other = db.clone();
    let late = tokio::spawn(async move {
        let mut tx = PlatformTx::begin(&other, None).await?;
        identity::set_disabled(&mut tx, user, true).await?;
        tx.commit().await
    });
    while !late.is_finished() && !waits(&test).await {}
    let turn = sqlx::query("select from agencies for no key update nowait").execute(&mut *accepting).await;
    assert!(turn.is_ok(), "each would wait for the other: {turn:?}");
    accepting.commit().await.unwrap();
    late.await.unwrap().unwrap();
}

async fn invite(test: &TestDb, by: UserId, agency: AgencyId, hash: u8, role: Role, reach: Reach) {
    let db = test.db(DbRole::Web).await;
    let email = format!("new-{hash}@example.test");
    let new = NewInvite { hash: [hash; 32], email: &email, role, reach, valid: Duration::from_secs(3600) };
    let mut tx = TenantTx::begin(&db, agency_scope(Some(by), agency)).await.unwrap();
    invites::invite(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_invitation_is_worth_what_its_maker_may_still_give() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let agency = test.agency().await;
    test.person(Role::AgencyOwner, Some(agency), None).await;
    let maker = test.person(Role::AgencyOwner, Some(agency), None).await;
    for (hash, role, reach) in [
        (1, Role::AgencyOwner, Reach::All),
        (2, Role::AgencyAdmin, Reach::All),
        (3, Role::AgencyAdmin, Reach::All),
        (4, Role::AgencyStaff, Reach::Listed),
        (5, Role::AgencyStaff, Reach::Listed),
    ] {
        invite(&test, maker, agency, hash, role, reach).await;
    }
    let accepted = async |hash: u8| invites::accept(&db, [hash; 32], "New", "$a").await.is_ok();
    let made = async |actions: Option<&[Right]>, reach: Reach| {
        let mut tx = TenantTx::begin(&db, agency_scope(None, agency)).await.unwrap();
        let role = match actions {
            None => AgencyRole::BuiltIn(Role::AgencyAdmin),
            Some(actions) => {
                let id = roles::add(&mut tx, "People", actions).await.unwrap();
                AgencyRole::Custom(roles::find(&mut tx, id).await.unwrap().unwrap())
            }
        };
        memberships::set_role(&mut tx, maker, &role, reach).await.unwrap();
        tx.commit().await.unwrap();
    };
    made(None, Reach::All).await;
    assert!(!accepted(1).await, "an admin makes no owner");
    assert!(accepted(2).await, "but an admin");
    made(None, Reach::Listed).await;
    assert!(!accepted(3).await, "nobody gives clients they do not have");
    assert!(accepted(4).await);
    made(Some(&[Right::TeamManage]), Reach::All).await;
    assert!(!accepted(5).await, "nor rights they do not have");
}

#[tokio::test]
async fn of_two_who_run_the_platform_and_end_each_other_one_stays() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let one = test.person(Role::SuperAdmin, None, None).await;
    let two = test.person(Role::SuperAdmin, None, None).await;
    let mut first = PlatformTx::begin(&db, Some(one)).await.unwrap();
    identity::set_platform_role(&mut first, two, None).await.unwrap();
    let other = db.clone();
    let second = tokio::spawn(async move {
        let mut tx = PlatformTx::begin(&other, Some(two)).await.unwrap();
        identity::set_disabled(&mut tx, one, true).await
    });
    first.commit().await.unwrap();
    assert!(matches!(second.await.unwrap(), Err(Error::Stale)), "who lost the role ends nobody any more");
    assert!(identity::has_super_admin(&db).await.unwrap());
    let mut tx = PlatformTx::begin(&db, None).await.unwrap();
    assert_eq!(identity::super_admin(&mut tx, "nobody@example.test").await.unwrap(), None);
}
