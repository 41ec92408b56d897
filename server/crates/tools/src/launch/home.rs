//! Where does a tool process live, and what stays of it? In a folder of its own, under a mark that everything it starts keeps,
//! and as a user of its own where that can be. All of it ends with this.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use embedded::process;

use super::group::Group;
use super::marks::Mark;
use super::users::{self, User};

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

/// What servers that were killed left in a folder: each name begins with the number of its server.
pub(super) fn left_over(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.flatten();
    let of_the_dead = entries.filter(|entry| {
        let name = entry.file_name();
        let server = name.to_str().and_then(|name| name.split_once('-')).and_then(|(pid, _)| pid.parse::<u32>().ok());
        server.is_some_and(|pid| !process::is_alive(pid))
    });
    Ok(of_the_dead.map(|entry| entry.path()).collect())
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
