//! Tests the rules of sign-in, sessions, links, factors and tokens.
#![expect(clippy::disallowed_methods, reason = "several at once is what is tested")]

use std::time::Duration;

use domain::identity::{AgencyRole, Membership, Reach, Role};
use domain::page::ListQuery;
use domain::{AgencyId, UserId};
use secrecy::ExposeSecret;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::api_tokens::{self, NewToken};
use store::idempotency::{self, Begun};
use store::invites::NewInvite;
use store::sessions::{self, NewSession};
use store::testing::{self, TestDb};
use store::throttle::Key;
use store::{Db, DbRole, Error, PlatformTx, Scope, TenantTx, factors, identity, invites, memberships, throttle};

const HOUR: Duration = Duration::from_secs(3600);

fn agency_scope(user: Option<UserId>, agency: AgencyId) -> Scope {
    Scope::Agency { user, agency, reach: Reach::All, listed: vec![] }
}

fn session<'a>(hash: u8, user: Option<UserId>, data: &'a serde_json::Value) -> NewSession<'a> {
    NewSession {
        hash: [hash; 32],
        user,
        data,
        idle: HOUR,
        absolute: HOUR * 12,
        ip: Some([127, 0, 0, 1].into()),
        user_agent: Some("test"),
    }
}

fn invitation(hash: u8, email: &str, role: Role) -> NewInvite<'_> {
    NewInvite { hash: [hash; 32], email, role, reach: Reach::All, valid: HOUR }
}

#[tokio::test]
async fn a_caller_has_their_places_until_they_are_disabled() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let agency = test.agency().await;
    let (one, _other) = (test.business(agency).await, test.business(agency).await);
    let staff = test.person(Role::AgencyStaff, Some(agency), Some(one)).await;
    let owner = test.person(Role::BusinessOwner, Some(agency), Some(one)).await;
    let admin = test.person(Role::SuperAdmin, None, None).await;
    let caller = identity::caller(&db, staff).await.unwrap().unwrap();
    assert!(
        matches!(&caller.memberships[..], [Membership::Agency { id, role: AgencyRole::BuiltIn(Role::AgencyStaff), reach: Reach::Listed, assigned, .. }] if *id == agency && *assigned == [one])
    );
    let caller = identity::caller(&db, owner).await.unwrap().unwrap();
    assert!(
        matches!(&caller.memberships[..], [Membership::Business { id, role: Role::BusinessOwner, .. }] if *id == one)
    );
    assert_eq!(identity::caller(&db, admin).await.unwrap().unwrap().platform, Some(Role::SuperAdmin));
    let mut tx = PlatformTx::begin(&db, Some(admin)).await.unwrap();
    identity::set_disabled(&mut tx, staff, true).await.unwrap();
    assert_eq!(
        identity::list(&mut tx, &ListQuery { view: "disabled".into(), ..ListQuery::default() }).await.unwrap().rows[0]
            .id,
        staff
    );
    tx.commit().await.unwrap();
    assert!(identity::caller(&db, staff).await.unwrap().is_none());
    assert!(identity::has_super_admin(&db).await.unwrap());
}

#[tokio::test]
async fn an_address_is_one_account_in_any_case_and_hashes_are_read_by_sign_in_only() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let mut tx = PlatformTx::begin(&db, None).await.unwrap();
    let user = identity::add(&mut tx, "Ann@Example.test", "Ann", None).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = PlatformTx::begin(&db, None).await.unwrap();
    assert!(matches!(identity::add(&mut tx, "ann@example.test", "Ann", None).await, Err(Error::Taken(_))));
    drop(tx);
    let mut tx = TenantTx::begin(&db, Scope::Person(user)).await.unwrap();
    identity::set_password(&mut tx, user, "$argon2id$x").await.unwrap();
    tx.commit().await.unwrap();
    let found = identity::auth_user(&db, "ANN@example.TEST").await.unwrap().unwrap();
    assert!(found.id == user && found.password_hash.is_some() && !found.disabled);
    assert!(!format!("{found:?}").contains("argon2id"));
    assert!(identity::auth_user(&db, "nobody@example.test").await.unwrap().is_none());
}

