//! Which processes did a tool process start, wherever they went? A process may leave its group and its session, but a hard
//! limit is inherited by everything that it starts and is never raised again: one that the kernel no longer uses is the mark.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use embedded::process::{self, Signal};

/// The marks of the processes of this server.
static LIVING: Mutex<BTreeSet<u64>> = Mutex::new(BTreeSet::new());
static LAST: AtomicU32 = AtomicU32::new(0);

/// How often is looked for processes that are left, and how long one has to die until it is looked again.
const ROUNDS: u32 = 100;
const PAUSE: Duration = Duration::from_millis(5);

/// The mark of one tool process: the limit of file locks, which Linux has not used since 2.4.
#[derive(Debug)]
pub(super) struct Mark {
    /// The id of this server in the upper half, a number in the lower one.
    pub value: u64,
    /// The bound of processor time of marked processes. Together with the one of core files nothing else has it.
    processor_seconds: u64,
}

impl Mark {
    /// A mark that no other process of this server has.
    pub fn take(processor_seconds: u64) -> Self {
        let number = LAST.fetch_add(1, Ordering::SeqCst).wrapping_add(1);
        let value = of_server() | u64::from(number);
        LIVING.lock().unwrap_or_else(PoisonError::into_inner).insert(value);
        Self { value, processor_seconds }
    }

    /// Kills whatever has this mark, and whatever lowered its own to one that nobody has. It waits until they are gone and is
    /// not for a thread of the runtime.
    pub fn kill_all(&self) {
        for _ in 0..ROUNDS {
            let left: Vec<u32> = pids().filter(|pid| self.has(*pid)).collect();
            if left.is_empty() {
                return;
            }
            for pid in &left {
                process::send(*pid, Signal::Kill);
            }
            thread::sleep(PAUSE);
        }
        let mark = self.value;
        tracing::error!(event = "tool_process.left", mark, "processes of a tool server that ended could not be killed");
    }

    fn has(&self, pid: u32) -> bool {
        let Ok(limits) = fs::read_to_string(format!("/proc/{pid}/limits")) else { return false };
        self.is_of(&limits) && runs(pid)
    }

    /// Whether these are the limits of a process of this mark.
    fn is_of(&self, limits: &str) -> bool {
        let Some(value) = hard(limits, "Max file locks") else { return false };
        if value == self.value {
            return true;
        }
        let confined = hard(limits, "Max core file size") == Some(0)
            && hard(limits, "Max cpu time").is_some_and(|seconds| seconds <= self.processor_seconds);
        let lowered = value <= u64::from(u32::MAX) || value & !u64::from(u32::MAX) == of_server();
        confined && lowered && !LIVING.lock().unwrap_or_else(PoisonError::into_inner).contains(&value)
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        LIVING.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.value);
    }
}

fn of_server() -> u64 {
    u64::from(std::process::id()) << 32
}

/// A hard limit, by its name. `None` if it is unlimited or unknown.
fn hard(limits: &str, name: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// All processes of this host, as far as it shows them. None where there is no `/proc`.
fn pids() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Whether a process runs. One that is dead and that nobody waited for does not.
fn runs(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(locks: &str, core: &str, cpu: &str) -> String {
        format!(
            "Limit                     Soft Limit           Hard Limit           Units     \n\
             Max cpu time              {cpu}                {cpu}                seconds   \n\
             Max core file size        {core}               {core}               bytes     \n\
             Max file locks            {locks}              {locks}              locks     \n"
        )
    }

    #[test]
    fn a_mark_is_known_again_also_where_it_was_lowered_and_nothing_else_is() {
        let (mark, other) = (Mark::take(900), Mark::take(900));
        let foreign = (u64::from(u32::MAX) << 32) | 7;
        let cases = [
            (mark.value, "0", "900", true),
            (mark.value, "0", "10", true),
            (0, "0", "900", true),
            (1000, "0", "60", true),
            (of_server() | u64::from(u32::MAX), "0", "900", true),
            (other.value, "0", "900", false),
            (foreign, "0", "900", false),
            (1000, "0", "unlimited", false),
            (1000, "unlimited", "900", false),
            (1000, "0", "901", false),
        ];
        for (locks, core, cpu, wanted) in cases {
            assert_eq!(mark.is_of(&limits(&locks.to_string(), core, cpu)), wanted, "{locks} {core} {cpu}");
        }
        assert!(!mark.is_of(&limits("unlimited", "0", "900")) && !mark.is_of(""));
    }
}
