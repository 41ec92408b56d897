//! Temporary folders for tests and checks, each with a Postgres that skips fsync. Folder and Postgres are removed
//! when the command ends.

use crate::{Result, run};
use embedded::{Options, Postgres, process};
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where Linux keeps files in memory.
const MEMORY: &str = "/dev/shm";
/// Kilobytes of memory that must be free for a folder there. A whole test run fills a third of them.
const ROOM: u64 = 6 << 20;
/// Age after which a folder in memory whose command is gone was left by a command that was killed. No test run takes as long.
const STALE: Duration = Duration::from_secs(2 * 3600);

/// A temporary folder. Dropping it removes the folder and the database files in it.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    /// Creates a temporary folder.
    pub fn new(name: &str) -> Result<Self> {
        Self::under(&std::env::temp_dir(), name)
    }

    /// Creates a temporary folder in memory, or on disk if memory is short. Each test makes and drops a database of
    /// nearly a thousand files, which takes a file system on disk many times longer.
    pub fn in_memory(name: &str) -> Result<Self> {
        let memory = Path::new(MEMORY);
        if !has_room() {
            return Self::new(name);
        }
        remove_stale(memory);
        Self::under(memory, name)
    }

    fn under(place: &Path, name: &str) -> Result<Self> {
        let folder = place.join(format!("slipway-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|e| format!("{} cannot be made: {e}", folder.display()))?;
        Ok(Self { folder })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Starts the folder's Postgres: fast, but not safe against a power failure.
    pub fn postgres(&self) -> Result<Postgres> {
        Ok(Postgres::join_or_start(&self.folder, Options { fsync_off: true, pg_bin: None })?)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.folder);
    }
}

fn remove(folder: &Path) {
    // If a folder cannot be removed, nothing can be done here; the system clears its temporary folders.
    let _ = embedded::forget(folder);
    let _ = fs::remove_dir_all(folder);
}

/// True if files can be kept in memory, and there is room for them in both the file system and the memory.
fn has_room() -> bool {
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let free = run::output(run::command("df").args(["-P", "-k", MEMORY])).unwrap_or_default();
    is_in_memory(&mounts) && available(&memory).min(free_in(&free)) >= ROOM
}

/// True if the lines of `/proc/mounts` have a file system in memory there.
fn is_in_memory(mounts: &str) -> bool {
    mounts.lines().any(|line| line.split(' ').skip(1).take(2).eq([MEMORY, "tmpfs"]))
}

/// The kilobytes that `/proc/meminfo` calls available.
fn available(memory: &str) -> u64 {
    let line = memory.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// The free kilobytes in the table of `df -P -k`, which has one line below its head.
fn free_in(table: &str) -> u64 {
    table.lines().nth(1).and_then(|line| line.split_whitespace().nth(3)?.parse().ok()).unwrap_or(0)
}

/// Removes what commands left in memory that were killed.
fn remove_stale(memory: &Path) {
    for entry in fs::read_dir(memory).into_iter().flatten().flatten() {
        let stale = entry.metadata().is_ok_and(|data| is_stale(&data));
        let owner = entry.file_name().to_str().and_then(owner);
        if stale && owner.is_some_and(|owner| !process::is_alive(owner)) {
            remove(&entry.path());
        }
    }
}

/// True for an old folder of this user. Everybody may put something there, also links to folders that are in use.
fn is_stale(data: &Metadata) -> bool {
    let ours = data.is_dir() && data.uid() == process::effective_user();
    ours && data.modified().is_ok_and(|at| at.elapsed().is_ok_and(|age| age > STALE))
}

/// The process that made a temporary folder of this name; `None` if the name is not one of ours.
fn owner(name: &str) -> Option<u32> {
    name.strip_prefix("slipway-")?.rsplit_once('-')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{available, free_in, is_in_memory, owner};

    #[test]
    fn only_a_file_system_in_memory_counts() {
        assert!(is_in_memory("/dev/vda / ext4 rw 0 0\ntmpfs /dev/shm tmpfs rw,size=1k 0 0\n"));
        for other in
            ["", "/dev/vda /dev/shm ext4 rw 0 0\n", "tmpfs /dev/shm/x tmpfs rw 0 0\n", "tmpfs /run tmpfs rw 0 0\n"]
        {
            assert!(!is_in_memory(other), "{other}");
        }
    }

    #[test]
    fn room_is_read_and_what_cannot_be_read_is_none() {
        assert_eq!(available("MemTotal: 9 kB\nMemAvailable:   22741016 kB\n"), 22_741_016);
        let head = "Filesystem     1024-blocks  Used Available Capacity Mounted on\n";
        assert_eq!(
            free_in(&format!("{head}tmpfs             24684092  2700  24681392       1% /dev/shm\n")),
            24_681_392
        );
        for other in ["", "MemAvailable:", "x\ny", head] {
            assert_eq!((available(other), free_in(other)), (0, 0), "{other}");
        }
    }

    #[test]
    fn a_folder_of_ours_names_its_process() {
        assert_eq!(owner("slipway-test-4711"), Some(4711));
        assert_eq!(owner("slipway-a-b-1"), Some(1));
        for other in ["slipway-test", "slipway-4711", "other-test-4711", "slipway-test-x", "PostgreSQL.1"] {
            assert_eq!(owner(other), None, "{other}");
        }
    }
}