#[tokio::test]
async fn an_ended_session_never_comes_back() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let user = test.person(Role::TeamMember, None, None).await;
    let data = json!({ "n": 1 });
    assert!(sessions::create(&db, &session(1, Some(user), &data)).await.unwrap());
    assert!(!sessions::create(&db, &session(1, Some(user), &data)).await.unwrap());
    let loaded = sessions::load(&db, [1; 32]).await.unwrap().unwrap();
    assert!(loaded.user == Some(user) && loaded.auth_time.is_some() && loaded.data == data);
    assert_eq!(loaded.person, identity::signed_in(&db, user).await.unwrap(), "its person comes with it");
    assert!(loaded.person.is_some() && !loaded.is_recorded, "nobody has recorded its use");
    test.execute(
        "update sessions set last_seen_at = now() - interval '2 minutes', created_at = now() - interval '1 hour'",
    )
    .await;
    assert!(!sessions::load(&db, [1; 32]).await.unwrap().unwrap().is_recorded, "its use is recorded each minute");
    sessions::touch(&db, [1; 32], user).await.unwrap();
    assert!(sessions::load(&db, [1; 32]).await.unwrap().unwrap().is_recorded);
    sessions::delete(&db, [1; 32]).await.unwrap();
    assert!(
        !sessions::save(&db, [1; 32], Some(user), &json!({ "late": true })).await.unwrap(),
        "a request under way saves after sign-out"
    );
    assert!(sessions::load(&db, [1; 32]).await.unwrap().is_none());
    assert!(sessions::load(&db, [2; 32]).await.unwrap().is_none());
}

#[tokio::test]
async fn idle_and_absolute_limits_end_a_session() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let user = test.person(Role::TeamMember, None, None).await;
    let data = json!({});
    for (hash, sql) in [
        (
            1,
            "update sessions set last_seen_at = now() - interval '61 minutes' where secret_hash = decode(repeat('01', 32), 'hex')",
        ),
        (2, "update sessions set expires_at = now() where secret_hash = decode(repeat('02', 32), 'hex')"),
    ] {
        sessions::create(&db, &session(hash, Some(user), &data)).await.unwrap();
        assert!(sessions::load(&db, [hash; 32]).await.unwrap().is_some());
        test.execute(sql).await;
        sessions::touch(&db, [hash; 32], user).await.unwrap();
        assert!(sessions::load(&db, [hash; 32]).await.unwrap().is_none(), "touching does not revive it");
    }
    assert_eq!(sessions::idled_out(&db, [1; 32]).await.unwrap(), Some(HOUR));
    assert_eq!(sessions::idled_out(&db, [2; 32]).await.unwrap(), None, "it ended for another reason");
    assert_eq!(store::retention::sweep(&db).await.unwrap(), 1, "the one past its last hour");
    assert!(sessions::load(&db, [1; 32]).await.unwrap().is_none());
    test.execute("update sessions set last_seen_at = now() - interval '3 days', expires_at = now() + interval '1 day'")
        .await;
    assert_eq!(store::retention::sweep(&db).await.unwrap(), 1, "the idle one stays for two days, to say why it ended");
    let mut tx = PlatformTx::begin(&db, None).await.unwrap();
    let seen = identity::list(&mut tx, &ListQuery::default()).await.unwrap().rows.pop().unwrap().last_seen_at;
    assert!(seen.is_some(), "when somebody was last here is told to the platform and their colleagues");
}

#[tokio::test]
async fn a_person_lists_and_ends_only_their_own_sessions() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let (me, other) =
        (test.person(Role::TeamMember, None, None).await, test.person(Role::TeamMember, None, None).await);
    let data = json!({});
    for (hash, user) in [(1, me), (2, me), (3, me), (4, other)] {
        sessions::create(&db, &session(hash, Some(user), &data)).await.unwrap();
    }
    let mut tx = TenantTx::begin(&db, Scope::Person(me)).await.unwrap();
    let mine = sessions::list(&mut tx, me, [1; 32]).await.unwrap();
    assert_eq!((mine.len(), mine.iter().filter(|s| s.current).count()), (3, 1));
    assert!(sessions::list(&mut tx, other, [1; 32]).await.unwrap().is_empty());
    sessions::end(&mut tx, me, &"02".repeat(8)).await.unwrap();
    assert!(matches!(sessions::end(&mut tx, me, &"04".repeat(8)).await, Err(Error::NotFound)));
    assert_eq!(sessions::end_others(&mut tx, me, [1; 32], None).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert!(sessions::load(&db, [4; 32]).await.unwrap().is_some());
}

