//! Runs all background work: provisioning jobs, token renewals, syncs and mails. `background_jobs.rs` is the table
//! of background jobs; `provisioning/plan.rs` is the table of provisioning steps.
#![doc = include_str!("../README.md")]

mod assistant;
pub mod background_jobs;
mod batch;
mod channels;
mod clients;
mod failed;
mod integrations;
mod kill_points;
mod late_markers;
mod mailing;
mod messages;
pub mod periodic;
pub mod provisioning;
mod queue;
mod retry;
mod sweep;
#[cfg(feature = "testing")]
pub mod testing;
mod time_scale;
mod todo_checks;
mod tool_servers;
mod webhooks;

use std::path::PathBuf;
use std::sync::Arc;

use ghl::Ghl;
use meta::Meta;
use outbound::Outbound;
use store::Db;
use store::credentials::Cache;
use store::vault::Vault;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;
use uuid::Uuid;

pub use assistant::{AnswerPoint, Writer};
pub use channels::set_up_now as set_up_channel;
pub use kill_points::KillPoint;
pub use mailing::{Mailer, Unsent};
pub use outbound::Boxed;
pub use time_scale::{MOST_GUARDED, TimeScale};
pub use tool_servers::{ToolProbe, ToolProber};

use kill_points::KillHook;

/// The most bytes of files of one business where nobody chose another number: 5 GB.
pub const FILES_PER_CLIENT: u64 = 5 * 1024 * 1024 * 1024;

/// How many months files of messages are kept where nobody chose another number.
pub const FILES_KEPT_MONTHS: u16 = 18;

/// What a worker is built from.
pub struct Parts {
    /// Database pool of the role `app_worker`.
    pub db: Db,
    /// A separate small pool of the same role, used only for heartbeats, so that the worker keeps its leases when
    /// work uses up the main pool.
    pub heartbeat_db: Db,
    /// The HighLevel API client.
    pub ghl: Ghl,
    /// The client of Meta, over the same connections.
    pub meta: Meta,
    /// The folder of the files of messages.
    pub media: PathBuf,
    /// Opens and seals credentials.
    pub vault: Vault,
    /// Composes and sends mails.
    pub mailer: Arc<dyn Mailer>,
    /// The public base URL of this installation.
    pub public_url: Url,
    /// Divides every wait, lease and deadline. Only builds for testing use it.
    pub time_scale: f64,
}

