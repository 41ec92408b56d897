//! How does background work ask a third-party tool server which tools it has? In a process of the same kind as calls have,
//! which ends with its answer. None is started before the first question.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ::tools::{Confinement, Credentials, HostLauncher, Limits, ProcessKey, Processes, ServerSpec};
use domain::tool_servers::{FoundTool, Sorted};
use operations::tool_servers;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use worker::{Boxed, ToolProbe, ToolProber};

use super::config::Config;
use crate::api::tools::remote::{PATH, confinement};

/// Folder of the folders of processes, in that of temporary files, which every user of this machine reaches. The processes
/// of calls have another one.
const FOLDER: &str = "slipway-tool-probes";
/// How many processes are asked at once, and how long a question waits for its turn.
const AT_ONCE: usize = 4;
const ROOM: Duration = Duration::from_secs(20);

/// Asks tool servers on this machine.
pub struct HostProber {
    /// Where HighLevel answers, without a slash at the end.
    base_url: String,
    limits: Limits,
    confinement: Confinement,
    /// What no process may reach.
    data: PathBuf,
    /// What is divided among the processes.
    group: Option<PathBuf>,
    processes: OnceCell<Processes>,
}

impl HostProber {
    /// Nothing runs yet.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let processes = usize::from(config.tool_processes).min(AT_ONCE);
        Self {
            base_url: config.ghl.base.as_str().trim_end_matches('/').to_owned(),
            limits: Limits { processes, room: ROOM, ..Limits::default() },
            confinement: confinement(config.tool_megabytes),
            data: config.data.clone(),
            group: config.tool_group.clone(),
            processes: OnceCell::new(),
        }
    }

    /// Begins to run processes. They all end with this program.
    fn begin(&self) -> std::io::Result<Processes> {
        let launcher = HostLauncher::new(&std::env::temp_dir().join(FOLDER), self.confinement)?
            .hiding(&self.data)
            .within(self.group.as_deref())?;
        let processes = Processes::new(self.limits, Arc::new(launcher));
        let watched = processes.clone();
        tokio::spawn(async move { watched.run(CancellationToken::new()).await });
        Ok(processes)
    }

    async fn ask(&self, asked: ToolProbe) -> Result<Sorted, String> {
        let ToolProbe { server, agency, business, location, access } = asked;
        let begun = self.processes.get_or_try_init(|| async { self.begin() }).await;
        let processes = begun.map_err(|error| {
            tracing::error!(event = "tools.no_launcher", %error, "tool servers cannot be started on this machine");
            "Tool servers cannot be started on this installation.".to_owned()
        })?;
        let spec = ServerSpec {
            key: ProcessKey { business, server: server.id },
            agency,
            name: server.prefix.clone(),
            command: PathBuf::from(&server.program),
            arguments: server.arguments,
            path: PATH.to_owned(),
        };
        let credentials = Credentials { access_token: access, location, base_url: self.base_url.clone() };
        let found = processes.probe(&spec, &credentials).await.map_err(|error| error.to_string())?;
        let found = found.into_iter().map(|tool| FoundTool {
            name: tool.name,
            description: tool.description,
            input: tool.input,
            output: tool.output,
        });
        let (prefix, found) = (server.prefix, found.collect::<Vec<_>>());
        // Compiling what somebody else wrote takes a processor for a while.
        let sorted = tokio::task::spawn_blocking(move || tool_servers::sorted(&prefix, found));
        sorted.await.map_err(|error| format!("Its list was not read: {error}"))
    }
}

impl ToolProber for HostProber {
    fn tools(&self, asked: ToolProbe) -> Boxed<'_, Result<Sorted, String>> {
        Box::pin(self.ask(asked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boot::config::Source;

    #[test]
    fn processes_have_the_memory_that_is_set_and_few_are_asked_at_once() {
        for (processes, at_once) in [("2", 2), ("50", AT_ONCE)] {
            let set = Source::given(&[("TOOL_MEMORY_MB", "512"), ("TOOL_PROCESSES", processes)]);
            let prober = HostProber::new(&Config::read(&set).unwrap());
            assert_eq!((prober.confinement.memory_bytes, prober.limits.processes), (512 << 20, at_once));
        }
    }
}
