//! `cargo x test`: runs all tests and counts them in one line at the end.

use crate::checks::cargo::{SERVER_SIDE, TEST_FEATURES};
use crate::journeys;
use crate::scratch::Scratch;
use crate::tally::Tally;
use crate::{Result, apt, bench, image, place, rerun, run, say, site, torture};

/// Number of almost valid requests, and of mutated bodies of webhooks, that the fuzz tests try in a test run.
const FUZZ: u32 = 10_000;

/// What the names of the fuzz tests have in them.
const FUZZ_TESTS: &[&str] = &["fuzz::", "webhook::tests::mutations::"];

/// Runs all tests; `--fast` leaves out the browser, the torture and the benchmarks.
pub fn test(words: &[String]) -> Result<()> {
    let fast = match words {
        [] => false,
        [word] if word == "--fast" => true,
        _ => return Err("`cargo x test` knows one option, --fast.".into()),
    };
    verdict(all(fast, FUZZ))
}

/// Runs the fuzz tests alone, with so many requests and bodies. It takes as long as the number asks for.
pub fn fuzz(words: &[String]) -> Result<()> {
    let asked = match words {
        [] => Some(FUZZ),
        [number] => number.replace('_', "").parse().ok(),
        _ => None,
    };
    let count = asked.ok_or("`cargo x fuzz` takes a number, such as 1_000_000.")?;
    verdict(crates(count, FUZZ_TESTS)?)
}

/// Prints what was said of failures and, as the last line, the numbers; fails if a test failed.
pub fn verdict(tally: Tally) -> Result<()> {
    for said in &tally.said {
        println!("\n{said}");
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    if tally.failed > 0 { Err("".into()) } else { Ok(()) }
}

/// Runs every kind of test, with this many requests and bodies of the fuzz tests. A kind that cannot even start counts
/// as one failure. If the code does not compile, that is the only failure.
pub fn all(fast: bool, fuzz: u32) -> Tally {
    say::step("building programs and tests (the first time about 6 minutes on two cores)…");
    let (programs, site) = if fast {
        (site::programs_and_tests(), None)
    } else {
        let (programs, site) = site::for_tests();
        (programs, Some(site))
    };
    if let Err(cause) = programs {
        eprintln!("[{}] {cause}", say::elapsed());
        return Tally::one(false, "building programs and tests");
    }
    let mut tally = counted("tests of the crates", crates(fuzz, &[]));
    if let Some(site) = site {
        // A build that failed is counted once, with the journeys.
        if let Ok(site) = &site {
            tally += counted("the script against the image", image::on(site));
        }
        tally += counted("browser journeys", site.and_then(|site| journeys::on(&site, &[])));
        tally += counted("torture", torture::once());
        tally += counted("benchmarks, once and small", bench::once());
    }
    tally
}

fn counted(what: &str, result: Result<Tally>) -> Tally {
    match result {
        Ok(tally) => {
            say::step(format!("{what}: {} passed, {} failed", tally.passed, tally.failed));
            tally
        }
        Err(cause) => {
            eprintln!("[{}] {what}: {cause}", say::elapsed());
            Tally::one(false, what)
        }
    }
}

/// Some tests access the product through PgBouncer. Without it they say so and pass, so it is installed if
/// possible.
fn pooler() {
    let found = place::program("pgbouncer").is_some() || std::path::Path::new("/usr/sbin/pgbouncer").is_file();
    if !found && !apt::install(&["pgbouncer"], "PgBouncer") {
        say::warn("PgBouncer is missing: what is tested through a pooler is left out.");
    }
}

/// Runs the tests of the crates, or only those with one of these words in their names.
fn crates(fuzz: u32, only: &[&str]) -> Result<Tally> {
    pooler();
    let scratch = Scratch::in_memory("test")?;
    let postgres = scratch.postgres()?;
    say::step("tests of the crates…");
    // Without `--tests` cargo would look for examples in the documentation of each crate; a check refuses them.
    let command = |words: &[&str]| {
        let mut command = run::cargo(&["test", "--no-fail-fast", "--tests"]);
        command.args(SERVER_SIDE).args(TEST_FEATURES).env("DATABASE_URL", postgres.superuser_url("postgres"));
        command.env("FUZZ_REQUESTS", fuzz.to_string()).env("FUZZ_BODIES", fuzz.to_string());
        command.env("SLIPWAY_DATA", scratch.path().join("data")).arg("--").args(words);
        command
    };
    let (status, text) = run::run_with_output("cargo test", &mut command(only))?;
    rerun::judged(Tally::of_cargo(&text, status.success()), &text, |names| {
        say::step(format!("once more, alone: {}", names.join(", ")));
        let words: Vec<&str> =
            ["--test-threads=1", "--exact"].into_iter().chain(names.iter().map(String::as_str)).collect();
        let (status, text) = run::logged("cargo test", &mut command(&words))?;
        Ok(Tally::of_cargo(&text, status.success()))
    })
}
