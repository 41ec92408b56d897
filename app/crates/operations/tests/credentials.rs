//! Are the tokens that a program hands over kept for the client whose location HighLevel shows to them, and read again whole?

#![expect(clippy::unwrap_used, reason = "a test that cannot make its world has failed")]

#[expect(dead_code, reason = "a server that answers or breaks off is enough here")]
#[path = "../../outbound/tests/wire/mod.rs"]
mod server;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::credential::CredentialKind;
use domain::identity::Reach;
use domain::{AgencyId, BusinessId};
use ghl::Ghl;
use operations::integrations::tenant_credentials::{
    self as credentials, NewCredentials, NotStored, StoredCredentials, TenantCredentials,
};
use operations::{Actor, Refusal};
use outbound::{Config, LocalLedger, NoCalls, Outbound, Profile};
use secrecy::ExposeSecret;
use serde_json::json;
use server::{Act, Server};
use store::credentials::NewSecret;
use store::tenant::Scope;
use store::testing::{self, TestDb};
use store::vault::Vault;
use store::{Db, DbRole};
use url::Url;

/// A client of an agency.
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
        let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
        let business = test.business(agency).await;
        let vault = testing::vault(&test.db(DbRole::Worker).await).await;
        Self { test, db, vault, agency, business }
    }

    fn actor(&self) -> Actor {
        Actor::operator(self.db.clone(), scope(self.agency))
    }

    /// Hands over tokens of a location while HighLevel answers like this.
    async fn put(&self, location: &str, company: Option<&str>, answer: Act) -> Result<StoredCredentials, NotStored> {
        self.put_for(self.business, location, company, answer).await
    }

    /// Hands over tokens for one of the clients.
    async fn put_for(
        &self,
        business: BusinessId,
        location: &str,
        company: Option<&str>,
        answer: Act,
    ) -> Result<StoredCredentials, NotStored> {
        let server = Server::play(vec![answer]).await;
        let new = NewCredentials {
            location: location.to_owned(),
            company: company.map(str::to_owned),
            secret: secret(&format!("access-of-{location}")),
        };
        credentials::put(&self.actor(), &self.vault, &ghl(&server.url), &business.to_string(), &new).await
    }

    async fn get(&self, tenant: &str) -> Result<TenantCredentials, Refusal> {
        credentials::get(&self.actor(), &self.vault, tenant, "a test").await
    }
}

fn scope(agency: AgencyId) -> Scope {
    Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() }
}

/// HighLevel at this address.
fn ghl(base: &Url) -> Ghl {
    let profile = Profile { windows: Vec::new(), ..ghl::profile(base.clone()) };
    let config = Config { profiles: vec![profile], production: false };
    let http = Outbound::new(config, Arc::new(LocalLedger::default()), Arc::new(NoCalls)).unwrap();
    let settings = ghl::Settings {
        base: base.clone(),
        marketplace: base.clone(),
        white_label: base.clone(),
        client_id: "app-client".to_owned(),
        client_secret: "client-secret".to_owned().into(),
        app_id: "app".to_owned(),
    };
    Ghl::new(http, settings)
}

fn end() -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(4_102_444_800, 0)
}

fn secret(access: &str) -> NewSecret {
    NewSecret {
        kind: CredentialKind::OauthLocation,
        access: access.to_owned().into(),
        refresh: Some("refresh".to_owned().into()),
        scopes: vec!["locations.readonly".to_owned()],
        expires_at: end(),
        refresh_expires_at: end(),
    }
}

/// HighLevel shows a location.
fn shown(location: &str, company: Option<&str>) -> Act {
    Act::json(200, &json!({ "location": { "id": location, "companyId": company } }).to_string())
}

