//! Do webhooks belong to one agency, is an event told once, and do their secrets survive a rotation of keys?
#![expect(clippy::disallowed_methods, reason = "the queue is counted in words the macro cannot check")]

use domain::identity::Reach;
use domain::notifications::Kind;
use domain::page::ListQuery;
use domain::webhooks::{Format, NewWebhook, Webhook};
use domain::{AgencyId, WebhookId};
use secrecy::ExposeSecret;
use store::tenant::{Scope, TenantTx};
use store::testing::{self, TestDb};
use store::vault::Vault;
use store::webhooks::{self, Limits, Next, Told};
use store::{Db, DbRole, Error, credentials, new_id};
use uuid::Uuid;

fn scope(agency: AgencyId) -> Scope {
    Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() }
}

async fn begin(db: &Db, agency: AgencyId) -> TenantTx {
    TenantTx::begin(db, scope(agency)).await.unwrap()
}

async fn vault(test: &TestDb) -> Vault {
    testing::vault(&test.db(DbRole::Worker).await).await
}

fn new(events: &[Kind]) -> NewWebhook {
    NewWebhook {
        url: "https://example.com/hooks".to_owned(),
        format: Format::Json,
        description: String::new(),
        events: events.to_vec(),
        active: true,
    }
}

async fn add(db: &Db, vault: &Vault, agency: AgencyId, events: &[Kind]) -> (Webhook, String) {
    let mut tx = begin(db, agency).await;
    let (webhook, secret) = webhooks::add(&mut tx, vault, &new(events)).await.unwrap();
    tx.commit().await.unwrap();
    (webhook, secret.unwrap().expose_secret().to_owned())
}

