//! How are bodies stored that arrive together? One task stores those that wait in one transaction, so that a flood costs
//! few commits. Each request waits for the commit that holds its body.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use store::Db;
use store::inbound::{self, Body};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

/// Most bodies of one transaction.
const TOGETHER: usize = 64;
/// Most bodies that wait for their transaction.
const WAITING: usize = 1024;
/// Most bytes of bodies that wait, in KiB.
const ROOM: usize = 64 * 1024;
/// How long a transaction may take. Meta waits five seconds for its answer (Meta, Messenger webhooks); how long HighLevel
/// waits is not published.
const PATIENCE: Duration = Duration::from_secs(4);

/// Why a body was not stored, as far as we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotStored {
    /// Too many wait.
    Full,
    /// The database did not take it. It may be stored all the same.
    Database,
}

/// Stores what one platform sends. Cheap to clone.
#[derive(Clone)]
pub struct Intake {
    waiting: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
}

/// A body that waits to be stored.
struct Waiting {
    body: Bytes,
    account: Option<String>,
    stored: oneshot::Sender<bool>,
    /// Its place in the room, given back with the body.
    _room: OwnedSemaphorePermit,
}

impl Intake {
    /// Starts the task that stores what this platform sends. It ends when nobody can send any more.
    #[must_use]
    pub fn start(db: &Db, tasks: &TaskTracker, provider: &'static str) -> Self {
        let (waiting, inbox) = mpsc::channel(WAITING);
        tasks.spawn(store_all(db.clone(), provider, inbox));
        Self { waiting, room: Arc::new(Semaphore::new(ROOM)) }
    }

    /// Stores a body and returns when it is committed. `account` is the platform's id of the account that it is about.
    ///
    /// # Errors
    /// [`NotStored`]: the sender has to send it again.
    pub async fn store(&self, body: Bytes, account: Option<String>) -> Result<(), NotStored> {
        let size = u32::try_from(body.len().div_ceil(1024).max(1)).map_err(|_| NotStored::Full)?;
        let room = Arc::clone(&self.room).try_acquire_many_owned(size).map_err(|_| NotStored::Full)?;
        let (stored, answer) = oneshot::channel();
        self.waiting.try_send(Waiting { body, account, stored, _room: room }).map_err(|_| NotStored::Full)?;
        if answer.await.unwrap_or(false) { Ok(()) } else { Err(NotStored::Database) }
    }
}

async fn store_all(db: Db, provider: &'static str, mut inbox: mpsc::Receiver<Waiting>) {
    let mut together = Vec::with_capacity(TOGETHER);
    while inbox.recv_many(&mut together, TOGETHER).await > 0 {
        let bodies = together.iter().map(|one| Body { bytes: &one.body, account: one.account.as_deref() });
        let bodies: Vec<Body<'_>> = bodies.collect();
        let stored = match timeout(PATIENCE, inbound::add(&db, provider, &bodies)).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::warn!(event = "inbound.not_stored", count = together.len(), %error, "bodies of a platform were not stored");
                false
            }
            Err(_) => {
                tracing::warn!(
                    event = "inbound.too_slow",
                    count = together.len(),
                    "the database took too long to store bodies"
                );
                false
            }
        };
        for one in together.drain(..) {
            // A sender that is gone asks for nothing.
            let _ = one.stored.send(stored);
        }
    }
}
