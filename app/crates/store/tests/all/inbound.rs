//! Is what a platform sends stored with its work, given to one business, and done once?
#![expect(clippy::disallowed_methods, reason = "tables are looked at in words the macro cannot check")]

use std::time::Duration;

use domain::identity::Reach;
use domain::integration::Kind;
use domain::work::Queue;
use domain::{InboundEventId, IntegrationId};
use serde_json::{Value, json};
use store::inbound::{self, Body, Failing, META, NewItem, Outcome, Route, Settled};
use store::queue::{self, Claimer};
use store::tenant::{Scope, TenantTx};
use store::testing::TestDb;
use store::{Db, DbRole, integrations, new_id};
use uuid::Uuid;

async fn open(db: &Db) -> TenantTx {
    TenantTx::begin(db, Scope::Open).await.unwrap()
}

async fn begin(db: &Db, route: &Route) -> TenantTx {
    let (agency, business) = (route.agency, route.business);
    let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
    TenantTx::begin(db, scope).await.unwrap()
}

/// A business with a connected WhatsApp number.
async fn connected(test: &TestDb, number: &str, waba: &str) -> Route {
    let agency = test.agency().await;
    let business = test.business(agency).await;
    let integration: IntegrationId = new_id();
    sqlx::query(
        "insert into integrations (id, agency_id, sub_account_id, type, platform_id, waba_id, connected_at) values ($1, $2, $3, 'WHATSAPP', $4, $5, now())",
    )
    .bind(integration.0)
    .bind(agency.0)
    .bind(business.0)
    .bind(number)
    .bind(waba)
    .execute(test.superuser())
    .await
    .unwrap();
    Route { integration, agency, business }
}

async fn count(test: &TestDb, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(test.superuser()).await.unwrap()
}

async fn events(test: &TestDb) -> Vec<InboundEventId> {
    let ids: Vec<Uuid> =
        sqlx::query_scalar("select id from inbound_events order by id").fetch_all(test.superuser()).await.unwrap();
    ids.into_iter().map(InboundEventId).collect()
}

/// These bodies, which name no account.
fn bodies<'a>(all: &[&'a [u8]]) -> Vec<Body<'a>> {
    all.iter().map(|&bytes| Body { bytes, account: None }).collect()
}

fn item<'a>(key: &'a str, payload: &'a Value) -> NewItem<'a> {
    NewItem { kind: "message", account: "106", key, payload, happened_at: None }
}

#[tokio::test]
async fn bodies_are_stored_together_with_their_work() {
    let test = TestDb::new().await;
    let web = test.db(DbRole::Web).await;
    let large = vec![b'x'; 1024 * 1024];
    inbound::add(&web, META, &bodies(&[b"{}", b"\0\xff no text", &large, b"{}"])).await.unwrap();
    assert_eq!(count(&test, "select count(*) from inbound_events where body_sha256 = sha256(body)").await, 4);
    let waits = "select count(*) from inbound_events e join work_ready w on w.subject_id = e.id and w.kind = 'messages.receive'";
    assert_eq!(count(&test, waits).await, 4);
    let none = inbound::add(&web, META, &bodies(&[b"{}", &vec![b'x'; 4 * 1024 * 1024 + 1]])).await;
    assert!(none.is_err(), "one that is too large takes the others with it, so nobody is told that they are stored");
    assert_eq!(count(&test, "select count(*) from inbound_events").await, 4);
    assert_eq!(count(&test, "select count(*) from work_ready").await, 4);
}

#[tokio::test]
async fn a_page_reads_nothing_of_what_came_in() {
    let test = TestDb::new().await;
    let (web, work) = (test.db(DbRole::Web).await, test.db(DbRole::Worker).await);
    inbound::add(&web, META, &bodies(&[b"{}"])).await.unwrap();
    let id = events(&test).await[0];
    assert!(inbound::begin(&mut open(&web).await, id).await.unwrap().is_none(), "the web role sees no body");
    let mut tx = open(&work).await;
    let first = inbound::begin(&mut tx, id).await.unwrap().unwrap();
    assert_eq!((first.body.as_slice(), first.attempts, first.provider.as_str()), (&b"{}"[..], 1, META));
    assert_eq!(inbound::begin(&mut tx, id).await.unwrap().unwrap().attempts, 2, "each beginning counts");
    inbound::finish(&mut tx, id).await.unwrap();
    assert!(inbound::begin(&mut tx, id).await.unwrap().is_none(), "what is done is not begun");
    tx.commit().await.unwrap();
    let emptied = "select count(*) from inbound_events where body = '' and body_sha256 = sha256('{}')";
    assert_eq!(count(&test, emptied).await, 1, "what was done stands in the conversations alone");
}

