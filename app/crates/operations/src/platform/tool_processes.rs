//! Which processes of third-party tool servers run, and how does a person stop or restart one? The server that runs them
//! answers by [`ToolProcesses`]; pages and the log know only what it shows.

use chrono::{DateTime, Utc};
use domain::BusinessId;
use domain::permission::Right;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use store::audit::{self, Act};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::{PlatformActor, Refusal};

/// One person after the other ends a process here, so that whoever presses at the same moment finds it ended.
static ENDING: Mutex<()> = Mutex::const_new(());

/// A process of a tool server, as pages show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessView {
    /// Its name among all processes of this server.
    pub id: String,
    /// The business whose process it is.
    pub business: BusinessId,
    /// The tool server that it runs.
    pub server: String,
    /// What it is doing.
    pub state: ProcessState,
    /// Its number in the operating system, while it runs.
    pub pid: Option<u32>,
    /// When it was started.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was last called.
    pub used_at: Option<DateTime<Utc>>,
    /// The calls that it works on.
    pub in_use: u32,
    /// The calls that it was given since it started.
    pub calls: u64,
    /// How often it was started anew.
    pub restarts: u64,
    /// The memory that it holds in bytes, where the system tells.
    pub memory: Option<u64>,
}

/// What a process is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProcessState {
    /// It starts.
    Starting,
    /// It runs.
    Running,
    /// It ended too often and is started again later.
    BackingOff,
    /// It ends.
    Stopping,
}

/// Whatever runs the processes.
pub trait ToolProcesses: Send + Sync {
    /// The id of this server among those that run processes.
    fn host(&self) -> Uuid;
    /// The processes that run or wait to be started again.
    fn shown(&self) -> BoxFuture<'_, Vec<ProcessView>>;
    /// Whether a process of this name was stopped and is on its way out.
    fn is_ending(&self, id: &str) -> bool;
    /// Ends a process; the next call starts another. False if there is none of this name.
    fn stop<'a>(&'a self, id: &'a str) -> BoxFuture<'a, bool>;
    /// Ends a process once its calls ended, and starts it anew. False if there is none of this name.
    fn restart<'a>(&'a self, id: &'a str) -> BoxFuture<'a, bool>;
}

/// What a person's wish to end a process found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It ran, so it ends, or the server that runs it was asked to end it.
    Running,
    /// It had ended already, or was stopped before. Nothing is done or recorded.
    Ended,
}

/// Stops a process.
///
/// # Errors
/// `Forbidden` unless the actor manages the platform; `NotFound` if no process can have this name.
pub async fn stop(actor: &PlatformActor, processes: &dyn ToolProcesses, id: &str) -> Result<Found, Refusal> {
    let _one = ENDING.lock().await;
    if note(actor, processes, id, "tool_process.stopped").await? == Found::Ended {
        return Ok(Found::Ended);
    }
    Ok(if processes.stop(id).await { Found::Running } else { Found::Ended })
}

/// Restarts a process.
///
/// # Errors
/// As `stop`.
pub async fn restart(actor: &PlatformActor, processes: &dyn ToolProcesses, id: &str) -> Result<Found, Refusal> {
    let _one = ENDING.lock().await;
    if note(actor, processes, id, "tool_process.restarted").await? == Found::Ended {
        return Ok(Found::Ended);
    }
    Ok(if processes.restart(id).await { Found::Running } else { Found::Ended })
}

/// Records the act before it is done, so that no process ends without a line in the log.
async fn note(
    actor: &PlatformActor,
    processes: &dyn ToolProcesses,
    id: &str,
    action: &'static str,
) -> Result<Found, Refusal> {
    let allowed = actor.require(Right::PlatformManage)?;
    let running = processes.shown().await.into_iter().find(|one| one.id == id && !processes.is_ending(id));
    let Some(process) = running else { return ended(id) };
    let mut tx = allowed.begin().await?;
    let payload = serde_json::json!({ "server": process.server, "business": process.business });
    let act = Act::new(action, "tool_process").object(process.business).payload(payload);
    audit::record_platform(&mut tx, None, act).await?;
    tx.commit().await?;
    Ok(Found::Running)
}

/// What is said of a name under which nothing runs: the process ended, if one can have had it.
pub(super) fn ended(id: &str) -> Result<Found, Refusal> {
    let is_name = id.split_once('.').is_some_and(|(business, _)| business.parse::<BusinessId>().is_ok());
    if is_name { Ok(Found::Ended) } else { Err(Refusal::NotFound) }
}
