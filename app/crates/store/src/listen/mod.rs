//! Tells this process at once what other processes changed. It runs LISTEN on its own connection and tests that
//! connection with a notice to itself at the start and twice a minute; if the notice does not return, the listener
//! reports that it receives no notices and reconnects until it succeeds: at once if the connection carried notices
//! before, as one whose packets are dropped did. A notice carries only ids and may be lost, so the listener also reads
//! the outbox every two seconds. Behind a pooler no notices arrive and the outbox is the only source.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::time::Duration;

use sqlx::postgres::{PgListener, PgPoolOptions};
use sqlx::{Acquire, ConnectOptions};
use tokio::sync::{broadcast, watch};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{Db, Result};

mod catch_up;
mod note;

use catch_up::PublishedEvents;
pub use note::Note;
use note::Notice;

const CHANNEL: &str = "slipway";
/// How often the listener tests that it receives notices.
const TEST_INTERVAL: Duration = Duration::from_secs(30);
/// A test notice must come back within this time.
const TEST_TIMEOUT: Duration = Duration::from_secs(5);
/// Shortest and longest pause between two attempts to listen again.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Whether the listener of a pool receives notices, as the pool knows it.
#[derive(Debug, Default)]
pub(crate) struct ListenerState(AtomicU8);

impl ListenerState {
    const NOBODY: u8 = 0;
    const DEAF: u8 = 1;
    const HEARS: u8 = 2;

    pub(crate) fn receives_notices(&self) -> Option<bool> {
        match self.0.load(Relaxed) {
            Self::NOBODY => None,
            state => Some(state == Self::HEARS),
        }
    }

    fn set(&self, receives_notices: bool) {
        self.0.store(if receives_notices { Self::HEARS } else { Self::DEAF }, Relaxed);
    }
}

/// Delivers to its subscribers what other processes changed.
#[derive(Clone, Debug)]
pub struct Listener {
    notes: broadcast::Sender<Note>,
    receives_notices: watch::Receiver<bool>,
}

impl Listener {
    /// Subscribes to every notice that arrives from now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Note> {
        self.notes.subscribe()
    }

    /// Whether notices are received, updated when that changes. Data that may be cached only while its changes are
    /// reported must not be cached while no notices are received.
    #[must_use]
    pub fn receives_notices(&self) -> watch::Receiver<bool> {
        self.receives_notices.clone()
    }
}

/// Starts listening for as long as the process lives. Every subscriber gets every notice. Returns when it is known
/// whether notices are received.
#[expect(clippy::disallowed_methods, reason = "a connection that waits for ever is a task of its own")]
pub async fn start(db: &Db) -> Result<Listener> {
    let (notes, _) = broadcast::channel(1024);
    let (state_sender, receives_notices) = watch::channel(false);
    let heard = Arc::new(PublishedEvents::from_now(db).await?);
    db.notice_channel.listener_state.set(false);
    let listening = Listening {
        db: db.clone(),
        notes: notes.clone(),
        state_sender,
        heard: Arc::clone(&heard),
        me: Uuid::now_v7(),
        logged: None,
        silent: None,
    };
    let mut proven = receives_notices.clone();
    tokio::spawn(listening.run());
    tokio::spawn(catch_up::run(db.clone(), notes.clone(), heard));
    // The process works with or without notices; the health check reports which.
    let _ = tokio::time::timeout(TEST_TIMEOUT, proven.wait_for(|receives_notices| *receives_notices)).await;
    Ok(Listener { notes, receives_notices })
}

/// Why listening on one connection ended.
enum End {
    /// The connection was lost.
    Lost(Option<sqlx::Error>),
    /// The connection looks alive, but the test notice did not come back.
    Silent {
        /// The connection, which `Listening::silent` keeps.
        connection: PgListener,
        /// Whether an earlier test notice came back.
        heard: bool,
    },
}

struct Listening {
    db: Db,
    notes: broadcast::Sender<Note>,
    state_sender: watch::Sender<bool>,
    heard: Arc<PublishedEvents>,
    /// Distinguishes this process's test notices from those of other processes.
    me: Uuid,
    /// The state that was logged last.
    logged: Option<bool>,
    /// The listener whose connection fell silent. A dropped `PgListener` waits until its server answers to `UNLISTEN`,
    /// and where packets are dropped no answer comes and no error either. So it is kept and gets the next connection.
    silent: Option<PgListener>,
}

