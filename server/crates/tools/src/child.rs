//! How does one tool process live? It is greeted, serves calls while somebody holds a lease on it, and ends with everything
//! that it started: when it is no longer wanted, when it stops reading or answering, or by itself.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::AgencyId;
use operations::tools::RemoteTool;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::connection::{self, Connection};
use crate::error::CallError;
use crate::launch::{Launched, Life, Signal};
use crate::limits::Limits;
use crate::spec::{Fingerprint, ProcessKey};
use crate::stderr;

/// The version of the protocol that we ask for.
const VERSION: &str = "2025-06-18";
/// The versions that we understand.
const VERSIONS: [&str; 4] = ["2024-11-05", "2025-03-26", VERSION, "2025-11-25"];
/// How many pages of tools are read, and how many tools are kept.
const PAGES: usize = 20;
const TOOLS: usize = 500;
/// After this many calls in a row without an answer a process counts as stuck.
const STUCK: u32 = 3;
/// How long what is left in the pipe of an ended process is read.
const DRAIN: Duration = Duration::from_secs(1);

/// What a process is about.
#[derive(Clone)]
pub(crate) struct About {
    pub number: u64,
    pub key: ProcessKey,
    pub agency: AgencyId,
    pub name: String,
    pub fingerprint: Fingerprint,
    pub secret: SecretString,
}

/// A running process.
pub(crate) struct Child {
    pub about: About,
    pub pid: Option<u32>,
    pub started: Instant,
    /// Where it writes; `None` if nowhere.
    pub folder: Option<PathBuf>,
    connection: Arc<Connection>,
    usage: Mutex<Usage>,
    tools: Mutex<Option<(u64, Vec<RemoteTool>)>>,
    stopping: CancellationToken,
    ended: CancellationToken,
}

/// How a process is used.
#[derive(Clone, Copy)]
pub(crate) struct Usage {
    pub leases: usize,
    pub last: Instant,
    pub calls: u64,
    pub retired: bool,
    unanswered: u32,
}

/// Holds a process: it is not ended while it is used.
pub(crate) struct Lease {
    child: Arc<Child>,
    freed: Arc<Notify>,
}

impl Child {
    /// A process that was just started, and its life, which the caller runs as a task. `on_end` hears how it ended, after its
    /// place is free again.
    pub fn begin(
        about: About,
        launched: Launched,
        limits: Limits,
        place: impl Send + 'static,
        on_end: impl FnOnce(&str) + Send + 'static,
    ) -> (Arc<Self>, impl Future<Output = ()> + Send + 'static) {
        let Launched { stdin, stdout, stderr, life } = launched;
        let (connection, unsent) = Connection::new(about.key, about.secret.clone(), limits.answer_bytes);
        let connection = Arc::new(connection);
        let now = Instant::now();
        let child = Arc::new(Self {
            pid: life.pid(),
            started: now,
            folder: life.folder(),
            connection: Arc::clone(&connection),
            usage: Mutex::new(Usage { leases: 0, last: now, calls: 0, retired: false, unanswered: 0 }),
            tools: Mutex::default(),
            stopping: CancellationToken::new(),
            ended: CancellationToken::new(),
            about,
        });
        let (stopping, ended, silent) = (child.stopping.clone(), child.ended.clone(), CancellationToken::new());
        let drained = stderr::drain(child.about.key, child.about.secret.clone(), stderr);
        let reading = then_cancel(connection::read(Arc::clone(&connection), stdout), silent.clone());
        let writing = then_cancel(connection::write(unsent, stdin, stopping.clone()), stopping.clone());
        let whole = async move {
            let pipes = [tokio::spawn(drained), tokio::spawn(reading), tokio::spawn(writing)];
            let how = live(life, &silent, &stopping, limits.grace).await;
            pipes.iter().for_each(JoinHandle::abort);
            drop(place);
            on_end(&how);
            // Whoever hears that it ended gets another one with the next call.
            connection.close();
            ended.cancel();
        };
        (child, whole)
    }

    /// The first words of the protocol.
    pub async fn greet(&self) -> Result<(), CallError> {
        let client = json!({ "name": "slipway", "version": env!("CARGO_PKG_VERSION") });
        let hello = json!({ "protocolVersion": VERSION, "capabilities": {}, "clientInfo": client });
        let answer = self.connection.request("initialize", hello).await?;
        let version = answer.get("protocolVersion").and_then(Value::as_str).unwrap_or_default();
        if !VERSIONS.contains(&version) {
            return Err(CallError::Malformed);
        }
        self.connection.notify("notifications/initialized").await
    }

    /// Holds the process. `None` if it takes no calls any more.
    pub fn lease(self: &Arc<Self>, freed: &Arc<Notify>) -> Option<Lease> {
        if self.stopping.is_cancelled() || self.ended.is_cancelled() {
            return None;
        }
        let mut usage = self.usage_mut();
        if usage.retired {
            return None;
        }
        usage.leases += 1;
        drop(usage);
        Some(Lease { child: Arc::clone(self), freed: Arc::clone(freed) })
    }

    /// How it is used now.
    pub fn usage(&self) -> Usage {
        *self.usage_mut()
    }

