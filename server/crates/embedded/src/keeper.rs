//! The thread that watches over a running Postgres.
//!
//! Each process has one. It starts Postgres and lives as long as Postgres is wanted, because the kernel's "signal
//! the child when its parent ends" refers to the *thread* that spawned the child. It restarts Postgres when it
//! dies. A process that merely joined takes over when the process that started Postgres ends.

use crate::place::Place;
use crate::process::{self, Signal};
use crate::start::{self, Role};
use crate::{Error, Options, Result, log, pidfile};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Name of the thread, at most fifteen characters. Other processes recognize a process that keeps a Postgres by
/// this name.
pub(crate) const NAME: &str = "postgres-keeper";
/// Interval at which the thread checks that Postgres is alive.
const LOOK: Duration = Duration::from_millis(100);
/// Interval at which the thread looks whether the log is long.
const LOG_LOOK: Duration = Duration::from_secs(60);
/// How long to wait after each stop signal before sending the next, harder one.
const GRACE: Duration = Duration::from_secs(10);

/// The thread and the channel that ends it.
#[derive(Debug)]
pub(crate) struct Keeper {
    stop_sender: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
    /// True if this process started Postgres, false if it joined or adopted a running one.
    pub started: bool,
}

impl Keeper {
    /// Starts the database or joins it, and keeps watching it until [`Keeper::stop`].
    pub fn keep(place: Place, options: Options) -> Result<Self> {
        let (stop_sender, stop_receiver) = mpsc::channel::<()>();
        let (tell, told) = mpsc::channel::<Result<bool>>();
        let thread = thread::Builder::new()
            .name(NAME.to_owned())
            .spawn(move || match start::bring_up(&place, &options) {
                Ok(role) => {
                    let _ = tell.send(Ok(matches!(role, Role::Started(_))));
                    watch(&place, &options, role, &stop_receiver);
                }
                Err(cause) => {
                    let _ = tell.send(Err(cause));
                }
            })
            .map_err(|e| Error::new(format!("No thread could be started: {e}")))?;
        let started = told.recv().map_err(|_| Error::new("The thread that starts Postgres ended early."))??;
        Ok(Self { stop_sender: Some(stop_sender), thread: Some(thread), started })
    }

    /// Stops a Postgres that this process started or adopted, and waits for its end. A Postgres that another
    /// process keeps is left running.
    pub fn stop(&mut self) {
        drop(self.stop_sender.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn watch(place: &Place, options: &Options, mut role: Role, stop_receiver: &Receiver<()>) {
    let mut log_seen = Instant::now();
    while let Err(RecvTimeoutError::Timeout) = stop_receiver.recv_timeout(LOOK) {
        if log_seen.elapsed() >= LOG_LOOK && !matches!(role, Role::Joined { .. }) {
            log::shorten(place);
            log_seen = Instant::now();
        }
        let alive = match &mut role {
            Role::Started(child) => matches!(child.try_wait(), Ok(None)),
            Role::Joined { pid, pgdata } | Role::Adopted { pid, pgdata } => pidfile::runs(*pid, pgdata),
        };
        if alive {
            continue;
        }
        match start::bring_up(place, options) {
            Ok(next) => role = next,
            Err(_) => thread::sleep(LOOK * 10),
        }
    }
    match role {
        Role::Started(mut child) => end(child.id(), || matches!(child.try_wait(), Ok(Some(_)))),
        Role::Adopted { pid, pgdata } => end(pid, || !pidfile::runs(pid, &pgdata)),
        Role::Joined { .. } => {}
    }
}

/// Stops a process: first fast, then immediately, then with SIGKILL.
fn end(pid: u32, mut gone: impl FnMut() -> bool) {
    for signal in [Signal::Interrupt, Signal::Quit, Signal::Kill] {
        if gone() {
            return;
        }
        process::send(pid, signal);
        let since = Instant::now();
        while since.elapsed() < GRACE {
            if gone() {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Stops every Postgres of a place, whoever started it.
pub(crate) fn stop_all(place: &Place) {
    for pgdata in place.majors().into_iter().map(|major| place.pgdata(major)) {
        if let Some(running) = pidfile::read(&pgdata) {
            end(running.pid, || !pidfile::runs(running.pid, &pgdata));
        }
    }
}
