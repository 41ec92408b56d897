//! Which calls of MCP clients run in this process, and how does a message of the client cancel one? It names the id that the
//! client gave the call, which stands for one call of its token. The messages for calls of other processes come by notices.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use operations::tools::cancelling::TOPIC;
use store::listen::Note;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::http::pages::Shared;

/// The calls that run here, by their names (`operations::tools::cancelling::name`). A clone shares them.
#[derive(Clone, Default)]
pub struct Requests {
    running: Arc<Mutex<Running>>,
    watched: Arc<AtomicBool>,
}

#[derive(Default)]
struct Running {
    last: u64,
    calls: HashMap<Uuid, Vec<(u64, CancellationToken)>>,
}

/// A call that runs, until this is dropped.
pub struct Held {
    requests: Requests,
    call: Uuid,
    number: u64,
    cancelled: CancellationToken,
}

impl Requests {
    /// A call begins. From the first one on, notices of other processes are heard.
    pub fn begin(&self, shared: &Shared, call: Uuid) -> Held {
        if !self.watched.swap(true, Ordering::SeqCst) {
            let (notes, stopping) = (shared.server.notes.subscribe(), shared.server.stopping.clone());
            shared.server.tasks.spawn(self.clone().watch(notes, stopping));
        }
        self.hold(call)
    }

    fn hold(&self, call: Uuid) -> Held {
        let cancelled = CancellationToken::new();
        let mut running = self.running();
        running.last += 1;
        let number = running.last;
        running.calls.entry(call).or_default().push((number, cancelled.clone()));
        drop(running);
        Held { requests: self.clone(), call, number, cancelled }
    }

    /// Cancels a call. False if none of this name runs here. Where several do, because programs share a token, nobody knows
    /// which is meant, and all go on.
    pub fn cancel(&self, call: Uuid) -> bool {
        let running = self.running();
        let Some(calls) = running.calls.get(&call) else { return false };
        if let [(_, cancelled)] = calls.as_slice() {
            cancelled.cancel();
        }
        true
    }

    async fn watch(self, mut notes: Receiver<Note>, stopping: CancellationToken) {
        loop {
            let note = tokio::select! {
                () = stopping.cancelled() => return,
                note = notes.recv() => note,
            };
            match note {
                Ok(Note::Happened { topic, subject: Some(call), .. }) if topic == TOPIC => {
                    self.cancel(call);
                }
                // A call whose notice was missed goes on, as one whose client says nothing.
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Waits until the call is cancelled.
    pub async fn cancelled(&self) {
        self.cancelled.cancelled().await;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut running = self.requests.running();
        if let Some(calls) = running.calls.get_mut(&self.call) {
            calls.retain(|(number, _)| *number != self.number);
            if calls.is_empty() {
                running.calls.remove(&self.call);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_cancelled_by_its_name_while_it_runs_and_never_one_of_two() {
        let (requests, one, other) = (Requests::default(), Uuid::from_u128(1), Uuid::from_u128(2));
        let (held, kept) = (requests.hold(one), requests.hold(other));
        assert!(!requests.cancel(Uuid::from_u128(3)));
        assert!(requests.cancel(one) && held.cancelled.is_cancelled() && !kept.cancelled.is_cancelled());
        drop(held);
        assert!(!requests.cancel(one), "it ended");
        let again = requests.hold(other);
        assert!(requests.cancel(other) && !kept.cancelled.is_cancelled() && !again.cancelled.is_cancelled());
        drop(kept);
        assert!(requests.cancel(other) && again.cancelled.is_cancelled());
        drop(again);
        assert!(requests.running().calls.is_empty(), "nothing is kept of calls that ended");
    }

    #[tokio::test]
    async fn a_notice_cancels_the_call_that_it_names_and_a_missed_one_none() {
        let (requests, call) = (Requests::default(), Uuid::from_u128(1));
        let (held, other) = (requests.hold(call), requests.hold(Uuid::from_u128(2)));
        let (tell, notes) = tokio::sync::broadcast::channel(2);
        let told =
            |topic: &str, subject| Note::Happened { topic: topic.to_owned(), agency: None, business: None, subject };
        for note in
            [told("tool_call.changed", Some(call)), Note::Reconnected, told(TOPIC, None), told(TOPIC, Some(call))]
        {
            tell.send(note).unwrap();
        }
        drop(tell);
        requests.clone().watch(notes, CancellationToken::new()).await;
        assert!(held.cancelled.is_cancelled() && !other.cancelled.is_cancelled());
    }
}
