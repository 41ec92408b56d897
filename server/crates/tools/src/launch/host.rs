//! How is a tool process started on this host? With exactly the variables that it needs, in a folder and a process group of its
//! own, confined, and so that it ends when this server is killed.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use async_trait::async_trait;
use embedded::process::{self, Signal};
use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::confine::{self, Confinement, Doors};
use super::group::{Divided, Group};
use super::home::{self, Home};
use super::{Launch, Launched, Life, landlock};
use crate::spec::{Credentials, ServerSpec};

/// Starts processes on this host.
///
/// One thread starts all of them and lives as long as this value: the kernel kills a process when the *thread* that started it
/// ends, so they end with this server, however it ends.
#[derive(Debug)]
pub struct HostLauncher {
    orders: Sender<Order>,
    folder: PathBuf,
    bounds: Confinement,
    own_user: bool,
    hidden: Vec<PathBuf>,
    groups: Option<Divided>,
}

/// The number of the last folder. All launchers of this server count together: they may have one folder.
static LAST: AtomicU64 = AtomicU64::new(0);

#[derive(Debug)]
struct Order {
    command: std::process::Command,
    runtime: Handle,
    tell: oneshot::Sender<io::Result<Child>>,
}

impl HostLauncher {
    /// Starts processes whose own folders lie in `folder`. Every user must be able to reach it if processes get users of their
    /// own. From here on no other process of our user reads the memory or the environment of this one.
    ///
    /// # Errors
    /// If the folder or the thread cannot be made.
    pub fn new(folder: &Path, bounds: Confinement) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let found = fs::symlink_metadata(folder)?;
        if !found.is_dir() || found.uid() != process::effective_user() {
            return Err(io::Error::other("the folder of tool processes belongs to somebody else"));
        }
        // Others may pass through it to their own folder, and see nothing.
        fs::set_permissions(folder, fs::Permissions::from_mode(0o711))?;
        for left in home::left_over(folder)? {
            home::remove(&left);
        }
        confine::hide_ourselves();
        let (orders, received) = mpsc::channel();
        thread::Builder::new().name("tool-launcher".to_owned()).spawn(move || serve(&received))?;
        let own_user = bounds.own_user && process::effective_user() == 0;
        // Settings may lie in the working folder, and the folders of other processes here.
        let hidden = [std::env::current_dir()?, folder.canonicalize()?].into();
        Ok(Self { orders, folder: folder.to_owned(), bounds, own_user, hidden, groups: None })
    }

    /// Keeps this folder away from every process, also where it lies beneath a folder of programs, which they then do without.
    #[must_use]
    pub fn hiding(mut self, folder: &Path) -> Self {
        self.hidden.push(folder.canonicalize().unwrap_or_else(|_| folder.to_owned()));
        self
    }

    /// Bounds each process together with all that it starts, by a control group of its own within this one, which was given
    /// to this server. `None` if it has none.
    ///
    /// # Errors
    /// If the group cannot be divided.
    pub fn within(mut self, group: Option<&Path>) -> io::Result<Self> {
        if let Some(group) = group {
            self.groups = Some(Divided::divide(group, home::left_over(group)?)?);
        }
        Ok(self)
    }

    fn home(&self) -> io::Result<Home> {
        let number = LAST.fetch_add(1, Ordering::SeqCst) + 1;
        let path = self.folder.join(home::own_name(number));
        let group = self.groups.as_ref().map(|groups| groups.group(&self.bounds)).transpose()?;
        Home::make(path, self.own_user, self.bounds.processor_seconds, group)
    }

    fn command(&self, spec: &ServerSpec, credentials: &Credentials, home: &Home) -> io::Result<std::process::Command> {
        let domain = if self.bounds.landlock { landlock::domain(&home.path, spec, &self.hidden)? } else { None };
        if domain.is_none() && home.user.is_none() {
            return Err(io::Error::other("this machine has no Landlock and gives no process a user of its own"));
        }
        let mut command = std::process::Command::new(&spec.command);
        command
            .args(&spec.arguments)
            .env_clear()
            .env("PATH", &spec.path)
            .envs(credentials.environment())
            .current_dir(&home.path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(user) = &home.user {
            command.uid(user.id).gid(user.id);
        }
        process::end_with_us(&mut command, Signal::Kill);
        let entrance = home.group.as_ref().map(Group::entrance).transpose()?;
        let doors = Doors { group: entrance, domain };
        confine::confine(&mut command, self.bounds, home.user.is_some(), home.mark.value, doors);
        Ok(command)
    }
}

#[async_trait]
impl Launch for HostLauncher {
    async fn launch(&self, spec: &ServerSpec, credentials: &Credentials) -> io::Result<Launched> {
        if !spec.command.is_absolute() {
            return Err(io::Error::other("the command has no absolute path"));
        }
        let home = self.home()?;
        let (tell, told) = oneshot::channel();
        let order = Order { command: self.command(spec, credentials, &home)?, runtime: Handle::current(), tell };
        self.orders.send(order).map_err(|_| io::Error::other("the thread that starts processes ended"))?;
        let mut child = told.await.map_err(|_| io::Error::other("the thread that starts processes ended"))??;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr), Some(pid)) = (pipes.0, pipes.1, pipes.2, child.id()) else {
            return Err(io::Error::other("the process ended at once"));
        };
        give_way(pid);
        let life = Box::new(HostLife { child, pid, gone: false, home: Some(home) });
        Ok(Launched { stdin: Box::new(stdin), stdout: Box::new(stdout), stderr: Box::new(stderr), life })
    }
}

/// Where memory is short, the kernel ends this process before any of ours. One that ended already needs no more.
fn give_way(pid: u32) {
    let _ = fs::write(format!("/proc/{pid}/oom_score_adj"), "1000");
}

/// Starts what is ordered, on one thread.
fn serve(orders: &Receiver<Order>) {
    for order in orders {
        let _inside = order.runtime.enter();
        let mut command = Command::from(order.command);
        command.kill_on_drop(true);
        // Whoever ordered it may have gone: then the process is killed as it is dropped.
        let _ = order.tell.send(command.spawn());
    }
}

#[derive(Debug)]
struct HostLife {
    child: Child,
    pid: u32,
    gone: bool,
    home: Option<Home>,
}

#[async_trait]
impl Life for HostLife {
    fn pid(&self) -> Option<u32> {
        Some(self.pid)
    }

    async fn ended(&mut self) -> String {
        let status = self.child.wait().await;
        // Its group may hold others, which nobody waits for.
        process::send_group(self.pid, Signal::Kill);
        self.gone = true;
        status.map_or_else(|error| error.to_string(), |status| status.to_string())
    }

    fn signal(&self, signal: Signal) {
        // After its end the number may belong to somebody else.
        if !self.gone {
            process::send_group(self.pid, signal);
        }
    }

    fn folder(&self) -> Option<PathBuf> {
        self.home.as_ref().map(|home| home.path.clone())
    }

    async fn clear(&mut self) {
        if let Some(home) = self.home.take() {
            // It looks at all processes, and a folder may hold very many files.
            let _ = tokio::task::spawn_blocking(move || drop(home)).await;
        }
    }
}

impl Drop for HostLife {
    fn drop(&mut self) {
        self.signal(Signal::Kill);
        if let Some(home) = self.home.take() {
            // Without a thread it is dropped here.
            let _ = thread::Builder::new().name("tool-cleaner".to_owned()).spawn(move || drop(home));
        }
    }
}
