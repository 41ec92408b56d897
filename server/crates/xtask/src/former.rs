//! Where are the programs of a former revision? They are built from what git keeps of it, in a build folder of their own: a
//! build in the shared one would replace the present programs, and the next build of the checkout would compile our crates
//! again. What was built is kept by commit.

use crate::scratch::Scratch;
use crate::{Result, place, run, say};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The server, and the torture, which holds the worker.
const PROGRAMS: [&str; 2] = ["slipway", "torture"];

/// Returns the folder with the programs of a revision of git. Builds them if no earlier run did.
pub fn programs(revision: &str) -> Result<PathBuf> {
    let commit = commit(revision)?;
    // Also those of the checkout that nobody has committed yet.
    let lacking = unknown(
        &migrations(&["ls-tree", "--name-only", commit.as_str()]),
        &migrations(&["ls-files", "--cached", "--others", "--exclude-standard"]),
    );
    say::step(format!("{revision} is commit {commit}; it knows nothing of {lacking} migrations of this checkout"));
    if lacking == 0 {
        say::warn("both revisions have the same schema, so this run shows nothing of a new one.");
    }
    let kept = place::cache().join("former").join(&commit);
    if PROGRAMS.iter().all(|name| kept.join(name).is_file()) {
        return Ok(kept);
    }
    let scratch = Scratch::new("former")?;
    let source = unpacked(&commit, scratch.path())?;
    let target = place::cache().join("target-former");
    // Another clone may build another revision there: its programs have the same names.
    let _lock = lock(&target)?;
    say::step("building the former programs (the first time as long as the product takes from nothing)…");
    let mut build = run::cargo(&["build", "--package", "server", "--package", "torture", "--bins"]);
    build.current_dir(source).env("CARGO_TARGET_DIR", &target);
    run::quietly("building the former programs", &mut build)?;
    fs::create_dir_all(&kept).map_err(|e| format!("{} cannot be made: {e}", kept.display()))?;
    for name in PROGRAMS {
        keep(&target.join("debug").join(name), &kept.join(name))?;
    }
    Ok(kept)
}

/// The full name of the commit that a person named somehow.
fn commit(revision: &str) -> Result<String> {
    let named = format!("{revision}^{{commit}}");
    let found = run::output(run::command("git").args(["rev-parse", "--verify", "--quiet", named.as_str()]));
    let found = found.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    Ok(found.ok_or_else(|| format!("git knows no revision {revision} in this checkout."))?)
}

/// Writes the files of a commit into this folder and returns where they are. They are as old as this moment: cargo compares
/// times, and would take files as old as their commit for those that it has compiled already.
fn unpacked(commit: &str, folder: &Path) -> Result<PathBuf> {
    let (packed, source) = (folder.join("former.tar"), folder.join("source"));
    fs::create_dir_all(&source).map_err(|e| format!("{} cannot be made: {e}", source.display()))?;
    let mut git = run::command("git");
    git.args(["archive", "--format=tar", "--output"]).arg(&packed).arg(commit);
    run::quietly("reading the former revision", &mut git)?;
    let mut tar = run::command("tar");
    tar.args(["-x", "-m", "-f"]).arg(&packed).arg("-C").arg(&source);
    run::quietly("unpacking the former revision", &mut tar)?;
    Ok(source)
}

fn lock(target: &Path) -> Result<File> {
    fs::create_dir_all(target).map_err(|e| format!("{} cannot be made: {e}", target.display()))?;
    let path = target.join("slipway.lock");
    let lock = File::create(&path).map_err(|e| format!("{} cannot be made: {e}", path.display()))?;
    lock.lock()?;
    Ok(lock)
}

/// Copies a program that was built. Whoever looks meanwhile finds all of it or nothing.
fn keep(built: &Path, kept: &Path) -> Result<()> {
    let beside = kept.with_extension("new");
    fs::copy(built, &beside).map_err(|e| format!("{} was not built: {e}", built.display()))?;
    Ok(fs::rename(&beside, kept)?)
}

/// The names of migrations that this command of git lists, one in each line; empty if it does not.
fn migrations(listing: &[&str]) -> String {
    run::output(run::command("git").args(listing).arg("migrations/")).unwrap_or_default()
}

/// How many of these names the former ones lack.
fn unknown(former: &str, present: &str) -> usize {
    let former: BTreeSet<&str> = former.lines().collect();
    present.lines().filter(|name| !former.contains(name)).count()
}

#[cfg(test)]
mod tests {
    use super::{commit, unknown};

    #[test]
    fn a_revision_that_git_does_not_know_is_refused_in_a_sentence() {
        let refused = commit("no-such-revision").expect_err("nothing has this name");
        assert!(refused.to_string().contains("no-such-revision"), "{refused}");
    }

    #[test]
    fn migrations_that_came_later_are_counted() {
        assert_eq!(unknown("migrations/1.sql\n", "migrations/1.sql\nmigrations/2.sql\nmigrations/3.sql\n"), 2);
        assert_eq!(unknown("migrations/1.sql\nmigrations/2.sql\n", "migrations/1.sql\n"), 0);
        assert_eq!(unknown("", ""), 0);
    }
}
