//! Runs all background work: provisioning jobs, renewals, syncs and mails. `background_jobs.rs` is the table of background jobs,
//! `provisioning/plan.rs` the table of provisioning steps.
#![doc = include_str!("../README.md")]

pub mod background_jobs;
mod integrations;
mod kill_points;
mod late_markers;
mod mailing;
pub mod periodic;
pub mod provisioning;
mod queue;
mod retry;
mod sweep;
#[cfg(feature = "testing")]
pub mod testing;
mod time_scale;

use std::sync::Arc;

use ghl::Ghl;
use store::Db;
use store::credentials::Cache;
use store::vault::Vault;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;
use uuid::Uuid;

pub use kill_points::KillPoint;
pub use mailing::{Mailer, Unsent};
pub use outbound::Boxed;
pub use time_scale::TimeScale;

use kill_points::KillHook;

/// What a worker is made of.
pub struct Parts {
    /// Pool of the role `app_worker`.
    pub db: Db,
    /// A small pool of the same role for heartbeats only, so that busy work cannot cost the worker its leases.
    pub heartbeat_db: Db,
    /// HighLevel.
    pub ghl: Ghl,
    /// Opens and seals credentials.
    pub vault: Vault,
    /// Composes and sends mails.
    pub mailer: Arc<dyn Mailer>,
    /// Where people reach us.
    pub public_url: Url,
    /// Divides every wait, lease and deadline; heeded by builds for testing only.
    pub time_scale: f64,
}

/// A worker: any number may run at once, in one process or many. Cheap to clone.
#[derive(Clone)]
pub struct Worker {
    pub(crate) db: Db,
    pub(crate) heartbeat_db: Db,
    pub(crate) ghl: Ghl,
    pub(crate) vault: Vault,
    pub(crate) cache: Cache,
    pub(crate) mailer: Arc<dyn Mailer>,
    pub(crate) time_scale: TimeScale,
    /// Names this worker in leases; new for each start, so that a restarted process never takes itself for its predecessor.
    pub(crate) me: Uuid,
    pub(crate) kill_hook: KillHook,
    /// A test says that this process stood still for longer than any call may take.
    #[cfg(feature = "testing")]
    pub(crate) stood_still: Arc<std::sync::atomic::AtomicBool>,
    /// The periodic job a test has broken.
    #[cfg(feature = "testing")]
    pub(crate) broken: Option<(&'static str, periodic::Broken)>,
    /// Tasks that must finish even if their caller is gone: storing new tokens and ids from answers. Shutdown waits for
    /// them.
    pub(crate) kept: TaskTracker,
}

impl Worker {
    /// A worker that has not started.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self {
            db: parts.db,
            heartbeat_db: parts.heartbeat_db,
            ghl: parts.ghl,
            vault: parts.vault,
            cache: Cache::default(),
            mailer: parts.mailer,
            time_scale: TimeScale::new(parts.time_scale),
            me: store::new_id(),
            kill_hook: KillHook::default(),
            #[cfg(feature = "testing")]
            stood_still: Arc::default(),
            #[cfg(feature = "testing")]
            broken: None,
            kept: TaskTracker::new(),
        }
    }

    /// A deadline this far from now, scaled.
    pub(crate) fn deadline(&self, total: std::time::Duration) -> outbound::Deadline {
        outbound::Deadline::after(self.time_scale.of(total))
    }

    /// Whether a deadline has passed; a test may say that the process stood still meanwhile.
    pub(crate) fn is_over(&self, deadline: &outbound::Deadline) -> bool {
        #[cfg(feature = "testing")]
        if self.stood_still.swap(false, std::sync::atomic::Ordering::SeqCst) {
            return true;
        }
        deadline.is_over()
    }

    /// The same worker under a new name and with a hook that may end it at any point.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn ended_by(
        &self,
        hook: impl Fn(domain::provisioning::Step, KillPoint) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self { me: store::new_id(), kill_hook: KillHook::new(hook), ..self.clone() }
    }

    /// The same worker, in which one periodic job does not work.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn with_broken(&self, job: &'static str, how: periodic::Broken) -> Self {
        Self { broken: Some((job, how)), ..self.clone() }
    }

    /// The same worker under a new name, as after a restart.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn restarted(&self) -> Self {
        let stood_still = Arc::default();
        Self { me: store::new_id(), kill_hook: KillHook::default(), stood_still, ..self.clone() }
    }
}

/// Starts working in the background. After `shutdown` no new work is taken; what runs may finish its present step, the rest
/// is given back within 25 seconds, and then it ends as soon as what HighLevel answered is written down.
#[must_use]
pub fn start(worker: Worker, shutdown: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(queue::work(worker, shutdown))
}
