//! Does a sealed value still open after somebody changed it? Tests every sealed column of the catalog with every
//! kind of damage, through the same functions with which the product opens it.
#![expect(clippy::disallowed_methods, reason = "columns of the catalogue are named in words the macro cannot check")]

use std::collections::BTreeMap;

use chrono::DateTime;
use domain::credential::CredentialKind;
use domain::identity::{Reach, Role};
use domain::integration::Kind;
use domain::webhooks::{Format, NewWebhook};
use domain::{AgencyId, BusinessId, ChannelChoiceId, InstallId, IntegrationId, UserId, WebhookId};
use sqlx::AssertSqlSafe;
use store::app_installs::{self, NewInstall};
use store::audit::{self, Act};
use store::channel_choices::{self, ChoiceTokens};
use store::credentials::{self, NewSecret};
use store::integrations::{self, NewConnection};
use store::testing::TestDb;
use store::vault::{Keyring, Vault};
use store::webhooks::{self, Limits, Next};
use store::{Db, DbRole, Scope, TenantTx, factors};

const MASTER: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const SHOWN: Option<[u8; 32]> = Some([5; 32]);

/// Columns that contain something sealed.
const SEALED: [(&str, &str); 10] = [
    ("app_installs", "sealed_tokens"),
    ("audit_checkpoints", "signature"),
    ("audit_cuts", "signature"),
    ("channel_choices", "sealed_tokens"),
    ("credentials", "sealed_access"),
    ("credentials", "sealed_refresh"),
    ("data_keys", "wrapped"),
    ("user_factors", "sealed"),
    ("webhook_endpoints", "sealed_previous"),
    ("webhook_endpoints", "sealed_secret"),
];

/// Columns of bytes that hold no secret: an image that everybody sees, what platforms and people sent us, and names of files.
const OPEN: [(&str, &str); 5] = [
    ("agency_logos", "image"),
    ("inbound_events", "body"),
    ("inbound_events", "body_sha256"),
    ("knowledge", "upload"),
    ("message_attachments", "sha256"),
];

/// Sealed columns that are empty until the feature exists that fills them.
const EMPTY: [(&str, &str); 2] = [("credentials", "sealed_client"), ("oauth_states", "sealed_verifier")];

fn ring() -> Keyring {
    Keyring::parse(&MASTER.to_owned().into()).unwrap()
}

/// A tenant with one sealed value of each kind.
struct Sealed {
    agency: AgencyId,
    business: BusinessId,
    choice: ChannelChoiceId,
    company: IntegrationId,
    install: InstallId,
    person: UserId,
    factor: uuid::Uuid,
    webhook: WebhookId,
}

struct World {
    test: TestDb,
    db: Db,
    vault: Vault,
}

impl World {
    async fn new() -> Self {
        let test = TestDb::new().await;
        let db = test.db(DbRole::Worker).await;
        let vault = Vault::start(&db, ring()).await.unwrap();
        Self { test, db, vault }
    }

    async fn agency(&self, agency: AgencyId) -> TenantTx {
        TenantTx::begin(&self.db, Scope::Agency { user: None, agency, reach: Reach::All, listed: vec![] })
            .await
            .unwrap()
    }

    async fn person(&self, person: UserId) -> TenantTx {
        TenantTx::begin(&self.db.acting_as(DbRole::Web), Scope::Person(person)).await.unwrap()
    }

    async fn chooser(&self, agency: AgencyId, business: BusinessId, person: UserId) -> TenantTx {
        let scope = Scope::AgencyBusiness { user: Some(person), agency, business, reach: Reach::All, listed: vec![] };
        TenantTx::begin(&self.db.acting_as(DbRole::Web), scope).await.unwrap()
    }

    async fn plant(&self, name: &str) -> Sealed {
        let agency = self.test.agency().await;
        let mut tx = self.agency(agency).await;
        let new = NewConnection { kind: Kind::Gohighlevel, platform_id: name, name: None, parent: None };
        let (company, _) = integrations::upsert(&mut tx, &new).await.unwrap();
        for _ in 0..2 {
            credentials::put(&mut tx, &self.vault, company, &secret(name)).await.unwrap();
        }
        audit::record(&mut tx, Act::new("thing.done", "thing")).await.unwrap();
        let (webhook, _) = webhooks::add(&mut tx, &self.vault, &hook()).await.unwrap();
        webhooks::rotate(&mut tx, &self.vault, webhook.id).await.unwrap();
        tx.commit().await.unwrap();
        let secret = secret(name);
        let new = NewInstall {
            app_id: "app",
            company_id: name,
            location_id: Some(name),
            name: None,
            secret: &secret,
            claim: None,
            begun_here: false,
            email: None,
            place: None,
            installer: None,
            code: None,
        };
        let install = app_installs::add(&self.db, &self.vault, &new).await.unwrap();
        let person = self.test.person(Role::AgencyOwner, Some(agency), None).await;
        let business = self.test.business(agency).await;
        let mut tx = self.chooser(agency, business, person).await;
        let choice =
            channel_choices::add(&mut tx, &self.vault, Kind::Facebook, &[], &choice_tokens(name)).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = self.person(person).await;
        let factor = factors::add_totp(&mut tx, &self.vault, name.as_bytes()).await.unwrap();
        tx.commit().await.unwrap();
        Sealed { agency, business, choice, company, install, person, factor, webhook: webhook.id }
    }

