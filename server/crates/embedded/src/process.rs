//! Process functions that the standard library lacks: our user id, signals to other processes, and children that
//! end with us.
//!
//! This file and `launch/confine.rs` and `launch/landlock.rs` of the crate `tools` contain all unsafe code of the
//! product. Each unsafe call is one line of libc.
#![expect(unsafe_code, reason = "five calls of libc that std does not offer; each is async-signal-safe or plain data")]

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set by the signal handler and read by the process that waits for it.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// The signals this product sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// To Postgres: end all sessions, write everything to disk, stop.
    Interrupt,
    /// To other children: stop.
    Terminate,
    /// To Postgres: stop immediately and recover at the next start.
    Quit,
    /// To a process that did not react to the other signals.
    Kill,
}

impl Signal {
    fn number(self) -> libc::c_int {
        match self {
            Self::Interrupt => libc::SIGINT,
            Self::Terminate => libc::SIGTERM,
            Self::Quit => libc::SIGQUIT,
            Self::Kill => libc::SIGKILL,
        }
    }
}

/// The effective user id of this process.
pub fn effective_user() -> u32 {
    // SAFETY: geteuid has no argument, cannot fail and touches no memory of ours.
    unsafe { libc::geteuid() }
}

/// Sends a signal to one process. Returns false if the process does not exist or we may not signal it.
pub fn send(pid: u32, signal: Signal) -> bool {
    // SAFETY: kill takes two integers; a wrong process id is reported, not undefined.
    libc::pid_t::try_from(pid).is_ok_and(|pid| pid > 1 && unsafe { libc::kill(pid, signal.number()) } == 0)
}

/// Sends a signal to a process group: a process and everything it started. The process must lead the group.
pub fn send_group(leader: u32, signal: Signal) -> bool {
    // SAFETY: as above; a negative id addresses the group.
    libc::pid_t::try_from(leader).is_ok_and(|pid| pid > 1 && unsafe { libc::kill(-pid, signal.number()) } == 0)
}

/// True if a process with this id exists, whoever owns it.
pub fn is_alive(pid: u32) -> bool {
    let Ok(pid) = libc::pid_t::try_from(pid) else { return false };
    // SAFETY: signal 0 only asks.
    pid > 0 && (unsafe { libc::kill(pid, 0) } == 0 || io::Error::last_os_error().raw_os_error() == Some(libc::EPERM))
}

/// Puts the child into its own process group and, on Linux, has the kernel signal it when the *thread* that spawns
/// it ends. On other systems the next start finds a child that was left behind.
pub fn end_with_us(command: &mut Command, signal: Signal) {
    command.process_group(0);
    let (parent, signal) = (std::process::id(), signal.number());
    // SAFETY: between fork and exec only async-signal-safe calls happen: prctl and getppid.
    unsafe {
        command.pre_exec(move || {
            #[cfg(target_os = "linux")]
            {
                if libc::prctl(libc::PR_SET_PDEATHSIG, signal) != 0 {
                    return Err(io::Error::last_os_error());
                }
                if u32::try_from(libc::getppid()) != Ok(parent) {
                    return Err(io::Error::from_raw_os_error(libc::ESRCH));
                }
            }
            #[cfg(not(target_os = "linux"))]
            let _ = (parent, signal);
            Ok(())
        });
    }
}

/// From now on, Ctrl-C, SIGTERM and SIGHUP do not end this process; they are only recorded. See [`interrupted`].
pub fn note_interrupts() {
    extern "C" fn note(_signal: libc::c_int) {
        INTERRUPTED.store(true, Ordering::SeqCst);
    }
    let handler: extern "C" fn(libc::c_int) = note;
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        // SAFETY: the handler only stores into an atomic.
        unsafe { libc::signal(signal, handler as *const () as libc::sighandler_t) };
    }
}

/// True if this process was asked to stop since [`note_interrupts`].
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}