async fn invite(db: &Db, by: UserId, agency: AgencyId, new: &NewInvite<'_>) {
    let mut tx = TenantTx::begin(db, agency_scope(Some(by), agency)).await.unwrap();
    invites::invite(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_invitation_works_once_and_only_while_its_maker_may_invite() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let agency = test.agency().await;
    let owner = test.person(Role::AgencyOwner, Some(agency), None).await;
    let admin = test.person(Role::AgencyAdmin, Some(agency), None).await;
    invite(&db, owner, agency, &invitation(1, "new@example.test", Role::AgencyStaff)).await;
    invite(&db, admin, agency, &invitation(2, "late@example.test", Role::AgencyAdmin)).await;
    let both = tokio::join!(invites::accept(&db, [1; 32], "New", "$a"), invites::accept(&db, [1; 32], "New", "$a"));
    let user = both.0.as_ref().or(both.1.as_ref()).copied().unwrap();
    assert!(both.0.is_ok() != both.1.is_ok(), "of two at once one wins: {both:?}");
    assert_eq!(identity::caller(&db, user).await.unwrap().unwrap().memberships.len(), 1);
    assert!(invites::find(&db, [1; 32]).await.unwrap().is_none());
    let mut tx = TenantTx::begin(&db, agency_scope(Some(owner), agency)).await.unwrap();
    assert_eq!(invites::list(&mut tx).await.unwrap().len(), 1);
    memberships::remove_from_agency(&mut tx, admin).await.unwrap();
    assert!(
        matches!(memberships::remove_from_agency(&mut tx, owner).await, Err(Error::Refused(why)) if why == "last_owner")
    );
    tx.commit().await.unwrap();
    assert!(
        matches!(invites::accept(&db, [2; 32], "Late", "$a").await, Err(Error::NotFound)),
        "the inviter lost the right"
    );
    assert!(matches!(invites::accept(&db, [9; 32], "None", "$a").await, Err(Error::NotFound)));
}

#[tokio::test]
async fn a_client_owner_is_invited_by_the_worker_and_joins_the_business_only() {
    let test = TestDb::new().await;
    let worker = test.db(DbRole::Worker).await;
    let web = test.db(DbRole::Web).await;
    let agency = test.agency().await;
    let business = test.business(agency).await;
    let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: vec![] };
    let mut tx = TenantTx::begin(&worker, scope).await.unwrap();
    invites::invite(&mut tx, &invitation(1, "owner@client.test", Role::BusinessOwner)).await.unwrap();
    assert_eq!(invites::list(&mut tx).await.unwrap().len(), 1);
    tx.commit().await.unwrap();
    let user = invites::accept(&web, [1; 32], "Owner", "$a").await.unwrap();
    let caller = identity::caller(&web, user).await.unwrap().unwrap();
    assert!(
        matches!(&caller.memberships[..], [Membership::Business { id, role: Role::BusinessOwner, .. }] if *id == business)
    );
    let mut tx = TenantTx::begin(&web, Scope::Business { user: Some(user), business }).await.unwrap();
    assert_eq!(memberships::of_business(&mut tx).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_reset_ends_sessions_and_works_once() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let (user, other) =
        (test.person(Role::TeamMember, None, None).await, test.person(Role::TeamMember, None, None).await);
    let data = json!({});
    sessions::create(&db, &session(1, Some(user), &data)).await.unwrap();
    invites::reset(&db, [7; 32], user, HOUR).await.unwrap();
    let mut tx = PlatformTx::begin(&db, None).await.unwrap();
    invites::first_password(&mut tx, [8; 32], user, HOUR).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(invites::set_password(&db, [7; 32], "$new").await.unwrap(), user);
    assert!(sessions::load(&db, [1; 32]).await.unwrap().is_none());
    assert!(matches!(invites::set_password(&db, [7; 32], "$again").await, Err(Error::NotFound)));
    assert!(
        matches!(invites::set_password(&db, [8; 32], "$late").await, Err(Error::NotFound)),
        "the other link is over"
    );
    assert!(invites::find(&db, [8; 32]).await.unwrap().is_none());
    invites::reset(&db, [9; 32], user, HOUR).await.unwrap();
    invites::reset(&db, [10; 32], other, HOUR).await.unwrap();
    let mut tx = TenantTx::begin(&db, Scope::Person(user)).await.unwrap();
    identity::set_password(&mut tx, user, "$changed").await.unwrap();
    tx.commit().await.unwrap();
    assert!(invites::find(&db, [9; 32]).await.unwrap().is_none(), "a password changed by hand ends the links too");
    assert!(invites::find(&db, [10; 32]).await.unwrap().is_some(), "somebody else's link still works");
}

#[tokio::test]
async fn a_code_and_a_recovery_code_work_once() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let user = test.person(Role::SuperAdmin, None, None).await;
    let vault = testing::vault(&db).await;
    let mut tx = TenantTx::begin(&db, Scope::Person(user)).await.unwrap();
    let id = factors::add_totp(&mut tx, &vault, b"seed").await.unwrap();
    let totp = factors::pending_totp(&mut tx, &vault, id).await.unwrap().unwrap();
    assert!(totp.id == id && totp.seed.as_slice() == b"seed");
    assert!(factors::totp(&mut tx, &vault).await.unwrap().is_none(), "not in force");
    assert!(!factors::use_totp(&mut tx, id, 10).await.unwrap(), "not before it is proved");
    factors::confirm_totp(&mut tx, id, 10, &[[1; 32], [2; 32]]).await.unwrap();
    assert!(!factors::use_totp(&mut tx, id, 10).await.unwrap(), "a step counts once");
    assert!(factors::use_totp(&mut tx, id, 11).await.unwrap());
    assert!(factors::use_recovery_code(&mut tx, [1; 32]).await.unwrap());
    assert!(!factors::use_recovery_code(&mut tx, [1; 32]).await.unwrap());
    assert_eq!(factors::recovery_codes_left(&mut tx).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert!(identity::caller(&db, user).await.unwrap().unwrap().mfa_enrolled);
}

#[tokio::test]
async fn a_factor_is_replaced_by_a_proved_one_and_reset_by_the_platform() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let (user, admin) =
        (test.person(Role::AgencyAdmin, None, None).await, test.person(Role::SuperAdmin, None, None).await);
    let vault = testing::vault(&db).await;
    let mut tx = TenantTx::begin(&db, Scope::Person(user)).await.unwrap();
    let old = factors::add_totp(&mut tx, &vault, b"old").await.unwrap();
    factors::confirm_totp(&mut tx, old, 10, &[[1; 32]]).await.unwrap();
    let new = factors::add_totp(&mut tx, &vault, b"new").await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = TenantTx::begin(&db, Scope::Person(user)).await.unwrap();
    let (kept, waits) =
        (factors::totp(&mut tx, &vault).await.unwrap(), factors::pending_totp(&mut tx, &vault, new).await.unwrap());
    assert!(factors::pending_totp(&mut tx, &vault, old).await.unwrap().is_none(), "and it is asked for by its id");
    assert_eq!((kept.unwrap().id, waits.unwrap().id), (old, new), "the old one counts until the new one is proved");
    assert!(factors::use_totp(&mut tx, old, 11).await.unwrap());
    factors::confirm_totp(&mut tx, new, 12, &[[2; 32]]).await.unwrap();
    assert_eq!(factors::totp(&mut tx, &vault).await.unwrap().unwrap().id, new);
    assert!(factors::pending_totp(&mut tx, &vault, new).await.unwrap().is_none());
    assert!(
        !factors::use_totp(&mut tx, old, 13).await.unwrap()
            && !factors::use_recovery_code(&mut tx, [1; 32]).await.unwrap()
    );
    let late = factors::add_totp(&mut tx, &vault, b"never proved").await.unwrap();
    tx.commit().await.unwrap();
    test.execute("update user_factors set created_at = now() - interval '31 minutes' where confirmed_at is null").await;

    sessions::create(&db, &session(1, Some(user), &json!({}))).await.unwrap();
    let mut tx = TenantTx::begin(&db, Scope::Person(user)).await.unwrap();
    assert!(factors::pending_totp(&mut tx, &vault, late).await.unwrap().is_none(), "it waited too long");
    factors::reset(&mut tx, admin).await.unwrap();
    assert!(factors::totp(&mut tx, &vault).await.unwrap().is_none());
    assert_eq!(factors::recovery_codes_left(&mut tx).await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert!(!identity::caller(&db, user).await.unwrap().unwrap().mfa_enrolled);
    assert!(sessions::load(&db, [1; 32]).await.unwrap().is_none());
}

#[tokio::test]
async fn a_token_is_bound_ends_and_is_found_by_its_hash_only() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let (agency, other) = (test.agency().await, test.agency().await);
    let mut tx = TenantTx::begin(&db, agency_scope(None, agency)).await.unwrap();
    let new = NewToken { name: "CI".into(), scopes: vec!["provision".into()], expires_at: None };
    let (id, secret) = api_tokens::add(&mut tx, &new).await.unwrap();
    let hash: [u8; 32] = Sha256::digest(secret.expose_secret()).into();
    tx.commit().await.unwrap();
    let found = api_tokens::find(&db, hash).await.unwrap().unwrap();
    assert_eq!((found.agency, found.business, found.scopes), (agency, None, vec!["provision".to_owned()]));
    assert!(api_tokens::find(&db, [2; 32]).await.unwrap().is_none());
    let mut tx = TenantTx::begin(&db, agency_scope(None, other)).await.unwrap();
    assert!(matches!(api_tokens::revoke(&mut tx, id).await, Err(Error::NotFound)));
    let mut tx = TenantTx::begin(&db, agency_scope(None, agency)).await.unwrap();
    api_tokens::revoke(&mut tx, id).await.unwrap();
    assert!(api_tokens::list(&mut tx).await.unwrap().is_empty());
    tx.commit().await.unwrap();
    assert!(api_tokens::find(&db, hash).await.unwrap().is_none());
}

