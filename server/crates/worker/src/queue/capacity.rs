//! Tracks which queues may have work and how much capacity this process has in each. The limits are those of the
//! queues' rows, which are read again every minute.

use std::time::Duration;

use domain::work::Queue;
use store::queue::{self, Claimer, QueueLimits};
use tokio::task::JoinError;
use tokio::time::Instant;
use uuid::Uuid;

use crate::time_scale::secs;
use crate::{Worker, retry};

/// Time until the limits are read again.
const READ_AGAIN: Duration = secs(60);
/// The same after they could not be read.
const UNREAD: Duration = secs(2);

/// A queue and this process's capacity in it.
struct Served {
    claimer: Claimer,
    at_once: i32,
    running: i32,
    /// Whether the queue may have work.
    due: bool,
}

/// The capacity of all queues, in the order in which they are claimed.
pub(super) struct QueueCapacity {
    owner: Uuid,
    lease: Duration,
    /// No queue is served before its limits are known.
    served: Vec<Served>,
    read_at: Instant,
}

impl QueueCapacity {
    pub(super) fn new(worker: &Worker) -> Self {
        Self::of(worker.me, worker.time_scale.guard(queue::LEASE))
    }

    pub(super) fn of(owner: Uuid, lease: Duration) -> Self {
        Self { owner, lease, served: Vec::new(), read_at: Instant::now() }
    }

    /// Reads the limits if it is time to. Limits that cannot be read stay as they were.
    pub(super) async fn keep_current(&mut self, worker: &Worker) {
        let now = Instant::now();
        if now < self.read_at {
            return;
        }
        let wait = match queue::limits(&worker.db).await {
            Ok(limits) => {
                self.apply(limits);
                READ_AGAIN
            }
            Err(error) => {
                tracing::warn!(
                    event = "queue.limits_unread",
                    %error,
                    "the limits of the queues could not be read; trying again in a moment"
                );
                UNREAD
            }
        };
        self.read_at = now + worker.time_scale.guard(retry::around(wait));
    }

    /// Puts these limits in force. What runs goes on, and a queue that lost its row keeps its former limits.
    pub(super) fn apply(&mut self, limits: Vec<QueueLimits>) {
        let mut former = std::mem::take(&mut self.served);
        for limits in limits {
            let mut claimer = Claimer { lease: self.lease, ..Claimer::of(&limits, self.owner) };
            let mut running = 0;
            if let Some(at) = former.iter().position(|served| served.claimer.queue == limits.queue) {
                let known = former.remove(at);
                (claimer.after, running) = (known.claimer.after, known.running);
            }
            self.served.push(Served { claimer, at_once: limits.at_once, running, due: true });
        }
        self.served.append(&mut former);
        for queue in Queue::ALL.into_iter().filter(|queue| self.of_queue(*queue).is_none()) {
            tracing::error!(
                event = "queue.limits_missing",
                queue = queue.key(),
                "no work of this queue is done: its row is missing"
            );
        }
    }

    /// Marks every queue as one that may have work.
    pub(super) fn all(&mut self) {
        self.served.iter_mut().for_each(|served| served.due = true);
    }

    /// Marks these queues as ones that may have work. A queue that this version does not know is ignored.
    pub(super) fn named(&mut self, names: impl Iterator<Item = impl AsRef<str>>) {
        for name in names {
            let named = |served: &&mut Served| served.claimer.queue.key() == name.as_ref();
            if let Some(served) = self.served.iter_mut().find(named) {
                served.due = true;
            }
        }
    }

    /// Returns the next queue that may have work, with the capacity left in it. The queue is then unmarked until
    /// something happens. If a queue has no capacity left, the end of any of its items marks it again.
    pub(super) fn next_due(&mut self) -> Option<&mut Claimer> {
        while let Some(at) = self.served.iter().position(|served| served.due) {
            let served = &mut self.served[at];
            served.due = false;
            served.claimer.max_items = served.at_once - served.running;
            if served.claimer.max_items > 0 {
                return Some(&mut self.served[at].claimer);
            }
            served.claimer.more = true;
        }
        None
    }

