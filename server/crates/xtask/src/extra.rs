//! `cargo x bench` and `cargo x torture`: programs of the server package that are compiled for tests only, or a crate beside it. This starts
//! them with a throwaway database address in reach; what they measure is theirs.

use crate::scratch::Scratch;
use crate::{Result, place, run, say};
use std::process::Command;

/// The package that holds the program: a crate of its own, else the server.
fn package(name: &str) -> Option<&str> {
    let top = place::root();
    if top.join("server/crates").join(name).join("Cargo.toml").is_file() {
        return Some(name);
    }
    let folder = top.join("server/src/bin");
    let there = folder.join(format!("{name}.rs")).is_file() || folder.join(name).join("main.rs").is_file();
    there.then_some("server")
}

/// Whether there is such a program.
pub fn exists(name: &str) -> bool {
    package(name).is_some()
}

/// Runs one of them and gives its verdict.
pub fn dispatch(name: &str, words: &[String]) -> Result<()> {
    if !exists(name) {
        let there: Vec<&str> = ["bench", "torture"].into_iter().filter(|name| exists(name)).collect();
        return Err(format!(
            "There is no program {name} in server/src/bin or server/crates; there is: {}.",
            there.join(", ")
        )
        .into());
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
    let package = package(name).unwrap_or("server");
    let mut command = run::cargo(&["run", "--quiet", "--package", package, "--bin", name]);
    if package == "server" {
        command.args(["--features", "testing"]);
    }
    if release {
        command.arg("--release");
    }
    command.arg("--").args(words);
    command
}