#[tokio::test]
async fn a_repeated_post_gets_the_first_answer() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let agency = test.agency().await;
    let posts = (0..6).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            let mut tx = TenantTx::begin(&db, agency_scope(None, agency)).await.unwrap();
            let begun = idempotency::begin(&mut tx, "k", "POST /jobs", [1; 32]).await.unwrap();
            if let Begun::Fresh(id) = begun {
                idempotency::finish(&mut tx, id, 201, &json!({ "job": 1 })).await.unwrap();
            }
            tx.commit().await.unwrap();
            begun
        })
    });
    let mut fresh = 0;
    for post in posts.collect::<Vec<_>>() {
        match post.await.unwrap() {
            Begun::Fresh(_) => fresh += 1,
            answered => assert_eq!(answered, Begun::Answered { status: 201, body: json!({ "job": 1 }) }),
        }
    }
    assert_eq!(fresh, 1);
    let mut tx = TenantTx::begin(&db, agency_scope(None, agency)).await.unwrap();
    assert_eq!(idempotency::begin(&mut tx, "k", "POST /jobs", [2; 32]).await.unwrap(), Begun::Other);
}

#[tokio::test]
async fn what_the_clock_has_ended_is_removed_and_nothing_else() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let agency = test.agency().await;
    let user = test.person(Role::TeamMember, None, None).await;
    let mut tx = TenantTx::begin(&db, agency_scope(None, agency)).await.unwrap();
    for key in ["old", "new"] {
        idempotency::begin(&mut tx, key, "POST /jobs", [1; 32]).await.unwrap();
    }
    tx.commit().await.unwrap();
    for hash in [1, 2] {
        sessions::create(&db, &session(hash, Some(user), &json!({}))).await.unwrap();
        invites::reset(&db, [hash; 32], user, HOUR).await.unwrap();
        throttle::take(&db, Key::of("test", hash)).await.unwrap().unwrap();
    }
    assert_eq!(store::retention::sweep(&db).await.unwrap(), 0);
    test.execute("update idempotency_keys set expires_at = now() - interval '1 second' where key = 'old'").await;
    test.execute("update sessions set expires_at = now() - interval '1 second' where secret_hash = decode(repeat('01', 32), 'hex')").await;
    test.execute("update one_time_tokens set expires_at = now() - interval '31 days' where secret_hash = decode(repeat('01', 32), 'hex')").await;
    test.execute(
        "alter table auth_throttles disable trigger set_updated_at;
         update auth_throttles set updated_at = now() - interval '8 days' where key_hash = sha256('test|1')",
    )
    .await;
    assert_eq!(store::retention::sweep(&db).await.unwrap(), 4);
    assert_eq!(store::retention::sweep(&db).await.unwrap(), 0);
}
