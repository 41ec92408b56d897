//! Which files and processes does a tool process reach? Landlock, a part of the Linux kernel, keeps it in a domain of its own:
//! programs and what they are linked with, its own folder, and nothing else of the disk.
#![expect(unsafe_code, reason = "libc and std have no functions for Landlock; each call takes plain data")]

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::spec::ServerSpec;

/// Rights over files (`linux/landlock.h`).
const EXECUTE: u64 = 1;
const WRITE_FILE: u64 = 1 << 1;
const READ_FILE: u64 = 1 << 2;
const READ_FOLDER: u64 = 1 << 3;
const TRUNCATE: u64 = 1 << 14;
const READ: u64 = READ_FILE | READ_FOLDER;
/// The rights that a rule on something else than a folder may hold.
const OF_FILES: u64 = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE;

/// Where programs and their libraries lie.
const PROGRAMS: [&str; 8] = ["/usr", "/opt", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
/// What nearly every program reads. The kernel closes the environment and the memory of processes outside the domain, so
/// `/proc` shows no more of them than a list of processes does.
const READABLE: [&str; 26] = [
    "/proc",
    "/sys/fs/cgroup",
    "/sys/devices/system/cpu",
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/ca-certificates.conf",
    "/etc/gai.conf",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/pki/ca-trust",
    "/etc/pki/tls/certs",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
];

/// Where no folder is opened because a file in it is named: secrets and devices lie there beside anything.
const CLOSED: [&str; 6] = ["/dev", "/etc", "/proc", "/root", "/run", "/sys"];

/// The versions of Landlock that first knew a right.
const KNOWS_REFER: libc::c_long = 2;
const KNOWS_TRUNCATE: libc::c_long = 3;
const KNOWS_NETWORK: libc::c_long = 4;
const KNOWS_SCOPES: libc::c_long = 6;

const NO_FLAGS: libc::c_long = 0;

/// The attributes of a ruleset. A kernel that knows fewer takes it if the others are zero.
#[repr(C)]
struct Ruleset {
    handled_access_fs: u64,
    handled_access_net: u64,
    scoped: u64,
}

/// A rule on everything beneath a folder, or on one file.
#[repr(C, packed)]
struct PathBeneath {
    allowed_access: u64,
    parent_fd: i32,
}

/// A domain that a process may enter. What it starts is in it, too, and nothing leaves it.
#[derive(Debug)]
pub(super) struct Domain(OwnedFd);

/// A domain for a process that lives in `home`. Folders that hold something of `hidden` stay closed, also those of programs.
/// `None` if this kernel has no Landlock.
///
/// In every version the kernel lets nobody without capabilities look into a process outside the own domain, so the environment
/// of this server and of other tool processes stays closed even for the same user. From version 4 on a process does not listen
/// on TCP, and from version 6 on it signals nobody outside.
pub(super) fn domain(home: &Path, spec: &ServerSpec, hidden: &[PathBuf]) -> io::Result<Option<Domain>> {
    let version = version();
    if version < 1 {
        return Ok(None);
    }
    let domain = Domain::of(version)?;
    for folder in PROGRAMS.iter().filter_map(|folder| Path::new(folder).canonicalize().ok()) {
        if !hidden.iter().any(|path| path.starts_with(&folder)) {
            domain.allow(&folder, READ | EXECUTE, version)?;
        }
    }
    for path in READABLE {
        domain.allow(Path::new(path), READ, version)?;
    }
    for path in named(spec, hidden) {
        domain.allow(&path, READ | EXECUTE, version)?;
    }
    domain.allow(Path::new("/dev/null"), READ_FILE | WRITE_FILE | TRUNCATE, version)?;
    domain.allow(home, handled(version), version)?;
    Ok(Some(domain))
}

/// What the command line names: its program, and each file among its arguments with the package that it belongs to. The
/// platform allows whole command lines, so nobody else chooses them.
fn named(spec: &ServerSpec, hidden: &[PathBuf]) -> Vec<PathBuf> {
    let arguments = spec.arguments.iter().map(Path::new).filter(|path| path.is_absolute());
    let mut all: Vec<PathBuf> = arguments.filter_map(|path| path.canonicalize().ok()).collect();
    let packages: Vec<PathBuf> = all.iter().filter_map(|path| package(path)).map(Path::to_owned).collect();
    all.extend(packages.into_iter().filter(|folder| is_of_its_own(folder)));
    all.retain(|path| path.is_file() || !hidden.iter().any(|one| one.starts_with(path) || path.starts_with(one)));
    all.extend(spec.command.canonicalize().ok().filter(|path| path.is_file()));
    all
}

/// The folder of what a file needs: the outermost `node_modules` around it, since npm lays packages beside each other; else the
/// nearest folder that says that it is a package or a virtual environment; else the one in which it lies.
fn package(file: &Path) -> Option<&Path> {
    const MARKS: [&str; 3] = ["package.json", "pyproject.toml", "pyvenv.cfg"];
    let around = || file.ancestors().skip(1);
    let modules = around().filter(|folder| folder.ends_with("node_modules")).last();
    modules.or_else(|| around().find(|folder| MARKS.iter().any(|mark| folder.join(mark).is_file()))).or(file.parent())
}

/// Whether a folder may be one of a single program: neither the root nor a folder in it, nor where secrets lie. At home they
/// lie near the top, and programs far below it.
fn is_of_its_own(folder: &Path) -> bool {
    let depth = folder.components().count();
    let is_closed = || CLOSED.iter().any(|closed| folder.starts_with(closed));
    depth > 2 && (!is_closed() || folder.starts_with("/root") && depth > 4)
}

/// The version of Landlock that the kernel has; not positive if it has none or does not use it.
fn version() -> libc::c_long {
    const ASK_VERSION: libc::c_long = 1;
    let (nothing, size): (*const Ruleset, usize) = (std::ptr::null(), 0);
    // SAFETY: with this flag the kernel reads no ruleset.
    unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, nothing, size, ASK_VERSION) }
}

