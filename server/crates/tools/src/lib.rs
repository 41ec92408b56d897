//! How are third-party tool servers run? Each business has a process of its own for each server, started when it is
//! needed with the credentials of that business alone, and ended when nobody used it for ten minutes.
//!
//! A tool server is a program that speaks MCP over its standard input and output, one JSON-RPC message a line. What it
//! says is foreign: lines that are no messages are skipped, answers are bounded, and its error output goes to the log
//! without secrets. This crate must not know policies, budgets or the log of calls: the gateway asks it last.

#[cfg(not(unix))]
compile_error!("Tool servers need process groups: build on Linux or macOS.");

mod child;
mod connection;
mod error;
mod launch;
mod limits;
mod processes;
mod spec;
mod stderr;

pub use error::CallError;
pub use launch::{Confinement, HostLauncher, Launch, Launched, Life, Signal};
pub use limits::Limits;
pub use operations::platform::tool_processes::{ProcessState, ProcessView, ToolProcesses};
pub use operations::tools::RemoteTool;
pub use processes::Processes;
pub use spec::{Credentials, ProcessKey, ServerSpec};
