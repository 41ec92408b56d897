//! Which lines of a module do its tests run? A program of the module and its tests is built with counters, and too few lines
//! are a failure. The crate `coverage` has the compiler's stand-in, and reads the counters.

use crate::checks::cargo::{SERVER_SIDE, TEST_FEATURES};
use crate::scratch::Scratch;
use crate::tally::Tally;
use crate::{Result, place, run, say};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// What is measured.
struct Measured {
    /// The test target that has the module and its tests. Counters are for crates whose names begin with `covered_`.
    program: &'static str,
    /// The folder of its package.
    package: &'static str,
    /// The folder in it whose files count, as far as the program has them.
    sources: &'static str,
    /// The least share of lines, in percent.
    least: u64,
}

/// The processes of tool servers, and the helper for the credentials that they are given.
const MEASURED: &[Measured] = &[
    Measured { program: "covered_tools", package: "server/crates/tools", sources: "src", least: 90 },
    Measured {
        program: "covered_credentials",
        package: "app/crates/operations",
        sources: "src/integrations",
        least: 90,
    },
];

/// Measures each. Uses programs and libraries that were built with the tests.
pub fn all() -> Tally {
    each().unwrap_or_else(|cause| {
        eprintln!("[{}] {cause}", say::elapsed());
        Tally::one(false, "building tests with counters")
    })
}

fn each() -> Result<Tally> {
    let said = build()?;
    let data = Scratch::in_memory("coverage-data")?;
    let postgres = data.postgres()?;
    let mut tally = Tally::default();
    for module in MEASURED {
        let lines = measure(module, &said, &postgres.superuser_url("postgres"));
        let good = lines.and_then(|lines| judged(module, &lines));
        if let Err(cause) = &good {
            eprintln!("[{}] {cause}", say::elapsed());
        }
        tally += Tally::one(good.is_ok(), &format!("lines that the tests of {} run", module.program));
    }
    Ok(tally)
}

/// Builds the programs, and returns what cargo says of them. The selection is that of the tests, because a smaller one gives
/// libraries fewer features and compiles them once more.
fn build() -> Result<String> {
    say::step("building tests with counters (about a minute on two cores)…");
    let mut cargo = run::cargo(&["build", "--message-format", "json-render-diagnostics"]);
    cargo.args(SERVER_SIDE).args(TEST_FEATURES);
    cargo.args(MEASURED.iter().flat_map(|module| ["--test", module.program]));
    cargo.env("RUSTC_WRAPPER", place::target().join("debug/instrumented"));
    run::quietly("building tests with counters", &mut cargo)
}

/// Runs the tests of a module with counters, and returns what `coverage` says of them.
fn measure(module: &Measured, said: &str, database: &str) -> Result<String> {
    let name = module.program;
    let program = built(said, name).ok_or_else(|| format!("Cargo built no {name}."))?;
    let folder = place::root().join(module.package);
    let scratch = Scratch::new("coverage")?;
    let mut tests = run::command(&program.to_string_lossy());
    tests.current_dir(&folder).env("DATABASE_URL", database);
    // Counters that lie in the file itself hold what a process did between its fork and its exec.
    tests.env("LLVM_PROFILE_FILE", scratch.path().join("%c%p.profraw"));
    run::quietly(&format!("tests of {name}"), &mut tests)?;
    let mut count = run::command(&place::target().join("debug/coverage").to_string_lossy());
    count.arg(program).arg(folder.join(module.sources));
    count.args(fs::read_dir(scratch.path())?.flatten().map(|entry| entry.path()));
    run::quietly(&format!("counting lines of {name}"), &mut count)
}

/// The program of a target, as cargo's messages name it last.
fn built(said: &str, target: &str) -> Option<PathBuf> {
    let messages = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let of_target = messages.filter(|message| message["target"]["name"] == target);
    of_target.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).next_back()
}

/// Says how much ran, and refuses less than the least.
fn judged(module: &Measured, measured: &str) -> Result<()> {
    let Measured { program, package, sources, least } = module;
    let mut lines = measured.lines();
    let (ran, all) = counts(lines.next().unwrap_or_default()).ok_or("The lines were not counted.")?;
    say::step(format!("{program}: its tests run {ran} of {all} lines, {} %", ran * 100 / all));
    if ran * 100 >= all * least {
        return Ok(());
    }
    lines.for_each(|missed| eprintln!("  {package}/{sources}/{missed}"));
    Err(format!("Tests run less than {least} % of the lines of {program}: test those above.").into())
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
        let module = |least| Measured { program: "covered_x", package: "x", sources: "src", least };
        assert!(judged(&module(90), "90 100\na.rs: 1-10\n").is_ok());
        assert!(judged(&module(90), "899 1000\na.rs: 1-101\n").is_err());
        for nothing in ["", "0 0", "error", "1"] {
            assert!(judged(&module(0), nothing).is_err(), "{nothing}");
        }
    }

    #[test]
    fn the_program_of_a_target_is_the_last_that_cargo_names() {
        let said = "   Compiling x\n{\"target\":{\"name\":\"x\"},\"executable\":null}\n\
                    {\"target\":{\"name\":\"x\"},\"executable\":\"/t/x-1\"}\n\
                    {\"target\":{\"name\":\"y\"},\"executable\":\"/t/y-1\"}\n{\"reason\":\"build-finished\"}\n";
        assert_eq!(built(said, "x"), Some(PathBuf::from("/t/x-1")));
        assert_eq!(built(said, "z"), None);
        assert_eq!(built("error\n", "x"), None);
    }

    #[test]
    fn each_name_asks_for_counters() {
        assert!(MEASURED.iter().all(|module| module.program.starts_with("covered_") && module.least >= 90));
    }
}