/// All rights over files that a version knows: what is handled and not allowed is refused.
fn handled(version: libc::c_long) -> u64 {
    let rights = 13 + u64::from(version >= KNOWS_REFER) + u64::from(version >= KNOWS_TRUNCATE);
    (1 << rights) - 1
}

impl Domain {
    fn of(version: libc::c_long) -> io::Result<Self> {
        const BIND_TCP: u64 = 1;
        const ABSTRACT_SOCKETS_AND_SIGNALS: u64 = 3;
        let rules = Ruleset {
            handled_access_fs: handled(version),
            handled_access_net: if version >= KNOWS_NETWORK { BIND_TCP } else { 0 },
            scoped: if version >= KNOWS_SCOPES { ABSTRACT_SOCKETS_AND_SIGNALS } else { 0 },
        };
        let size = size_of::<Ruleset>();
        // SAFETY: the kernel reads `size` bytes of a ruleset that lives until it returns.
        let file = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, &raw const rules, size, NO_FLAGS) };
        let file = i32::try_from(file).ok().filter(|file| *file >= 0).ok_or_else(io::Error::last_os_error)?;
        // SAFETY: the kernel just made this file for us, to be closed by exec, and nobody else has it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(file) }))
    }

    /// Allows this much of a path. One that is not there is left out.
    fn allow(&self, path: &Path, rights: u64, version: libc::c_long) -> io::Result<()> {
        const PATH_BENEATH: libc::c_long = 1;
        let Ok(file) = found(path) else { return Ok(()) };
        let of_kind = if file.metadata()?.is_dir() { u64::MAX } else { OF_FILES };
        let rule = PathBeneath { allowed_access: rights & of_kind & handled(version), parent_fd: file.as_raw_fd() };
        let ruleset = libc::c_long::from(self.0.as_raw_fd());
        // SAFETY: the kernel reads a rule that lives until it returns, and the file that it names is open until then.
        let added =
            unsafe { libc::syscall(libc::SYS_landlock_add_rule, ruleset, PATH_BENEATH, &raw const rule, NO_FLAGS) };
        if added == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Puts the calling process into the domain, for ever. It has to have given up new privileges. Between fork and exec this
    /// only calls the system.
    pub fn enter(&self) -> io::Result<()> {
        let ruleset = libc::c_long::from(self.0.as_raw_fd());
        // SAFETY: this call takes integers.
        if unsafe { libc::syscall(libc::SYS_landlock_restrict_self, ruleset, NO_FLAGS) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }
}

/// A path, found but not opened for reading: nobody needs a right over it for that.
fn found(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(libc::O_PATH).open(path)
}

#[cfg(test)]
mod tests {
    use domain::{AgencyId, BusinessId, ToolServerId};

    use super::*;
    use crate::spec::ProcessKey;

    #[test]
    fn each_version_is_asked_for_what_it_knows_alone() {
        let rights = [1, 2, 3, 4, 7].map(|version| handled(version).count_ones());
        assert_eq!(rights, [13, 14, 15, 15, 15]);
        assert!(handled(2) & TRUNCATE == 0 && handled(3) & TRUNCATE != 0);
    }

    fn spec(arguments: &[&str]) -> ServerSpec {
        let (business, server) = (BusinessId(uuid::Uuid::nil()), ToolServerId(uuid::Uuid::nil()));
        let arguments = arguments.iter().map(|one| (*one).to_owned()).collect();
        let key = ProcessKey { business, server };
        let (agency, name) = (AgencyId(uuid::Uuid::nil()), "Test".into());
        ServerSpec { key, agency, name, command: "/bin/sh".into(), arguments, path: "/bin".into() }
    }

    #[test]
    fn a_kernel_with_landlock_takes_every_rule() {
        let (home, hidden) = (std::env::temp_dir(), [PathBuf::from("/opt/data")]);
        assert_eq!(domain(&home, &spec(&["/proc/version"]), &hidden).unwrap().is_some(), version() > 0);
    }

    #[test]
    fn a_folder_that_holds_more_than_a_program_is_none_of_its_own() {
        for (folder, wanted) in [
            ("/srv/tools", true),
            ("/srv", false),
            ("/", false),
            ("/run/secrets", false),
            ("/root", false),
            ("/etc/tools/demo", false),
            ("/var/lib/tools/demo", true),
        ] {
            assert_eq!(is_of_its_own(Path::new(folder)), wanted, "{folder}");
        }
    }

    #[test]
    fn a_file_is_kept_with_its_package() {
        let folder = std::env::temp_dir().join(format!("slipway-package-{}", std::process::id()));
        for (marked, mark) in [("app", "package.json"), ("venv", "pyvenv.cfg")] {
            std::fs::create_dir_all(folder.join(marked)).unwrap();
            std::fs::write(folder.join(marked).join(mark), "").unwrap();
        }
        for (file, wanted) in [
            ("deep/node_modules/@a/b/node_modules/c/index.js", "deep/node_modules"),
            ("app/dist/bin/index.js", "app"),
            ("venv/bin/server", "venv"),
            ("loose/server.js", "loose"),
        ] {
            assert_eq!(package(&folder.join(file)), Some(folder.join(wanted).as_path()), "{file}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_lies_beside_a_named_file_is_open_unless_it_is_hidden() {
        let folder = std::env::temp_dir().join(format!("slipway-named-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("tool")).unwrap();
        let folder = folder.canonicalize().unwrap();
        let (tool, script, hidden) = (folder.join("tool"), folder.join("tool/index.js"), folder.join("data"));
        std::fs::write(&script, "").unwrap();
        let open = |argument: &Path, hidden: &Path| {
            let mut open = named(&spec(&[argument.to_str().unwrap(), "stdio"]), &[hidden.to_owned()]);
            open.pop().unwrap();
            open
        };
        assert_eq!(open(&script, &hidden), [script.clone(), tool.clone()]);
        for hidden in [tool.join("data"), tool.clone(), folder.clone()] {
            assert_eq!(open(&script, &hidden), std::slice::from_ref(&script), "{}", hidden.display());
        }
        assert_eq!(open(&tool, &hidden), [tool], "its folder holds what is hidden");
        let passwd = Path::new("/etc/passwd");
        assert_eq!(open(passwd, &hidden), [passwd], "many files lie beside it");
        assert_eq!(open(Path::new("/"), &hidden), Vec::<PathBuf>::new());
        assert_eq!(open(Path::new("/nowhere/index.js"), &hidden), Vec::<PathBuf>::new());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