    /// Whether the column's value for this tenant opens with the product's own functions.
    async fn opens(&self, table: &str, of: &Sealed) -> bool {
        match table {
            "credentials" => self.token_opens(&self.vault, of).await,
            "app_installs" => {
                let mut tx = self.agency(of.agency).await;
                app_installs::claim(&mut tx, &self.vault, of.install, SHOWN).await.is_ok()
            }
            // It is not committed, so that it opens again.
            "channel_choices" => {
                let mut tx = self.chooser(of.agency, of.business, of.person).await;
                channel_choices::take(&mut tx, &self.vault, of.choice, "").await.is_ok()
            }
            "user_factors" => {
                let mut tx = self.person(of.person).await;
                factors::pending_totp(&mut tx, &self.vault, of.factor).await.is_ok_and(|seed| seed.is_some())
            }
            "webhook_endpoints" => self.webhook_opens(of).await,
            "audit_checkpoints" | "audit_cuts" => {
                let reports = audit::verify(&self.db, &self.vault).await.unwrap();
                reports.iter().all(|report| report.checkpoints > 0 && report.faults.is_empty())
            }
            // A new process knows no key yet, so it has to unwrap the stored one.
            "data_keys" => match Vault::start(&self.db, ring()).await {
                Ok(fresh) => self.token_opens(&fresh, of).await,
                Err(_) => false,
            },
            other => unreachable!("how {other} is opened has to be said here"),
        }
    }

    async fn webhook_opens(&self, of: &Sealed) -> bool {
        let mut tx = self.agency(of.agency).await;
        let delivery = webhooks::add_test(&mut tx, of.webhook, Format::Json, "https://x.test").await.unwrap();
        let day = std::time::Duration::from_secs(86_400);
        let limits = Limits { round: day, failing: day, faster: 1.0 };
        let Next::Send(due) = webhooks::begin_attempt(&mut tx, delivery.id, &limits).await.unwrap() else {
            unreachable!("a test is due at once")
        };
        webhooks::signing_secrets(&self.vault, &due).await.is_ok_and(|secrets| secrets.len() == 2)
    }

    async fn token_opens(&self, vault: &Vault, of: &Sealed) -> bool {
        let mut tx = self.agency(of.agency).await;
        credentials::current(&mut tx, vault, of.company, "test").await.is_ok_and(|opened| opened.is_some())
    }

    async fn bytes(&self, table: &str, column: &str, row: &str) -> Vec<u8> {
        let sql = format!("select {column} from {table} where {row}");
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(self.test.superuser()).await.unwrap()
    }

    /// Writes past every policy and guard, as somebody with access to the disk could.
    async fn write(&self, table: &str, column: &str, row: &str, bytes: &[u8]) {
        let mut tx = self.test.superuser().begin().await.unwrap();
        sqlx::query("set local session_replication_role = replica").execute(&mut *tx).await.unwrap();
        let sql = format!("update {table} set {column} = $1 where {row}");
        let done = sqlx::query(AssertSqlSafe(sql)).bind(bytes).execute(&mut *tx).await.unwrap();
        assert_eq!(done.rows_affected(), 1, "{table} where {row}");
        tx.commit().await.unwrap();
    }
}

fn secret(name: &str) -> NewSecret {
    let far = DateTime::from_timestamp(4_102_444_800, 0);
    NewSecret {
        kind: CredentialKind::OauthCompany,
        access: format!("access-{name}").into(),
        refresh: Some(format!("refresh-{name}").into()),
        scopes: vec![],
        expires_at: far,
        refresh_expires_at: far,
    }
}

fn choice_tokens(name: &str) -> ChoiceTokens {
    ChoiceTokens {
        token: format!("consent-{name}").into(),
        of_accounts: BTreeMap::from([("page".to_owned(), format!("page-{name}").into())]),
        scopes: vec![],
        missing: vec![],
        person: None,
        expires_at: None,
    }
}

