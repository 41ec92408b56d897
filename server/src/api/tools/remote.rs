//! How are the tools of third-party servers offered and called beside ours? Under a name that begins with the prefix of their
//! server, through the same door, in a process that serves the one client and has its credentials alone.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::tools::{CallError, Confinement, Credentials, HostLauncher, Limits, ProcessKey, Processes, ServerSpec};
use operations::tool_servers::{self, Offered};
use operations::tools::door::{self, Remote};
use operations::tools::{Called, Caller, ToolError};
use serde_json::Value;
use store::tool_servers::Runnable;
use tokio_util::sync::CancellationToken;

use super::caller::Admitted;
use super::{ended, hosts};
use crate::http::pages::Shared;

/// Where programs that a tool server starts are looked for.
pub const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// How long a server has for an answer.
const LONGEST: Duration = Duration::from_secs(28);
/// What the log says of a call whose caller left.
const LEFT: &str = "The caller left before the answer, so the call was cancelled. It may still have done its work.";
/// Folder of the folders of processes, in that of temporary files, which every user of this machine reaches.
const FOLDER: &str = "slipway-tools";

/// The processes of tool servers, from the first call of one on. An installation without such servers starts nothing.
#[derive(Default)]
pub struct ToolServers(Mutex<Option<Processes>>);

impl ToolServers {
    fn processes(&self, shared: &Shared) -> Result<Processes, ToolError> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = held.as_ref() {
            return Ok(running.clone());
        }
        let config = &shared.server.config;
        let launcher = HostLauncher::new(&std::env::temp_dir().join(FOLDER), confinement(config.tool_megabytes))
            .and_then(|launcher| launcher.hiding(&config.data).within(config.tool_group.as_deref()))
            .map_err(|error| {
                tracing::error!(event = "tools.no_launcher", %error, "tool servers cannot be started on this machine");
                ToolError::Upstream("Tool servers cannot be started on this installation.".to_owned())
            })?;
        let limits = Limits { processes: usize::from(config.tool_processes), ..Limits::default() };
        let processes = Processes::new(limits, Arc::new(launcher));
        let (watched, stopping) = (processes.clone(), shared.server.stopping.clone());
        shared.server.tasks.spawn(async move { watched.run(stopping).await });
        shared.server.tasks.spawn(ended::watch(shared.clone(), processes.clone()));
        shared.server.tasks.spawn(hosts::report(shared.clone(), processes.clone()));
        // The page of tool processes shows them from now on.
        let _ = shared.app.tool_processes.set(Arc::new(processes.clone()));
        *held = Some(processes.clone());
        Ok(processes)
    }
}

/// The bounds of each process of a tool server, with so many megabytes of memory.
#[must_use]
pub fn confinement(megabytes: u16) -> Confinement {
    Confinement { memory_bytes: u64::from(megabytes) << 20, ..Confinement::default() }
}

/// The tools of third-party servers that this token may call, by name.
///
/// # Errors
/// `Refused` if the database fails.
pub async fn offered(shared: &Shared, admitted: &Admitted) -> Result<Vec<Offered>, ToolError> {
    let Caller { agency, business, .. } = admitted.caller;
    Ok(tool_servers::offered(&shared.app.db, agency, business).await?)
}

/// The same, at most so many, from the one after this name on.
///
/// # Errors
/// `Refused` if the database fails.
pub async fn offered_after(
    shared: &Shared,
    admitted: &Admitted,
    after: Option<&str>,
    most: usize,
) -> Result<Vec<Offered>, ToolError> {
    let Caller { agency, business, .. } = admitted.caller;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    Ok(tool_servers::offered_after(&shared.app.db, agency, business, after, most).await?)
}

/// Calls a tool of a third-party server, or under an approval alone if it waited for one. Once whoever calls has `left`, the
/// server is told that nobody waits.
///
/// # Errors
/// `Unknown` if no server has a tool of this name; else as the door.
pub async fn call(
    shared: &Shared,
    admitted: &Admitted,
    (name, arguments): (&str, Value),
    only_approved: bool,
    left: CancellationToken,
) -> Result<Called, ToolError> {
    let Caller { agency, business, .. } = admitted.caller;
    let found = tool_servers::offered_named(&shared.app.db, agency, business, name).await?;
    let Some(offered) = found else { return Err(ToolError::Unknown) };
    let remote = Remote { name: &offered.name, input: &offered.tool.input, only_approved };
    let (shared, caller) = (shared.clone(), admitted.caller.clone());
    let (server, tool) = (offered.server.clone(), offered.tool.name.clone());
    let run = move |arguments| unless_left(ask(shared, caller, server, tool, arguments), left);
    door::call_remote(&admitted.context, &admitted.caller, remote, arguments, run).await
}

/// Asks the process of the client. What it answers is data of somebody else.
async fn ask(
    shared: Shared,
    caller: Caller,
    server: Runnable,
    tool: String,
    arguments: Value,
) -> Result<Value, ToolError> {
    let (db, vault) = (&shared.app.db, &shared.app.vault);
    let supplies = tool_servers::supplies(db, vault, caller.agency, caller.business).await?;
    let Some(supplies) = supplies else {
        return Err(ToolError::Upstream("The client's HighLevel connection has no token that works.".to_owned()));
    };
    let base_url = shared.server.config.ghl.base.as_str().trim_end_matches('/').to_owned();
    let credentials = Credentials { access_token: supplies.access, location: supplies.location, base_url };
    let spec = ServerSpec {
        key: ProcessKey { business: caller.business, server: server.id },
        agency: caller.agency,
        name: server.prefix,
        command: PathBuf::from(server.program),
        arguments: server.arguments,
        path: PATH.to_owned(),
    };
    let processes = shared.server.tool_servers.processes(&shared)?;
    processes.call(&spec, &credentials, &tool, arguments, LONGEST).await.map_err(failed)
}

/// The answer to a question, unless whoever waits for it leaves. A question that is dropped is cancelled at its process, by
/// the number that it has there.
async fn unless_left(
    asked: impl Future<Output = Result<Value, ToolError>>,
    left: CancellationToken,
) -> Result<Value, ToolError> {
    tokio::select! {
        biased;
        answer = asked => answer,
        () = left.cancelled() => Err(ToolError::Upstream(LEFT.to_owned())),
    }
}

fn failed(error: CallError) -> ToolError {
    match error {
        CallError::TimedOut => ToolError::TimedOut,
        CallError::BackingOff { retry_after } => ToolError::RateLimited { after: retry_after },
        other => ToolError::Upstream(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_that_is_there_counts_although_the_caller_left() {
        let left = CancellationToken::new();
        left.cancel();
        let there = unless_left(async { Ok(Value::from(7)) }, left.clone()).await;
        assert!(matches!(there, Ok(value) if value == 7));
        let never = unless_left(std::future::pending(), left).await;
        assert!(matches!(never, Err(ToolError::Upstream(why)) if why == LEFT));
    }

    #[test]
    fn a_server_that_rests_or_is_silent_is_told_apart_from_one_that_fails() {
        let after = Duration::from_secs(8);
        assert!(matches!(failed(CallError::TimedOut), ToolError::TimedOut));
        let resting = failed(CallError::BackingOff { retry_after: after });
        assert!(matches!(resting, ToolError::RateLimited { after: wait } if wait == after));
        for error in [CallError::Ended, CallError::Busy, CallError::Malformed, CallError::TooLarge { limit: 1 }] {
            assert!(matches!(failed(error), ToolError::Upstream(why) if !why.is_empty()));
        }
    }
}
