//! Finds the Postgres that runs in a data folder.
//!
//! `postmaster.pid` contains one fact per line: 1 process, 4 port, 5 socket folder, 8 state (`ready` when it
//! accepts connections). The file outlives a process that was killed, and a power failure may truncate it. After a
//! restart of the machine, its process id may belong to another program or another Postgres. So the process itself
//! is asked for its folder.

use crate::process;
use std::fs;
use std::path::{Path, PathBuf};

/// The Postgres that runs in a data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Running {
    pub pid: u32,
    pub socket_folder: PathBuf,
    pub ready: bool,
}

/// The Postgres that runs in this folder; `None` if none does. If the file is missing, truncated, or names another
/// process, the running processes are searched, because a second server in one folder would destroy the data.
pub(crate) fn read(pgdata: &Path) -> Option<Running> {
    let unnamed = |pid| Running { pid, socket_folder: PathBuf::new(), ready: false };
    read_unchecked(pgdata).filter(|named| runs(named.pid, pgdata)).or_else(|| server_of(pgdata).map(unnamed))
}

/// What the file says, without checking that it is true.
pub(crate) fn read_unchecked(pgdata: &Path) -> Option<Running> {
    parse(&fs::read_to_string(file(pgdata)).ok()?)
}

/// True if this process is the Postgres of that folder and has not ended. A process whose starter was killed may
/// remain as a zombie, which does not count.
pub(crate) fn runs(pid: u32, pgdata: &Path) -> bool {
    process::is_alive(pid) && is_postgres(pid) && !is_foreign(pid, pgdata)
}

/// Removes a pid file that names no process, or a living process that is not the Postgres of this folder.
/// Otherwise Postgres itself would refuse to start. Call this only after [`read`] returned `None`.
pub(crate) fn clear_stale(pgdata: &Path) {
    let path = file(pgdata);
    let Ok(text) = fs::read_to_string(&path) else { return };
    let names_nobody = parse(&text).is_none_or(|left| process::is_alive(left.pid) && !runs(left.pid, pgdata));
    if names_nobody {
        let _ = fs::remove_file(path);
    }
}

fn file(pgdata: &Path) -> PathBuf {
    pgdata.join("postmaster.pid")
}

fn parse(text: &str) -> Option<Running> {
    let line: Vec<&str> = text.lines().collect();
    Some(Running {
        pid: line.first()?.trim().parse().ok()?,
        socket_folder: line.get(4).copied().unwrap_or_default().trim().into(),
        ready: line.get(7).is_some_and(|state| state.trim() == "ready"),
    })
}

/// True if the process is a Postgres: its id may have been reused by another program. A zombie does not count.
fn is_postgres(pid: u32) -> bool {
    if let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) {
        return stat.contains("(postgres)") && !stat.contains(") Z ");
    }
    let ps = std::process::Command::new("ps").args(["-o", "comm=", "-p", &pid.to_string()]).output();
    ps.is_ok_and(|out| String::from_utf8_lossy(&out.stdout).trim().ends_with("postgres"))
}

/// True if this Postgres certainly serves another folder. In case of doubt it counts as ours, because two servers
/// in one folder would destroy the data.
fn is_foreign(pid: u32, pgdata: &Path) -> bool {
    let Some(words) = command_of(pid) else { return false };
    // A server's child process has this kind of name; the pid file names only servers.
    if words.first().is_some_and(|word| word.starts_with("postgres: ")) {
        return true;
    }
    if words.iter().any(|word| is_folder(word, pgdata)) {
        return false;
    }
    // A server's working directory is its data folder, however the folder was named on the command line.
    match fs::read_link(format!("/proc/{pid}/cwd")) {
        Ok(inside) => !same(&inside, pgdata),
        Err(_) => words.iter().any(|word| word == "-D" || word.starts_with("--pgdata")),
    }
}

fn is_folder(word: &str, pgdata: &Path) -> bool {
    let named = word
        .strip_prefix("--pgdata=")
        .or_else(|| word.strip_prefix("-D").filter(|rest| !rest.is_empty()))
        .unwrap_or(word);
    named.starts_with('/') && same(Path::new(named), pgdata)
}

fn same(one: &Path, other: &Path) -> bool {
    one == other || one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}

/// The command line of a process, split into words.
fn command_of(pid: u32) -> Option<Vec<String>> {
    if let Ok(line) = fs::read(format!("/proc/{pid}/cmdline")) {
        let words = line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned());
        return Some(words.collect::<Vec<_>>()).filter(|words| words.iter().any(|word| !word.is_empty()));
    }
    let ps = std::process::Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output().ok()?;
    let line = String::from_utf8_lossy(&ps.stdout).trim().to_owned();
    let words = if line.starts_with("postgres: ") { vec![line] } else { line.split(' ').map(str::to_owned).collect() };
    ps.status.success().then_some(words)
}

/// Searches all processes for the Postgres that serves a folder, on systems that list them in /proc.
fn server_of(pgdata: &Path) -> Option<u32> {
    let listed = fs::read_dir("/proc").ok()?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let serves = |pid: u32| {
        is_postgres(pid) && command_of(pid).is_some_and(|words| words.iter().any(|word| is_folder(word, pgdata)))
    };
    listed.into_iter().find(|pid| serves(*pid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_still_being_written_is_not_ready() {
        let half = parse("412\n/data\n1700000000\n5432\n/run/x\n").expect("the process is known");
        assert_eq!(half, Running { pid: 412, socket_folder: "/run/x".into(), ready: false });
        assert!(parse("412\n/d\n1\n5432\n/run/x\n\n  1 2\nready   \n").is_some_and(|r| r.ready));
        assert_eq!(parse(""), None);
    }

    #[test]
    fn a_process_that_is_not_postgres_does_not_count() {
        assert!(!is_postgres(std::process::id()));
    }

    #[test]
    fn folders_are_read_as_servers_are_told_of_them() {
        let folder = Path::new("/srv/x/15");
        for word in ["/srv/x/15", "-D/srv/x/15", "--pgdata=/srv/x/15"] {
            assert!(is_folder(word, folder), "{word}");
        }
        assert!(!is_folder("/srv/y/15", folder) && !is_folder("-D", folder));
    }
}
