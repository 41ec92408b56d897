//! The processes of third-party tool servers as the platform sees them: what runs for which client, with the ways to stop
//! and restart it, and the switch that stops the tools of everybody.

mod page;

use leptos::prelude::*;
use operations::platform::tool_hosts::{self, Asked, Ending};
use operations::platform::tool_processes::{self, Found};
use operations::tools::kill;
use uuid::Uuid;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::{ServerContext, server_context};

pub use self::page::ToolProcesses;

/// What a person reads who ends a process that does not run any more.
const ENDED: &str = "It had already stopped. The next call starts a new process.";

/// Ends a process: here, or by asking the server that runs it. Returns what the person is told, which is the first text if it
/// ended here and the second one if it was asked for elsewhere.
async fn end(
    context: &ServerContext,
    how: Ending,
    (process, host): (String, &str),
    (here, elsewhere): (&'static str, &'static str),
) -> Result<&'static str> {
    let (actor, own) = (context.platform_actor()?, context.state.tool_processes.get().cloned());
    if let Ok(host) = host.parse::<Uuid>()
        && own.as_ref().is_none_or(|own| own.host() != host)
    {
        let found = tool_hosts::ask(&actor, host, Asked { how, process }).await?;
        return Ok(if found == Found::Running { elsewhere } else { ENDED });
    }
    let own = own.ok_or(Error::NotFound)?;
    let found = match how {
        Ending::Stop => tool_processes::stop(&actor, &*own, &process).await?,
        Ending::Restart => tool_processes::restart(&actor, &*own, &process).await?,
    };
    Ok(if found == Found::Running { here } else { ENDED })
}

/// Ends a process; the next call of its client starts another one. `host` is the id of the server that runs it.
#[server(prefix = "/do", endpoint = "stop_tool_process")]
pub async fn stop_tool_process(process: String, #[server(default)] host: String) -> Result<()> {
    let context = server_context()?;
    let texts = (
        "Stopped. The next call starts a new process.",
        "Stopping it on its server. The next call starts a new process.",
    );
    let told = end(&context, Ending::Stop, (process, host.as_str()), texts).await?;
    flash_notice(&context, "stop_tool_process", told).await
}

/// Ends a process once its calls ended, and starts it anew. `host` is the id of the server that runs it.
#[server(prefix = "/do", endpoint = "restart_tool_process")]
pub async fn restart_tool_process(process: String, #[server(default)] host: String) -> Result<()> {
    let context = server_context()?;
    let texts = (
        "Restarted. Calls in progress weren't dropped.",
        "Restarting it on its server. Calls in progress aren't dropped.",
    );
    let told = end(&context, Ending::Restart, (process, host.as_str()), texts).await?;
    flash_notice(&context, "restart_tool_process", told).await
}

/// Stops the tools of every business.
#[server(prefix = "/do", endpoint = "stop_all_tools")]
pub async fn stop_all_tools() -> Result<()> {
    let context = server_context()?;
    kill::stop_all(&context.platform_actor()?).await?;
    flash_notice(&context, "stop_all_tools", "AI tools are stopped for every client.").await
}

/// Lets the tools of every business run again, but for those that stopped their own.
#[server(prefix = "/do", endpoint = "resume_all_tools")]
pub async fn resume_all_tools() -> Result<()> {
    let context = server_context()?;
    kill::resume_all(&context.platform_actor()?).await?;
    flash_notice(&context, "resume_all_tools", "AI tools are back on.").await
}
