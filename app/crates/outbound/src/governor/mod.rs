//! Orders calls when a rate limit is short: each key has one queue for people and one for background work, in front of
//! a ledger of slots. It has no background task: the first caller in the queue asks the ledger for all who wait behind
//! it, and the next caller takes over.

mod key_queue;
pub(crate) mod window;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use key_queue::{KeyQueue, Turn};
use tokio::time::Instant;

use crate::report::Priority;
use crate::slots::{Full, Grant, Ledger, LimitFeedback, Limits, SlotId};

/// When more keys than this are stored, idle ones are removed.
const MANY_KEYS: usize = 1024;

/// Enforces one rate limit exactly, per key, for all processes that use the same ledger. Each process decides for
/// itself which of its calls goes first.
pub(crate) struct Governor {
    limits: Limits,
    ledger: Arc<dyn Ledger>,
    key_queues: Mutex<HashMap<String, Arc<KeyQueue>>>,
}

impl Governor {
    pub(crate) fn new(limits: Limits, ledger: Arc<dyn Ledger>) -> Self {
        Self { limits, ledger, key_queues: Mutex::default() }
    }

    /// Waits at most `patience` for a slot of `key`, which permits one call.
    pub(crate) async fn take(&self, key: &str, priority: Priority, patience: Duration) -> Result<SlotId, Full> {
        let key_queue = self.key_queue(key);
        let give_up = Instant::now() + patience;
        let ticket = key_queue.join(priority);
        loop {
            let now = Instant::now();
            match ticket.turn(now) {
                Turn::Go(place) => return Ok(place),
                Turn::Wait(wait, daily) if daily || now + wait > give_up => return Err(Full { wait, daily }),
                Turn::Wait(wait, _) => ticket.woken(wait).await,
                Turn::Queue if now >= give_up => return Err(Full { wait: self.limits.interval, daily: false }),
                Turn::Queue => ticket.woken(give_up - now).await,
                Turn::Ask { want, spare } => {
                    let asking = ticket.asking();
                    // A ledger that cannot be reached grants nothing: a late call is better than one over the
                    // limit.
                    let down = Grant { wait: Duration::from_secs(1).min(self.limits.interval), ..Grant::default() };
                    let grant = self.ledger.take(key, want, spare, &self.limits).await.unwrap_or(down);
                    asking.hand_out(grant, Instant::now());
                }
            }
        }
    }

    /// Reports that the call is over; the headers of its response correct the count.
    pub(crate) async fn settle(&self, key: &str, place: SlotId, feedback: LimitFeedback) {
        self.key_queue(key).apply_feedback(feedback, Instant::now());
        self.ledger.release_after_interval(key, place).await;
    }

    fn key_queue(&self, key: &str) -> Arc<KeyQueue> {
        let mut key_queues = self.key_queues.lock().unwrap_or_else(|broken| broken.into_inner());
        if key_queues.len() > MANY_KEYS && !key_queues.contains_key(key) {
            key_queues.retain(|_, key_queue| Arc::strong_count(key_queue) > 1 || !key_queue.is_idle(Instant::now()));
        }
        Arc::clone(key_queues.entry(key.to_owned()).or_insert_with(|| Arc::new(KeyQueue::new(self.limits))))
    }
}

#[cfg(test)]
mod tests;
