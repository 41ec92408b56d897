//! `cargo x ci`: everything that a change must pass. Cheap checks run first. The tests run only if all checks
//! pass, so that a missing header is reported in seconds; last it is counted which lines they run.

use crate::tally::Tally;
use crate::{Result, checks, coverage, say, test};

/// Number of almost valid requests that the endpoint fuzz test sends before a change lands.
const FUZZ: u32 = 100_000;

/// Runs the checks, then the tests, then counts lines. The last line counts both.
pub fn ci(words: &[String]) -> Result<()> {
    let only_checks = match words {
        [] => false,
        [word] if word == "--checks" => true,
        _ => return Err("`cargo x ci` knows one option, --checks.".into()),
    };
    let mut tally = Tally::default();
    for (name, check) in checks::ALL {
        let findings = check();
        for finding in &findings {
            eprintln!("  {finding}");
        }
        say::step(format!(
            "{name}: {}",
            if findings.is_empty() { "good".to_owned() } else { format!("{} findings", findings.len()) }
        ));
        tally += Tally::one(findings.is_empty(), name);
        if embedded::process::interrupted() {
            return Err("Stopped.".into());
        }
    }
    if tally.failed == 0 && !only_checks {
        tally += test::all(false, FUZZ);
        tally += coverage::all();
    }
    test::verdict(tally)
}