/// The member that has to be mended.
fn pointer(refused: NotStored) -> String {
    match refused {
        NotStored::Refused(Refusal::Invalid(errors)) => errors[0].pointer.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_first_tokens_are_new_the_next_replace_them_and_the_whole_set_is_read_again() {
    let world = World::new().await;
    let first = world.put("L1", None, shown("L1", Some("C1"))).await.unwrap();
    assert_eq!((first.business, first.is_new, first.version), (world.business, true, 1));
    let next = world.put("L1", Some("C1"), shown("L1", None)).await.unwrap();
    assert_eq!((next.integration, next.is_new, next.version), (first.integration, false, 2));
    for named in [world.business.to_string(), format!("business-{}", world.business)] {
        let whole = world.get(&named).await.unwrap();
        assert_eq!((whole.integration, whole.version), (first.integration, 2));
        assert_eq!((whole.location.as_str(), whole.company.as_str()), ("L1", "C1"));
        assert_eq!(whole.access.expose_secret(), "access-of-L1");
        assert_eq!(whole.refresh.as_ref().map(ExposeSecret::expose_secret), Some("refresh"));
        assert_eq!(whole.scopes, ["locations.readonly"]);
        assert_eq!((whole.expires_at, whole.refresh_expires_at), (end(), end()));
    }
    for (table, rows) in world.test.contents().await {
        assert!(!rows.contains("access-of-L1"), "{table} holds a token in clear");
    }
}

#[tokio::test]
async fn who_has_no_tokens_is_not_found() {
    let world = World::new().await;
    let business = world.business.to_string();
    let missing = async |named: &str| matches!(world.get(named).await, Err(Refusal::NotFound));
    assert!(missing(&business).await, "no location");
    world.test.execute("update sub_accounts set ghl_location_id = 'L1'").await;
    assert!(missing(&business).await, "a location, but no integration");
    world.put("L1", None, shown("L1", None)).await.unwrap();
    world.test.execute("update credentials set revoked_at = now()").await;
    assert!(missing(&business).await, "an integration, but no tokens");
    assert!(missing("nobody").await, "no such client");
    let stranger = Actor::operator(world.db.clone(), scope(world.test.agency().await));
    let foreign = credentials::get(&stranger, &world.vault, &business, "a test").await;
    assert!(matches!(foreign, Err(Refusal::NotFound)), "{foreign:?}");
}

#[tokio::test]
async fn tokens_that_do_not_open_the_location_of_the_client_are_refused_by_name_and_nothing_is_kept() {
    let world = World::new().await;
    world.test.execute("update agencies set ghl_agency_id = 'C1'").await;
    let own = |location: &str| shown(location, Some("C1"));
    for (location, company, answer, named) in [
        ("no id", None, own("no id"), "/locationId"),
        ("L1", None, own("L2"), "/locationId"),
        ("L1", None, shown("L1", Some("C2")), "/locationId"),
        ("L1", Some("C2"), own("L1"), "/companyId"),
        ("L1", None, Act::json(401, r#"{"message":"Invalid JWT"}"#), "/accessToken"),
        ("L1", None, Act::json(404, r#"{"message":"Not found"}"#), "/locationId"),
    ] {
        let refused = world.put(location, company, answer).await.unwrap_err();
        assert_eq!(pointer(refused), named, "{location} {company:?}");
    }
    let silent = world.put("L1", None, Act::ResetBefore).await;
    assert!(matches!(silent, Err(NotStored::Unanswered)), "{silent:?}");
    assert!(matches!(world.get(&world.business.to_string()).await, Err(Refusal::NotFound)));
    let kept = world.put("L1", None, own("L1")).await.unwrap();
    assert!(kept.is_new);
    assert_eq!(pointer(world.put("L2", None, own("L2")).await.unwrap_err()), "/locationId", "it has another one");
}

#[tokio::test]
async fn a_location_belongs_to_one_client_and_an_archived_client_gets_none() {
    let world = World::new().await;
    world.put("L1", None, shown("L1", None)).await.unwrap();
    let second = world.test.business(world.agency).await;
    let taken = world.put_for(second, "L1", None, shown("L1", None)).await.unwrap_err();
    assert_eq!(pointer(taken), "/locationId");
    world.test.execute("update sub_accounts set status = 'archived', archived_at = now()").await;
    let archived = world.put("L1", None, shown("L1", None)).await;
    assert!(matches!(archived, Err(NotStored::Refused(Refusal::State(_)))), "{archived:?}");
}

#[tokio::test]
async fn without_the_right_nothing_is_stored_and_nothing_is_read() {
    let world = World::new().await;
    let program = Actor::token(world.db.clone(), store::new_id(), scope(world.agency), None);
    let server = Server::play(vec![shown("L1", None)]).await;
    let new = NewCredentials { location: "L1".to_owned(), company: None, secret: secret("access") };
    let business = world.business.to_string();
    let put = credentials::put(&program, &world.vault, &ghl(&server.url), &business, &new).await;
    assert!(matches!(put, Err(NotStored::Refused(Refusal::Forbidden(_)))), "{put:?}");
    let get = credentials::get(&program, &world.vault, &business, "a test").await;
    assert!(matches!(get, Err(Refusal::Forbidden(_))), "{get:?}");
    assert!(server.seen().is_empty(), "HighLevel is asked nothing for somebody who may not");
}

#[tokio::test]
async fn whoever_opens_those_of_many_is_noted_with_each_client_and_not_once_more_for_each_secret() {
    let world = World::new().await;
    world.put("L1", None, shown("L1", Some("C1"))).await.unwrap();
    let told = async |action: &str| {
        let log = world.test.contents().await.into_iter().filter(|(table, _)| table.starts_with("audit_events"));
        log.map(|(_, rows)| rows.matches(action).count()).sum::<usize>()
    };
    assert_eq!((told("credential.carried_out").await, told("credential.opened").await), (0, 0));
    let business = world.business.to_string();
    let whole = credentials::get_of_many(&world.actor(), &world.vault, &business, "an export").await.unwrap();
    assert_eq!((whole.location.as_str(), whole.access.expose_secret()), ("L1", "access-of-L1"));
    assert_eq!((told("credential.carried_out").await, told("credential.opened").await), (1, 0));
    let none = credentials::get_of_many(&world.actor(), &world.vault, "nobody", "an export").await;
    assert!(matches!(none, Err(Refusal::NotFound)), "{none:?}");
    let stranger = Actor::operator(world.db.clone(), scope(world.test.agency().await));
    let foreign = credentials::get_of_many(&stranger, &world.vault, &business, "an export").await;
    assert!(matches!(foreign, Err(Refusal::NotFound)), "{foreign:?}");
    world.get(&business).await.unwrap();
    assert_eq!((told("credential.carried_out").await, told("credential.opened").await), (1, 1));
}

#[tokio::test]
async fn a_store_that_fails_is_told_and_highlevel_is_not_asked() {
    let world = World::new().await;
    world.test.execute("alter table sub_accounts rename to elsewhere").await;
    let server = Server::play(vec![shown("L1", None)]).await;
    let new = NewCredentials { location: "L1".to_owned(), company: None, secret: secret("access") };
    let business = world.business.to_string();
    let put = credentials::put(&world.actor(), &world.vault, &ghl(&server.url), &business, &new).await;
    assert!(matches!(put, Err(NotStored::Refused(_))), "{put:?}");
    assert!(server.seen().is_empty(), "HighLevel is asked nothing for a client that cannot be read");
}
