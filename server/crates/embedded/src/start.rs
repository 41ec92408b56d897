//! Starts the Postgres of a data folder or joins it.
//!
//! Under a lock, a process joins a running Postgres, waits for one that is starting or stopping, or else creates
//! the files and starts `postgres` as its direct child. A file names the process that started it. If that process
//! is gone, the next process that joins takes over.

use crate::find::{self, Binaries};
use crate::keeper::NAME as KEEPER;
use crate::place::Place;
use crate::process::{self, Signal};
use crate::wire::Session;
use crate::{Error, Options, Result, log, pidfile, start_error};
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Interval between checks during a start.
const LOOK: Duration = Duration::from_millis(30);
/// Maximum length of a start. Recovery after a power failure may take long; a start that takes longer than this
/// has failed.
const PATIENCE: Duration = Duration::from_secs(180);
/// After this time, the user is told what the start is waiting for.
const QUIET: Duration = Duration::from_secs(5);

/// The role of this process towards the running Postgres.
#[derive(Debug)]
pub(crate) enum Role {
    /// This process started Postgres, which is its child and stops with it.
    Started(Child),
    /// Another process started Postgres and is still alive.
    Joined { pid: u32, pgdata: PathBuf },
    /// The process that started Postgres is gone, but Postgres survived. It now stops with this process.
    Adopted { pid: u32, pgdata: PathBuf },
}

/// Starts the database of a place, or joins it.
pub(crate) fn bring_up(place: &Place, options: &Options) -> Result<Role> {
    let lock_path = place.root.join("lock");
    let lock = File::create(&lock_path).map_err(|e| Error::at("opening", &lock_path, e))?;
    lock.lock().map_err(|e| Error::at("locking", &lock_path, e))?;
    let started = Instant::now();
    let mut said = false;
    loop {
        let folders = place.majors().into_iter().map(|major| place.pgdata(major));
        let found = folders.filter_map(|pgdata| Some((pidfile::read(&pgdata)?, pgdata))).next();
        let Some((running, pgdata)) = found else { return start(place, options) };
        // The socket is in a folder that only this place uses, so the server that answers is ours, whatever the
        // pid file says.
        if answers(place) {
            if owner(place).is_some_and(|pid| process::is_alive(pid) && is_keeper(pid)) {
                return Ok(Role::Joined { pid: running.pid, pgdata });
            }
            note_owner(place)?;
            return Ok(Role::Adopted { pid: running.pid, pgdata });
        }
        if started.elapsed() > PATIENCE {
            return Err(Error::new(format!(
                "A Postgres (process {}) holds the database files in {} and does not answer: stop it and start again.",
                running.pid,
                place.root.display()
            )));
        }
        if started.elapsed() > QUIET && !said {
            said = true;
            eprintln!("Waiting for the Postgres of {} (process {}) to answer…", place.root.display(), running.pid);
        }
        thread::sleep(LOOK);
    }
}

/// True if a session can be opened now.
pub(crate) fn answers(place: &Place) -> bool {
    Session::open(&place.socket(), crate::SUPERUSER, "postgres").is_ok()
}

fn start(place: &Place, options: &Options) -> Result<Role> {
    let binaries = find::binaries(place, options.pg_bin.as_deref())?;
    let pgdata = place.pgdata(binaries.major);
    if !pgdata.join("PG_VERSION").exists() {
        make_files(place, &binaries, &pgdata, options)?;
    }
    place.private_folder(&pgdata)?;
    pidfile::clear_stale(&pgdata);
    let started = Instant::now();
    // A worker of a killed Postgres may hold its shared memory for a moment, so the start is retried.
    loop {
        let from = log::length(place);
        let mut child = spawn(place, &binaries, &pgdata, options)?;
        if ready(place, &pgdata, &mut child, started)? {
            note_owner(place)?;
            return Ok(Role::Started(child));
        }
        let words = log::last_words(place, from);
        if started.elapsed() > Duration::from_secs(15) || !words.contains("shared memory") {
            return Err(start_error::sentence(place, &words));
        }
        thread::sleep(Duration::from_millis(500));
    }
}

