//! `cargo x ci`: what a change must pass. Cheap checks first; the tests run when everything that can be read is good, so
//! that a missing header is known in seconds.

use crate::tally::Tally;
use crate::{Result, checks, say, test};

/// Almost right requests that the fuzz of the endpoints sends before a change lands.
const FUZZ: u32 = 100_000;

/// Checks, then tests; the last line counts both.
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
        tally += Tally::one(findings.is_empty());
        if embedded::process::interrupted() {
            return Err("Stopped.".into());
        }
    }
    if tally.failed == 0 && !only_checks {
        tally += test::all(false, FUZZ);
    }
    test::verdict(tally)
}
