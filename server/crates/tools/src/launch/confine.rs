//! What may a tool process do on this host? It gains no privileges, inherits no file of ours, has bounds, and enters the control
//! group and the domain of Landlock that were made for it.
#![expect(unsafe_code, reason = "calls of libc between fork and exec that std does not offer; each takes plain data")]

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::process::CommandExt;
use std::process::Command;

use super::landlock::Domain;

/// The bounds of one tool process.
#[derive(Clone, Copy, Debug)]
pub struct Confinement {
    /// Its memory in bytes: what it writes to, not what it reserves.
    pub memory_bytes: u64,
    /// Its processor time in seconds, over its whole life.
    pub processor_seconds: u64,
    /// How many files it has open.
    pub open_files: u64,
    /// The largest file that it writes, in bytes.
    pub file_bytes: u64,
    /// How many processes and threads it has. It holds only where the process has a user of its own.
    pub processes: u64,
    /// Whether each process is kept in a domain of Landlock, where the kernel has it.
    pub landlock: bool,
    /// Whether each process gets a user of its own, where this server may change it.
    pub own_user: bool,
}

impl Default for Confinement {
    fn default() -> Self {
        Self {
            memory_bytes: 256 << 20,
            processor_seconds: 900,
            open_files: 256,
            file_bytes: 64 << 20,
            processes: 128,
            landlock: true,
            own_user: true,
        }
    }
}

/// Makes this server unreadable for processes of the same user: its memory and environment hold the keys.
#[cfg(target_os = "linux")]
pub(super) fn hide_ourselves() {
    // SAFETY: prctl takes integers and touches no memory of ours.
    unsafe { libc::prctl(libc::PR_SET_DUMPABLE, NONE, NONE, NONE, NONE) };
}

/// Other systems let no process read another one's memory by default.
#[cfg(not(target_os = "linux"))]
pub(super) fn hide_ourselves() {}

/// What a process enters before it becomes the command.
pub(super) struct Doors {
    /// The list of processes of its control group.
    pub group: Option<File>,
    /// What it may reach.
    pub domain: Option<Domain>,
}

/// Confines what the command becomes. `own_user` says that it runs as a user that no other process has; `mark` is inherited
/// by everything that it starts.
pub(super) fn confine(command: &mut Command, bounds: Confinement, own_user: bool, mark: u64, doors: Doors) {
    // SAFETY: between fork and exec only system calls happen; nothing is allocated and no lock is taken.
    unsafe {
        command.pre_exec(move || {
            doors.group.as_ref().map_or(Ok(()), |mut group| group.write_all(b"0"))?;
            bound(bounds, own_user)?;
            #[cfg(target_os = "linux")]
            {
                bound_one(libc::RLIMIT_LOCKS, mark)?;
                gain_nothing()?;
                close_files();
            }
            #[cfg(not(target_os = "linux"))]
            let _ = mark;
            doors.domain.as_ref().map_or(Ok(()), Domain::enter)
        });
    }
}

/// Sets the bounds of the calling process, which it cannot raise again.
fn bound(bounds: Confinement, own_user: bool) -> io::Result<()> {
    let processes = if own_user { bounds.processes } else { u64::MAX };
    let all = [
        (libc::RLIMIT_CORE, 0),
        (libc::RLIMIT_DATA, bounds.memory_bytes),
        (libc::RLIMIT_CPU, bounds.processor_seconds),
        (libc::RLIMIT_NOFILE, bounds.open_files),
        (libc::RLIMIT_FSIZE, bounds.file_bytes),
        (libc::RLIMIT_NPROC, processes),
    ];
    all.into_iter().filter(|(_, most)| *most != u64::MAX).try_for_each(|(resource, most)| bound_one(resource, most))
}

/// What the system calls a bound.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
type Resource = libc::__rlimit_resource_t;
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
type Resource = libc::c_int;

/// Sets one bound.
fn bound_one(resource: Resource, most: u64) -> io::Result<()> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: getrlimit writes the limit, which lives until it returns.
    if unsafe { libc::getrlimit(resource, &raw mut limit) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // The host may bound this server more tightly; that is not ours to raise.
    limit.rlim_max = most.min(limit.rlim_max);
    limit.rlim_cur = limit.rlim_max;
    // SAFETY: setrlimit reads the limit, which lives until it returns.
    if unsafe { libc::setrlimit(resource, &raw const limit) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

#[cfg(target_os = "linux")]
const NONE: libc::c_ulong = 0;

/// Programs with the set-user-ID bit give the process nothing.
#[cfg(target_os = "linux")]
fn gain_nothing() -> io::Result<()> {
    const YES: libc::c_ulong = 1;
    // SAFETY: prctl takes integers.
    if unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, YES, NONE, NONE, NONE) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Everything but standard input and outputs is closed by exec. Files of the standard library are closed by it anyway, so a
/// kernel without this call loses little.
#[cfg(target_os = "linux")]
fn close_files() {
    let (first, last) = (libc::c_long::from(3), libc::c_long::from(i32::MAX));
    // SAFETY: close_range takes integers; it marks files and closes none.
    unsafe { libc::syscall(libc::SYS_close_range, first, last, libc::c_long::from(libc::CLOSE_RANGE_CLOEXEC)) };
}
