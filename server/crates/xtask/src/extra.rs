//! `cargo x bench` and `cargo x torture`: programs of the server package that are compiled for tests only. This starts
//! them with a throwaway database address in reach; what they measure is theirs.

use crate::scratch::Scratch;
use crate::{Result, place, run, say};
use std::process::Command;

/// Whether the package has that program.
pub fn exists(name: &str) -> bool {
    let folder = place::root().join("server/src/bin");
    folder.join(format!("{name}.rs")).is_file() || folder.join(name).join("main.rs").is_file()
}

/// Runs one of them and gives its verdict.
pub fn dispatch(name: &str, words: &[String]) -> Result<()> {
    if !exists(name) {
        let there: Vec<&str> = ["bench", "torture"].into_iter().filter(|name| exists(name)).collect();
        return Err(format!("There is no {name} in server/src/bin; there is: {}.", there.join(", ")).into());
    }
    say::step(format!("building {name}…"));
    let scratch = Scratch::new(name)?;
    let postgres = scratch.postgres()?;
    let mut command = command(name, name == "bench", words);
    command.env("DATABASE_URL", postgres.superuser_url("postgres"));
    let status = command.status().map_err(|e| format!("cargo cannot be started: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} failed.").into()) }
}

/// The command that builds and runs it; measuring wants a release build, killing does not.
pub fn command(name: &str, release: bool, words: &[String]) -> Command {
    let mut command = run::cargo(&["run", "--quiet", "--package", "server", "--features", "testing", "--bin", name]);
    if release {
        command.arg("--release");
    }
    command.arg("--").args(words);
    command
}
