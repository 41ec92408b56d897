//! Who watches over a Postgres that runs?
//! One thread a process, which starts it and lives as long as it is wanted: the kernel's "signal the child when its
//! parent ends" means the *thread* that spawned it. It brings Postgres back when it dies, and whoever merely joined
//! takes over when the process that started it ends.

use crate::place::Place;
use crate::process::{self, Signal};
use crate::start::{self, Role};
use crate::{Error, Options, Result, pidfile};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The name of the thread, of at most fifteen letters: by it another process sees that somebody keeps a Postgres.
pub(crate) const NAME: &str = "postgres-keeper";
/// How soon a death is noticed.
const LOOK: Duration = Duration::from_millis(100);
/// How long a fast stop may take before sessions are cut, and then before it is killed.
const GRACE: Duration = Duration::from_secs(10);

/// The thread and the way to end it.
#[derive(Debug)]
pub(crate) struct Keeper {
    wanted: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Whether the first act was to start it, rather than to join.
    pub started: bool,
}

impl Keeper {
    /// Brings the database up (or joins it) and stays with it.
    pub fn keep(place: Place, options: Options) -> Result<Self> {
        let (wanted, unwanted) = mpsc::channel::<()>();
        let (tell, told) = mpsc::channel::<Result<bool>>();
        let thread = thread::Builder::new()
            .name(NAME.to_owned())
            .spawn(move || match start::bring_up(&place, &options) {
                Ok(role) => {
                    let _ = tell.send(Ok(matches!(role, Role::Started(_))));
                    watch(&place, &options, role, &unwanted);
                }
                Err(cause) => {
                    let _ = tell.send(Err(cause));
                }
            })
            .map_err(|e| Error::new(format!("No thread could be started: {e}")))?;
        let started = told.recv().map_err(|_| Error::new("The thread that starts Postgres ended early."))??;
        Ok(Self { wanted: Some(wanted), thread: Some(thread), started })
    }

    /// Stops what we started or adopted and waits for it; leaves what others keep.
    pub fn stop(&mut self) {
        drop(self.wanted.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn watch(place: &Place, options: &Options, mut role: Role, unwanted: &Receiver<()>) {
    while let Err(RecvTimeoutError::Timeout) = unwanted.recv_timeout(LOOK) {
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

/// Fast, then immediate, then not at all polite.
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

/// Stops whatever runs in a place, whoever started it.
pub(crate) fn stop_all(place: &Place) {
    for pgdata in place.majors().into_iter().map(|major| place.pgdata(major)) {
        if let Some(running) = pidfile::read(&pgdata) {
            end(running.pid, || !pidfile::runs(running.pid, &pgdata));
        }
    }
}