#[tokio::test]
async fn an_item_belongs_to_nobody_until_it_is_done() {
    let test = TestDb::new().await;
    let work = test.db(DbRole::Worker).await;
    let (mine, other) = (connected(&test, "106", "w").await, connected(&test, "107", "w").await);
    let (event, payload) = (new_id::<InboundEventId>(), json!({"text": "zero \u{0} byte"}));
    let items = [item("a", &payload), item("b", &payload), item("c", &payload)];
    for _ in 0..2 {
        let mut tx = open(&work).await;
        inbound::add_items(&mut tx, event, META, &items).await.unwrap();
        tx.commit().await.unwrap();
    }
    let waiting = inbound::waiting(&mut open(&work).await, event).await.unwrap();
    assert_eq!(waiting.iter().map(|one| one.position).collect::<Vec<_>>(), [0, 1, 2]);

    // Rolled back, it waits as before, and its key is free.
    let mut tx = begin(&work, &mine).await;
    assert!(inbound::take(&mut tx, waiting[0].id).await.unwrap());
    assert!(inbound::claim_key(&mut tx, META, "a", event).await.unwrap());
    inbound::settle(&mut tx, waiting[0].id, &Settled::as_(Outcome::Processed, Some(mine))).await.unwrap();
    drop(tx);
    assert_eq!(inbound::waiting(&mut open(&work).await, event).await.unwrap(), waiting);

    let mut tx = begin(&work, &mine).await;
    assert!(inbound::take(&mut tx, waiting[0].id).await.unwrap());
    assert!(inbound::claim_key(&mut tx, META, "a", event).await.unwrap());
    inbound::settle(&mut tx, waiting[0].id, &Settled::as_(Outcome::Processed, Some(mine))).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = begin(&work, &other).await;
    assert!(!inbound::take(&mut tx, waiting[0].id).await.unwrap(), "another business does not get it");
    assert!(!inbound::claim_key(&mut tx, META, "a", event).await.unwrap(), "its key is taken whoever asks");
    let foreign = inbound::settle(&mut tx, waiting[1].id, &Settled::as_(Outcome::Processed, Some(mine))).await;
    assert!(foreign.is_err(), "nobody gives an item to another business");

    let mut tx = open(&work).await;
    for count in [1, 2] {
        assert_eq!(inbound::fail(&mut tx, waiting[1].id, "no").await.unwrap().map(|failed| failed.count), Some(count));
    }
    assert_eq!(inbound::fail(&mut tx, waiting[0].id, "no").await.unwrap(), None, "it was done meanwhile");
    inbound::settle(&mut tx, waiting[2].id, &Settled::as_(Outcome::Unroutable, None)).await.unwrap();
    tx.commit().await.unwrap();
    let emptied = "select count(*) from inbound_items where outcome = 'processed' and payload = '{}'";
    assert_eq!(count(&test, emptied).await, 1, "what was done stands in the conversation alone");
    let kept = "select count(*) from inbound_items where outcome in ('waiting', 'unroutable') and payload <> '{}'";
    assert_eq!(count(&test, kept).await, 2, "what was not done can be looked into");
    // Read again, the body adds nothing to what is done.
    let mut tx = open(&work).await;
    inbound::add_items(&mut tx, event, META, &items).await.unwrap();
    let left = inbound::waiting(&mut tx, event).await.unwrap();
    assert_eq!(left.iter().map(|one| (one.position, one.attempts)).collect::<Vec<_>>(), [(1, 2)]);
}