    pub(super) fn begun(&mut self, queue: Queue) {
        if let Some(served) = self.of_queue(queue) {
            served.running += 1;
        }
    }

    /// Records the end of an item. If more work waits, the queue is marked again.
    pub(super) fn ended(&mut self, ended: Result<Queue, JoinError>) {
        match ended {
            Ok(queue) => {
                let Some(served) = self.of_queue(queue) else { return };
                served.running -= 1;
                served.due |= served.claimer.more;
            }
            // `run` catches panics, so only an aborted task gets here, and nothing aborts tasks while this loop
            // runs.
            Err(error) => tracing::error!(%error, "a piece of work ended without saying so"),
        }
    }

    fn of_queue(&mut self, queue: Queue) -> Option<&mut Served> {
        self.served.iter_mut().find(|served| served.claimer.queue == queue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(queue: Queue, at_once: i32, per_agency: i64) -> QueueLimits {
        QueueLimits { queue, at_once, per_agency, per_agency_setting: None }
    }

    fn served(all: Vec<QueueLimits>) -> QueueCapacity {
        let mut queues = QueueCapacity::of(Uuid::nil(), secs(60));
        queues.apply(all);
        queues
    }

    /// The queues that are claimed now, in order, with the room that each claim is given.
    fn claims(queues: &mut QueueCapacity) -> Vec<(Queue, i32, i64)> {
        let mut claims = Vec::new();
        while let Some(claimer) = queues.next_due() {
            claims.push((claimer.queue, claimer.max_items, claimer.per_tenant));
        }
        claims
    }

    #[test]
    fn nothing_is_claimed_before_the_limits_are_known() {
        let mut queues = QueueCapacity::of(Uuid::nil(), secs(60));
        queues.all();
        queues.named(["mail"].iter());
        assert!(queues.next_due().is_none());
    }

    #[test]
    fn every_queue_that_may_have_work_is_claimed_once_in_the_order_of_the_rows() {
        let all = [(Queue::Mail, 4, 2), (Queue::Background, 8, 3), (Queue::Provisioning, 16, 5)];
        let rows = all.iter().map(|(queue, at_once, per_agency)| limits(*queue, *at_once, *per_agency));
        let mut queues = served(rows.collect());
        assert_eq!(claims(&mut queues), all);
        assert!(claims(&mut queues).is_empty(), "nothing happened since");
        queues.named(["provisioning", "of a newer program", "mail"].iter());
        assert_eq!(claims(&mut queues), [all[0], all[2]]);
    }

    #[test]
    fn new_limits_count_what_runs_and_begin_after_the_tenant_served_last() {
        let mut queues = served(vec![limits(Queue::Mail, 4, 2), limits(Queue::Background, 8, 3)]);
        claims(&mut queues);
        for _ in 0..3 {
            queues.begun(Queue::Mail);
        }
        let last = Uuid::from_u128(7);
        if let Some(served) = queues.of_queue(Queue::Mail) {
            served.claimer.after = last;
        }
        queues.apply(vec![limits(Queue::Background, 1, 1), limits(Queue::Mail, 5, 4)]);
        assert_eq!(claims(&mut queues), [(Queue::Background, 1, 1), (Queue::Mail, 2, 4)]);
        assert_eq!(queues.of_queue(Queue::Mail).map(|served| served.claimer.after), Some(last));
        queues.apply(vec![limits(Queue::Mail, 2, 4)]);
        queues.all();
        let left = [(Queue::Background, 1, 1)];
        assert_eq!(claims(&mut queues), left, "more mails run than may, and a queue without a row goes on");
        queues.ended(Ok(Queue::Mail));
        assert!(claims(&mut queues).is_empty(), "still two of two");
        queues.ended(Ok(Queue::Mail));
        assert_eq!(claims(&mut queues), [(Queue::Mail, 1, 4)]);
    }
}
