//! Is the installation healthy? One sentence, with what is wrong and where it can be seen.

use crate::clock::now;
use crate::error::Result;
use kit::time::span;
use kit::{Tone, counted};
use store::Db;
use store::inbound::Failing;
use store::periodic::State;
use store::platform::{DatabaseFacts, Process};
use store::queue::QueueDepth;

/// Work that waits for longer than this, in milliseconds, is late.
const LATE_MS: i64 = 5 * 60 * 1000;

/// What the system page shows and judges.
pub struct Health {
    /// Whether the schema fits this version.
    pub schema_fits: bool,
    /// The worker processes.
    pub processes: Vec<Process>,
    /// The queues.
    pub queues: Vec<QueueDepth>,
    /// The periodic jobs.
    pub jobs: Vec<State>,
    /// What messaging platforms sent and was not done.
    pub incoming: Failing,
    /// The database.
    pub database: DatabaseFacts,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// How bad it is.
    pub tone: Tone,
    /// What is wrong, as a sentence.
    pub text: String,
    /// Where it can be seen.
    pub href: &'static str,
}

impl Health {
    /// Reads everything. Call it without an open transaction.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(db: &Db) -> Result<Self> {
        Ok(Self {
            schema_fits: store::migrate::check_known(db).await.is_ok(),
            processes: store::platform::processes(db).await?,
            queues: store::queue::depths(db).await?,
            jobs: store::periodic::list(db).await?,
            incoming: store::inbound::failing(db).await?,
            database: store::platform::database(db).await?,
        })
    }

    /// What is wrong, the worst first. Empty if everything works.
    pub fn troubles(&self) -> Vec<Trouble> {
        let mut found = Vec::new();
        let mut add = |tone, text: String, href| found.push(Trouble { tone, text, href });
        if !self.schema_fits {
            let text = "The database schema doesn't fit this version: run `slipway migrate`.";
            add(Tone::Failed, text.to_owned(), "/admin/system#installation");
        }
        if self.processes.iter().all(|one| one.is_silent) {
            let text = "No worker is running, so jobs and mails wait: start one with `slipway worker`.";
            add(Tone::Failed, text.to_owned(), "/admin/system#workers");
        }
        let late = self.jobs.iter().filter(|job| job.overdue).count();
        if late > 0 {
            let jobs = counted(i64::try_from(late).unwrap_or(i64::MAX), "periodic job is", "periodic jobs are");
            add(Tone::Warn, format!("{jobs} overdue."), "/admin/system#periodic");
        }
        let failed = self.queues.iter().map(|queue| queue.failed).sum();
        if failed > 0 {
            let tasks = counted(failed, "background task", "background tasks");
            add(Tone::Warn, format!("{tasks} failed for good."), "/admin/system#failed");
        }
        if self.incoming.put_aside > 0 {
            let events = counted(self.incoming.put_aside, "incoming webhook", "incoming webhooks");
            let text = format!("{events} failed for good in the last hour.");
            add(Tone::Warn, text, "/admin/incoming?view=quarantined");
        }
        if self.incoming.tried > 0 {
            let events = counted(self.incoming.tried, "incoming webhook keeps", "incoming webhooks keep");
            let text = format!("{events} failing and will be tried for six hours.");
            add(Tone::Warn, text, "/admin/incoming?view=waiting");
        }
        let waited = self.queues.iter().filter_map(|queue| queue.oldest_ready).min();
        let waited = waited.map(|at| (now() - at).num_milliseconds()).filter(|ms| *ms > LATE_MS);
        if let Some(ms) = waited {
            let text = format!("The oldest background task has waited for {}.", span(ms));
            add(Tone::Warn, text, "/admin/system#queues");
        }
        if self.database.connections * 10 >= self.database.most_connections * 9 {
            let (open, most) = (self.database.connections, self.database.most_connections);
            let text = format!("{open} of {most} database connections are in use.");
            add(Tone::Warn, text, "/admin/system#database");
        }
        if self.database.archive_fails {
            let text = "The database can't archive its log, so the backup falls behind.";
            add(Tone::Warn, text.to_owned(), "/admin/system#database");
        }
        found
    }
}

/// The state of everything in one sentence.
pub fn verdict(troubles: &[Trouble]) -> (Tone, String) {
    match troubles {
        [] => (Tone::Ok, "Everything works: workers are running and nothing is late.".to_owned()),
        [one] => (one.tone, one.text.clone()),
        [one, ..] => {
            let more = i64::try_from(troubles.len() - 1).unwrap_or(i64::MAX);
            (one.tone, format!("{} And {}.", one.text, counted(more, "more problem", "more problems")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn healthy() -> Health {
        let at = now();
        let process = Process {
            id: uuid::Uuid::nil(),
            host: "web-1".to_owned(),
            version: "1".to_owned(),
            started_at: at,
            seen_at: at,
            is_silent: false,
        };
        let queue = QueueDepth { queue: "mail".to_owned(), waiting: 3, running: 1, failed: 0, oldest_ready: Some(at) };
        let database = DatabaseFacts {
            bytes: 1,
            connections: 5,
            most_connections: 100,
            version: "17".to_owned(),
            archived_at: None,
            archive_fails: false,
        };
        Health {
            schema_fits: true,
            processes: vec![process],
            queues: vec![queue],
            jobs: Vec::new(),
            incoming: Failing::default(),
            database,
        }
    }

    #[test]
    fn one_sentence_says_whether_it_is_healthy() {
        let mut health = healthy();
        assert_eq!(verdict(&health.troubles()).0, Tone::Ok);
        health.queues[0].failed = 1;
        assert_eq!(verdict(&health.troubles()), (Tone::Warn, "1 background task failed for good.".to_owned()));
        health.processes.clear();
        let (tone, text) = verdict(&health.troubles());
        assert_eq!(tone, Tone::Failed);
        assert!(text.starts_with("No worker is running") && text.ends_with("And 1 more problem."), "{text}");
    }

    #[test]
    fn a_silent_worker_is_no_worker_and_late_work_is_named() {
        let mut health = healthy();
        health.processes[0].is_silent = true;
        health.queues[0].oldest_ready = Some(now() - chrono::TimeDelta::minutes(12));
        let hrefs: Vec<_> = health.troubles().into_iter().map(|one| one.href).collect();
        assert_eq!(hrefs, ["/admin/system#workers", "/admin/system#queues"]);
    }

    #[test]
    fn what_came_in_and_fails_is_told_before_and_after_it_is_given_up() {
        for (put_aside, tried, told) in [
            (0, 0, vec![]),
            (1, 0, vec!["1 incoming webhook failed for good in the last hour."]),
            (0, 2, vec!["2 incoming webhooks keep failing and will be tried for six hours."]),
        ] {
            let health = Health { incoming: Failing { put_aside, tried }, ..healthy() };
            let texts: Vec<_> = health.troubles().into_iter().map(|one| one.text).collect();
            assert_eq!(texts, told);
        }
    }
}
