//! Table of all periodic jobs: interval, deadline and function. Each job has its own schedule, and its row stores the
//! last result; a job that fails or hangs does not stop the others. One process at a time runs a job, and when that
//! process dies the job is free again as soon as the claim expires. Change these values here. A new job is a line in `OWN`
//! and the function that it names, in a file beside this one.

mod approvals;
mod erasing;
mod jobs;
mod messaging;
mod run;
mod scheduled;
mod silent;
mod tool_logs;
mod tool_servers;

use std::time::Duration;

use outbound::Boxed;
use store::periodic::JobDefinition;
use store::retention::{self, Rule};

use crate::Worker;
use crate::failed::Failed;
use crate::time_scale::{TimeScale, hours, minutes};
use crate::{assistant, messages};

pub use crate::batch::{Budget, Done};
#[cfg(feature = "testing")]
pub use run::{Broken, claim_and_vanish};
pub use run::{all_now, schedule};

/// One periodic job.
pub struct Job {
    /// Stable name, used in the job's row, in metrics and in `/health`.
    pub name: &'static str,
    /// Title that people read.
    pub title: &'static str,
    /// Time from the end of one run to the start of the next.
    pub every: Duration,
    /// Maximum duration of one run. A job that works in batches starts no new batch after half of it.
    pub deadline: Duration,
    work: Work,
}

enum Work {
    /// Deletes rows that are older than the rule allows.
    Retention(&'static Rule),
    /// Any other work.
    Custom(for<'a> fn(&'a Worker, Budget) -> Boxed<'a, Result<Done, Failed>>),
}

const fn job(
    name: &'static str,
    title: &'static str,
    every: Duration,
    deadline: Duration,
    run: for<'a> fn(&'a Worker, Budget) -> Boxed<'a, Result<Done, Failed>>,
) -> Job {
    Job { name, title, every, deadline, work: Work::Custom(run) }
}

/// Every job that is not a retention rule.
const OWN: &[Job] = &[
    job("audit-links", "Link new rows of the audit log", minutes(1), minutes(4), |w, b| Box::pin(jobs::link(w, b))),
    job("audit-heads", "Sign the ends of the audit log", hours(1), minutes(10), |w, _| Box::pin(jobs::sign(w))),
    job("audit-cut", "Remove the audit log after 400 days", hours(6), minutes(30), |w, b| Box::pin(jobs::cut(w, b))),
    job("trash", "Erase what lay in the trash for 30 days", minutes(15), minutes(30), |w, b| {
        Box::pin(jobs::trash(w, b))
    }),
    job("renewals", "Renew tokens before they end", minutes(5), minutes(4), |w, _| Box::pin(jobs::renewals(w))),
    job("todo-checks", "Ask HighLevel which to-dos are done", minutes(5), minutes(4), |w, _| Box::pin(jobs::todos(w))),
    job("summaries", "Send the daily summaries that are due", minutes(15), minutes(4), |w, b| {
        Box::pin(jobs::summaries(w, b))
    }),
    job("lost-bodies", "Queue what platforms sent and nobody read", minutes(5), minutes(4), |w, _| {
        Box::pin(jobs::lost_bodies(w))
    }),
    job("channel-checks", "Ask Meta whether the tokens of channels still work", hours(1), minutes(10), |w, _| {
        Box::pin(jobs::channel_checks(w))
    }),
    job("files", "Erase files that no message needs", minutes(5), minutes(10), |w, b| {
        Box::pin(messages::sweep_files(w, b))
    }),
    job("snoozed", "Open conversations that were put off until now", minutes(1), minutes(4), |w, b| {
        Box::pin(messaging::wake_snoozed(w, b))
    }),
    job("silent", "Close conversations that were silent for 30 days", hours(1), minutes(10), |w, b| {
        Box::pin(silent::close(w, b))
    }),
    job("contact-erasure", "Erase contacts for good", minutes(1), minutes(4), |w, b| Box::pin(erasing::erase(w, b))),
    job("web-chat-visitors", "Erase visitors of web chats after a year of silence", hours(24), minutes(10), |w, b| {
        Box::pin(erasing::forget_visitors(w, b))
    }),
    job("lost-messages", "Take up messages on which nobody works", minutes(5), minutes(4), |w, b| {
        Box::pin(messaging::lost_messages(w, b))
    }),
    job("scheduled-messages", "Send the scheduled messages that are due", minutes(1), minutes(4), |w, b| {
        Box::pin(scheduled::release(w, b))
    }),
    job("unanswered", "Take up questions on which nobody works", minutes(5), minutes(4), |w, b| {
        Box::pin(messaging::unanswered(w, b))
    }),
    job("knowledge", "Read the web pages that assistants know again", hours(1), minutes(10), |w, b| {
        Box::pin(assistant::read_due_sources(w, b))
    }),
    job("tool-servers", "Ask tool servers which tools they have", minutes(15), minutes(4), |w, _| {
        Box::pin(tool_servers::ask(w))
    }),
    job("unanswered-approvals", "End what AI agents asked for and nobody approved", minutes(5), minutes(4), |w, b| {
        Box::pin(approvals::lapse(w, b))
    }),
    job("waiting-approvals", "Tell owners what AI agents wait for", minutes(5), minutes(4), |w, b| {
        Box::pin(approvals::tell(w, b))
    }),
    job("tool-logs", "Look through the logs of AI tools for changes", hours(1), minutes(30), |w, b| {
        Box::pin(tool_logs::check(w, b))
    }),
    job("quiet-connections", "Ask connections that were quiet", minutes(5), minutes(4), |w, _| {
        Box::pin(jobs::quiet(w))
    }),
];

