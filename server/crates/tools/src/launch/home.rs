//! Where does a tool process live, and what stays of it? In a folder of its own, under a mark that everything it starts keeps,
//! and as a user of its own where that can be. All of it ends with this.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use embedded::process;
use uuid::Uuid;

use super::group::Group;
use super::marks::Mark;
use super::users::{self, User};

/// What the names of this server begin with: its number, which a server in a container has again after each start, and one that
/// no other server has.
static SERVER: LazyLock<String> =
    LazyLock::new(|| format!("{}.{}", std::process::id(), &Uuid::now_v7().simple().to_string()[24..]));

/// The folder, the mark and the user of one process. Dropping it kills what is left and removes the folder; that may take long.
#[derive(Debug)]
pub(super) struct Home {
    pub path: PathBuf,
    pub mark: Mark,
    /// `None` where this server has no control group to divide.
    pub group: Option<Group>,
    /// `None` if the process runs as we do. It is free again when nothing of the process is left.
    pub user: Option<User>,
}

impl Home {
    /// Makes a folder that is not there yet.
    pub fn make(path: PathBuf, own_user: bool, processor_seconds: u64, group: Option<Group>) -> io::Result<Self> {
        let user = if own_user {
            Some(users::take().ok_or_else(|| io::Error::other("every user id for tools is in use"))?)
        } else {
            None
        };
        DirBuilder::new().mode(0o700).create(&path)?;
        let home = Self { path, mark: Mark::take(processor_seconds), group, user };
        if let Some(user) = &home.user {
            std::os::unix::fs::chown(&home.path, Some(user.id), Some(user.id))?;
        }
        Ok(home)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        self.mark.kill_all();
        remove(&self.path);
    }
}

/// The name of something of this server, which has many. No server before it used the same.
pub(super) fn own_name(number: u64) -> String {
    format!("{}-{number}", *SERVER)
}

/// What servers that were killed left in a folder: each name begins with its server.
pub(super) fn left_over(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.flatten();
    let of_the_dead = entries.filter(|entry| entry.file_name().to_str().is_some_and(is_of_the_dead));
    Ok(of_the_dead.map(|entry| entry.path()).collect())
}

/// Whether the server that gave this name is gone. One that had our number is.
fn is_of_the_dead(name: &str) -> bool {
    let Some((server, _)) = name.split_once('-') else { return false };
    let pid = server.split('.').next().and_then(|pid| pid.parse::<u32>().ok());
    pid.is_some_and(|pid| !process::is_alive(pid) || (pid == std::process::id() && server != *SERVER))
}

/// Removes a folder with everything in it, also what its owner closed against everybody.
pub(super) fn remove(folder: &Path) {
    if fs::remove_dir_all(folder).is_ok() {
        return;
    }
    open_up(folder);
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            let folder = folder.display();
            tracing::warn!(event = "tool_process.folder_left", %folder, %error, "the folder of a tool process could not be removed");
        }
        _ => {}
    }
}

/// Lets the owner into each folder. Nobody writes there any more, so no name becomes another one meanwhile.
fn open_up(folder: &Path) {
    let mut closed = vec![folder.to_owned()];
    while let Some(next) = closed.pop() {
        let is_folder = fs::symlink_metadata(&next).is_ok_and(|found| found.is_dir());
        if !is_folder || fs::set_permissions(&next, Permissions::from_mode(0o700)).is_err() {
            continue;
        }
        let entries = fs::read_dir(&next).into_iter().flatten().flatten();
        closed.extend(
            entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path()),
        );
    }
}

/// Whether what lies in a folder takes more than this many bytes of the disk, or is more than can be counted in a moment.
pub(crate) fn is_larger(folder: &Path, most_bytes: u64) -> bool {
    const MOST_ENTRIES: u32 = 20_000;
    let (mut bytes, mut entries, mut folders) = (0_u64, 0_u32, vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten().flatten() {
            // Of the entry itself: a link weighs what it takes, not what it names.
            let Ok(found) = entry.metadata() else { continue };
            bytes = bytes.saturating_add(found.blocks().saturating_mul(512));
            entries += 1;
            if bytes > most_bytes || entries > MOST_ENTRIES {
                return true;
            }
            if found.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("slipway-home-{name}-{}", std::process::id()));
        fs::create_dir_all(folder.join("a/b")).unwrap();
        fs::write(folder.join("a/b/file"), [1; 10_000]).unwrap();
        folder
    }

    #[test]
    fn a_server_knows_its_own_names_from_those_of_one_that_had_its_number() {
        let (us, other) = (std::process::id(), 1);
        for (name, is_dead) in [
            (own_name(7), false),
            (format!("{us}-7"), true),
            (format!("{us}.00000000-7"), true),
            (format!("{other}-7"), us == other),
            (format!("{other}.00000000-7"), us == other),
            ("4194305-7".to_owned(), true),
            ("4194305.00000000-7".to_owned(), true),
            ("4194305".to_owned(), false),
            ("server".to_owned(), false),
            ("not-ours".to_owned(), false),
            ("cgroup.procs".to_owned(), false),
        ] {
            assert_eq!(is_of_the_dead(&name), is_dead, "{name}");
        }
        assert!(own_name(7).len() < 32, "a socket in a folder of this name has a path that the system takes");
    }

    #[test]
    fn a_folder_that_was_closed_is_removed() {
        let folder = folder("closed");
        for closed in ["a/b", "a", ""] {
            fs::set_permissions(folder.join(closed), Permissions::from_mode(0o000)).unwrap();
        }
        remove(&folder);
        assert!(!folder.exists());
    }

    #[test]
    fn all_files_of_a_folder_are_weighed_and_no_link_is_followed() {
        let folder = folder("weighed");
        std::os::unix::fs::symlink("/", folder.join("link")).unwrap();
        assert!(!is_larger(&folder, 1 << 20) && is_larger(&folder, 9_000));
        remove(&folder);
        assert!(!is_larger(&folder, 0));
    }
}