async fn queued(test: &TestDb, kind: &str) -> i64 {
    sqlx::query_scalar("select count(*) from work_ready where kind = $1")
        .bind(kind)
        .fetch_one(test.superuser())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_webhook_belongs_to_one_agency() {
    let test = TestDb::new().await;
    let (db, vault) = (test.db(DbRole::Web).await, vault(&test).await);
    let (mine, other) = (test.agency().await, test.agency().await);
    let (webhook, _) = add(&db, &vault, mine, &[Kind::JobFailed]).await;
    let mut tx = begin(&db, other).await;
    assert!(webhooks::list(&mut tx).await.unwrap().is_empty());
    for gone in [
        webhooks::get(&mut tx, webhook.id).await.map(|_| ()),
        webhooks::set_active(&mut tx, webhook.id, false).await.map(|_| ()),
        webhooks::remove(&mut tx, webhook.id).await.map(|_| ()),
        webhooks::rotate(&mut tx, &vault, webhook.id).await.map(|_| ()),
    ] {
        assert!(matches!(gone, Err(Error::NotFound)), "{gone:?}");
    }
    let mut tx = begin(&db, mine).await;
    assert_eq!(webhooks::list(&mut tx).await.unwrap(), [webhook]);
}

#[tokio::test]
async fn only_an_event_that_somebody_wants_costs_a_piece_of_work() {
    let test = TestDb::new().await;
    let (db, vault) = (test.db(DbRole::Web).await, vault(&test).await);
    let (mine, other) = (test.agency().await, test.agency().await);
    let business = test.business(mine).await;
    let (webhook, _) = add(&db, &vault, mine, &[Kind::JobFailed]).await;
    let scopes = [scope(mine), Scope::Business { user: None, business }];
    for (scope, kind, work) in [
        (scope(other), Kind::JobFailed, 0),
        (scope(mine), Kind::JobFinished, 0),
        (scopes[0].clone(), Kind::JobFailed, 1),
        // A business by itself sees no webhook of its agency, and tells it all the same.
        (scopes[1].clone(), Kind::JobFailed, 2),
    ] {
        for role in [DbRole::Web, DbRole::Worker] {
            let mut tx = TenantTx::begin(&test.db(role).await, scope.clone()).await.unwrap();
            webhooks::happened(&mut tx, kind, None, &new_id::<Uuid>().to_string()).await.unwrap();
            drop(tx);
        }
        let mut tx = TenantTx::begin(&db, scope).await.unwrap();
        webhooks::happened(&mut tx, kind, None, &new_id::<Uuid>().to_string()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(queued(&test, "webhooks.queue").await, work);
    }
    let mut tx = begin(&db, mine).await;
    webhooks::set_active(&mut tx, webhook.id, false).await.unwrap();
    webhooks::happened(&mut tx, Kind::JobFailed, None, "off").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(queued(&test, "webhooks.queue").await, 2, "what is off wants nothing");
}

#[tokio::test]
async fn an_event_becomes_one_delivery_for_each_endpoint_that_was_there() {
    let test = TestDb::new().await;
    let (db, vault, agency) = (test.db(DbRole::Web).await, vault(&test).await, test.agency().await);
    for _ in 0..2 {
        add(&db, &vault, agency, &[Kind::ClientCreated]).await;
    }
    add(&db, &vault, agency, &[Kind::JobFailed]).await;
    let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now());
    let told = Told { event: new_id(), kind: "client.created".to_owned(), at: now };
    let early = Told { event: new_id(), at: now - chrono::TimeDelta::hours(1), ..told.clone() };
    let unknown = Told { kind: "of.newer_version".to_owned(), ..told.clone() };
    let client = test.business(agency).await;
    let worker = test.db(DbRole::Worker).await;
    for (told, made) in [(&told, 2), (&told, 0), (&early, 0), (&unknown, 0)] {
        let mut tx = begin(&worker, agency).await;
        assert_eq!(webhooks::fan_out(&mut tx, told, Some(client.0), "https://x.test").await.unwrap(), made);
        tx.commit().await.unwrap();
    }
    assert_eq!(queued(&test, "webhooks.send").await, 2);
    let page = webhooks::deliveries(&mut begin(&db, agency).await, &ListQuery::default()).await.unwrap();
    assert!(page.rows.iter().all(|row| row.event_id == told.event));
    let detail = webhooks::detail(&mut begin(&db, agency).await, page.rows[0].id).await.unwrap();
    assert!(detail.body.contains(&client.to_string()), "{}", detail.body);
}

/// A log may have hundreds of thousands of rows, so it does not go in the transaction of the request.
#[tokio::test]
async fn a_removed_webhook_is_gone_at_once_and_its_log_goes_in_pieces() {
    let test = TestDb::new().await;
    let (db, vault, agency) = (test.db(DbRole::Web).await, vault(&test).await, test.agency().await);
    let (webhook, _) = add(&db, &vault, agency, &[Kind::JobFailed]).await;
    let (kept, _) = add(&db, &vault, agency, &[Kind::JobFailed]).await;
    let mut tx = begin(&db, agency).await;
    webhooks::rotate(&mut tx, &vault, webhook.id).await.unwrap();
    let mut deliveries = Vec::new();
    for id in [webhook.id, webhook.id, webhook.id, kept.id] {
        deliveries.push(webhooks::add_test(&mut tx, id, Format::Json, "https://x.test").await.unwrap().id);
    }
    webhooks::remove(&mut tx, webhook.id).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = begin(&db, agency).await;
    let listed = webhooks::list(&mut tx).await.unwrap();
    assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), [kept.id]);
    assert_eq!(webhooks::count(&mut tx).await.unwrap(), 1);
    let log = webhooks::deliveries(&mut tx, &ListQuery::default()).await.unwrap();
    assert_eq!((log.rows.len(), log.total), (1, Some(1)));
    for gone in [
        webhooks::get(&mut tx, webhook.id).await.map(|_| ()),
        webhooks::set_active(&mut tx, webhook.id, true).await.map(|_| ()),
        webhooks::remove(&mut tx, webhook.id).await.map(|_| ()),
        webhooks::delivery(&mut tx, deliveries[0]).await.map(|_| ()),
    ] {
        assert!(matches!(gone, Err(Error::NotFound)), "{gone:?}");
    }
    drop(tx);
    let secrets: i64 = sqlx::query_scalar(
        "select count(*) from webhook_endpoints where removed_at is not null and (sealed_secret <> '' or sealed_previous is not null)",
    )
    .fetch_one(test.superuser())
    .await
    .unwrap();
    assert_eq!(secrets, 0, "its secrets went at once");
    let worker = test.db(DbRole::Worker).await;
    let rule = store::retention::RULES.iter().find(|rule| rule.name == "webhook-deliveries").unwrap();
    let mut pieces = Vec::new();
    while let gone @ 1.. = (rule.piece)(&worker, rule.age, 20).await.unwrap() {
        pieces.push(gone);
    }
    assert_eq!(pieces, [2, 1, 1], "its log in pieces, then itself");
    let left = webhooks::deliveries(&mut begin(&db, agency).await, &ListQuery::default()).await.unwrap();
    assert_eq!(left.rows.iter().map(|row| row.id).collect::<Vec<_>>(), deliveries[3..]);
}

