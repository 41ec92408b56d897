//! Decides where the database files and the socket are, and which user Postgres runs as.
//!
//! Three facts matter: Postgres refuses to run as root; the user that it runs as must be able to reach its folder;
//! and the path of a socket may have at most 107 bytes (103 on macOS), however deep the checkout is.

use crate::{Error, Result, process};
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, lchown};
use std::path::{Path, PathBuf};

/// Maximum length of a socket's path, on the strictest system we support.
const SOCKET_ROOM: usize = 103;
/// Where root puts files that the unprivileged database user must reach.
const ROOTS_PLACE: &str = "/var/lib/slipway";
/// The file name that Postgres gives its socket for the default port.
pub(crate) const SOCKET: &str = ".s.PGSQL.5432";

/// The user that Postgres runs as if we are root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    pub uid: u32,
    pub gid: u32,
}

/// The facts about an embedded database that do not change while it runs.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// Folder for one data folder per major version, the lock, the log, and the process id of the owner.
    pub root: PathBuf,
    /// The folder of the socket; mode 0700.
    pub socket_folder: PathBuf,
    /// The user that Postgres runs as. `None` if we are not root and it runs as our own user.
    pub user: Option<User>,
}

impl Place {
    /// Chooses and creates the folders for a data folder, and writes their paths to a file in it.
    pub fn of(data: &Path) -> Result<Self> {
        fs::create_dir_all(data).map_err(|e| Error::at("making the data folder", data, e))?;
        let data = data.canonicalize().map_err(|e| Error::at("opening the data folder", data, e))?;
        let user = if process::effective_user() == 0 { Some(unprivileged()?) } else { None };
        let beside = data.join("postgres");
        let root = match &user {
            Some(user) if !reaches(user, &data) && beside.exists() => {
                return Err(Error::new(format!(
                    "The database files are in {}, and the user that Postgres runs as can no longer reach them: run `chmod \
                     o+x` on {} and the folders above it.",
                    beside.display(),
                    data.display()
                )));
            }
            Some(user) if !reaches(user, &data) => Path::new(ROOTS_PLACE).join(name_of(&data)),
            _ => beside,
        };
        fs::create_dir_all(&root).map_err(|e| Error::at("making the database folder", &root, e))?;
        let place = Self { socket_folder: socket_folder(&root), root, user };
        place.private_folder(&place.socket_folder)?;
        let note = format!("files {}\nsocket {}\n", place.root.display(), place.socket_folder.display());
        let noted = data.join("postgres.place");
        if fs::read_to_string(&noted).ok().as_deref() != Some(&note) {
            fs::write(&noted, note).map_err(|e| Error::at("writing", &noted, e))?;
        }
        Ok(place)
    }

    /// The Postgres data folder of one major version.
    pub fn pgdata(&self, major: u32) -> PathBuf {
        self.root.join(major.to_string())
    }

    /// Major versions for which data exists, newest first.
    pub fn majors(&self) -> Vec<u32> {
        let mut majors: Vec<u32> = fs::read_dir(&self.root)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter(|major| self.pgdata(*major).join("PG_VERSION").exists())
            .collect();
        majors.sort_unstable_by(|a, b| b.cmp(a));
        majors
    }

    /// The path of the socket.
    pub fn socket(&self) -> PathBuf {
        self.socket_folder.join(SOCKET)
    }

