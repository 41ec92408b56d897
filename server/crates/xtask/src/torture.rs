//! `cargo x torture`: kills workers while they provision businesses or carry messages, then counts what was lost or done
//! twice.
//! The crate `torture` does that; this file builds it, with the programs of a former revision if one is named, starts it and
//! judges it by its last line.

use crate::tally::Tally;
use crate::{Result, former, place, run, say};
use std::process::Command;

/// Number of kills in an ordinary test run.
const KILLS: &str = "50";

/// What goes on while workers are killed.
const WORLDS: [&str; 2] = ["clients", "talk"];

/// Builds the torture and runs it.
pub fn torture(words: &[String]) -> Result<()> {
    let (revision, words) = without_revision(words)?;
    say::step("building the torture…");
    run::quietly("building the torture", &mut run::cargo(&["build", "--package", "torture"]))?;
    let mut command = program();
    command.args(words);
    if let Some(revision) = &revision {
        command.arg("--former").arg(former::programs(revision)?);
    }
    let status = command.status().map_err(|e| format!("the torture cannot be started: {e}"))?;
    match (status.success(), revision) {
        (true, _) => Ok(()),
        (false, None) => Err("Something was lost, doubled or unexplained: the history is above.".into()),
        (false, Some(_)) => Err(
            "Something was lost, doubled or unexplained, or the two programs did not both work: the history is above."
                .into(),
        ),
    }
}

/// The revision of `--former`, if it is among the words, and the other words.
fn without_revision(words: &[String]) -> Result<(Option<String>, Vec<String>)> {
    let (mut revision, mut others) = (None, Vec::new());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let named = if word == "--former" {
            words.next().cloned()
        } else if let Some(name) = word.strip_prefix("--former=") {
            Some(name.to_owned())
        } else {
            others.push(word.clone());
            continue;
        };
        let good = named.filter(|name| !name.is_empty() && !name.starts_with('-'));
        revision = Some(good.ok_or("--former needs a revision of git, as in `cargo x torture --former HEAD~10`.")?);
    }
    Ok((revision, others))
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
    use super::{is_clean, without_revision};

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_revision_is_taken_out_of_the_words() {
        for text in ["--world talk --former v1.2~3 --kills 9", "--former=v1.2~3 --world talk --kills 9"] {
            let (revision, others) = without_revision(&words(text)).expect("good words");
            assert_eq!((revision.as_deref(), others), (Some("v1.2~3"), words("--world talk --kills 9")), "{text}");
        }
        let alone = without_revision(&words("--kills 9 --formerly")).expect("no revision");
        assert_eq!(alone, (None, words("--kills 9 --formerly")));
        for text in ["--former", "--former=", "--former --kills 9"] {
            let refused = without_revision(&words(text)).expect_err("no revision follows");
            assert!(refused.to_string().contains("HEAD~10"), "{text}");
        }
    }

    #[test]
    fn the_last_line_is_the_verdict() {
        assert!(is_clean("x\nkills 50 · jobs 61 · lost 0 · duplicated 0 · unexplained 0 · left alive 0\n"));
        assert!(!is_clean("kills 50 · jobs 61 · lost 0 · duplicated 01 · unexplained 0 · left alive 0\n"));
        assert!(!is_clean("kills 50 · jobs 61 · lost 0 · duplicated 0 · unexplained 0 · left alive 3\n"));
        assert!(!is_clean("kills 50 · jobs 61 · lost 0 · duplicated 0 · unexplained 0\n"));
        assert!(!is_clean("stopped early"));
    }
}
