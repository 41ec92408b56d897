//! Which processes of third-party tool servers run, and how does a person stop or restart one? The server that runs them
//! answers by [`ToolProcesses`]; pages and the log know only what it shows.

use chrono::{DateTime, Utc};
use domain::BusinessId;
use domain::permission::Right;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use store::audit::{self, Act};
use uuid::Uuid;

use crate::{PlatformActor, Refusal};

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
    /// Ends a process; the next call starts another. False if there is none of this name.
    fn stop<'a>(&'a self, id: &'a str) -> BoxFuture<'a, bool>;
    /// Ends a process once its calls ended, and starts it anew. False if there is none of this name.
    fn restart<'a>(&'a self, id: &'a str) -> BoxFuture<'a, bool>;
}

/// Stops a process.
///
/// # Errors
/// `Forbidden` unless the actor manages the platform; `NotFound` if there is no such process.
pub async fn stop(actor: &PlatformActor, processes: &dyn ToolProcesses, id: &str) -> Result<(), Refusal> {
    note(actor, processes, id, "tool_process.stopped").await?;
    if processes.stop(id).await { Ok(()) } else { Err(Refusal::NotFound) }
}

/// Restarts a process.
///
/// # Errors
/// As `stop`.
pub async fn restart(actor: &PlatformActor, processes: &dyn ToolProcesses, id: &str) -> Result<(), Refusal> {
    note(actor, processes, id, "tool_process.restarted").await?;
    if processes.restart(id).await { Ok(()) } else { Err(Refusal::NotFound) }
}

/// Records the act before it is done, so that no process ends without a line in the log.
async fn note(
    actor: &PlatformActor,
    processes: &dyn ToolProcesses,
    id: &str,
    action: &'static str,
) -> Result<(), Refusal> {
    let allowed = actor.require(Right::PlatformManage)?;
    let process = processes.shown().await.into_iter().find(|one| one.id == id).ok_or(Refusal::NotFound)?;
    let mut tx = allowed.begin().await?;
    let payload = serde_json::json!({ "server": process.server, "business": process.business });
    let act = Act::new(action, "tool_process").object(process.business).payload(payload);
    audit::record_platform(&mut tx, None, act).await?;
    Ok(tx.commit().await?)
}
