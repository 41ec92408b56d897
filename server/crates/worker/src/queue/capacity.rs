//! Tracks which queues may have work and how much capacity this process has in each.

use std::collections::BTreeSet;

use domain::work::Queue;
use store::queue::{self, Claimer};
use tokio::task::JoinError;

use crate::Worker;
use crate::background_jobs::QUEUES;

/// A queue and this process's capacity in it.
struct Served {
    claimer: Claimer,
    at_once: i32,
    running: i32,
}

/// The capacity of all queues, and the queues that may have work.
pub(super) struct QueueCapacity {
    served: Vec<Served>,
    due: BTreeSet<&'static str>,
}

impl QueueCapacity {
    pub(super) fn new(worker: &Worker) -> Self {
        let served = |(queue, at_once, per_tenant): &(Queue, i32, i64)| Served {
            claimer: Claimer {
                per_tenant: *per_tenant,
                lease: worker.time_scale.guard(queue::LEASE),
                ..Claimer::new(*queue, worker.me)
            },
            at_once: *at_once,
            running: 0,
        };
        let mut queues = Self { served: QUEUES.iter().map(served).collect(), due: BTreeSet::new() };
        queues.all();
        queues
    }

    /// Marks every queue as one that may have work.
    pub(super) fn all(&mut self) {
        self.due.extend(self.served.iter().map(|served| served.claimer.queue.key()));
    }

    /// Marks these queues as ones that may have work. A queue that this version does not know is ignored.
    pub(super) fn named(&mut self, names: impl Iterator<Item = impl AsRef<str>>) {
        for name in names {
            self.due.extend(Queue::ALL.iter().map(|queue| queue.key()).find(|key| *key == name.as_ref()));
        }
    }

    /// Returns the next queue that may have work, with the capacity left in it. The queue is then unmarked until
    /// something happens. If a queue has no capacity left, the end of any of its items marks it again.
    pub(super) fn next_due(&mut self) -> Option<&mut Claimer> {
        while let Some(key) = self.due.pop_first() {
            let at = self.served.iter().position(|served| served.claimer.queue.key() == key)?;
            let served = &mut self.served[at];
            served.claimer.max_items = served.at_once - served.running;
            if served.claimer.max_items > 0 {
                return Some(&mut self.served[at].claimer);
            }
            served.claimer.more = true;
        }
        None
    }

    pub(super) fn begun(&mut self, queue: Queue) {
        if let Some(served) = self.of(queue) {
            served.running += 1;
        }
    }

    /// Records the end of an item. If more work waits, the queue is marked again.
    pub(super) fn ended(&mut self, ended: Result<Queue, JoinError>) {
        match ended {
            Ok(queue) => {
                let Some(served) = self.of(queue) else { return };
                served.running -= 1;
                if served.claimer.more {
                    self.due.insert(queue.key());
                }
            }
            // `run` catches panics, so only an aborted task gets here, and nothing aborts tasks while this loop
            // runs.
            Err(error) => tracing::error!(%error, "a piece of work ended without saying so"),
        }
    }

    fn of(&mut self, queue: Queue) -> Option<&mut Served> {
        self.served.iter_mut().find(|served| served.claimer.queue == queue)
    }
}
