//! Wakes the work loop on notices. The first notice wakes it at once; later ones are batched for a moment, so that
//! a flood of notices causes one check.

use std::time::Duration;

use store::listen::{Listener, Note};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::Instant;

use super::capacity::QueueCapacity;
use crate::Worker;

/// Minimum time between two checks caused by notices.
const MIN_WAKE_INTERVAL: Duration = Duration::from_millis(10);

/// Receives the notices of new work.
pub(super) struct Notes {
    inbox: Option<Receiver<Note>>,
    min_interval: Duration,
    /// No notice wakes the loop before this time.
    quiet_until: Instant,
}

impl Notes {
    pub(super) fn new(listener: Option<Listener>, worker: &Worker) -> Self {
        let inbox = listener.map(|listener| listener.subscribe());
        Self { inbox, min_interval: worker.time_scale.guard(MIN_WAKE_INTERVAL), quiet_until: Instant::now() }
    }

    /// Completes when queues may have got work, after marking all queues named so far. Without a listener it never
    /// completes, and only the poll finds work. Cancel-safe: if it is dropped while it waits, every notice that it
    /// took is already marked.
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
                self.quiet_until = Instant::now() + self.min_interval;
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

#[cfg(test)]
mod tests {
    use domain::work::Queue;
    use store::queue::QueueLimits;
    use tokio::sync::broadcast;
    use uuid::Uuid;

    use super::*;
    use crate::time_scale::secs;

    /// The queues of which something is claimed now.
    fn claimed(queues: &mut QueueCapacity) -> Vec<Queue> {
        std::iter::from_fn(|| queues.next_due().map(|claimer| claimer.queue)).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_notices_wakes_once_and_for_the_queues_alone_that_it_names() {
        let (tell, inbox) = broadcast::channel(256);
        let mut notes = Notes { inbox: Some(inbox), min_interval: MIN_WAKE_INTERVAL, quiet_until: Instant::now() };
        let mut queues = QueueCapacity::of(Uuid::nil(), secs(60));
        let limits = |queue| QueueLimits { queue, at_once: 4, per_agency: 2, per_agency_setting: None };
        queues.apply([Queue::Mail, Queue::Background, Queue::Provisioning].map(limits).into());
        claimed(&mut queues);
        for _ in 0..100 {
            for queue in [Queue::Mail, Queue::Provisioning] {
                tell.send(Note::Work(queue.key().into())).unwrap();
            }
        }
        notes.heard(&mut queues).await;
        assert_eq!(claimed(&mut queues), [Queue::Mail, Queue::Provisioning]);
        let again = tokio::time::timeout(secs(60), notes.heard(&mut queues)).await;
        assert!(again.is_err(), "all of them are one turn");
    }
}
