//! Recovers lost notices: it reads the outbox every two seconds from its last position and publishes what no notice
//! reported.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::IntegrationId;
use tokio::sync::broadcast;
use tokio::time::Instant;

use super::Note;
use crate::outbox::{self, Change, OutboxCursor};
use crate::{Db, Result};

/// Shortest and longest pause between two reads. Each pause is random, so that processes do not read in step.
const LOOK: (Duration, Duration) = (Duration::from_millis(1200), Duration::from_millis(1900));
// A lost notice costs two seconds at most.
const _: () = assert!(LOOK.1.as_millis() <= 2000);
/// Rows read at once.
const MOST: i64 = 2000;
/// How long a published event is remembered: longer than rows usually wait for older transactions. After that time
/// it may be published twice.
const REMEMBERED: Duration = Duration::from_secs(60);

/// The events that were published already, each as a hash of its content and its transaction, and the position
/// from which the outbox is read.
#[derive(Debug)]
pub(super) struct PublishedEvents {
    start: OutboxCursor,
    said: Mutex<HashMap<u64, Instant>>,
}

impl PublishedEvents {
    pub(super) async fn from_now(db: &Db) -> Result<Self> {
        outbox::renumber_restored(db).await?;
        Ok(Self { start: outbox::now(db).await?, said: Mutex::default() })
    }

    /// True if this event is published for the first time. A notice without the number of its transaction may be
    /// published again.
    pub(super) fn first(&self, note: &Note, xid: Option<i64>) -> bool {
        let (Note::Happened { .. }, Some(xid)) = (note, xid) else { return true };
        let mut number = DefaultHasher::new();
        (note, xid).hash(&mut number);
        self.said().insert(number.finish(), Instant::now()).is_none()
    }

    fn forget_old(&self) {
        self.said().retain(|_, at| at.elapsed() < REMEMBERED);
    }

    fn said(&self) -> MutexGuard<'_, HashMap<u64, Instant>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the outbox until the pool is closed.
pub(super) async fn run(db: Db, notes: broadcast::Sender<Note>, heard: Arc<PublishedEvents>) {
    let (mut cursor, mut full) = (heard.start.clone(), false);
    while !db.pool().is_closed() {
        // Before the read: notices come while the outbox cannot be read, too.
        heard.forget_old();
        if !full {
            tokio::time::sleep(rand::random_range(LOOK.0..LOOK.1)).await;
        }
        // The transaction numbers of the cursor are those of another server or of another time, so all subscribers
        // must read everything again.
        if let Ok(true) = outbox::is_ahead(&db, &cursor).await
            && let Ok(anew) = PublishedEvents::from_now(&db).await
        {
            cursor = anew.start;
            let _ = notes.send(Note::Reconnected);
        }
        // The database may be unreachable. The cursor stays where it is, so nothing is missed.
        let Ok((changes, read, more)) = outbox::changes(&db, &cursor, MOST).await else {
            full = false;
            continue;
        };
        (cursor, full) = (read, more);
        for change in changes {
            let (note, secrets, xid) = notes_of(change);
            if heard.first(&note, Some(xid)) {
                let _ = notes.send(note);
                secrets.into_iter().for_each(|note| drop(notes.send(note)));
            }
        }
    }
}

/// The notes that the lost notices would have carried. Every change of an integration's secrets also writes an
/// `integration.changed` event, so that event gives a second note.
fn notes_of(change: Change) -> (Note, Option<Note>, i64) {
    let secrets = change.subject.filter(|_| change.topic == "integration.changed");
    let Change { topic, agency, business, subject, xid } = change;
    (Note::Happened { topic, agency, business, subject }, secrets.map(|id| Note::Credential(IntegrationId(id))), xid)
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use crate::testing::TestDb;
    use crate::{DbRole, Scope, TenantTx};

    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "the look runs beside the test, as in a process")]
    async fn who_read_further_than_a_restored_database_reaches_looks_anew() {
        let test = TestDb::new().await;
        let db = test.db(DbRole::Web).await;
        let (notes, mut heard) = broadcast::channel(16);
        let ahead = PublishedEvents { start: OutboxCursor::at(u64::MAX / 4), said: Mutex::default() };
        tokio::spawn(run(db.clone(), notes, Arc::new(ahead)));
        let mut next = async || tokio::time::timeout(Duration::from_secs(60), heard.recv()).await.unwrap().unwrap();
        assert_eq!(next().await, Note::Reconnected);
        let mut tx = TenantTx::begin(&db, Scope::Open).await.unwrap();
        outbox::add(&mut tx, "thing.done", None, &serde_json::json!({})).await.unwrap();
        tx.commit().await.unwrap();
        assert!(matches!(next().await, Note::Happened { topic, .. } if topic == "thing.done"));
    }

    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "the look runs beside the test, as in a process")]
    async fn what_was_published_is_forgotten_also_while_the_outbox_cannot_be_read() {
        let test = TestDb::new().await;
        let db = test.db(DbRole::Web).await;
        test.execute("alter table outbox_events rename to elsewhere").await;
        let old = Instant::now().checked_sub(REMEMBERED).unwrap();
        let said = Mutex::new(HashMap::from([(1, old)]));
        let heard = Arc::new(PublishedEvents { start: OutboxCursor::at(1), said });
        let (notes, _) = broadcast::channel(16);
        tokio::spawn(run(db, notes, Arc::clone(&heard)));
        let forgotten = async {
            while !heard.said().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), forgotten).await.unwrap();
    }
}
