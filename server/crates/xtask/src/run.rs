//! Runs other programs with our search path and the shared build folder. They run quietly: their output goes to a
//! log, a heartbeat reports their progress, and only a failure shows their output.

use crate::{Result, place, say};
use embedded::process::{self, Signal};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long a running program may print no progress.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// Number of lines that are shown of a failure.
const SHOWN: usize = 120;

/// What `cargo run` sets for us and the build script of a library reads, which is ring's. Passed on, it would differ from
/// what a cargo that a person starts has, and each change of hands would compile ring again and all that uses it, the
/// database driver and the server among them.
const OF_CARGO_RUN: &[&str] = &[
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_LINKS",
    "CARGO_MANIFEST_PATH",
    "CARGO_PKG_NAME",
    "CARGO_PKG_VERSION",
    "CARGO_PKG_VERSION_MAJOR",
    "CARGO_PKG_VERSION_MINOR",
    "CARGO_PKG_VERSION_PATCH",
    "CARGO_PKG_VERSION_PRE",
    "LD_LIBRARY_PATH",
];

/// Creates a command that runs in the checkout, with our search path and build folder.
pub fn command(program: &str) -> Command {
    let found = place::program(program).unwrap_or_else(|| PathBuf::from(program));
    let mut command = Command::new(found);
    command.current_dir(place::root()).env("PATH", place::search_path());
    command.env("CARGO_TARGET_DIR", place::target()).env("CARGO_TERM_COLOR", "never");
    for name in OF_CARGO_RUN {
        command.env_remove(name);
    }
    if let Some(flags) = place::variable("RUSTFLAGS").filter(|flags| !flags.contains("erase_components")) {
        command.env("RUSTFLAGS", format!("{flags} --cfg erase_components"));
    }
    command
}

/// Creates a cargo command that checks queries against the committed descriptions, not against a database.
pub fn cargo(words: &[&str]) -> Command {
    let mut command = command("cargo");
    command.args(words).env("SQLX_OFFLINE", "true");
    command
}

/// Runs a command to its end with a heartbeat and returns its output. On failure, prints the relevant part of the
/// output and returns an error of one sentence.
pub fn quietly(what: &str, command: &mut Command) -> Result<String> {
    let (status, text) = logged(what, command)?;
    if status.success() {
        return Ok(text);
    }
    if process::interrupted() {
        return Err("Stopped.".into());
    }
    eprintln!("{}", failure(&text));
    if text.contains("no cached data for this query") {
        return Err("The stored queries are older than the code: run `cargo x sqlx`.".into());
    }
    Err(format!("{what} failed; what it said is above.").into())
}

/// Runs a command to its end with a heartbeat and returns its status and all its output.
pub fn logged(what: &str, command: &mut Command) -> Result<(ExitStatus, String)> {
    let path = place::output_folder("logs").join(format!("{}-{}.log", file_name(what), std::process::id()));
    let log = File::create(&path).map_err(|e| format!("{} cannot be written: {e}", path.display()))?;
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    let program = command.get_program().to_string_lossy().into_owned();
    process::end_with_us(command, Signal::Terminate);
    let mut child = command.spawn().map_err(|e| format!("{program} cannot be started: {e}"))?;
    let status = wait(what, &mut child, &path)?;
    let text = String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).into_owned();
    let _ = fs::remove_file(path);
    Ok((status, text))
}

/// Runs a command to its end with its output on the terminal. Returns its status and what it wrote to standard
/// output.
pub fn run_with_output(what: &str, command: &mut Command) -> Result<(ExitStatus, String)> {
    run_marked(what, "", command)
}

/// The same with this mark before each line on the terminal, for commands that run at once.
pub fn run_marked(what: &str, mark: &str, command: &mut Command) -> Result<(ExitStatus, String)> {
    process::end_with_us(command, Signal::Terminate);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|e| format!("{what} cannot be started: {e}"))?;
    let (leader, ended) = (child.id(), AtomicBool::new(false));
    let text = thread::scope(|scope| {
        // Reading blocks, so another thread watches for Ctrl-C.
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                if process::interrupted() {
                    process::send_group(leader, Signal::Terminate);
                }
                thread::sleep(Duration::from_millis(100));
            }
        });
        let text = echoed(mark, child.stdout.take());
        ended.store(true, Ordering::Relaxed);
        text
    });
    Ok((child.wait()?, text))
}

fn echoed(mark: &str, output: Option<impl Read>) -> String {
    let mut text = String::new();
    for line in
        output.into_iter().flat_map(|output| BufReader::new(output).split(b'\n')).map_while(std::result::Result::ok)
    {
        let line = String::from_utf8_lossy(&line).into_owned();
        println!("{mark}{line}");
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn wait(what: &str, child: &mut Child, log: &Path) -> Result<ExitStatus> {
    let (began, mut spoke) = (Instant::now(), Instant::now());
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if process::interrupted() {
            process::send_group(child.id(), Signal::Terminate);
        }
        if spoke.elapsed() >= HEARTBEAT {
            spoke = Instant::now();
            let text = fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
            say::step(format!("  {what}: {}, {}", say::clock(began.elapsed()), progress(&text)));
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Describes the progress: the crates that cargo has compiled, or the last line of another program.
fn progress(text: &str) -> String {
    if text.lines().last().is_some_and(|line| line.trim_start().starts_with("Blocking waiting")) {
        return "another cargo builds in the same folder; waiting for it".to_owned();
    }
    let compiled: Vec<&str> = text.lines().map(str::trim).filter(|line| starts_crate(line)).collect();
    match compiled.last() {
        Some(last) => {
            let name = last.split_whitespace().nth(1).unwrap_or_default();
            format!("{} crates so far, now {name}", compiled.len())
        }
        None => {
            let last = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("nothing printed yet");
            last.trim().chars().take(80).collect()
        }
    }
}

fn starts_crate(line: &str) -> bool {
    ["Compiling ", "Checking ", "Documenting "].iter().any(|word| line.starts_with(word))
}

/// Returns the part worth reading: everything from the first error on, or else the end.
fn failure(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !starts_crate(line.trim())).collect();
    let first = lines
        .iter()
        .position(|line| line.starts_with("error") || line.starts_with("Error") || line.contains("panicked at"));
    let start = first.unwrap_or_else(|| lines.len().saturating_sub(SHOWN));
    lines[start..].iter().take(SHOWN).copied().collect::<Vec<_>>().join("\n")
}

/// Returns the standard output of a program; `None` if it fails.
pub fn output(command: &mut Command) -> Option<String> {
    let done = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    done.status.success().then(|| String::from_utf8_lossy(&done.stdout).into_owned())
}

fn file_name(what: &str) -> String {
    what.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_gets_nothing_that_cargo_set_for_us() {
        let command = command("cargo");
        for name in ["CARGO_PKG_VERSION_MAJOR", "CARGO_PKG_VERSION_PRE", "CARGO_MANIFEST_DIR"] {
            assert!(command.get_envs().any(|(set, value)| set == name && value.is_none()), "{name}");
        }
    }

    #[test]
    fn progress_counts_crates() {
        assert_eq!(progress("   Compiling a v1\n   Compiling b v2\nwarning: x\n"), "2 crates so far, now b");
        assert_eq!(progress("added 3 packages\n\n"), "added 3 packages");
    }

    #[test]
    fn a_failure_starts_at_its_first_error() {
        assert_eq!(failure("   Compiling a\nwarning: w\nerror: e\n  at x\n"), "error: e\n  at x");
    }
}
