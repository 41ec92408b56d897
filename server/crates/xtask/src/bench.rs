//! `cargo x bench [name]`: builds the benchmark program and runs it against a build of the product. What it
//! measures, and against which competitors, is decided in `server/crates/bench`.

use crate::site::{self, Profile};
use crate::tally::Tally;
use crate::{Result, place, run, say};

/// Benchmarks that measure the product itself; the others need only its crates.
const OF_THE_PRODUCT: [&str; 8] = ["weight", "idle", "ssr", "inbox", "webhooks", "live", "provision", "tools"];

/// Builds what is needed and runs the benchmarks.
pub fn bench(words: &[String]) -> Result<()> {
    let named: Vec<&String> = words.iter().filter(|word| !word.starts_with("--")).collect();
    let whole = named.is_empty() || named.iter().any(|name| OF_THE_PRODUCT.contains(&name.as_str()));
    // Help needs no build of the product.
    let quick = words.iter().any(|word| ["--quick", "--help", "-h"].contains(&word.as_str()));
    if named.first().is_some_and(|name| *name == "soak") {
        return soak(words);
    }
    if whole && !quick {
        site::build(Profile::Release)?;
    }
    let good = run_it(words, quick)?;
    say::step(format!("figures are in {}", place::output_folder("bench").display()));
    if good { Ok(()) } else { Err("A figure is below its floor or could not be measured; see above.".into()) }
}

/// Runs jobs for hours with a clock that runs faster, which only a testing build has.
fn soak(words: &[String]) -> Result<()> {
    say::step("building the product for the soak…");
    let mut build = run::cargo(&[
        "build",
        "--release",
        "--package",
        "bench",
        "--package",
        "server",
        "--features",
        "server/testing",
    ]);
    run::quietly("building the product for the soak", &mut build)?;
    let programs = place::target().join("release");
    let mut command = run::command(&programs.join("bench").to_string_lossy());
    command.args(words).arg("--out").arg(place::output_folder("bench")).arg("--program").arg(programs.join("slipway"));
    let status = command.status().map_err(|e| format!("the soak cannot be started: {e}"))?;
    say::step(format!("figures are in {}", place::output_folder("bench").display()));
    if status.success() { Ok(()) } else { Err("Something grew, stood still or failed; see above.".into()) }
}

/// Runs every benchmark once in its small form, for a test run. Judges no times, only that nothing is lost.
pub fn once() -> Result<Tally> {
    Ok(Tally::one(run_it(&["--quick".to_owned()], true)?, "benchmarks, once and small"))
}

fn run_it(words: &[String], quick: bool) -> Result<bool> {
    // A test run has already built both with the tests. The bench starts the other program as a tool server.
    let is_built = ["bench", "tool-stub"].iter().all(|name| place::target().join("debug").join(name).is_file());
    if !quick || !is_built {
        let mut build = run::cargo(&["build", "--package", "bench", "--package", "tools"]);
        if !quick {
            build.arg("--release");
        }
        say::step("building the bench…");
        run::quietly("building the bench", &mut build)?;
    }
    let program = place::target().join(if quick { "debug/bench" } else { "release/bench" });
    let mut command = run::command(&program.to_string_lossy());
    command.args(words).arg("--out").arg(place::output_folder("bench")).arg("--cache").arg(place::cache());
    // A quick run uses whichever build exists, a release build first. It leaves out what needs another build and
    // says so.
    let builds =
        [("slipway-release", Profile::Release), ("slipway-testing", Profile::Testing), ("slipway", Profile::Debug)];
    let built = builds
        .iter()
        .take(if quick { 3 } else { 1 })
        .map(|(name, profile)| (place::output_folder("bin").join(name), *profile));
    if let Some((product, profile)) = built.into_iter().find(|(product, _)| product.is_file()) {
        command.arg("--program").arg(product).arg("--site").arg(site::folder(profile));
    }
    let status = command.status().map_err(|e| format!("{} cannot be started: {e}", program.display()))?;
    Ok(status.success())
}
