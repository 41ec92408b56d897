//! Which crates are compiled with counters? Those whose names begin with `covered_`. Cargo starts this program in place of the
//! compiler (`RUSTC_WRAPPER`) and names the compiler first. Everything else is compiled as ever, so that what was built before
//! stays good; flags for cargo would compile every library again.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The mark in the name of a crate.
const MARK: &str = "covered_";
/// Counters that threads share without losing counts, in a file that also holds what a process did before it was killed.
const COUNTERS: [&str; 2] =
    ["-Cinstrument-coverage", "-Cllvm-args=-runtime-counter-relocation -instrprof-atomic-counter-update-all"];

fn main() -> Result<()> {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let Some((compiler, rest)) = words.split_first() else { bail!("Usage: instrumented COMPILER ARGUMENT…") };
    let mut command = Command::new(compiler);
    command.args(rest);
    if is_covered(rest) {
        command.args(COUNTERS);
    }
    // It returns only if the compiler cannot be started.
    Err(command.exec()).with_context(|| format!("{} cannot be started", compiler.display()))
}

/// True if the arguments name a crate with the mark.
fn is_covered(words: &[OsString]) -> bool {
    words
        .windows(2)
        .any(|pair| pair[0] == "--crate-name" && pair[1].to_str().is_some_and(|name| name.starts_with(MARK)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_crates_with_the_mark_get_counters() {
        let covered = |line: &str| is_covered(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert!(covered("--crate-name covered_tools --edition=2024 tests/covered_tools.rs --test"));
        for other in ["-vV", "- --crate-name ___ --print=cfg", "--crate-name tools covered_tools", "--crate-name"] {
            assert!(!covered(other), "{other}");
        }
    }
}
