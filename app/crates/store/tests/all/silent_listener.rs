//! What happens when the connection that listens falls silent: packets are dropped, and neither end learns of it?

use std::time::Duration;

use domain::AgencyId;
use domain::identity::Reach;
use domain::work::{Kind, Queue};
use store::listen::{self, Note};
use store::queue::{self, Work};
use store::testing::{NetworkPath, TestDb};
use store::{Db, DbRole, Scope, TenantTx, new_id, outbox};
use tokio::sync::broadcast::Receiver;
use tokio::sync::watch;
use uuid::Uuid;

/// What takes longer than this never comes, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// A listener tests its connection twice a minute and waits five seconds for the answer. One more is for rounding.
const NOTICED: Duration = Duration::from_secs(30 + 5 + 1);

async fn begin(db: &Db, agency: AgencyId) -> TenantTx {
    let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: vec![] };
    TenantTx::begin(db, scope).await.unwrap()
}

async fn hears(notes: &mut Receiver<Note>, wanted: impl Fn(&Note) -> bool) {
    let heard = async { while !wanted(&notes.recv().await.unwrap()) {} };
    tokio::time::timeout(PATIENCE, heard).await.expect("it is heard of in the end");
}

/// Waits until the value is as wanted, at most so long.
async fn becomes<T>(state: &mut watch::Receiver<T>, within: Duration, wanted: impl FnMut(&T) -> bool) -> bool {
    tokio::time::timeout(within, state.wait_for(wanted)).await.is_ok_and(|known| known.is_ok())
}

/// Adds work and waits until its notice comes. The outbox holds nothing of work, so that it came over the connection.
async fn work_is_heard(db: &Db, agency: AgencyId, notes: &mut Receiver<Note>) {
    let mut tx = begin(db, agency).await;
    assert!(queue::add(&mut tx, &Work::new(Kind::CheckIntegration).subject(new_id::<Uuid>())).await.unwrap());
    tx.commit().await.unwrap();
    hears(notes, |note| *note == Note::Work(Queue::Background.key().into())).await;
}

#[expect(clippy::disallowed_methods, reason = "the catalogue is asked in words the macro cannot check")]
async fn listening(test: &TestDb) -> i64 {
    let listening = "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'slipway listen'";
    sqlx::query_scalar::<_, i64>(listening).fetch_one(test.superuser()).await.unwrap()
}

#[tokio::test]
async fn a_listener_whose_packets_are_dropped_says_so_and_hears_again_on_another_connection() {
    let test = TestDb::new().await;
    let agency = test.agency().await;
    let path = NetworkPath::new(&test).await;
    let db = Db::connect_pooled(&test.url(), path.url(), DbRole::Web, 6).await.unwrap();
    let listener = listen::start(&db).await.unwrap();
    let (mut hearing, mut connections) = (listener.receives_notices(), path.connections());
    assert!(becomes(&mut hearing, PATIENCE, |hears| *hears).await, "the path carries notices");
    let mut notes = listener.subscribe();
    work_is_heard(&db, agency, &mut notes).await;

    path.drop_packets();
    let about = new_id::<Uuid>();
    let mut tx = begin(&db, agency).await;
    outbox::add(&mut tx, "thing.done", Some(about), &serde_json::json!({})).await.unwrap();
    tx.commit().await.unwrap();
    // Nobody knows of the silence yet, and the next look into the outbox finds it all the same.
    hears(&mut notes, |note| matches!(note, Note::Happened { subject, .. } if *subject == Some(about))).await;

    // On a clock that stands still while there is something to do and then jumps to the next timer, only what the product
    // waits for takes time. Answers of the database may be late on it; none is needed until it goes on.
    tokio::time::pause();
    assert!(
        becomes(&mut hearing, NOTICED, |hears| !hears).await,
        "the silence is noticed, and whoever follows is told"
    );
    assert_eq!(db.receives_notices(), Some(false));
    let before = connections.borrow().opened;
    let hour = Duration::from_secs(3600);
    let tried = becomes(&mut connections, hour, |now| now.opened >= before + 2 && now.open <= 1).await;
    assert!(tried, "it tries again and again, and what it tried is closed: {:?}", *connections.borrow());
    tokio::time::resume();

    path.carry_new_connections();
    assert!(becomes(&mut hearing, PATIENCE, |hears| *hears).await, "another connection carries notices");
    assert_eq!(db.receives_notices(), Some(true));
    work_is_heard(&db, agency, &mut notes).await;
    let left = becomes(&mut connections, PATIENCE, |now| now.open == 1).await;
    assert!(left, "the silent one is given up: {:?}", *connections.borrow());
    // The server learns a moment after the client that it is gone.
    while listening(&test).await != 1 {}
}
