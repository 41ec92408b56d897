//! Tests that working secrets are renewed before expired ones, that refused ones are left alone, and that
//! everybody who can help gets one mail.

use chrono::TimeDelta;
use domain::identity::Role;

use super::*;
use crate::fixtures::{agency, begin, client, connected, pair, vault};
use crate::testing::TestDb;
use crate::{DbRole, Scope, integrations};

/// The integrations whose secret is due for renewal, queried as the sweep does.
async fn due_now(test: &TestDb) -> Vec<IntegrationId> {
    let db = test.db(DbRole::Worker).await;
    let mut tx = begin(&db, Scope::Open).await;
    let now = db.clock().await.expect("a clock");
    let (ahead, unused) = (now + TimeDelta::hours(2), now - TimeDelta::hours(24));
    due(&mut tx, ahead, unused).await.expect("reads").into_iter().map(|one| one.integration).collect()
}

async fn mails(test: &TestDb) -> i64 {
    sqlx::query_scalar!(
        r#"select count(*) as "n!" from notifications where kind = 'connection.lost' and channel = 'mail' and mailed_at is null"#
    )
    .fetch_one(test.superuser())
    .await
    .expect("counts")
}

#[tokio::test]
async fn working_secrets_are_due_before_expired_ones() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let mine = test.agency().await;
    // 1,200 single locations whose tokens expired long ago, and 98 companies whose tokens expire within the hour.
    test.execute(
        "with a as (select id from agencies limit 1),
              i as (insert into integrations (agency_id, type, platform_id, parent_platform_id, connected_at)
                    select a.id, 'GOHIGHLEVEL', 'dead' || n, 'elsewhere', now() from a, generate_series(1, 1200) n returning id, agency_id)
         insert into credentials (agency_id, integration_id, version, slot, kind, key_id, sealed_access, sealed_refresh, fingerprint, expires_at)
         select agency_id, id, 1, 'current', 'oauth_location', 1, '', '\\x00', 'cred:dead', now() - interval '30 days' from i",
    )
    .await;
    test.execute(
        "with a as (insert into agencies (name, slug) select 'Living ' || n, 'living-' || n from generate_series(1, 98) n returning id),
              i as (insert into integrations (agency_id, type, platform_id, connected_at) select id, 'GOHIGHLEVEL', 'living' || id, now() from a returning id, agency_id)
         insert into credentials (agency_id, integration_id, version, slot, kind, key_id, sealed_access, sealed_refresh, fingerprint, expires_at)
         select agency_id, id, 1, 'current', 'oauth_company', 1, '', '\\x00', 'cred:life', now() + interval '50 minutes' from i",
    )
    .await;
    let found = due_now(&test).await;
    assert_eq!(found.len(), 1298, "every one, in batches");
    let companies =
        sqlx::query_scalar!(r#"select id as "id: IntegrationId" from integrations where parent_platform_id is null"#)
            .fetch_all(test.superuser())
            .await
            .unwrap();
    assert!(found[..98].iter().all(|id| companies.contains(id)), "the living first");
    // Each expired token is refused once. From then on it needs a person, and nobody tries to renew it again.
    test.execute("update integrations set needs_reauth_at = now() where parent_platform_id is not null").await;
    assert_eq!(due_now(&test).await.len(), 98);
    let mut tx = begin(&db, agency(mine)).await;
    assert!(crate::agencies::get(&mut tx).await.is_ok());
}

