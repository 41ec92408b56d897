//! What does a data folder say about the Postgres that runs in it?
//! `postmaster.pid` holds one fact a line: 1 process, 4 port, 5 socket folder, 8 state (`ready` when it takes
//! connections). It outlives a process that was killed, so the process is looked at too.

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

/// Reads the file; `None` when nothing runs there (no file, or the process in it is gone or is something else).
pub(crate) fn read(pgdata: &Path) -> Option<Running> {
    let running = parse(&fs::read_to_string(pgdata.join("postmaster.pid")).ok()?)?;
    runs(running.pid).then_some(running)
}

/// Whether this process is a Postgres that has not ended. One whose starter was killed may stay in the list as a zombie.
pub(crate) fn runs(pid: u32) -> bool {
    process::is_alive(pid) && is_postgres(pid)
}

/// Removes a file whose process id now belongs to something that is not Postgres: Postgres itself would refuse to start.
pub(crate) fn clear_stale(pgdata: &Path) {
    let path = pgdata.join("postmaster.pid");
    let left = fs::read_to_string(&path).ok().and_then(|text| parse(&text));
    if left.is_some_and(|left| process::is_alive(left.pid) && !is_postgres(left.pid)) {
        let _ = fs::remove_file(path);
    }
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
}
