//! What does a data folder say about the Postgres that runs in it?
//! `postmaster.pid` holds one fact a line: 1 process, 4 port, 5 socket folder, 8 state (`ready` when it takes
//! connections). It outlives a process that was killed and may be cut by a power failure, and after a restart of the machine
//! its number may be another program's, or another Postgres: so the process itself is asked for its folder.

use crate::process;
use std::fs;
use std::path::{Path, PathBuf};

/// The Postgres that a data folder names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Running {
    pub pid: u32,
    pub socket_folder: PathBuf,
    pub ready: bool,
}

/// The Postgres that runs there; `None` when none does. Where the file is missing, cut, or names somebody else, it is looked for
/// among the processes: a second server in one folder would destroy it.
pub(crate) fn read(pgdata: &Path) -> Option<Running> {
    let unnamed = |pid| Running { pid, socket_folder: PathBuf::new(), ready: false };
    noted(pgdata).filter(|named| runs(named.pid, pgdata)).or_else(|| server_of(pgdata).map(unnamed))
}

/// What the file says, whoever wrote it.
pub(crate) fn noted(pgdata: &Path) -> Option<Running> {
    parse(&fs::read_to_string(file(pgdata)).ok()?)
}

/// Whether this process is the Postgres of that folder and has not ended. One whose starter was killed may stay in the list as a
/// zombie.
pub(crate) fn runs(pid: u32, pgdata: &Path) -> bool {
    process::is_alive(pid) && is_postgres(pid) && !is_foreign(pid, pgdata)
}

/// Removes a file that names nobody, or a process that is not the Postgres of this folder: Postgres itself would refuse to start.
/// Call it only when [`read`] found nothing.
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

/// A process id may have been given to another program since. A zombie does not count as running.
fn is_postgres(pid: u32) -> bool {
    if let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) {
        return stat.contains("(postgres)") && !stat.contains(") Z ");
    }
    let ps = std::process::Command::new("ps").args(["-o", "comm=", "-p", &pid.to_string()]).output();
    ps.is_ok_and(|out| String::from_utf8_lossy(&out.stdout).trim().ends_with("postgres"))
}

/// Whether this Postgres certainly serves another folder. What cannot be known counts as ours: two servers in one folder would
/// destroy it.
fn is_foreign(pid: u32, pgdata: &Path) -> bool {
    let Some(words) = command_of(pid) else { return false };
    // A process of a server, which renames itself; the file names servers only.
    if words.first().is_some_and(|word| word.starts_with("postgres: ")) {
        return true;
    }
    if words.iter().any(|word| is_folder(word, pgdata)) {
        return false;
    }
    // A server works inside its folder, however it was named to it.
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

/// The words a process was started with.
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

/// The Postgres that serves a folder, found among all processes where the system lists them.
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
