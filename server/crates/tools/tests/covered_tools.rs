//! Which lines of this crate do its tests run? The crate and all its tests as one program, which `cargo x ci` builds with
//! counters. A module of the crate that is missing here is one that the others do not find.

extern crate self as tools;

#[path = "../src/child.rs"]
mod child;
#[path = "../src/connection/mod.rs"]
mod connection;
#[path = "../src/error.rs"]
mod error;
#[path = "../src/launch/mod.rs"]
mod launch;
#[path = "../src/limits.rs"]
mod limits;
#[path = "../src/processes/mod.rs"]
mod processes;
#[path = "../src/spec.rs"]
mod spec;
#[path = "../src/stderr.rs"]
mod stderr;

#[path = "all/main.rs"]
mod tests_of_all;

pub use error::CallError;
pub use launch::{Confinement, HostLauncher, Launch, Launched, Life, Signal};
pub use limits::Limits;
pub use operations::platform::tool_processes::{ProcessState, ToolProcesses};
pub use processes::Processes;
pub use spec::{Credentials, ProcessKey, ServerSpec};