    /// For how long nobody used it. `None` while somebody does, and if it ends.
    pub fn idle(&self, now: Instant) -> Option<Duration> {
        let usage = self.usage();
        (usage.leases == 0 && !usage.retired).then(|| now.saturating_duration_since(usage.last))
    }

    /// Takes no new calls, and ends with the last one.
    pub fn retire(&self) {
        let mut usage = self.usage_mut();
        usage.retired = true;
        if usage.leases == 0 {
            self.stopping.cancel();
        }
    }

    /// Ends now. Calls that wait hear that it ended.
    pub fn stop(&self) {
        self.usage_mut().retired = true;
        self.stopping.cancel();
    }

    /// Whether it was told to end at once.
    pub fn is_stopping(&self) -> bool {
        self.stopping.is_cancelled()
    }

    /// Ends because it took more than it may; that counts as an end by itself.
    pub fn give_up(&self) {
        self.stopping.cancel();
    }

    /// Whether it ends although nobody wanted that.
    pub fn failed(&self) -> bool {
        !self.usage().retired && (self.stopping.is_cancelled() || self.ended.is_cancelled())
    }

    /// Waits until it is gone.
    pub async fn gone(&self) {
        self.ended.cancelled().await;
    }

    fn usage_mut(&self) -> MutexGuard<'_, Usage> {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All its tools: asked once, and again when it says that they changed.
    async fn list(&self) -> Result<Vec<RemoteTool>, CallError> {
        let version = self.connection.tools_version();
        if let Some((known, tools)) = &*self.tools.lock().unwrap_or_else(PoisonError::into_inner)
            && *known == version
        {
            return Ok(tools.clone());
        }
        let mut tools = Vec::new();
        let mut cursor = None::<String>;
        for _ in 0..PAGES {
            let params = cursor.as_ref().map_or_else(|| json!({}), |cursor| json!({ "cursor": cursor }));
            let page = self.connection.request("tools/list", params).await?;
            let Some(rows) = page.get("tools").and_then(Value::as_array) else { return Err(CallError::Malformed) };
            tools.extend(rows.iter().filter_map(|row| self.tool(row)));
            cursor = page.get("nextCursor").and_then(Value::as_str).map(str::to_owned);
            if cursor.is_none() || tools.len() >= TOOLS {
                break;
            }
        }
        tools.truncate(TOOLS);
        *self.tools.lock().unwrap_or_else(PoisonError::into_inner) = Some((version, tools.clone()));
        Ok(tools)
    }

    /// A tool as the process describes it. `None` if it has no name.
    fn tool(&self, row: &Value) -> Option<RemoteTool> {
        let text = |field: &str| row.get(field).and_then(Value::as_str).map(str::to_owned);
        Some(RemoteTool {
            server: self.about.key.server,
            name: text("name").filter(|name| !name.is_empty())?,
            description: text("description").unwrap_or_default(),
            input: row.get("inputSchema").cloned().unwrap_or(Value::Null),
            output: row.get("outputSchema").cloned(),
        })
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

impl Lease {
    /// The tools of the process.
    pub async fn list(&self) -> Result<Vec<RemoteTool>, CallError> {
        self.child.list().await
    }

    /// Calls a tool. Dropping this cancels the call.
    pub async fn call(&self, name: &str, arguments: Value) -> Result<Value, CallError> {
        self.child.usage_mut().calls += 1;
        let params = json!({ "name": name, "arguments": arguments });
        let answer = self.child.connection.request("tools/call", params).await?;
        if answer.is_object() { Ok(answer) } else { Err(CallError::Malformed) }
    }

    /// Notes whether the process answered. One that answers nothing any more is ended, so that the next call gets another.
    pub fn note(&self, answered: bool) {
        let mut usage = self.child.usage_mut();
        usage.unanswered = if answered { 0 } else { usage.unanswered + 1 };
        if usage.unanswered >= STUCK {
            self.child.stopping.cancel();
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut usage = self.child.usage_mut();
        usage.leases -= 1;
        usage.last = Instant::now();
        if usage.retired && usage.leases == 0 {
            self.child.stopping.cancel();
        }
        drop(usage);
        self.freed.notify_waiters();
    }
}

/// Does the work, then tells whoever waits for its end.
async fn then_cancel(work: impl Future<Output = ()>, token: CancellationToken) {
    work.await;
    token.cancel();
}

/// Waits until a process ends or has to, ends it with everything that it started, and says how it ended. `silent` says that
/// it answers nothing more.
async fn live(
    mut life: Box<dyn Life>,
    silent: &CancellationToken,
    stopping: &CancellationToken,
    grace: Duration,
) -> String {
    let by_itself = tokio::select! {
        how = life.ended() => Some(how),
        () = silent.cancelled() => None,
        () = stopping.cancelled() => None,
    };
    let how = match by_itself {
        Some(how) => how,
        None => {
            stopping.cancel();
            end(life.as_mut(), grace).await
        }
    };
    life.signal(Signal::Kill);
    life.clear().await;
    // What it answered before its end still counts.
    let _ = timeout(DRAIN, silent.cancelled()).await;
    how
}

/// Asks a process to end, and kills it if it does not.
async fn end(life: &mut dyn Life, grace: Duration) -> String {
    life.signal(Signal::Terminate);
    if let Ok(how) = timeout(grace, life.ended()).await {
        return how;
    }
    life.signal(Signal::Kill);
    life.ended().await
}
