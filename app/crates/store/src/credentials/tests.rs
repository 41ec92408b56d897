//! Tests that a secret opens only where it was stored, that one holder renews it, and that every opening is
//! audited.

use std::time::Duration;

use chrono::TimeDelta;
use secrecy::ExposeSecret;
use tokio::task::JoinSet;

use super::*;
use crate::fixtures::{agency, audited, begin, client, connected, far, pair, vault};
use crate::testing::TestDb;
use crate::{Db, DbRole, Scope, integrations};

struct World {
    test: TestDb,
    db: Db,
    vault: Vault,
    agency: AgencyId,
    company: IntegrationId,
}

async fn world() -> World {
    let test = TestDb::new().await;
    let db = test.sized(DbRole::Worker, 8).await;
    let (vault, agency) = (vault(&db).await, test.agency().await);
    let company = connected(&db, agency).await;
    World { test, db, vault, agency, company }
}

impl World {
    async fn put(&self, name: &str) -> i32 {
        let mut tx = begin(&self.db, agency(self.agency)).await;
        let version = put(&mut tx, &self.vault, self.company, &pair(name)).await.expect("stores");
        tx.commit().await.expect("commits");
        version
    }

    async fn open(&self) -> Result<Option<Opened>> {
        let mut tx = begin(&self.db, agency(self.agency)).await;
        current(&mut tx, &self.vault, self.company, "test").await
    }

    async fn access(&self) -> String {
        self.open().await.expect("opens").expect("is there").access.expose_secret().to_owned()
    }
}

#[tokio::test]
async fn both_tokens_are_one_version_and_the_former_is_kept() {
    let world = world().await;
    assert!(world.open().await.unwrap().is_none(), "nothing stored yet");
    assert_eq!((world.put("a").await, world.put("b").await), (1, 2));
    let opened = world.open().await.unwrap().unwrap();
    assert_eq!((opened.version, opened.access.expose_secret()), (2, "access-b"));
    assert_eq!(opened.refresh.unwrap().expose_secret(), "refresh-b");
    let mut tx = begin(&world.db, agency(world.agency)).await;
    let slots: Vec<_> =
        list(&mut tx, world.company).await.unwrap().into_iter().map(|one| (one.version, one.slot)).collect();
    assert_eq!(slots, [(2, Slot::Current), (1, Slot::Previous)]);
    let facts = integrations::get(&mut tx, world.company).await.unwrap();
    assert!(facts.token_expires_at.is_some(), "the new end is on the connection");
    assert!(crate::agencies::get(&mut tx).await.unwrap().token_expires_at.is_some(), "and on the agency");
}

#[tokio::test]
async fn no_plain_token_is_in_the_database() {
    let world = world().await;
    world.put("canary").await;
    let dump = sqlx::query_scalar!(
        r#"select string_agg(c::text, ' ') || string_agg(encode(sealed_access || sealed_refresh, 'escape'), ' ') as "dump!" from credentials c"#
    )
    .fetch_one(world.test.superuser())
    .await
    .unwrap();
    let hidden = ["canary".to_owned(), hex::encode("canary")];
    assert!(dump.contains("cred:") && !hidden.iter().any(|text| dump.contains(text)), "{dump}");
}

#[tokio::test]
async fn a_changed_moved_or_shortened_secret_does_not_open_and_that_is_on_record() {
    let harm = [
        "update credentials set sealed_access = set_byte(sealed_access, 20, get_byte(sealed_access, 20) # 1) where slot = 'current'",
        "update credentials set sealed_access = sealed_refresh where slot = 'current'",
        "update credentials set sealed_access = (select sealed_access from credentials where slot = 'previous') where slot = 'current'",
        "update credentials set sealed_access = substr(sealed_access, 1, length(sealed_access) - 1) where slot = 'current'",
        "update credentials set sealed_access = '' where slot = 'current'",
        "update credentials set sealed_access = set_byte(sealed_access, 4, 99) where slot = 'current'",
    ];
    let world = world().await;
    for (count, sql) in harm.into_iter().enumerate() {
        world.test.execute("delete from credentials").await;
        world.put("a").await;
        world.put("b").await;
        world.test.execute(sql).await;
        assert!(matches!(world.open().await, Err(Error::Sealed(_))), "{sql}");
        let failed = sqlx::query_scalar!(
            r#"select count(*) as "n!" from audit_events where action = 'credential.opened' and result = 'failed'"#
        )
        .fetch_one(world.test.superuser())
        .await
        .unwrap();
        assert_eq!(failed, i64::try_from(count).unwrap() + 1);
    }
}