/// Waits until Postgres accepts connections. Returns false if Postgres ended instead.
fn ready(place: &Place, pgdata: &Path, child: &mut Child, started: Instant) -> Result<bool> {
    loop {
        if child.try_wait().map_err(|e| Error::at("waiting for", pgdata, e))?.is_some() {
            return Ok(false);
        }
        let up = pidfile::read_unchecked(pgdata).is_some_and(|running| running.pid == child.id() && running.ready);
        if up && answers(place) {
            return Ok(true);
        }
        if started.elapsed() > PATIENCE {
            process::send(child.id(), Signal::Quit);
            let _ = child.wait();
            return Err(Error::new(format!(
                "Postgres is not ready after {} seconds; what it does stands in {}.",
                PATIENCE.as_secs(),
                log::path(place).display()
            )));
        }
        thread::sleep(LOOK);
    }
}

/// Runs `initdb` in a temporary folder and moves it into place when it is complete, so an interrupted run leaves
/// no partial data folder.
fn make_files(place: &Place, binaries: &Binaries, pgdata: &Path, options: &Options) -> Result<()> {
    let making = pgdata.with_extension("new");
    let mut said = String::new();
    // C.UTF-8, from Debian or Postgres 17, handles letters beyond ASCII; plain C exists on every system.
    for locale in ["C.UTF-8", "C"] {
        let _ = fs::remove_dir_all(&making);
        place.private_folder(&making)?;
        let mut command = as_database_user(place, &binaries.folder.join("initdb"));
        command.arg("-D").arg(&making).args(["-U", crate::SUPERUSER, "-E", "UTF8"]);
        command.args(["--auth-local=trust", "--auth-host=reject", "--locale", locale]);
        if options.fsync_off {
            command.arg("--no-sync");
        }
        let done = command.output().map_err(|e| Error::at("starting initdb in", &binaries.folder, e))?;
        if done.status.success() {
            return fs::rename(&making, pgdata).map_err(|e| Error::at("moving the new database to", pgdata, e));
        }
        said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
    }
    let _ = fs::remove_dir_all(&making);
    Err(start_error::sentence(place, &said))
}

/// Starts `postgres` as a direct child, so that it ends when we are killed. It has no TCP port, and only its user
/// may open the socket.
fn spawn(place: &Place, binaries: &Binaries, pgdata: &Path, options: &Options) -> Result<Child> {
    let mut command = as_database_user(place, &binaries.folder.join("postgres"));
    command.arg("-D").arg(pgdata);
    let mut set = |name: &str, value: &str| {
        command.arg("-c").arg(format!("{name}={value}"));
    };
    set("listen_addresses", "");
    set("unix_socket_directories", &place.socket_folder.to_string_lossy());
    set("unix_socket_permissions", "0700");
    set("max_connections", "300");
    set("timezone", "UTC");
    set("log_timezone", "UTC");
    if options.fsync_off {
        for name in ["fsync", "synchronous_commit", "full_page_writes"] {
            set(name, "off");
        }
    }
    let log = log::open(place)?;
    let again = log.try_clone().map_err(|e| Error::at("opening the log in", &place.root, e))?;
    command.stdout(log).stderr(again);
    process::end_with_us(&mut command, Signal::Interrupt);
    command.spawn().map_err(|e| Error::at("starting", &binaries.folder.join("postgres"), e))
}

/// A command that runs as the database user, in the socket's folder, with none of our environment variables.
fn as_database_user(place: &Place, program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C")
        .current_dir(&place.socket_folder)
        .stdin(Stdio::null());
    if let Some(user) = &place.user {
        command.uid(user.uid).gid(user.gid);
    }
    command
}

fn owner(place: &Place) -> Option<u32> {
    fs::read_to_string(place.root.join("owner")).ok()?.trim().parse().ok()
}

/// True if a process could have started or adopted an embedded Postgres. After a restart of the machine, its id
/// may belong to an unrelated program; then no process would restart the database.
fn is_keeper(pid: u32) -> bool {
    if pid == std::process::id() {
        return true;
    }
    // The thread that keeps a Postgres has this name. If threads cannot be listed, the process is assumed to have
    // one.
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return true };
    let named = |path: PathBuf| fs::read_to_string(path.join("comm")).is_ok_and(|name| name.trim() == KEEPER);
    threads.filter_map(|thread| Some(thread.ok()?.path())).any(named)
}

fn note_owner(place: &Place) -> Result<()> {
    let path = place.root.join("owner");
    fs::write(&path, std::process::id().to_string()).map_err(|e| Error::at("writing", &path, e))
}
