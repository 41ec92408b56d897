//! Notifies other processes of a commit. A transaction collects notices; after the commit one task of the process sends
//! all notices of a few milliseconds in one statement. NOTIFY inside a transaction would hold a server-wide lock during
//! the commit, so no critical transaction uses it. A lost notice (the process ends first, the database is unavailable)
//! costs one polling interval: workers poll every two seconds, and so do listeners.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::IntegrationId;
use sqlx::PgPool;
use uuid::Uuid;

use crate::Result;

/// What is not sent within this time is given up. Where packets are dropped, a statement is never answered, and those
/// that come after it would wait for ever.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// Pause between two statements that send notices. The more notices were sent, the longer it is; notices that
/// arrive meanwhile are sent together.
fn pause(told: usize) -> Duration {
    const LEAST: u64 = 4;
    const MOST: u64 = 25;
    Duration::from_millis((LEAST + told as u64).min(MOST))
}

/// The notices that a transaction sends after its commit. Equal notices become one; for an event the latest
/// transaction counts.
#[derive(Debug, Default)]
pub(crate) struct Notices(BTreeMap<String, i64>);

/// The number of a notice that carries none.
const NONE: i64 = -1;

impl Notices {
    /// A queue has work.
    pub(crate) fn work(&mut self, queue: &str) {
        self.0.insert(format!("w {queue}"), NONE);
    }

    /// The secrets of an integration changed.
    pub(crate) fn credential(&mut self, integration: IntegrationId) {
        self.0.insert(format!("c {integration}"), NONE);
    }

    /// A notice of a process to itself, which tests that it receives notices.
    pub(crate) fn proof(&mut self, who: Uuid) {
        self.0.insert(format!("p {who}"), NONE);
    }

    /// An event happened. Its row is in the outbox, written by the transaction with this number.
    pub(crate) fn happened(&mut self, key: &Key<'_>, xid: i64) {
        let latest = self.0.entry(key.to_string()).or_insert(xid);
        *latest = xid.max(*latest);
    }

    fn merge(&mut self, more: Self) {
        for (text, number) in more.0 {
            let latest = self.0.entry(text).or_insert(number);
            *latest = number.max(*latest);
        }
    }

    fn texts(self) -> Vec<String> {
        let text = |(text, number)| if number == NONE { text } else { format!("{text} {number}") };
        self.0.into_iter().map(text).collect()
    }
}

/// What happened to which object. Equal keys are sent as one notice.
pub(crate) struct Key<'a> {
    pub topic: &'a str,
    pub agency: Option<Uuid>,
    pub business: Option<Uuid>,
    pub subject: Option<Uuid>,
}

impl std::fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let id = |id: Option<Uuid>| id.map_or_else(|| "-".to_owned(), |id| id.to_string());
        write!(f, "e {} {} {} {}", self.topic, id(self.agency), id(self.business), id(self.subject))
    }
}

#[derive(Debug, Default)]
struct State {
    waiting: Notices,
    /// Whether a task is sending.
    sending: bool,
}

/// Sends the notices of all transactions of a pool.
#[derive(Debug, Default)]
pub(crate) struct Relay(Mutex<State>);

impl Relay {
    /// Sends notices soon, without a guarantee. The first is sent at once; what follows within a moment is sent
    /// together.
    #[expect(clippy::disallowed_methods, reason = "nobody who commits waits until it is told")]
    pub(crate) fn notify(self: &Arc<Self>, pool: &PgPool, notices: Notices) {
        if notices.0.is_empty() {
            return;
        }
        let mut state = self.state();
        state.waiting.merge(notices);
        if !state.sending {
            state.sending = true;
            let (relay, pool) = (Idle(Arc::clone(self)), pool.clone());
            tokio::spawn(async move { relay.0.send(&pool).await });
        }
    }

    async fn send(&self, pool: &PgPool) {
        while let Some(texts) = self.next() {
            let sent = tokio::time::timeout(SEND_TIMEOUT, notify(pool, &texts)).await;
            if let Err(error) = sent.unwrap_or_else(|_| Err(sqlx::Error::PoolTimedOut.into())) {
                tracing::debug!(event = "notices.lost", count = texts.len(), %error, "notices could not be sent; polls find what they said");
            }
            tokio::time::sleep(pause(texts.len())).await;
        }
    }

    /// The notices that wait. `None` when there are none; then the next call of `notify` starts a new task.
    fn next(&self) -> Option<Vec<String>> {
        let mut state = self.state();
        let texts = std::mem::take(&mut state.waiting).texts();
        state.sending = !texts.is_empty();
        state.sending.then_some(texts)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// However the task ends, even when its runtime ends, the next call of `notify` starts another one.
struct Idle(Arc<Relay>);

impl Drop for Idle {
    fn drop(&mut self) {
        self.0.state().sending = false;
    }
}

/// Sends in a transaction, so that a pooler keeps the statement on one connection. Nothing is stored, so the
/// commit does not wait for the disk.
async fn notify(pool: &PgPool, texts: &[String]) -> Result<()> {
    let mut tx = crate::begin::begin(pool).await?;
    sqlx::query!(
        "with quick as materialized (select set_config('synchronous_commit', 'off', true))
         select pg_notify('slipway', note) from quick, unnest($1::text[]) as note",
        texts
    )
    .fetch_all(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_notices_are_one_and_the_latest_transaction_counts() {
        let key = Key { topic: "job.changed", agency: Some(Uuid::nil()), business: None, subject: None };
        let (mut first, mut second) = (Notices::default(), Notices::default());
        first.work("mail");
        first.happened(&key, 7);
        second.work("mail");
        second.happened(&key, 5);
        first.merge(second);
        assert_eq!(first.texts(), [format!("e job.changed {} - - 7", Uuid::nil()), "w mail".to_owned()]);
    }

    #[cfg(feature = "testing")]
    #[tokio::test]
    async fn a_statement_that_is_never_answered_holds_up_no_later_notice() {
        use sqlx::postgres::{PgListener, PgPoolOptions};

        use crate::testing::{NetworkPath, TestDb};

        let test = TestDb::new().await;
        let path = NetworkPath::new(&test).await;
        let options = PgPoolOptions::new().max_connections(2).test_before_acquire(false);
        let pool = options.connect(path.url()).await.unwrap();
        let mut listener = PgListener::connect(&test.url()).await.unwrap();
        listener.listen("slipway").await.unwrap();
        let relay = Arc::new(Relay::default());
        let tell = |queue: &str| {
            let mut notices = Notices::default();
            notices.work(queue);
            relay.notify(&pool, notices);
        };
        path.drop_packets();
        path.carry_new_connections();
        tell("lost");
        // This clock jumps to the next timer whenever there is nothing to do.
        tokio::time::pause();
        tokio::time::sleep(SEND_TIMEOUT + Duration::from_secs(1)).await;
        tokio::time::resume();
        tell("later");
        let heard = tokio::time::timeout(Duration::from_secs(60), listener.recv()).await.unwrap().unwrap();
        assert_eq!(heard.payload(), "w later");
    }
}