#[tokio::test]
async fn a_body_and_an_item_are_as_old_as_when_they_came() {
    let test = TestDb::new().await;
    let (web, work) = (test.db(DbRole::Web).await, test.db(DbRole::Worker).await);
    inbound::add(&web, META, &bodies(&[b"{}"])).await.unwrap();
    let (event, payload) = (events(&test).await[0], json!({}));
    let mut tx = open(&work).await;
    inbound::add_items(&mut tx, event, META, &[item("a", &payload)]).await.unwrap();
    let waiting = inbound::waiting(&mut tx, event).await.unwrap();
    tx.commit().await.unwrap();
    for (came, least, most) in [
        ("select 1", 0, 600),
        ("update {} set created_at = now() - interval '7 hours'", 25_200, 26_000),
        ("update {} set created_at = now() + interval '1 hour'", 0, 0),
    ] {
        for table in ["inbound_events", "inbound_items"] {
            sqlx::query(sqlx::AssertSqlSafe(came.replace("{}", table))).execute(test.superuser()).await.unwrap();
        }
        let mut tx = open(&work).await;
        let body = inbound::begin(&mut tx, event).await.unwrap().unwrap();
        let failed = inbound::fail(&mut tx, waiting[0].id, "no").await.unwrap().unwrap();
        for age in [body.age, failed.age] {
            assert!((least..=most).contains(&age.as_secs()), "{came}: {age:?}");
        }
    }
}

#[tokio::test]
async fn what_fails_again_and_again_is_counted_and_nothing_else() {
    let test = TestDb::new().await;
    let web = test.db(DbRole::Web).await;
    for (stored, put_aside, tried) in [
        ("select 1", 0, 0),
        (
            "insert into inbound_items (event_id, position, provider, kind, key, outcome, attempts) values (gen_random_uuid(), 0, 'meta', 'message', 'a', 'waiting', 4)",
            0,
            0,
        ),
        (
            "insert into inbound_items (event_id, position, provider, kind, key, outcome, attempts) values (gen_random_uuid(), 0, 'meta', 'message', 'b', 'waiting', 5)",
            0,
            1,
        ),
        (
            "insert into inbound_items (event_id, position, provider, kind, key, outcome, processed_at) values (gen_random_uuid(), 0, 'meta', 'message', 'c', 'quarantined', now() - interval '61 minutes')",
            0,
            1,
        ),
        (
            "insert into inbound_items (event_id, position, provider, kind, key, outcome, processed_at) values (gen_random_uuid(), 0, 'meta', 'message', 'd', 'unroutable', now())",
            0,
            1,
        ),
        (
            "insert into inbound_items (event_id, position, provider, kind, key, outcome, processed_at) values (gen_random_uuid(), 0, 'meta', 'message', 'e', 'quarantined', now())",
            1,
            1,
        ),
        (
            "insert into inbound_events (provider, body, body_sha256, state, done_at) values ('meta', '', sha256(''), 'quarantined', now() - interval '2 hours')",
            1,
            1,
        ),
        (
            "insert into inbound_events (provider, body, body_sha256, state, done_at) values ('meta', '', sha256(''), 'quarantined', now())",
            2,
            1,
        ),
        (
            "insert into inbound_events (provider, body, body_sha256, state, done_at) values ('meta', '', sha256(''), 'done', now())",
            2,
            1,
        ),
    ] {
        test.execute(stored).await;
        let found = inbound::failing(&web).await.unwrap();
        assert_eq!(found, Failing { put_aside, tried }, "{stored}");
        assert_eq!(found.is_any(), put_aside + tried > 0, "{stored}");
    }
}

#[tokio::test]
async fn of_two_that_claim_a_key_at_once_one_gets_it() {
    let test = TestDb::new().await;
    let work = test.db(DbRole::Worker).await;
    let event = new_id::<InboundEventId>();
    for first_commits in [true, false] {
        let key = format!("key {first_commits}");
        let mut first = open(&work).await;
        assert!(inbound::claim_key(&mut first, META, &key, event).await.unwrap());
        let (db, asked) = (work.clone(), key.clone());
        let second = tokio::spawn(async move {
            let mut tx = open(&db).await;
            let got = inbound::claim_key(&mut tx, META, &asked, event).await.unwrap();
            tx.commit().await.unwrap();
            got
        });
        while !test.waits_for_a_lock().await {
            tokio::task::yield_now().await;
        }
        if first_commits {
            first.commit().await.unwrap();
        } else {
            drop(first);
        }
        assert_eq!(second.await.unwrap(), !first_commits);
    }
}

