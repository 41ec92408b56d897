//! How does a data folder come to life, and who keeps it alive?
//! Under a lock: join what runs, wait for what is on its way up or down, else make the files and start `postgres` as our
//! direct child. A file names the process that started it; when that one is gone, whoever joins next takes over.

use crate::find::{self, Binaries};
use crate::keeper::NAME as KEEPER;
use crate::place::Place;
use crate::process::{self, Signal};
use crate::wire::Session;
use crate::{Error, Options, Result, pidfile, trouble};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often a start looks again.
const LOOK: Duration = Duration::from_millis(30);
/// Recovery after a power cut may take long; a start that says nothing for this long has failed.
const PATIENCE: Duration = Duration::from_secs(180);
/// After this a person is told what is waited for.
const QUIET: Duration = Duration::from_secs(5);
/// After this the log starts anew.
const LOG_LIMIT: u64 = 16 << 20;

/// What this process is to the Postgres that now runs.
#[derive(Debug)]
pub(crate) enum Role {
    /// We started it: it is our child and stops with us.
    Started(Child),
    /// Another process started it and lives.
    Joined { pid: u32, pgdata: PathBuf },
    /// Its starter is gone and it survived: it now stops with us.
    Adopted { pid: u32, pgdata: PathBuf },
}

/// Brings the database of a place up, or joins it.
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
        // The socket stands in a folder that only this place uses: whoever answers there is ours, whatever the file says.
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

/// Whether a session can be opened right now.
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
    // A worker of a killed Postgres may hold its shared memory for a moment: the start is tried again.
    loop {
        let from = fs::metadata(log_path(place)).map_or(0, |log| log.len());
        let mut child = spawn(place, &binaries, &pgdata, options)?;
        if ready(place, &pgdata, &mut child, started)? {
            note_owner(place)?;
            return Ok(Role::Started(child));
        }
        let words = last_words(place, from);
        if started.elapsed() > Duration::from_secs(15) || !words.contains("shared memory") {
            return Err(trouble::sentence(place, &words));
        }
        thread::sleep(Duration::from_millis(500));
    }
}

/// True when it takes connections, false when it ended instead.
fn ready(place: &Place, pgdata: &Path, child: &mut Child, started: Instant) -> Result<bool> {
    loop {
        if child.try_wait().map_err(|e| Error::at("waiting for", pgdata, e))?.is_some() {
            return Ok(false);
        }
        let up = pidfile::noted(pgdata).is_some_and(|running| running.pid == child.id() && running.ready);
        if up && answers(place) {
            return Ok(true);
        }
        if started.elapsed() > PATIENCE {
            process::send(child.id(), Signal::Quit);
            let _ = child.wait();
            return Err(Error::new(format!(
                "Postgres is not ready after {} seconds; what it does stands in {}.",
                PATIENCE.as_secs(),
                log_path(place).display()
            )));
        }
        thread::sleep(LOOK);
    }
}

/// `initdb` into a folder beside, moved into place when it is whole: one that was interrupted leaves nothing behind.
fn make_files(place: &Place, binaries: &Binaries, pgdata: &Path, options: &Options) -> Result<()> {
    let making = pgdata.with_extension("new");
    let mut said = String::new();
    // Debian and Postgres 17's own C.UTF-8 know letters beyond ASCII; plain C is there on every system.
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
    Err(trouble::sentence(place, &said))
}

/// A direct child, so that it ends when we are killed; no TCP port; a socket only its user may open.
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
    let log = log_file(place)?;
    let again = log.try_clone().map_err(|e| Error::at("opening the log in", &place.root, e))?;
    command.stdout(log).stderr(again);
    process::end_with_us(&mut command, Signal::Interrupt);
    command.spawn().map_err(|e| Error::at("starting", &binaries.folder.join("postgres"), e))
}

/// A command that runs as the database user, in its folder, with nothing of our environment.
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

fn log_file(place: &Place) -> Result<File> {
    let path = log_path(place);
    let long = fs::metadata(&path).is_ok_and(|meta| meta.len() > LOG_LIMIT);
    let opened = OpenOptions::new().create(true).append(!long).write(true).truncate(long).open(&path);
    opened.map_err(|e| Error::at("opening", &path, e))
}

fn log_path(place: &Place) -> PathBuf {
    place.root.join("log")
}

/// What was logged since the log had this length; a log that began anew is read whole.
fn last_words(place: &Place, from: u64) -> String {
    let read = || -> std::io::Result<String> {
        let mut log = File::open(log_path(place))?;
        if log.metadata()?.len() >= from {
            log.seek(SeekFrom::Start(from))?;
        }
        let mut text = Vec::new();
        log.take(64 << 10).read_to_end(&mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    };
    read().unwrap_or_default()
}

fn owner(place: &Place) -> Option<u32> {
    fs::read_to_string(place.root.join("owner")).ok()?.trim().parse().ok()
}

/// Whether a process could have started or adopted an embedded Postgres. After a restart of the machine its number may be a
/// program's that knows nothing of it, and nobody would bring the database back.
fn is_keeper(pid: u32) -> bool {
    if pid == std::process::id() {
        return true;
    }
    // The thread that keeps a Postgres carries this name; where threads cannot be listed, the process is believed.
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return true };
    let named = |path: PathBuf| fs::read_to_string(path.join("comm")).is_ok_and(|name| name.trim() == KEEPER);
    threads.filter_map(|thread| Some(thread.ok()?.path())).any(named)
}

fn note_owner(place: &Place) -> Result<()> {
    let path = place.root.join("owner");
    fs::write(&path, std::process::id().to_string()).map_err(|e| Error::at("writing", &path, e))
}