#[tokio::test]
async fn a_secret_moved_to_another_agency_does_not_open_there() {
    let world = world().await;
    world.put("a").await;
    let other = world.test.agency().await;
    let stranger = connected(&world.db, other).await;
    sqlx::query!("update credentials set agency_id = $1, integration_id = $2", other.0, stranger.0)
        .execute(world.test.superuser())
        .await
        .unwrap();
    let mut tx = begin(&world.db, agency(other)).await;
    assert!(matches!(current(&mut tx, &world.vault, stranger, "steal").await, Err(Error::Sealed(_))));
}

#[tokio::test]
async fn opening_is_on_record_even_when_the_caller_gives_up() {
    let world = world().await;
    world.put("a").await;
    let mut tx = begin(&world.db, agency(world.agency)).await;
    let opened = current(&mut tx, &world.vault, world.company, "create location").await.unwrap().unwrap();
    drop(tx);
    assert_eq!(audited(&world.test, "credential.opened", opened.id).await, 1);
    let purpose =
        sqlx::query_scalar!("select payload ->> 'purpose' from audit_events where action = 'credential.opened'");
    assert_eq!(purpose.fetch_one(world.test.superuser()).await.unwrap().as_deref(), Some("create location"));
    assert!(!format!("{opened:?}").contains("access-a"));
}