#[tokio::test]
async fn what_a_renewal_does_not_help_is_not_due() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    let (vault, company) = (vault(&db).await, connected(&db, mine).await);
    let business = test.business(mine).await;
    let mut tx = begin(&db, agency(mine)).await;
    put(&mut tx, &vault, company, &pair("company")).await.unwrap();
    let of = integrations::get(&mut tx, company).await.unwrap().platform_id;
    tx.commit().await.unwrap();
    let mut tx = begin(&db, client(mine, business)).await;
    let location = integrations::upsert_location(&mut tx, Some(business), "L1", &of, None).await.unwrap();
    let secret = NewSecret { kind: CredentialKind::OauthLocation, ..pair("location") };
    put(&mut tx, &vault, location, &secret).await.unwrap();
    let single = integrations::upsert_location(&mut tx, Some(business), "L2", "another", None).await.unwrap();
    put(&mut tx, &vault, single, &secret).await.unwrap();
    tx.commit().await.unwrap();
    test.execute("update credentials set expires_at = now() + interval '1 hour'").await;
    let mut both = vec![company, single];
    both.sort_unstable();
    let sorted = async || {
        let mut ids = due_now(&test).await;
        ids.sort_unstable();
        ids
    };
    assert_eq!(sorted().await, both, "a location's token is made from its company's when it is needed");
    let cases = [
        ("update integrations set paused_at = now()", "update integrations set paused_at = null"),
        ("update integrations set needs_reauth_at = now()", "update integrations set needs_reauth_at = null"),
        (
            "update integrations set disconnected_at = now(), is_active = false",
            "update integrations set disconnected_at = null, is_active = true",
        ),
        ("update agencies set deleted_at = now()", "update agencies set deleted_at = null"),
        (
            "update credentials set refresh_failures = 1, refresh_failed_at = now() - interval '4 minutes'",
            "update credentials set refresh_failed_at = now() - interval '6 minutes'",
        ),
        (
            "update credentials set refresh_failures = 9, refresh_failed_at = now() - interval '5 hours'",
            "update credentials set refresh_failed_at = now() - interval '7 hours'",
        ),
        ("update integrations set suspended_at = now()", "update integrations set suspended_at = null"),
    ];
    for (harm, mend) in cases {
        test.execute(harm).await;
        assert_eq!(sorted().await, [], "{harm}");
        test.execute(mend).await;
        assert_eq!(sorted().await, both, "{mend}");
    }
    test.execute("update sub_accounts set deleted_at = now()").await;
    assert_eq!(sorted().await, [company], "a client in the trash");
    test.execute("update sub_accounts set deleted_at = null").await;
    test.execute("update integrations set suspended_at = now() - interval '3 hours'").await;
    test.execute("update credentials set refresh_failed_at = now() - interval '61 minutes'").await;
    let mut three = vec![company, location, single];
    three.sort_unstable();
    assert_eq!(sorted().await, three, "what HighLevel has paused is looked at once an hour, locations as well");
}

