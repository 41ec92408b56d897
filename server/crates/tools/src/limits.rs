//! How many tool processes may run, how long and how much they may answer?

use std::time::Duration;

/// The bounds of all tool processes of this server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many processes run at once.
    pub processes: usize,
    /// After how much time without a call a process is ended.
    pub idle: Duration,
    /// How often idle processes are looked for.
    pub sweep: Duration,
    /// How long a start may take, and how long its first answer.
    pub start: Duration,
    /// How long a start waits for another process to make room.
    pub room: Duration,
    /// How long a process that was asked to end may take before it is killed.
    pub grace: Duration,
    /// A process that lived this long was healthy: its end is no part of a crash loop.
    pub stable: Duration,
    /// The longest answer in bytes.
    pub answer_bytes: usize,
    /// How much of the disk a process may take, in bytes.
    pub folder_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            processes: 8,
            idle: Duration::from_secs(600),
            sweep: Duration::from_secs(30),
            start: Duration::from_secs(15),
            room: Duration::from_secs(5),
            grace: Duration::from_secs(2),
            stable: Duration::from_secs(60),
            answer_bytes: 1 << 20,
            folder_bytes: 128 << 20,
        }
    }
}

impl Limits {
    /// The most processes of all clients of one agency: three quarters, so that an agency whose tools are all busy leaves room
    /// for another one.
    #[must_use]
    pub fn of_an_agency(&self) -> usize {
        (self.processes * 3 / 4).max(1)
    }
}

/// How long a server is left alone after this many ends in a row. The first one is forgiven.
pub(crate) fn back_off(crashes: u32) -> Duration {
    match crashes {
        0 | 1 => Duration::ZERO,
        more => Duration::from_secs(1 << (more - 2).min(8)).min(Duration::from_secs(300)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_process_is_gone_within_twelve_minutes() {
        let limits = Limits::default();
        assert!(limits.sweep <= Duration::from_secs(60));
        assert!(limits.idle + limits.sweep + limits.grace < Duration::from_secs(12 * 60));
    }

    #[test]
    fn an_agency_has_a_process_and_leaves_one_where_there_are_two() {
        for processes in 1..100 {
            let share = Limits { processes, ..Limits::default() }.of_an_agency();
            assert!(share >= 1 && (share < processes || processes == 1), "{processes}: {share}");
        }
    }

    #[test]
    fn each_end_in_a_row_waits_longer_up_to_five_minutes() {
        let waits: Vec<u64> = (0..12).map(|crashes| back_off(crashes).as_secs()).collect();
        assert_eq!(waits, [0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 256]);
    }
}