/// A worker. Any number of workers may run at the same time, in one process or in many. Cheap to clone.
#[derive(Clone)]
pub struct Worker {
    pub(crate) db: Db,
    pub(crate) heartbeat_db: Db,
    pub(crate) ghl: Ghl,
    pub(crate) meta: Meta,
    /// The folder of the files of messages.
    pub(crate) media: PathBuf,
    /// The most bytes of files of one business.
    pub(crate) files_per_client: u64,
    /// How many months the files of messages are kept.
    pub(crate) files_kept_months: u16,
    /// The client that carries the calls to all providers.
    pub(crate) outbound: Outbound,
    pub(crate) vault: Vault,
    pub(crate) cache: Cache,
    pub(crate) mailer: Arc<dyn Mailer>,
    /// The public address of this installation, without a slash at its end.
    pub(crate) origin: String,
    pub(crate) time_scale: TimeScale,
    /// Identifies this worker in leases. New at each start, so that a restarted process does not mistake the
    /// leases of its predecessor for its own.
    pub(crate) me: Uuid,
    pub(crate) kill_hook: KillHook,
    /// What writes the assistant's answers.
    pub(crate) writer: Writer,
    pub(crate) answer_hook: assistant::AnswerHook,
    /// What asks tool servers which tools they have. `None` where none are run.
    pub(crate) tool_prober: Option<Arc<dyn ToolProber>>,
    /// A test sets this to simulate that the process was suspended for longer than any call may take.
    #[cfg(feature = "testing")]
    pub(crate) simulate_suspension: Arc<std::sync::atomic::AtomicBool>,
    /// The periodic job that a test has broken, and how.
    #[cfg(feature = "testing")]
    pub(crate) broken: Option<(&'static str, periodic::Broken)>,
    /// Tasks that must finish even if their caller is gone: they store new tokens and the ids in HighLevel's
    /// answers. Shutdown waits for them.
    pub(crate) tasks_to_finish: TaskTracker,
}

impl Worker {
    /// Creates a worker that has not started.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self {
            db: parts.db,
            heartbeat_db: parts.heartbeat_db,
            outbound: parts.ghl.outbound().clone(),
            ghl: parts.ghl,
            meta: parts.meta,
            media: parts.media,
            files_per_client: FILES_PER_CLIENT,
            files_kept_months: FILES_KEPT_MONTHS,
            vault: parts.vault,
            cache: Cache::default(),
            mailer: parts.mailer,
            origin: parts.public_url.as_str().trim_end_matches('/').to_owned(),
            time_scale: TimeScale::new(parts.time_scale),
            me: store::new_id(),
            kill_hook: KillHook::default(),
            writer: Writer::Local,
            answer_hook: assistant::AnswerHook::default(),
            tool_prober: None,
            #[cfg(feature = "testing")]
            simulate_suspension: Arc::default(),
            #[cfg(feature = "testing")]
            broken: None,
            tasks_to_finish: TaskTracker::new(),
        }
    }

    /// The same worker, whose answers to customers are written by this.
    #[must_use]
    pub fn written_by(self, writer: Writer) -> Self {
        Self { writer, ..self }
    }

    /// The same worker, which asks tool servers by this.
    #[must_use]
    pub fn probing_by(self, prober: Arc<dyn ToolProber>) -> Self {
        Self { tool_prober: Some(prober), ..self }
    }

    /// The same worker, which stores at most this many bytes of files of one business.
    #[must_use]
    pub fn with_files_per_client(self, bytes: u64) -> Self {
        Self { files_per_client: bytes, ..self }
    }

    /// The same worker, which keeps files of messages for this many months.
    #[must_use]
    pub fn with_files_kept_months(self, months: u16) -> Self {
        Self { files_kept_months: months, ..self }
    }

    /// Returns a deadline this far from now, scaled.
    pub(crate) fn deadline(&self, total: std::time::Duration) -> outbound::Deadline {
        outbound::Deadline::after(self.time_scale.guard(total))
    }

    /// Returns true if the deadline has passed. A test may pretend that it has.
    pub(crate) fn is_over(&self, deadline: &outbound::Deadline) -> bool {
        #[cfg(feature = "testing")]
        if self.simulate_suspension.swap(false, std::sync::atomic::Ordering::SeqCst) {
            return true;
        }
        deadline.is_over()
    }

    /// The same worker under a new id, with a hook that may kill it at any [`KillPoint`].
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn ended_by(
        &self,
        hook: impl Fn(domain::provisioning::Step, KillPoint) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self { me: store::new_id(), kill_hook: KillHook::new(hook), ..self.clone() }
    }

    /// The same worker under a new id, with a hook that may end it at any [`AnswerPoint`].
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn answering_until(&self, hook: impl Fn(AnswerPoint) -> bool + Send + Sync + 'static) -> Self {
        Self { me: store::new_id(), answer_hook: assistant::AnswerHook::new(hook), ..self.clone() }
    }

    /// The same worker, in which one periodic job is broken.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn with_broken(&self, job: &'static str, how: periodic::Broken) -> Self {
        Self { broken: Some((job, how)), ..self.clone() }
    }

    /// The same worker under a new id, as after a restart.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn restarted(&self) -> Self {
        let simulate_suspension = Arc::default();
        let answer_hook = assistant::AnswerHook::default();
        Self { me: store::new_id(), kill_hook: KillHook::default(), answer_hook, simulate_suspension, ..self.clone() }
    }
}

/// Starts the worker in the background. After `shutdown` it claims no new work. Running jobs may finish their
/// current step; all other work is released within 25 seconds. The task ends as soon as every answer from
/// HighLevel is stored.
#[must_use]
pub fn start(worker: Worker, shutdown: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(queue::work(worker, shutdown))
}
