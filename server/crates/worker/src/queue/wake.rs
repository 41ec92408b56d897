//! Wakes the loop on notices. The first notice wakes it at once; later ones are batched for a moment, so a flood causes
//! one look.

use std::time::Duration;

use store::listen::{Listener, Note};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::Instant;

use super::capacity::QueueCapacity;
use crate::Worker;

/// Least time between two looks that notices ask for.
const CALM: Duration = Duration::from_millis(10);

/// The notices of new work.
pub(super) struct Notes {
    inbox: Option<Receiver<Note>>,
    calm: Duration,
    /// No notice wakes before.
    quiet_until: Instant,
}

impl Notes {
    pub(super) fn new(listener: Option<Listener>, worker: &Worker) -> Self {
        let inbox = listener.map(|listener| listener.subscribe());
        Self { inbox, calm: worker.time_scale.of(CALM), quiet_until: Instant::now() }
    }

    /// Ready when queues may have got work, all that was said until then taken together. Without notices it never is, and the poll does
    /// it. Dropped while it waits, it has taken nothing that it did not note.
    pub(super) async fn heard(&mut self, queues: &mut QueueCapacity) {
        loop {
            let Some(inbox) = &mut self.inbox else { return std::future::pending().await };
            tokio::time::sleep_until(self.quiet_until).await;
            let mut found = match inbox.recv().await {
                Ok(note) => noted(&note, queues),
                Err(RecvError::Lagged(_)) => everything(queues),
                Err(RecvError::Closed) => {
                    self.inbox = None;
                    continue;
                }
            };
            loop {
                found |= match inbox.try_recv() {
                    Ok(note) => noted(&note, queues),
                    Err(TryRecvError::Lagged(_)) => everything(queues),
                    Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                };
            }
            if found {
                self.quiet_until = Instant::now() + self.calm;
                return;
            }
        }
    }
}

fn noted(note: &Note, queues: &mut QueueCapacity) -> bool {
    match note {
        Note::Work(queue) => queues.named([queue].into_iter()),
        Note::Reconnected => queues.all(),
        _ => return false,
    }
    true
}

fn everything(queues: &mut QueueCapacity) -> bool {
    queues.all();
    true
}
