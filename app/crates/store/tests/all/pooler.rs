//! Does everything work through a pooler that lends a connection for one transaction, both with a direct
//! connection for notices and without one?

use std::time::Duration;

use domain::AgencyId;
use domain::identity::Reach;
use domain::work::{Kind, Queue};
use store::listen::{self, Note};
use store::queue::{self, Claimer, Work};
use store::rate_windows::{self, Limit};
use store::testing::{Pooler, TestDb};
use store::{Db, DbRole, Scope, TenantTx, migrate, new_id, outbox, provisioning, request_counts};
use tokio::sync::broadcast::Receiver;
use uuid::Uuid;

use crate::orders::order;

fn scope(agency: AgencyId) -> Scope {
    Scope::Agency { user: None, agency, reach: Reach::All, listed: vec![] }
}

async fn hears(notes: &mut Receiver<Note>, wanted: impl Fn(&Note) -> bool) {
    let heard = async { while !wanted(&notes.recv().await.unwrap()) {} };
    tokio::time::timeout(Duration::from_secs(60), heard).await.expect("it is heard of in the end");
}

async fn happens(db: &Db, agency: AgencyId) -> Uuid {
    let about = new_id();
    let mut tx = TenantTx::begin(db, scope(agency)).await.unwrap();
    outbox::add(&mut tx, "thing.done", Some(about), &serde_json::json!({})).await.unwrap();
    tx.commit().await.unwrap();
    about
}

#[tokio::test]
async fn through_a_pooler_everything_works_and_around_it_notices_are_heard() {
    let Some(pooler) = Pooler::start().await else { return };
    let test = TestDb::new().await;
    let (db, agency) =
        (Db::connect_pooled(&pooler.url(&test), &test.url(), DbRole::Worker, 6).await.unwrap(), test.agency().await);
    migrate::check_known(&db).await.unwrap();
    assert!(migrate::pending(&db).await.unwrap().is_empty());
    db.ping().await.unwrap();
    db.clock().await.unwrap();
    let listener = listen::start(&db).await.unwrap();
    let mut proven = listener.receives_notices();
    let proven = proven.wait_for(|receives_notices| *receives_notices);
    tokio::time::timeout(Duration::from_secs(120), proven).await.expect("the way around is proven").unwrap();
    assert_eq!(db.receives_notices(), Some(true));
    let mut notes = listener.subscribe();
    let order = order("Bay Dental", "a@b.test").check().unwrap();
    provisioning::start_unless_duplicate(&db, &scope(agency), &order, None).await.unwrap();
    hears(&mut notes, |note| *note == Note::Work(Queue::Provisioning.key().into())).await;
    let mut tx = TenantTx::begin(&db, scope(agency)).await.unwrap();
    queue::add(&mut tx, &Work::new(Kind::SyncSnapshots).once("once")).await.unwrap();
    assert!(!queue::add(&mut tx, &Work::new(Kind::SyncSnapshots).once("once")).await.unwrap());
    tx.commit().await.unwrap();
    let owner = new_id();
    let taken = queue::claim(&db, &mut Claimer::new(Queue::Background, owner)).await.unwrap();
    assert_eq!(queue::heartbeat(&db, owner, Duration::from_secs(60)).await.unwrap(), [taken[0].id]);
    queue::promote_and_recover(&db, &mut queue::Eras::default(), 10).await.unwrap();
    assert_eq!(queue::release(&db, owner).await.unwrap(), 1);
    let limit = Limit { burst: 5, interval: Duration::from_secs(10), daily: 10, hold: Duration::from_secs(45) };
    let places = rate_windows::take(&db, "k", 2, 0, &limit).await.unwrap().places;
    rate_windows::answered(&db, "k", &places).await.unwrap();
    assert!(request_counts::count(&db, "k", 5).await.unwrap().allowed);
    let about = happens(&db, agency).await;
    hears(&mut notes, |note| matches!(note, Note::Happened { subject, .. } if *subject == Some(about))).await;
}

#[tokio::test]
async fn without_a_way_around_it_listeners_know_that_they_are_deaf_and_read_the_outbox() {
    let Some(pooler) = Pooler::start().await else { return };
    let test = TestDb::new().await;
    let (db, agency) = (Db::connect(&pooler.url(&test), DbRole::Web, 6).await.unwrap(), test.agency().await);
    let listener = listen::start(&db).await.unwrap();
    assert!(!*listener.receives_notices().borrow() && db.receives_notices() == Some(false));
    let mut notes = listener.subscribe();
    let about = happens(&db, agency).await;
    hears(&mut notes, |note| matches!(note, Note::Happened { subject, .. } if *subject == Some(about))).await;
}