impl Listening {
    async fn run(mut self) {
        let mut pause = PAUSE.0;
        let mut first = true;
        loop {
            let end = match self.connect().await {
                Ok(connection) => {
                    if !std::mem::take(&mut first) {
                        self.notify(Note::Reconnected);
                    }
                    let began = Instant::now();
                    let end = self.listen(connection).await;
                    if began.elapsed() > TEST_INTERVAL {
                        pause = PAUSE.0;
                    }
                    end
                }
                Err(error) => End::Lost(Some(error)),
            };
            self.report(false, &end);
            // A process whose pool is closed has ended.
            if self.db.pool().is_closed() {
                return;
            }
            let wait = match end {
                End::Lost(_) => pause,
                End::Silent { connection, heard } => {
                    self.silent = Some(connection);
                    // What never carried a notice leads through a pooler, and the next connection will, too.
                    if heard { pause } else { TEST_INTERVAL }
                }
            };
            tokio::time::sleep(wait).await;
            pause = (pause * 2).min(PAUSE.1);
        }
    }

    /// Listens on a new connection.
    async fn connect(&mut self) -> sqlx::Result<PgListener> {
        let mut connection = self.open().await?;
        let listens = tokio::time::timeout(TEST_TIMEOUT, connection.listen(CHANNEL)).await;
        let Ok(listens) = listens else {
            self.silent = Some(connection);
            return Err(sqlx::Error::PoolTimedOut);
        };
        listens.map(|()| connection)
    }

    /// Opens a connection and closes the one that fell silent, if there is one.
    async fn open(&mut self) -> sqlx::Result<PgListener> {
        // A pool of its own: a listener keeps its connection for ever, and behind a pooler it must be a direct one.
        let own = || self.db.pool().connect_options().as_ref().clone();
        let options = self.db.notice_channel.listen_at.clone().unwrap_or_else(own).application_name("slipway listen");
        if let Some(listener) = &mut self.silent {
            let fresh = tokio::time::timeout(TEST_TIMEOUT, options.connect()).await;
            let mut connection = fresh.map_err(|_| sqlx::Error::PoolTimedOut)??;
            std::mem::swap(listener.acquire().await?, &mut connection);
            // The silent one ends here. It is not closed with a farewell, because nobody would take it.
            drop(connection);
        }
        if let Some(renewed) = self.silent.take() {
            return Ok(renewed);
        }
        let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(TEST_TIMEOUT).connect_with(options).await?;
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.eager_reconnect(false);
        Ok(listener)
    }

    /// Receives notices until the connection is lost or a test notice does not come back.
    async fn listen(&mut self, mut connection: PgListener) -> End {
        let (mut prove, mut answer, mut proven) = (Instant::now(), None::<Instant>, false);
        loop {
            let late = answer.unwrap_or(prove + TEST_INTERVAL);
            // What has arrived counts before the time is looked at: a process that stood still for a while is not deaf.
            tokio::select! {
                biased;
                heard = connection.try_recv() => match heard {
                    Ok(Some(notice)) => match Notice::parse(notice.payload()) {
                        Some(Notice::Proof(me)) if me == self.me => {
                            (answer, proven) = (None, true);
                            self.report(true, &End::Lost(None));
                        }
                        Some(Notice::Proof(_)) | None => {}
                        Some(Notice::Note(note, xid)) => {
                            if self.heard.first(&note, xid) {
                                self.notify(note);
                            }
                        }
                    },
                    Ok(None) => return End::Lost(None),
                    Err(error) => return End::Lost(Some(error)),
                },
                () = tokio::time::sleep_until(prove) => {
                    prove += TEST_INTERVAL;
                    answer = Some(Instant::now() + TEST_TIMEOUT);
                    self.send_test_notice();
                }
                () = tokio::time::sleep_until(late), if answer.is_some() => {
                    return End::Silent { connection, heard: proven };
                }
            }
        }
    }

    /// Sends a test notice to this process, the same way as every other notice.
    fn send_test_notice(&self) {
        let mut notices = crate::notices::Notices::default();
        notices.proof(self.me);
        self.db.notify(notices);
    }

    fn report(&mut self, receives_notices: bool, end: &End) {
        let _ = self.state_sender.send(receives_notices);
        self.db.notice_channel.listener_state.set(receives_notices);
        if self.logged.replace(receives_notices) == Some(receives_notices) {
            return;
        }
        match end {
            _ if receives_notices => tracing::info!(event = "listen.connected", "notices of other processes are heard"),
            End::Lost(error) => {
                tracing::warn!(
                    event = "listen.lost",
                    ?error,
                    "the listening connection is down; trying again, polling meanwhile"
                );
            }
            End::Silent { heard: true, .. } => tracing::warn!(
                event = "listen.silent",
                "the listening connection carries no notices any more; making another, polling every two seconds meanwhile"
            ),
            End::Silent { heard: false, .. } => tracing::error!(
                event = "listen.no_notices",
                "notices of other processes are not heard, so everything is polled every two seconds; if DATABASE_URL leads through a pooler, set DATABASE_LISTEN_URL to an address that leads around it"
            ),
        }
    }

    /// An error means that there is no subscriber right now, which is fine.
    fn notify(&self, note: Note) {
        let _ = self.notes.send(note);
    }
}
