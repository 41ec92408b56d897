//! Which lines of a crate do its tests run? Such a crate is built once more, with counters and with its tests in it, and too
//! few lines are a failure. The crate `coverage` reads the counters.

use crate::scratch::Scratch;
use crate::tally::Tally;
use crate::{Result, place, run, say};
use std::fs;
use std::path::PathBuf;

/// The crates that are measured, the program that the tests of each start, and the least share of lines in percent.
const MEASURED: &[(&str, &str, u64)] = &[("tools", "tool-stub", 90)];

/// Measures each crate. Uses programs that were built with the tests.
pub fn all() -> Tally {
    let mut tally = Tally::default();
    for (name, stub, least) in MEASURED {
        let good = measure(name, stub).and_then(|measured| judged(name, &measured, *least));
        if let Err(cause) = &good {
            eprintln!("[{}] {cause}", say::elapsed());
        }
        tally += Tally::one(good.is_ok(), &format!("lines of the crate {name} that its tests run"));
    }
    tally
}

/// Runs the tests of a crate with counters, and returns what `coverage` says of them.
fn measure(name: &str, stub: &str) -> Result<String> {
    say::step(format!("lines of the crate {name} that its tests run (the first time about 3 minutes on two cores)…"));
    let folder = place::root().join("server/crates").join(name);
    let program = build(name, stub)?;
    let scratch = Scratch::new("coverage")?;
    let mut tests = run::command(&program.to_string_lossy());
    // Counters that lie in the file itself hold what a process did between its fork and its exec.
    tests.current_dir(&folder).env("LLVM_PROFILE_FILE", scratch.path().join("%c%p.profraw"));
    run::quietly(&format!("tests of {name} with counters"), &mut tests)?;
    let mut count = run::command(&place::target().join("debug/coverage").to_string_lossy());
    count.arg(program).arg(folder.join("src"));
    count.args(fs::read_dir(scratch.path())?.flatten().map(|entry| entry.path()));
    run::quietly(&format!("counting lines of {name}"), &mut count)
}

/// Builds the tests of a crate as one program with counters. Nothing but this crate is compiled with them; the first time,
/// libraries are compiled once more that the whole product uses with more features than this crate.
fn build(name: &str, stub: &str) -> Result<PathBuf> {
    let mut cargo = run::cargo(&["rustc", "--package", name, "--lib", "--profile", "test", "--features", "covered"]);
    cargo.args(["--message-format", "json-render-diagnostics", "--", "-C", "instrument-coverage"]);
    cargo.args(["-C", "llvm-args=-runtime-counter-relocation -instrprof-atomic-counter-update-all"]);
    // Cargo says it only to tests that stand beside the crate.
    cargo.env(format!("CARGO_BIN_EXE_{stub}"), place::target().join("debug").join(stub));
    let said = run::quietly(&format!("building {name} with counters"), &mut cargo)?;
    built(&said).ok_or_else(|| format!("Cargo built no tests of {name}.").into())
}

/// The last program that cargo's messages name.
fn built(said: &str) -> Option<PathBuf> {
    let messages = said.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    messages.filter_map(|message| message.get("executable")?.as_str().map(PathBuf::from)).next_back()
}

/// Says how much ran, and refuses less than the least.
fn judged(name: &str, measured: &str, least: u64) -> Result<()> {
    let mut lines = measured.lines();
    let (ran, all) = counts(lines.next().unwrap_or_default()).ok_or("The lines were not counted.")?;
    say::step(format!("{name}: its tests run {ran} of {all} lines, {} %", ran * 100 / all));
    if ran * 100 >= all * least {
        return Ok(());
    }
    lines.for_each(|missed| eprintln!("  server/crates/{name}/src/{missed}"));
    Err(format!("Tests run less than {least} % of the lines of {name}: test those above.").into())
}

/// Reads `ran all`.
fn counts(line: &str) -> Option<(u64, u64)> {
    let (ran, all) = line.split_once(' ')?;
    Some((ran.parse().ok()?, all.parse().ok().filter(|all| *all > 0)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_than_the_least_is_refused() {
        assert!(judged("x", "90 100\na.rs: 1-10\n", 90).is_ok());
        assert!(judged("x", "899 1000\na.rs: 1-101\n", 90).is_err());
        for nothing in ["", "0 0", "error", "1"] {
            assert!(judged("x", nothing, 0).is_err(), "{nothing}");
        }
    }

    #[test]
    fn the_program_is_the_last_that_cargo_names() {
        let said = "   Compiling x\n{\"reason\":\"compiler-artifact\",\"executable\":null}\n\
                    {\"reason\":\"compiler-artifact\",\"executable\":\"/t/x-1\"}\n{\"reason\":\"build-finished\"}\n";
        assert_eq!(built(said), Some(PathBuf::from("/t/x-1")));
        assert_eq!(built("error\n"), None);
    }
}
