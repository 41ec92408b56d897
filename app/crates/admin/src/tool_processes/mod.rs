//! The processes of third-party tool servers as the platform sees them: what runs for which client, with the ways to stop
//! and restart it, and the switch that stops the tools of everybody.

mod page;

use std::sync::Arc;

use leptos::prelude::*;
use operations::platform::tool_processes::{self, ToolProcesses as Processes};
use operations::tools::kill;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::{ServerContext, server_context};

pub use self::page::ToolProcesses;

/// Whatever runs the processes here.
fn processes(context: &ServerContext) -> Result<Arc<dyn Processes>> {
    context.state.tool_processes.get().cloned().ok_or(Error::NotFound)
}

/// Ends a process; the next call of its client starts another one.
#[server(prefix = "/do", endpoint = "stop_tool_process")]
pub async fn stop_tool_process(process: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.platform_actor()?;
    tool_processes::stop(&actor, &*processes(&context)?, &process).await?;
    flash_notice(&context, "stop_tool_process", "Stopped. The next call starts a new process.").await
}

/// Ends a process once its calls ended, and starts it anew.
#[server(prefix = "/do", endpoint = "restart_tool_process")]
pub async fn restart_tool_process(process: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.platform_actor()?;
    tool_processes::restart(&actor, &*processes(&context)?, &process).await?;
    flash_notice(&context, "restart_tool_process", "Restarted. Calls in flight were not dropped.").await
}

/// Stops the tools of every business.
#[server(prefix = "/do", endpoint = "stop_all_tools")]
pub async fn stop_all_tools() -> Result<()> {
    let context = server_context()?;
    kill::stop_all(&context.platform_actor()?).await?;
    flash_notice(&context, "stop_all_tools", "The AI tools of everybody are stopped.").await
}

/// Lets the tools of every business run again, but for those that stopped their own.
#[server(prefix = "/do", endpoint = "resume_all_tools")]
pub async fn resume_all_tools() -> Result<()> {
    let context = server_context()?;
    kill::resume_all(&context.platform_actor()?).await?;
    flash_notice(&context, "resume_all_tools", "AI tools run again.").await
}