/// One batch of a retention rule is a short statement; a run makes many of them.
const RETENTION_DEADLINE: Duration = minutes(10);

/// Every periodic job. A retention rule becomes a periodic job by being in [`retention::RULES`].
pub fn all() -> impl Iterator<Item = &'static Job> {
    static RETENTION: std::sync::LazyLock<Vec<Job>> = std::sync::LazyLock::new(|| {
        let of = |rule: &'static Rule| Job {
            name: rule.name,
            title: rule.title,
            every: rule.every,
            deadline: RETENTION_DEADLINE,
            work: Work::Retention(rule),
        };
        retention::RULES.iter().map(of).collect()
    });
    OWN.iter().chain(RETENTION.iter())
}

impl Job {
    /// A job is overdue after this time without a successful run: three missed runs plus the duration of one.
    fn overdue(&self) -> Duration {
        (self.every * 3 + self.deadline).max(minutes(15))
    }

    /// The job as the store records it. The lease outlives the deadline, so that no two processes run the same job
    /// at the same time.
    fn known(&self, time_scale: TimeScale) -> JobDefinition {
        JobDefinition {
            name: self.name,
            title: self.title,
            every: time_scale.of(self.every),
            overdue: time_scale.of(self.overdue()),
            lease: time_scale.guard(self.deadline + minutes(1)),
        }
    }

    async fn run(&self, worker: &Worker, budget: Budget) -> Result<Done, Failed> {
        let rule = match self.work {
            Work::Custom(run) => return run(worker, budget).await,
            Work::Retention(rule) => rule,
        };
        let mut done = Done::default();
        loop {
            let gone = (rule.piece)(&worker.db, worker.time_scale.of(rule.age), retention::PIECE).await?;
            done.rows += gone;
            if gone == 0 {
                return Ok(done);
            }
            if !budget.is_left() {
                return Ok(Done { more: true, ..done });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_job_has_a_name_of_its_own_and_a_deadline_shorter_than_its_patience() {
        let names: BTreeSet<&str> = all().map(|job| job.name).collect();
        assert_eq!(names.len(), all().count());
        for job in all() {
            assert!(job.deadline < job.overdue(), "{}", job.name);
            assert!(job.every >= minutes(1), "{}", job.name);
        }
    }
}