#[tokio::test]
async fn of_a_hundred_who_want_to_renew_one_does() {
    let world = world().await;
    let version = world.put("old").await;
    let mut tasks = JoinSet::new();
    for number in 0..100 {
        let (db, vault, agency_id, company) = (world.db.clone(), world.vault.clone(), world.agency, world.company);
        // Half of them are tasks of one process.
        let owner = Uuid::from_u128(if number % 2 == 0 { 1 } else { number });
        tasks.spawn(async move {
            let mut tx = begin(&db, agency(agency_id)).await;
            let won = take_refresh(&mut tx, company, version, owner, Duration::from_secs(60)).await.unwrap();
            tx.commit().await.unwrap();
            if won {
                let mut tx = begin(&db, agency(agency_id)).await;
                put_renewed(&mut tx, &vault, company, version, &pair("new")).await.unwrap();
                tx.commit().await.unwrap();
            }
            won
        });
    }
    let winners = tasks.join_all().await.into_iter().filter(|won| *won).count();
    assert_eq!((winners, world.access().await.as_str()), (1, "access-new"));
    let mut tx = begin(&world.db, agency(world.agency)).await;
    assert_eq!(list(&mut tx, world.company).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_pair_that_was_renewed_is_stored_although_the_lease_was_lost_and_only_the_first_one() {
    let world = world().await;
    let version = world.put("old").await;
    let (mine, theirs) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let mut tx = begin(&world.db, agency(world.agency)).await;
    assert!(take_refresh(&mut tx, world.company, version, mine, Duration::ZERO).await.unwrap());
    assert!(
        take_refresh(&mut tx, world.company, version, theirs, Duration::from_secs(60)).await.unwrap(),
        "the first lease is over"
    );
    assert!(!take_refresh(&mut tx, world.company, version + 1, mine, Duration::ZERO).await.unwrap(), "no such version");
    put_renewed(&mut tx, &world.vault, world.company, version, &pair("new")).await.unwrap();
    let late = put_renewed(&mut tx, &world.vault, world.company, version, &pair("late")).await;
    assert!(matches!(late, Err(Error::Stale)));
    tx.commit().await.unwrap();
    assert_eq!(world.access().await, "access-new");
}

#[tokio::test]
async fn a_refusal_of_a_version_that_is_not_in_use_any_more_says_nothing_about_the_new_one() {
    let world = world().await;
    let version = world.put("old").await;
    let mut tx = begin(&world.db, agency(world.agency)).await;
    let next = put_renewed(&mut tx, &world.vault, world.company, version, &pair("new")).await.unwrap();
    assert!(!record_refused_refresh(&mut tx, world.company, version, "refused").await.unwrap());
    assert!(integrations::get(&mut tx, world.company).await.unwrap().needs_reauth_at.is_none());
    assert!(record_refused_refresh(&mut tx, world.company, next, "refused").await.unwrap());
    assert!(integrations::get(&mut tx, world.company).await.unwrap().needs_reauth_at.is_some());
}

#[tokio::test]
async fn a_failed_renewal_frees_the_lease_and_is_counted() {
    let world = world().await;
    let (version, owner) = (world.put("old").await, Uuid::from_u128(1));
    let mut tx = begin(&world.db, agency(world.agency)).await;
    assert!(take_refresh(&mut tx, world.company, version, owner, Duration::from_secs(60)).await.unwrap());
    release_refresh(&mut tx, world.company, version, Uuid::from_u128(9)).await.unwrap();
    assert!(
        !take_refresh(&mut tx, world.company, version, owner, Duration::from_secs(60)).await.unwrap(),
        "only its holder frees it"
    );
    release_refresh(&mut tx, world.company, version, owner).await.unwrap();
    assert!(take_refresh(&mut tx, world.company, version, owner, Duration::from_secs(60)).await.unwrap());
    tx.commit().await.unwrap();
    let failures = sqlx::query_scalar!("select refresh_failures from credentials");
    assert_eq!(failures.fetch_one(world.test.superuser()).await.unwrap(), 1);
}

#[tokio::test]
async fn what_ends_soon_is_found_for_every_tenant_and_a_private_token_is_not() {
    let world = world().await;
    world.put("soon").await;
    let other = world.test.agency().await;
    let theirs = connected(&world.db, other).await;
    let mut tx = begin(&world.db, agency(other)).await;
    store_pit(&mut tx, &world.vault, theirs, &"pit-1".to_owned().into(), Slot::Current).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = begin(&world.db, Scope::Open).await;
    let day = world.db.clock().await.unwrap() - TimeDelta::days(1);
    assert!(due(&mut tx, far(), day).await.unwrap().is_empty());
    let soon = due(&mut tx, far() + TimeDelta::hours(1), day).await.unwrap();
    assert_eq!(soon.iter().map(|one| (one.integration, one.version)).collect::<Vec<_>>(), [(world.company, 1)]);
}

#[tokio::test]
async fn what_was_not_used_for_a_day_is_found_and_a_private_token_is_not() {
    let world = world().await;
    world.put("former").await;
    world.put("unused").await;
    let other = world.test.agency().await;
    let theirs = connected(&world.db, other).await;
    let mut tx = begin(&world.db, agency(other)).await;
    store_pit(&mut tx, &world.vault, theirs, &"pit-1".to_owned().into(), Slot::Current).await.unwrap();
    tx.commit().await.unwrap();
    let found = async || {
        let now = world.db.clock().await.unwrap();
        let mut tx = begin(&world.db, Scope::Open).await;
        let found = due(&mut tx, now, now - TimeDelta::days(1)).await.unwrap();
        found.iter().map(|one| (one.integration, one.version)).collect::<Vec<_>>()
    };
    assert_eq!(found().await, [], "what is new was not left alone");
    world.test.execute("update credentials set issued_at = now() - interval '25 hours'").await;
    assert_eq!(found().await, [(world.company, 2)], "the one in use, once");
    world.access().await;
    assert_eq!(found().await, [], "it is in use again");
    world.test.execute("update credentials set last_used_at = now() - interval '25 hours'").await;
    assert_eq!(found().await, [(world.company, 2)]);
}

#[tokio::test]
async fn a_prepared_token_takes_over_and_an_emergency_one_with_a_reason() {
    let world = world().await;
    world.put("oauth").await;
    let mut tx = begin(&world.db, agency(world.agency)).await;
    store_pit(&mut tx, &world.vault, world.company, &"pit-old".to_owned().into(), Slot::Backup).await.unwrap();
    store_pit(&mut tx, &world.vault, world.company, &"pit-new".to_owned().into(), Slot::Backup).await.unwrap();
    let kept: Vec<_> = list(&mut tx, world.company).await.unwrap().into_iter().map(|one| one.slot).collect();
    assert_eq!(kept, [Slot::Backup, Slot::Current], "a replaced backup has ended");
    assert!(store_pit(&mut tx, &world.vault, world.company, &"x".to_owned().into(), Slot::Previous).await.is_err());
    let version = promote(&mut tx, world.company, Slot::Backup, "the OAuth app is suspended").await.unwrap();
    assert!(matches!(promote(&mut tx, world.company, Slot::Next, "none there").await, Err(Error::NotFound)));
    tx.commit().await.unwrap();
    assert_eq!((world.access().await.as_str(), version), ("pit-new", 3));
    let reason = sqlx::query_scalar!("select reason from audit_events where action = 'credential.promoted'");
    let reason = reason.fetch_one(world.test.superuser()).await.unwrap();
    assert_eq!(reason.as_deref(), Some("the OAuth app is suspended"));
}

#[tokio::test]
async fn a_new_data_key_is_taken_into_use_while_secrets_are_read() {
    let world = world().await;
    for name in ["a", "b", "c"] {
        world.put(name).await;
    }
    let mut seen = Vec::new();
    let done = rotate_agency(&world.db, &world.vault, world.agency, |state| seen.push(state.done)).await.unwrap();
    assert_eq!((done.done, done.total, seen), (3, 3, vec![0, 1, 2, 3]));
    assert_eq!(world.access().await, "access-c");
    let keys = sqlx::query!(
        r#"select k.state, (select count(*) from credentials c where c.key_id = k.key_id) as "uses!" from data_keys k where agency_id = $1 order by key_id"#,
        world.agency.0
    )
    .fetch_all(world.test.superuser())
    .await
    .unwrap();
    let keys: Vec<_> = keys.iter().map(|key| (key.state.as_str(), key.uses)).collect();
    assert_eq!(keys, [("retired", 0), ("primary", 3)]);
    let fresh = vault(&world.db).await;
    let mut tx = begin(&world.db, agency(world.agency)).await;
    assert!(current(&mut tx, &fresh, world.company, "test").await.unwrap().is_some(), "another process reads it too");
}

#[tokio::test]
async fn rotation_disturbs_nobody_who_reads_or_renews() {
    let world = world().await;
    world.put("a").await;
    let business = world.test.business(world.agency).await;
    let mut tx = begin(&world.db, client(world.agency, business)).await;
    let own = integrations::upsert_location(&mut tx, Some(business), "L1", "C1", None).await.unwrap();
    put(&mut tx, &world.vault, own, &pair("L1")).await.unwrap();
    tx.commit().await.unwrap();
    let (stop, ended) = tokio::sync::watch::channel(false);
    let mut busy = JoinSet::new();
    for number in 0..4 {
        // The other process has its own vault with its own cached primary key.
        let (db, other, ended) = (world.db.clone(), vault(&world.db).await, ended.clone());
        let (agency_id, company) = (world.agency, world.company);
        busy.spawn(async move {
            let mut rounds = 0;
            while !*ended.borrow() || rounds == 0 {
                let mut tx = begin(&db, client(agency_id, business)).await;
                if number == 0 {
                    put(&mut tx, &other, company, &pair("renewed")).await.unwrap();
                }
                assert!(current(&mut tx, &other, company, "load").await.unwrap().is_some());
                assert!(current(&mut tx, &other, own, "load").await.unwrap().is_some());
                tx.commit().await.unwrap();
                rounds += 1;
            }
            rounds
        });
    }
    for _ in 0..3 {
        rotate_agency(&world.db, &world.vault, world.agency, |_| ()).await.unwrap();
    }
    stop.send(true).unwrap();
    assert!(busy.join_all().await.into_iter().all(|rounds| rounds > 0));
    let fresh = vault(&world.db).await;
    let mut tx = begin(&world.db, client(world.agency, business)).await;
    let opened = current(&mut tx, &fresh, own, "test").await.unwrap().unwrap();
    assert_eq!(opened.access.expose_secret(), "access-L1");
    assert!(current(&mut tx, &fresh, world.company, "test").await.unwrap().is_some());
}

#[tokio::test]
async fn one_way_finds_the_token_of_every_location() {
    let world = world().await;
    world.put("company").await;
    let business = world.test.business(world.agency).await;
    let mut tx = begin(&world.db, client(world.agency, business)).await;
    let minted = Route::Mint { company: world.company, company_id: world.agency.to_string() };
    assert_eq!(route(&mut tx, "nowhere").await.unwrap(), Ok(minted.clone()), "the company may reach it");
    let own = integrations::upsert_location(&mut tx, Some(business), "L1", "C1", None).await.unwrap();
    assert_eq!(route(&mut tx, "L1").await.unwrap(), Ok(minted.clone()), "connected, and no token yet");
    put(&mut tx, &world.vault, own, &NewSecret { kind: CredentialKind::OauthLocation, ..pair("L1") }).await.unwrap();
    assert_eq!(route(&mut tx, "L1").await.unwrap(), Ok(Route::Own(own)));
    let ended = NewSecret { kind: CredentialKind::OauthLocation, expires_at: Some(DateTime::UNIX_EPOCH), ..pair("L1") };
    put(&mut tx, &world.vault, own, &ended).await.unwrap();
    assert_eq!(route(&mut tx, "L1").await.unwrap(), Ok(minted));
    store_pit(&mut tx, &world.vault, own, &"pit-L1".to_owned().into(), Slot::Current).await.unwrap();
    assert_eq!(route(&mut tx, "L1").await.unwrap(), Ok(Route::Own(own)), "a private token needs no company");
    integrations::set_paused(&mut tx, own, true).await.unwrap();
    assert_eq!(route(&mut tx, "L1").await.unwrap(), Err(NoRoute::Inactive("L1".into())));
    integrations::disconnect(&mut tx, world.company, "test").await.unwrap();
    let missing = route(&mut tx, "nowhere").await.unwrap().unwrap_err();
    assert!(missing.to_string().contains("nowhere"), "{missing}");
}

#[tokio::test]
async fn nothing_opens_after_the_end() {
    let world = world().await;
    world.put("a").await;
    let mut tx = begin(&world.db, agency(world.agency)).await;
    integrations::disconnect(&mut tx, world.company, "asked").await.unwrap();
    revoke_all(&mut tx, world.company).await.unwrap();
    tx.commit().await.unwrap();
    assert!(world.open().await.unwrap().is_none());
    assert_eq!(audited(&world.test, "integration.disconnect", world.company).await, 1);
}
