//! Tests of the secrets of channels: which are due for renewal, when a look at them is due, what an end that is known later
//! changes, and what a new secret leaves alone.
#![expect(clippy::unwrap_used, reason = "a test that cannot make its world has failed")]

use chrono::TimeDelta;
use domain::channel_setup::Step;
use domain::identity::Role;
use domain::integration::Kind;

use super::*;
use crate::fixtures::{begin, client, far, vault};
use crate::integrations::{NewConnection, due_checks, is_needed_elsewhere, record_check};
use crate::testing::TestDb;
use crate::{Db, DbRole, Scope};

/// A day, which is how long a look at a channel is good for.
const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

struct World {
    test: TestDb,
    db: Db,
    vault: Vault,
    agency: AgencyId,
    business: BusinessId,
}

impl World {
    async fn new() -> Self {
        let test = TestDb::new().await;
        let (db, agency) = (test.db(DbRole::Worker).await, test.agency().await);
        let (vault, business) = (vault(&db).await, test.business(agency).await);
        Self { test, db, vault, agency, business }
    }

    async fn tx(&self) -> TenantTx {
        begin(&self.db, client(self.agency, self.business)).await
    }

    /// Connects an account with a token that ends in so many days.
    async fn channel(&self, kind: Kind, token: CredentialKind, days: i64) -> IntegrationId {
        let mut tx = self.tx().await;
        let name = format!("{kind:?}-{days}");
        let new = NewConnection { kind, platform_id: &name, name: Some("Shop\0\u{202e}\n of Ada"), parent: None };
        let id = integrations::upsert(&mut tx, &new).await.unwrap().0;
        put(&mut tx, &self.vault, id, &self.secret(token, days).await).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn secret(&self, kind: CredentialKind, days: i64) -> NewSecret {
        let now = self.db.clock().await.unwrap();
        let expires_at = Some(now + TimeDelta::days(days));
        let access = "token".to_owned().into();
        NewSecret { kind, access, refresh: None, scopes: Vec::new(), expires_at, refresh_expires_at: None }
    }

    async fn due(&self) -> Vec<IntegrationId> {
        let mut tx = begin(&self.db, Scope::Open).await;
        let now = self.db.clock().await.unwrap();
        let found = due(&mut tx, now + TimeDelta::hours(2), now - TimeDelta::hours(24)).await.unwrap();
        found.into_iter().map(|one| one.integration).collect()
    }

    async fn looks(&self) -> Vec<IntegrationId> {
        due_checks(&self.db, DAY, None).await.unwrap().into_iter().map(|one| one.integration).collect()
    }
}

#[tokio::test]
async fn a_token_of_instagram_login_is_due_for_its_last_ten_days_and_no_other_token_of_meta() {
    let world = World::new().await;
    let soon = world.channel(Kind::Instagram, CredentialKind::OauthUser, 9).await;
    world.channel(Kind::Instagram, CredentialKind::OauthUser, 12).await;
    world.channel(Kind::Instagram, CredentialKind::OauthPage, 8).await;
    world.channel(Kind::Facebook, CredentialKind::OauthUser, 7).await;
    world.channel(Kind::Whatsapp, CredentialKind::SystemUser, 6).await;
    assert_eq!(world.due().await, [], "none of them is a day old");
    world.test.execute("update credentials set issued_at = now() - interval '25 hours'").await;
    assert_eq!(world.due().await, [soon]);
    for (harm, mend) in [
        (
            "update credentials set refresh_failures = 1, refresh_failed_at = now() - interval '4 minutes'",
            "update credentials set refresh_failed_at = now() - interval '6 minutes'",
        ),
        ("update integrations set needs_reauth_at = now()", "update integrations set needs_reauth_at = null"),
        ("update integrations set paused_at = now()", "update integrations set paused_at = null"),
        ("update sub_accounts set deleted_at = now()", "update sub_accounts set deleted_at = null"),
    ] {
        world.test.execute(harm).await;
        assert_eq!(world.due().await, [], "{harm}");
        world.test.execute(mend).await;
        assert_eq!(world.due().await, [soon], "{mend}");
    }
}

#[tokio::test]
async fn a_new_secret_leaves_the_setup_of_a_channel_where_it_is() {
    let world = World::new().await;
    let id = world.channel(Kind::Instagram, CredentialKind::OauthUser, 9).await;
    let mut tx = world.tx().await;
    integrations::set_setup(&mut tx, id, Some(Step::Test), None).await.unwrap();
    let secret = world.secret(CredentialKind::OauthUser, 60).await;
    put_renewed(&mut tx, &world.vault, id, 1, &secret).await.unwrap();
    let found = integrations::get(&mut tx, id).await.unwrap();
    assert_eq!(found.setup_step.as_deref(), Some("test"));
    assert_eq!(found.platform_name.as_deref(), Some("Shop of Ada"), "what nobody can see is not stored");
}

#[tokio::test]
async fn a_channel_is_looked_at_once_a_day_while_that_helps() {
    let world = World::new().await;
    let id = world.channel(Kind::Whatsapp, CredentialKind::SystemUser, 60).await;
    assert_eq!(world.looks().await, [id]);
    let mut tx = world.tx().await;
    record_check(&mut tx, id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.looks().await, []);
    for clock in [
        "update integrations set checked_at = now() - interval '25 hours'",
        "update integrations set checked_at = now() + interval '2 hours'",
    ] {
        world.test.execute(clock).await;
        assert_eq!(world.looks().await, [id], "{clock}");
    }
    for harm in [
        "update integrations set needs_reauth_at = now()",
        "update integrations set needs_reauth_at = null, paused_at = now()",
        "update integrations set paused_at = null, is_active = false, disconnected_at = now()",
    ] {
        world.test.execute(harm).await;
        assert_eq!(world.looks().await, [], "{harm}");
    }
}

#[tokio::test]
async fn an_end_that_is_known_later_is_stored_for_the_version_in_use_and_told_once() {
    let world = World::new().await;
    world.test.person(Role::AgencyOwner, Some(world.agency), None).await;
    let id = world.channel(Kind::Facebook, CredentialKind::OauthPage, 80).await;
    let told = async || {
        sqlx::query_scalar!(
            r#"select count(*) as "n!" from notifications where kind = 'connection.ending' and channel = 'mail' and read_at is null"#
        )
        .fetch_one(world.test.superuser())
        .await
        .unwrap()
    };
    let mut tx = world.tx().await;
    set_end(&mut tx, id, 7, None).await.unwrap();
    assert!(integrations::get(&mut tx, id).await.unwrap().token_expires_at.is_some(), "another version");
    for _ in 0..2 {
        set_end(&mut tx, id, 1, Some(far())).await.unwrap();
        integrations::ends_soon(&mut tx, id, 1).await.unwrap();
    }
    let found = integrations::get(&mut tx, id).await.unwrap();
    assert_eq!((found.token_expires_at, found.credential.unwrap().expires_at), (Some(far()), Some(far())));
    tx.commit().await.unwrap();
    assert_eq!(told().await, 1);
    let mut tx = world.tx().await;
    put(&mut tx, &world.vault, id, &world.secret(CredentialKind::OauthPage, 60).await).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(told().await, 0, "a new secret settles it");
}

#[tokio::test]
async fn a_subscription_that_another_connection_needs_stays() {
    let world = World::new().await;
    let page = world.channel(Kind::Facebook, CredentialKind::OauthPage, 60).await;
    let instagram = world.channel(Kind::Instagram, CredentialKind::OauthPage, 60).await;
    let number = world.channel(Kind::Whatsapp, CredentialKind::SystemUser, 60).await;
    let other = world.channel(Kind::Whatsapp, CredentialKind::SystemUser, 61).await;
    let mut tx = world.tx().await;
    let asset = integrations::get(&mut tx, page).await.unwrap().platform_id;
    integrations::set_owner(&mut tx, instagram, None, None, Some(&asset)).await.unwrap();
    for id in [number, other] {
        integrations::set_owner(&mut tx, id, Some("W1"), None, None).await.unwrap();
    }
    tx.commit().await.unwrap();
    let of_page = async |id, page: &str| is_needed_elsewhere(&world.db, id, None, Some(page)).await.unwrap();
    let of_waba = async |id, waba: &str| is_needed_elsewhere(&world.db, id, Some(waba), None).await.unwrap();
    assert!(of_page(page, &asset).await && of_page(instagram, &asset).await && of_waba(number, "W1").await);
    assert!(!of_waba(number, "W2").await && !of_page(page, "another").await);
    world
        .test
        .execute("update integrations set is_active = false, disconnected_at = now() where type <> 'INSTAGRAM'")
        .await;
    assert!(!of_waba(number, "W1").await && !of_page(instagram, &asset).await);
    assert!(of_page(page, &asset).await, "the Instagram account is reached through it");
}