fn hook() -> NewWebhook {
    NewWebhook {
        format: Format::Json,
        url: "https://hooks.example.com/in".to_owned(),
        description: String::new(),
        events: vec![domain::notifications::Kind::JobFailed],
        active: true,
    }
}

/// Condition for this tenant's row in a table.
fn row(table: &str, of: &Sealed) -> String {
    match table {
        "credentials" => format!("integration_id = '{}' and slot = 'current'", of.company),
        "app_installs" => format!("id = '{}'", of.install),
        "channel_choices" => format!("id = '{}'", of.choice),
        "user_factors" => format!("id = '{}'", of.factor),
        "webhook_endpoints" => format!("id = '{}'", of.webhook),
        "audit_checkpoints" | "audit_cuts" => format!("chain_id = '{}'", of.agency),
        _ => format!("agency_id = '{}'", of.agency),
    }
}

/// Every kind of damage: the lowest and the highest bit of each byte changed, and the value shortened, lengthened
/// or empty.
fn harmed(good: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut cases = Vec::new();
    for at in 0..good.len() {
        for bit in [1, 0x80] {
            let mut bytes = good.to_vec();
            bytes[at] ^= bit;
            cases.push((format!("byte {at} changed by {bit}"), bytes));
        }
    }
    let ends = [0, 1, 5, 16, 17, good.len() / 2, good.len() - 16, good.len() - 1];
    cases.extend(ends.map(|end| (format!("cut to {end}"), good[..end].to_vec())));
    cases.push(("one byte longer".to_owned(), [good, &[0]].concat()));
    cases.push(("twice".to_owned(), [good, good].concat()));
    cases
}

// `disk_probe` is excluded because it holds filler that shows whether the disk accepts more data.
#[tokio::test]
async fn every_column_of_bytes_is_a_hash_or_sealed() {
    let test = TestDb::new().await;
    let columns: Vec<(String, String)> = sqlx::query_as(
        "select table_name::text, column_name::text from information_schema.columns where table_schema = 'public' and data_type = 'bytea'
         and column_name !~ '(^|_)(hash|salt)$' and table_name not in ('_sqlx_migrations', 'disk_probe') and table_name in (select tablename from pg_tables) order by 1, 2",
    )
    .fetch_all(test.superuser())
    .await
    .unwrap();
    let mut listed: Vec<_> = SEALED
        .iter()
        .chain(&EMPTY)
        .chain(&OPEN)
        .map(|(table, column)| ((*table).to_owned(), (*column).to_owned()))
        .collect();
    listed.sort();
    assert_eq!(columns, listed, "a new sealed column is planted and opened in this file");
}

#[tokio::test]
async fn whatever_is_done_to_a_sealed_value_it_does_not_open() {
    let world = World::new().await;
    let (mine, other) = (world.plant("C1").await, world.plant("C2").await);
    world
        .test
        .execute("update app_installs set claim_hash = decode(repeat('05', 32), 'hex') where company_id = 'C1'")
        .await;
    world
        .test
        .execute(
            "insert into audit_events (agency_id, actor_kind, action, object_type, created_at, chain_id, content_hash)
             select id, 'system', 'thing.done', 'thing', now() - interval '401 days', id, '' from agencies",
        )
        .await;
    audit::link_pending(&world.db).await.unwrap();
    audit::checkpoint(&world.db, &world.vault).await.unwrap();
    world.test.execute("update audit_links set created_at = now() - interval '401 days'").await;
    assert_eq!(audit::cut(&world.db, &world.vault, &|| true).await.unwrap(), (2, true));
    for (table, column) in SEALED {
        let (here, there) = (row(table, &mine), row(table, &other));
        let good = world.bytes(table, column, &here).await;
        assert!(good.len() > 16 && world.opens(table, &mine).await, "{table}.{column} opens as it is");
        let mut cases = harmed(&good);
        cases.push(("another tenant's".to_owned(), world.bytes(table, column, &there).await));
        if table == "credentials" {
            let beside = if column == "sealed_access" { "sealed_refresh" } else { "sealed_access" };
            cases.push(("its neighbour's".to_owned(), world.bytes(table, beside, &here).await));
            let former = here.replace("current", "previous");
            cases.push(("its predecessor's".to_owned(), world.bytes(table, column, &former).await));
        }
        for (what, bytes) in cases {
            world.write(table, column, &here, &bytes).await;
            assert!(!world.opens(table, &mine).await, "{table}.{column}: {what}, and it opened");
        }
        world.write(table, column, &here, &good).await;
        assert!(world.opens(table, &mine).await, "{table}.{column} opens again as it was");
    }
}