#[tokio::test]
async fn the_flood_of_one_account_stands_before_no_other() {
    let test = TestDb::new().await;
    let (web, work) = (test.db(DbRole::Web).await, test.db(DbRole::Worker).await);
    let flood = vec![Body { bytes: b"{}", account: Some("201") }; 60];
    inbound::add(&web, META, &flood).await.unwrap();
    let others = ["202", "203"].map(|account| Body { bytes: b"1", account: Some(account) });
    inbound::add(&web, META, &others).await.unwrap();
    inbound::add(&web, META, &bodies(&[b"1"])).await.unwrap();
    let limits = queue::limits(&work).await.unwrap();
    let limits = limits.iter().find(|limits| limits.queue == Queue::MessagesIn).unwrap();
    assert!(limits.per_agency < i64::from(limits.at_once), "one account never takes all places");
    let taken = queue::claim(&work, &mut Claimer::of(limits, new_id())).await.unwrap();
    let ids: Vec<Uuid> = taken.iter().filter_map(|one| one.subject).collect();
    let quick: i64 = sqlx::query_scalar("select count(*) from inbound_events where body = '1' and id = any($1)")
        .bind(&ids)
        .fetch_one(test.superuser())
        .await
        .unwrap();
    assert_eq!(quick, 3, "each other account is served at once, and so is what names none");
    assert_eq!(i64::try_from(ids.len()).unwrap() - quick, limits.per_agency);
}

#[tokio::test]
async fn a_body_whose_work_is_lost_is_queued_again_once() {
    let test = TestDb::new().await;
    let (web, work) = (test.db(DbRole::Web).await, test.db(DbRole::Worker).await);
    inbound::add(&web, META, &bodies(&[b"1", b"2", b"3"])).await.unwrap();
    test.execute("update inbound_events set created_at = now() - interval '1 hour'").await;
    let find = async || {
        let mut tx = open(&work).await;
        let found = inbound::queue_lost(&mut tx, Duration::from_secs(600)).await.unwrap();
        tx.commit().await.unwrap();
        found
    };
    assert_eq!(find().await, 0, "all wait");
    test.execute("delete from work_ready").await;
    test.execute("update inbound_events set created_at = now() where body = '1'").await;
    test.execute("update inbound_events set state = 'quarantined' where body = '2'").await;
    assert_eq!(find().await, 1, "neither the young nor the one that was put aside");
    assert_eq!(find().await, 0);
}

#[tokio::test]
async fn an_item_goes_where_the_account_is_connected() {
    let test = TestDb::new().await;
    let work = test.db(DbRole::Worker).await;
    let (one, two) = (connected(&test, "106", "w").await, connected(&test, "107", "w").await);
    let mut tx = open(&work).await;
    assert_eq!(inbound::route(&mut tx, Kind::Whatsapp, "106").await.unwrap(), Some(one));
    for (kind, id) in [(Kind::Facebook, "106"), (Kind::Whatsapp, "108"), (Kind::Whatsapp, ""), (Kind::Whatsapp, "\0")] {
        assert_eq!(inbound::route(&mut tx, kind, id).await.unwrap(), None, "{kind:?} {id:?}");
    }
    let both = inbound::routes_of_waba(&mut tx, "w").await.unwrap();
    assert!(both.len() == 2 && both.contains(&one) && both.contains(&two), "{both:?}");
    drop(tx);
    test.execute("update integrations set is_active = false where platform_id = '106'").await;
    let mut tx = open(&work).await;
    assert_eq!(inbound::route(&mut tx, Kind::Whatsapp, "106").await.unwrap(), Some(one), "what still comes is kept");
    assert_eq!(inbound::routes_of_waba(&mut tx, "w").await.unwrap(), [two]);
}

#[tokio::test]
async fn the_first_event_ends_the_wait_of_the_setup() {
    let test = TestDb::new().await;
    let work = test.db(DbRole::Worker).await;
    let route = connected(&test, "106", "w").await;
    test.execute("update integrations set setup_step = 'test'").await;
    for _ in 0..3 {
        let mut tx = begin(&work, &route).await;
        integrations::record_event(&mut tx, route.integration).await.unwrap();
        tx.commit().await.unwrap();
    }
    let facts = "select count(*) from integrations where setup_step is null and first_event_at is not null and last_event_at is not null";
    assert_eq!(count(&test, facts).await, 1);
    assert_eq!(count(&test, "select count(*) from integration_evidence where kind = 'event'").await, 1);
}
