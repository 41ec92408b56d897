//! `cargo x torture`: kills workers while they provision businesses or carry messages, then counts what was lost or done
//! twice.
//! The crate `torture` does that; this file builds it, starts it and judges it by its last line.

use crate::tally::Tally;
use crate::{Result, place, run, say};
use std::process::Command;

/// Number of kills in an ordinary test run.
const KILLS: &str = "50";

/// What goes on while workers are killed.
const WORLDS: [&str; 2] = ["clients", "talk"];

/// Builds the torture and runs it.
pub fn torture(words: &[String]) -> Result<()> {
    say::step("building the torture…");
    run::quietly("building the torture", &mut run::cargo(&["build", "--package", "torture"]))?;
    let status = program().args(words).status().map_err(|e| format!("the torture cannot be started: {e}"))?;
    if status.success() {
        Ok(())
    } else {
        Err("Something was lost, doubled or unexplained: the history is above.".into())
    }
}

/// Runs the torture of each world with few kills, for a test run. Uses the program that was built with the tests.
pub fn once() -> Result<Tally> {
    let mut tally = Tally::default();
    for world in WORLDS {
        say::step(format!("torture of the world {world} with {KILLS} kills…"));
        // The Postgres for tests skips what makes commits durable, so the torture starts one of its own.
        let mut command = program();
        command.env_remove("DATABASE_URL").args(["--world", world, "--kills", KILLS]);
        let (status, text) = run::run_with_output("torture", &mut command)?;
        tally += Tally::one(status.success() && is_clean(&text), &format!("torture of the world {world}"));
    }
    Ok(tally)
}

fn program() -> Command {
    run::command(&place::target().join("debug/torture").to_string_lossy())
}

/// Checks the last line, such as `kills 50 · jobs 61 · lost 0 · duplicated 0 · unexplained 0 · left alive 0`.
fn is_clean(text: &str) -> bool {
    let last = text.lines().rfind(|line| line.starts_with("kills ")).unwrap_or_default();
    let clean = ["lost 0", "duplicated 0", "unexplained 0", "left alive 0"];
    clean.iter().all(|part| last.split(" · ").any(|said| said.trim() == *part))
}

#[cfg(test)]
mod tests {
    use super::is_clean;

    #[test]
    fn the_last_line_is_the_verdict() {
        assert!(is_clean("x\nkills 50 · jobs 61 · lost 0 · duplicated 0 · unexplained 0 · left alive 0\n"));
        assert!(!is_clean("kills 50 · jobs 61 · lost 0 · duplicated 01 · unexplained 0 · left alive 0\n"));
        assert!(!is_clean("kills 50 · jobs 61 · lost 0 · duplicated 0 · unexplained 0 · left alive 3\n"));
        assert!(!is_clean("kills 50 · jobs 61 · lost 0 · duplicated 0 · unexplained 0\n"));
        assert!(!is_clean("stopped early"));
    }
}
