//! How does a tool server become a process? Tests put an own launcher here.

mod confine;
mod group;
mod home;
mod host;
#[cfg(target_os = "linux")]
mod landlock;
#[cfg(not(target_os = "linux"))]
#[path = "no_landlock.rs"]
mod landlock;
mod marks;
mod users;

use std::io;
use std::path::PathBuf;

use async_trait::async_trait;
use tokio::io::{AsyncRead, AsyncWrite};

pub use self::confine::Confinement;
pub(crate) use self::home::is_larger;
pub use self::host::HostLauncher;
pub use embedded::process::Signal;

use crate::spec::{Credentials, ServerSpec};

/// Starts processes.
#[async_trait]
pub trait Launch: Send + Sync + 'static {
    /// Starts one process.
    ///
    /// # Errors
    /// What the system says, without secrets.
    async fn launch(&self, spec: &ServerSpec, credentials: &Credentials) -> io::Result<Launched>;
}

/// A process that was just started.
pub struct Launched {
    /// Where it reads.
    pub stdin: Box<dyn AsyncWrite + Send + Unpin>,
    /// Where it answers.
    pub stdout: Box<dyn AsyncRead + Send + Unpin>,
    /// Where it writes what people may want to know.
    pub stderr: Box<dyn AsyncRead + Send + Unpin>,
    /// Its life. Dropping it kills the process.
    pub life: Box<dyn Life>,
}

/// The life of a process and of everything that it started.
#[async_trait]
pub trait Life: Send + Sync + 'static {
    /// Its id on this host.
    fn pid(&self) -> Option<u32>;
    /// Waits for its end and says how it ended. It may be dropped and asked again.
    async fn ended(&mut self) -> String;
    /// Signals the process and everything that it started.
    fn signal(&self, signal: Signal);
    /// The folder that it writes to. `None` if it has none.
    fn folder(&self) -> Option<PathBuf> {
        None
    }
    /// Ends what is left of it after its end, wherever that went, and removes what it wrote.
    async fn clear(&mut self) {}
}