#[tokio::test]
async fn a_death_is_told_once_to_each_who_can_help_and_a_new_one_again() {
    let test = TestDb::new().await;
    let (db, mine, other) = (test.db(DbRole::Worker).await, test.agency().await, test.agency().await);
    let (vault, company) = (vault(&db).await, connected(&db, mine).await);
    for (role, at) in
        [(Role::AgencyOwner, mine), (Role::AgencyAdmin, mine), (Role::AgencyStaff, mine), (Role::AgencyOwner, other)]
    {
        test.person(role, Some(at), None).await;
    }
    let business = test.business(mine).await;
    let mut tx = begin(&db, agency(mine)).await;
    let version = put(&mut tx, &vault, company, &pair("a")).await.unwrap();
    tx.commit().await.unwrap();
    // A transaction that is rolled back sends no mail.
    let mut tx = begin(&db, agency(mine)).await;
    assert!(record_refused_refresh(&mut tx, company, version, "refused").await.unwrap());
    drop(tx);
    assert_eq!(mails(&test).await, 0);
    for _ in 0..3 {
        let mut tx = begin(&db, agency(mine)).await;
        record_refused_refresh(&mut tx, company, version, "refused").await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(mails(&test).await, 2, "owner and admin, once");
    // The company is connected again, and its renewal is refused again.
    let mut tx = begin(&db, agency(mine)).await;
    let version = put(&mut tx, &vault, company, &pair("b")).await.unwrap();
    record_refused_refresh(&mut tx, company, version, "refused").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(mails(&test).await, 4);
    // A location of a business that cannot be renewed is reported separately, and not to the people of the
    // business.
    test.person(Role::BusinessOwner, Some(mine), Some(business)).await;
    let mut tx = begin(&db, client(mine, business)).await;
    let location = integrations::upsert_location(&mut tx, Some(business), "L1", "elsewhere", None).await.unwrap();
    assert!(integrations::needs_reauth(&mut tx, location, "gone").await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(mails(&test).await, 6);
    let mut tx = begin(&db, agency(mine)).await;
    let named = integrations::troubled(&mut tx, 10).await.unwrap();
    assert_eq!(named.iter().map(|one| one.id).collect::<Vec<_>>(), [location], "one line, and none for the company");
    // A disconnected integration is not reported again.
    integrations::disconnect(&mut tx, company, "test").await.unwrap();
    assert!(!integrations::needs_reauth(&mut tx, company, "gone").await.unwrap());
}

#[tokio::test]
async fn a_pause_by_the_provider_keeps_the_tokens_and_ends_with_a_call_that_works() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    let (vault, company) = (vault(&db).await, connected(&db, mine).await);
    let mut tx = begin(&db, agency(mine)).await;
    put(&mut tx, &vault, company, &pair("a")).await.unwrap();
    assert!(integrations::suspended(&mut tx, company, "not active").await.unwrap());
    assert!(!integrations::suspended(&mut tx, company, "not active").await.unwrap(), "one row of the log a pause");
    assert!(peek(&mut tx, company).await.unwrap().is_some(), "its tokens are kept");
    let facts = integrations::get(&mut tx, company).await.unwrap();
    assert!(facts.suspended_at.is_some() && facts.needs_reauth_at.is_none());
    assert!(integrations::record_success(&mut tx, company).await.unwrap(), "trouble ended");
    let facts = integrations::get(&mut tx, company).await.unwrap();
    assert!(facts.suspended_at.is_none());
    assert!(!integrations::record_success(&mut tx, company).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(mails(&test).await, 0, "nobody has to do anything here");
}

/// The times of the last failure and of the last check lie a year ahead, because they were written while the clock
/// was ahead.
#[tokio::test]
async fn what_failed_or_was_heard_while_the_clock_was_ahead_is_due_all_the_same() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    let (vault, company) = (vault(&db).await, connected(&db, mine).await);
    let mut tx = begin(&db, agency(mine)).await;
    let version = put(&mut tx, &vault, company, &pair("a")).await.unwrap();
    integrations::record_success(&mut tx, company).await.unwrap();
    integrations::failed(&mut tx, company, "test").await.unwrap();
    let lost = Uuid::now_v7();
    assert!(take_refresh(&mut tx, company, version, lost, std::time::Duration::from_secs(100)).await.unwrap());
    tx.commit().await.unwrap();
    test.execute("update credentials set refresh_failures = 3, refresh_failed_at = now()").await;
    test.clock_was_ahead().await;
    test.execute("update credentials set expires_at = now()").await;
    let quiet = std::time::Duration::from_secs(3600);
    assert_eq!(integrations::quiet_companies(&db, quiet, None).await.unwrap(), [(mine, company)]);
    let mut tx = begin(&db, agency(mine)).await;
    let now = db.clock().await.unwrap();
    assert_eq!(due(&mut tx, now + TimeDelta::hours(1), now).await.unwrap().len(), 1);
    let here = Uuid::now_v7();
    assert!(take_refresh(&mut tx, company, version, here, std::time::Duration::from_secs(100)).await.unwrap());
    // A call that succeeds ends the trouble, and a call that fails starts it.
    assert!(integrations::record_success(&mut tx, company).await.unwrap(), "the trouble ends");
    assert!(!integrations::record_success(&mut tx, company).await.unwrap(), "once");
    tx.commit().await.unwrap();
    test.clock_was_ahead().await;
    let mut tx = begin(&db, agency(mine)).await;
    integrations::failed(&mut tx, company, "test").await.unwrap();
    let facts = integrations::get(&mut tx, company).await.unwrap();
    assert!(facts.last_error_at > facts.last_ok_at, "{facts:?}");
}
