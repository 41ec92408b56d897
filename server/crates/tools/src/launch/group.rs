//! How much of the machine may a tool process take together with all that it starts? A control group of its own (cgroup v2)
//! bounds it, where the platform gave this server one to divide; else each process has its own bounds alone.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use super::confine::Confinement;
use super::home;

/// What bounds a group.
const CONTROLLERS: [&str; 3] = ["memory", "pids", "cpu"];
/// One processor: so many microseconds of each so many.
const ONE_PROCESSOR: &str = "100000 100000";
/// The kernel lets a group go a moment after its last process.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(10);

/// The number of the last group. Several launchers of this server may divide one group.
static LAST: AtomicU64 = AtomicU64::new(0);

/// A control group that this server divides among its tool processes.
#[derive(Clone, Debug)]
pub(super) struct Divided(PathBuf);

impl Divided {
    /// Lets groups within this one have bounds, and removes those that servers left which were killed.
    pub fn divide(folder: &Path, left_over: Vec<PathBuf>) -> io::Result<Self> {
        let offered = fs::read_to_string(folder.join("cgroup.controllers"))?;
        let missing = CONTROLLERS.into_iter().find(|wanted| !offered.split_whitespace().any(|one| one == *wanted));
        if let Some(missing) = missing {
            return Err(io::Error::other(format!("the control group has no controller `{missing}`")));
        }
        let all: Vec<String> = CONTROLLERS.iter().map(|one| format!("+{one}")).collect();
        fs::write(folder.join("cgroup.subtree_control"), all.join(" "))?;
        left_over.iter().for_each(|group| kill(group));
        // Whoever divides it has a call to make, and waits for none of them.
        let cleaner = thread::Builder::new().name("tool-cleaner".to_owned());
        let _ = cleaner.spawn(move || left_over.iter().for_each(|group| remove(group)));
        Ok(Self(folder.to_owned()))
    }

    /// A group for one process.
    pub fn group(&self, bounds: &Confinement) -> io::Result<Group> {
        let number = LAST.fetch_add(1, Ordering::SeqCst) + 1;
        let path = self.0.join(home::own_name(number));
        fs::create_dir(&path)?;
        let group = Group(path);
        group.set("memory.max", &bounds.memory_bytes.to_string())?;
        group.set("pids.max", &bounds.processes.to_string())?;
        group.set("cpu.max", ONE_PROCESSOR)?;
        // A kernel without swap has no such file.
        let _ = group.set("memory.swap.max", "0");
        Ok(group)
    }
}

/// The group of one process. Dropping it kills what is left in it; that may take a moment.
#[derive(Debug)]
pub(super) struct Group(PathBuf);

impl Group {
    /// Whoever writes `0` here enters the group with all that it starts from then on.
    pub fn entrance(&self) -> io::Result<File> {
        File::create(self.0.join("cgroup.procs"))
    }

    fn set(&self, bound: &str, most: &str) -> io::Result<()> {
        fs::write(self.0.join(bound), most)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        kill(&self.0);
        remove(&self.0);
    }
}

/// Ends what is in a group. A kernel before 5.14 has no such file; its processes were killed by their mark.
fn kill(group: &Path) {
    let _ = fs::write(group.join("cgroup.kill"), "1");
}

/// Removes a group once the kernel lets it go.
fn remove(group: &Path) {
    let mut tries = 0;
    let error = loop {
        match fs::remove_dir(group) {
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy && tries < TRIES => {
                tries += 1;
                thread::sleep(PAUSE);
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => break error,
            _ => return,
        }
    };
    let group = group.display();
    tracing::warn!(event = "tool_process.group_left", %group, %error, "the control group of a tool process could not be removed");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that looks like a control group with these controllers.
    fn folder(name: &str, controllers: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("slipway-group-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("cgroup.controllers"), controllers).unwrap();
        folder
    }

    #[test]
    fn a_process_gets_a_group_with_every_bound() {
        let folder = folder("bounds", "cpuset cpu io memory pids\n");
        let divided = Divided::divide(&folder, Vec::new()).unwrap();
        assert_eq!(fs::read_to_string(folder.join("cgroup.subtree_control")).unwrap(), "+memory +pids +cpu");
        let bounds = Confinement { memory_bytes: 1 << 20, processes: 7, ..Confinement::default() };
        let (one, other) = (divided.group(&bounds).unwrap(), divided.group(&bounds).unwrap());
        assert_ne!(one.0, other.0);
        for (file, wanted) in
            [("memory.max", "1048576"), ("memory.swap.max", "0"), ("pids.max", "7"), ("cpu.max", "100000 100000")]
        {
            assert_eq!(fs::read_to_string(one.0.join(file)).unwrap(), wanted, "{file}");
        }
        let path = one.0.clone();
        drop(one);
        assert_eq!(fs::read_to_string(path.join("cgroup.kill")).unwrap(), "1", "what is left in it ends");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_cannot_bound_a_process_is_refused() {
        for (name, controllers, missing) in
            [("one", "memory pids", "`cpu`"), ("two", "cpu memory_pressure pids", "`memory`"), ("none", "", "`memory`")]
        {
            let folder = folder(name, controllers);
            let refused = Divided::divide(&folder, Vec::new()).unwrap_err().to_string();
            assert!(refused.contains(missing), "{controllers}: {refused}");
            fs::remove_dir_all(folder).unwrap();
        }
        assert!(Divided::divide(Path::new("/proc/self/no-such-group"), Vec::new()).is_err());
    }

    #[test]
    fn groups_of_servers_that_were_killed_are_ended_and_those_of_living_ones_stay() {
        let folder = folder("left", "memory pids cpu");
        let (dead, before) = (folder.join("4194305-1"), folder.join(format!("{}-1", std::process::id())));
        let alive = folder.join(home::own_name(0));
        for group in [&dead, &before, &alive] {
            fs::create_dir(group).unwrap();
        }
        Divided::divide(&folder, home::left_over(&folder).unwrap()).unwrap();
        let is_ended = |group: &Path| group.join("cgroup.kill").exists();
        assert!(is_ended(&dead) && is_ended(&before) && !is_ended(&alive));
        let _ = fs::remove_dir_all(folder);
    }
}