    /// Creates a folder that only the database user may enter. Refuses a folder that belongs to another user.
    /// Several processes may do this for one folder at the same time.
    pub fn private_folder(&self, path: &Path) -> Result<()> {
        let ours = process::effective_user();
        let owner = self.user.as_ref().map_or(ours, |user| user.uid);
        match fs::DirBuilder::new().mode(0o700).create(path) {
            Err(e) if e.kind() != ErrorKind::AlreadyExists => return Err(Error::at("making", path, e)),
            _ => {}
        }
        let mut found = fs::symlink_metadata(path).map_err(|e| Error::at("looking at", path, e))?;
        if let Some(user) = &self.user
            && found.is_dir()
            && found.uid() == ours
        {
            // New, or made a moment ago by another process that has not given it away yet.
            lchown(path, Some(user.uid), Some(user.gid)).map_err(|e| Error::at("giving away", path, e))?;
            found = fs::symlink_metadata(path).map_err(|e| Error::at("looking at", path, e))?;
        }
        if !found.is_dir() || found.uid() != owner {
            return Err(Error::new(format!(
                "{} belongs to another user: start this as the user who made it, or remove it if nothing in it is needed.",
                path.display()
            )));
        }
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(|e| Error::at("closing", path, e))
    }
}

/// A short, stable name (FNV-1a): the same data folder gets the same name in every release.
fn name_of(path: &Path) -> String {
    let hash = path
        .as_os_str()
        .as_bytes()
        .iter()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    let checkout =
        path.parent().and_then(Path::file_name).map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let plain: String = checkout.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(24).collect();
    format!("{plain}-{hash:08x}")
}

fn socket_folder(root: &Path) -> PathBuf {
    let beside = root.join("run");
    if beside.join(SOCKET).as_os_str().len() <= SOCKET_ROOM {
        return beside;
    }
    Path::new("/tmp").join(format!("slipway-{}-{}", process::effective_user(), name_of(root)))
}

/// The user `postgres` if the system has it, else `nobody`. initdb refuses a user id without an entry in
/// /etc/passwd.
fn unprivileged() -> Result<User> {
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    ["postgres", "_postgres", "nobody"].iter().find_map(|name| entry(&passwd, name)).ok_or_else(|| {
        Error::new("Postgres cannot run as root and the system has neither the user postgres nor nobody: start this as an ordinary user.")
    })
}

fn entry(passwd: &str, name: &str) -> Option<User> {
    let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
    let field: Vec<&str> = line.split(':').collect();
    Some(User { uid: field.get(2)?.parse().ok()?, gid: field.get(3)?.parse().ok()? })
}

/// True if the user can reach the folder: every folder on the path is open to everybody or belongs to the user.
pub(crate) fn reaches(user: &User, folder: &Path) -> bool {
    folder.ancestors().all(|above| {
        fs::metadata(above)
            .is_ok_and(|meta| meta.mode() & 0o001 != 0 || (meta.uid() == user.uid && meta.mode() & 0o100 != 0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deep_checkout_keeps_its_socket_elsewhere() {
        let deep = Path::new("/home/someone").join("a-folder".repeat(12));
        assert!(socket_folder(&deep).starts_with("/tmp"));
        assert!(socket_folder(&deep).join(SOCKET).as_os_str().len() <= SOCKET_ROOM);
        assert_eq!(socket_folder(&deep), socket_folder(&deep));
        assert_eq!(socket_folder(Path::new("/srv/x")), Path::new("/srv/x/run"));
    }

    #[test]
    fn several_processes_make_one_private_folder_at_once() {
        let root = std::env::temp_dir().join(format!("slipway-place-{}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        let user = (process::effective_user() == 0).then(|| unprivileged().unwrap());
        let place = Place { root: root.clone(), socket_folder: root.join("run"), user };
        let start = std::sync::Barrier::new(4);
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    for round in 0..50 {
                        start.wait();
                        place.private_folder(&root.join(round.to_string())).unwrap();
                    }
                });
            }
        });
        fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn the_user_is_read_from_the_system_list() {
        let passwd = "root:x:0:0::/root:/bin/sh\npostgres2:x:7:7::/:/bin/sh\npostgres:x:101:104:PG,,:/var:/bin/bash\n";
        assert_eq!(entry(passwd, "postgres"), Some(User { uid: 101, gid: 104 }));
        assert_eq!(entry(passwd, "nobody"), None);
    }
}
