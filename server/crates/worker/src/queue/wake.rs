//! When do notices wake the loop? The first at once; those that follow are gathered for a moment, so that a flood of them is one look.

use std::time::Duration;

use store::listen::{Listener, Note};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::Instant;

use super::lanes::Lanes;
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
        Self { inbox, calm: worker.pace.of(CALM), quiet_until: Instant::now() }
    }

    /// Ready when lanes may have got work, all that was said until then taken together. Without notices it never is, and the poll does
    /// it. Dropped while it waits, it has taken nothing that it did not note.
    pub(super) async fn heard(&mut self, lanes: &mut Lanes) {
        loop {
            let Some(inbox) = &mut self.inbox else { return std::future::pending().await };
            tokio::time::sleep_until(self.quiet_until).await;
            let mut found = match inbox.recv().await {
                Ok(note) => noted(&note, lanes),
                Err(RecvError::Lagged(_)) => everything(lanes),
                Err(RecvError::Closed) => {
                    self.inbox = None;
                    continue;
                }
            };
            loop {
                found |= match inbox.try_recv() {
                    Ok(note) => noted(&note, lanes),
                    Err(TryRecvError::Lagged(_)) => everything(lanes),
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

fn noted(note: &Note, lanes: &mut Lanes) -> bool {
    match note {
        Note::Work(lane) => lanes.named([lane].into_iter()),
        Note::Reconnected => lanes.all(),
        _ => return false,
    }
    true
}

fn everything(lanes: &mut Lanes) -> bool {
    lanes.all();
    true
}
