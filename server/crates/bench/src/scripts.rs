//! What do statements cost that are written by hand? pgbench runs them prepared, as often as it is told, and says how long each
//! run took.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, bail};

/// A script of pgbench.
pub struct Script<'a> {
    /// Its statements and settings. Each text ends with a line.
    pub text: &'a str,
    /// How many clients run it at once.
    pub clients: usize,
    /// How often each of them runs it.
    pub turns: usize,
}

/// What the runs took.
pub struct Done {
    clients: usize,
    /// Each run, in milliseconds.
    pub waits: Vec<f64>,
}

impl Done {
    /// Runs in a second. The start of pgbench itself does not count.
    pub fn rate(&self) -> f64 {
        let mean = self.waits.iter().sum::<f64>() / self.waits.len().max(1) as f64;
        self.clients as f64 * 1000.0 / mean
    }
}

/// The settings with which a session acts as a page of one business, under row-level security.
pub fn as_business(business: &str) -> String {
    format!("-c role=app_rt -c app.current_sub_account_id={business}")
}

/// Whether pgbench is installed.
pub fn installed() -> bool {
    Command::new("pgbench").arg("--version").output().is_ok_and(|out| out.status.success())
}

/// Runs a script on a database as its owner, whom row-level security does not restrict.
pub fn run(socket: &Path, database: &str, script: &Script<'_>) -> anyhow::Result<Done> {
    run_with(socket, database, "", script)
}

/// Runs a script on a database with settings of the session.
pub fn run_with(socket: &Path, database: &str, settings: &str, script: &Script<'_>) -> anyhow::Result<Done> {
    let folder = folder()?;
    let (clients, turns) = (script.clients.to_string(), script.turns.to_string());
    let mut command = pgbench(socket, script.text, &folder)?;
    command.env("PGOPTIONS", settings).args(["-c", &clients, "-t", &turns, "-l", "--log-prefix"]);
    command.arg(folder.join("waits")).arg(database);
    let out = command.output().context("starting pgbench")?;
    let waits = waits(&folder);
    let _ = fs::remove_dir_all(&folder);
    if !out.status.success() {
        bail!("pgbench failed: {}", String::from_utf8_lossy(&out.stderr));
    }
    Ok(Done { clients: script.clients, waits: waits? })
}

/// A script that runs in the background until it is dropped.
pub struct Background {
    child: Child,
    folder: PathBuf,
}

impl Background {
    /// Starts a script of the owner, so many times a second in all.
    pub fn start(socket: &Path, database: &str, text: &str, clients: usize, rate: u32) -> anyhow::Result<Self> {
        let folder = folder()?;
        let mut command = pgbench(socket, text, &folder)?;
        let (clients, rate) = (clients.to_string(), rate.to_string());
        command.args(["-c", &clients, "-T", "3600", "-R", &rate]).arg(database);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().context("starting pgbench")?;
        Ok(Self { child, folder })
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn pgbench(socket: &Path, text: &str, folder: &Path) -> anyhow::Result<Command> {
    let file = folder.join("script.sql");
    fs::write(&file, text)?;
    let mut command = Command::new("pgbench");
    command.args(["-n", "-M", "prepared", "-U", embedded::SUPERUSER, "-h"]).arg(socket).arg("-f").arg(file);
    Ok(command)
}

/// A new folder for the script and its logs.
fn folder() -> anyhow::Result<PathBuf> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("slipway-bench-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    Ok(folder)
}

/// The times in the logs of all threads.
fn waits(folder: &Path) -> anyhow::Result<Vec<f64>> {
    let mut waits = Vec::new();
    for file in fs::read_dir(folder)?.flatten() {
        if file.file_name().to_string_lossy().starts_with("waits") {
            waits.extend(fs::read_to_string(file.path())?.lines().filter_map(wait));
        }
    }
    Ok(waits)
}

/// The milliseconds of one run, from a line of the log: client, number of the run, microseconds, and more (pgbench,
/// per-transaction logging).
fn wait(line: &str) -> Option<f64> {
    let microseconds: f64 = line.split_whitespace().nth(2)?.parse().ok()?;
    Some(microseconds / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_number_of_a_line_is_the_time() {
        assert_eq!(wait("0 199 2241 0 1175850568 995598"), Some(2.241));
        assert_eq!(wait("0 199 skipped 0 1175850569 8468"), None);
    }

    #[test]
    fn two_clients_run_twice_as_much() {
        let rate = |clients| Done { clients, waits: vec![1.0, 3.0] }.rate();
        assert!((rate(1) - 500.0).abs() < 1e-9 && (rate(2) - 1000.0).abs() < 1e-9);
    }
}