/// The secrets with which the next delivery of an endpoint is signed.
async fn signing(test: &TestDb, vault: &Vault, agency: AgencyId, id: WebhookId) -> Vec<String> {
    let day = std::time::Duration::from_secs(86_400);
    let mut tx = begin(&test.db(DbRole::Worker).await, agency).await;
    let delivery = webhooks::add_test(&mut tx, id, Format::Json, "https://x.test").await.unwrap();
    let limits = Limits { round: day, failing: day, faster: 1.0 };
    let Next::Send(due) = webhooks::begin_attempt(&mut tx, delivery.id, &limits).await.unwrap() else {
        unreachable!("a test is due at once")
    };
    tx.commit().await.unwrap();
    let secrets = webhooks::signing_secrets(vault, &due).await.unwrap();
    secrets.iter().map(|secret| secret.expose_secret().to_owned()).collect()
}

#[tokio::test]
async fn secrets_survive_a_rotation_of_keys_and_open_for_their_own_row_alone() {
    let test = TestDb::new().await;
    let (db, vault, agency) = (test.db(DbRole::Web).await, vault(&test).await, test.agency().await);
    let (webhook, old) = add(&db, &vault, agency, &[Kind::JobFailed]).await;
    let mut tx = begin(&db, agency).await;
    let (_, fresh) = webhooks::rotate(&mut tx, &vault, webhook.id).await.unwrap();
    tx.commit().await.unwrap();
    let both = [fresh.unwrap().expose_secret().to_owned(), old];
    assert_eq!(signing(&test, &vault, agency, webhook.id).await, both);
    let worker = test.db(DbRole::Worker).await;
    let rotated = credentials::rotate_agency(&worker, &vault, agency, |_| ()).await.unwrap();
    assert_eq!((rotated.done, rotated.total), (1, 1));
    let left: i64 = sqlx::query_scalar("select count(*) from data_keys where agency_id = $1 and state = 'reader'")
        .bind(agency.0)
        .fetch_one(test.superuser())
        .await
        .unwrap();
    assert_eq!(left, 0, "nothing needs the old key any more");
    assert_eq!(signing(&test, &vault, agency, webhook.id).await, both);
    let (other, _) = add(&db, &vault, agency, &[Kind::JobFailed]).await;
    test.execute(
        "update webhook_endpoints e set sealed_secret = o.sealed_secret, key_id = o.key_id, sealed_previous = null, previous_key_id = null, previous_until = null
         from webhook_endpoints o where o.id <> e.id",
    )
    .await;
    let mut tx = begin(&worker, agency).await;
    let delivery = webhooks::add_test(&mut tx, other.id, Format::Json, "https://x.test").await.unwrap();
    let day = std::time::Duration::from_secs(86_400);
    let limits = Limits { round: day, failing: day, faster: 1.0 };
    let Next::Send(due) = webhooks::begin_attempt(&mut tx, delivery.id, &limits).await.unwrap() else {
        unreachable!("a test is due at once")
    };
    assert!(matches!(webhooks::opened(&vault, &due).await, Err(Error::Sealed(_))), "another row's secret stays closed");
}
