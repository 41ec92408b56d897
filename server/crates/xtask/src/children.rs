//! Manages the processes that a command starts. Each gets a process group and a log. However the command ends, all
//! are stopped in reverse order: they are asked first and killed if they do not end.

use crate::{Result, place, say};
use embedded::process::{self, Signal};
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a child may take to end after a signal.
const GRACE: Duration = Duration::from_secs(20);

/// Child processes that end with this process.
#[derive(Debug, Default)]
pub struct Children {
    all: Vec<Kept>,
}

#[derive(Debug)]
struct Kept {
    name: String,
    child: Child,
    log: Option<PathBuf>,
}

impl Children {
    /// Starts a process. Its output goes to `target/logs/<name>.log`.
    pub fn start(&mut self, name: &str, command: &mut Command) -> Result<()> {
        let log = place::output_folder("logs").join(format!("{name}.log"));
        let file = File::create(&log).map_err(|e| format!("{} cannot be written: {e}", log.display()))?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        self.spawn(name, command, Some(log))
    }

    /// Starts a process whose output goes to the terminal.
    pub fn start_aloud(&mut self, name: &str, command: &mut Command) -> Result<()> {
        self.spawn(name, command.stdin(Stdio::null()), None)
    }

    fn spawn(&mut self, name: &str, command: &mut Command, log: Option<PathBuf>) -> Result<()> {
        process::end_with_us(command, Signal::Terminate);
        let child = command.spawn().map_err(|e| format!("{name} cannot be started: {e}"))?;
        self.all.push(Kept { name: name.to_owned(), child, log });
        Ok(())
    }

    /// Returns a sentence about the first process that has ended, with the end of its log. `None` while all run.
    pub fn ended(&mut self) -> Option<String> {
        let gone = self.all.iter_mut().find_map(|kept| Some((kept.child.try_wait().ok()??, &kept.name, &kept.log)))?;
        let (status, name, log) = gone;
        let text = log.as_ref().and_then(|log| fs::read_to_string(log).ok()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let last = lines[lines.len().saturating_sub(15)..].join("\n");
        Some(format!("{name} ended by itself ({status}); the end of its log:\n{last}"))
    }

    /// Waits until `ready` returns true. Fails if a child ends, if someone presses Ctrl-C or after `patience`.
    pub fn until(&mut self, what: &str, patience: Duration, mut ready: impl FnMut() -> bool) -> Result<()> {
        let began = Instant::now();
        while !ready() {
            if process::interrupted() {
                return Err("Stopped.".into());
            }
            if let Some(sentence) = self.ended() {
                return Err(sentence.into());
            }
            if began.elapsed() > patience {
                return Err(format!("{what} does not answer after {}: see target/logs.", say::clock(patience)).into());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Asks the process of this name alone to end, as a supervisor does, and returns its status. Fails if it takes longer.
    pub fn ask_to_end(&mut self, name: &str, patience: Duration) -> Result<ExitStatus> {
        let found = self.all.iter_mut().find(|kept| kept.name == name);
        let kept = found.ok_or_else(|| format!("{name} was not started."))?;
        process::send(kept.child.id(), Signal::Terminate);
        let began = Instant::now();
        loop {
            if let Some(status) = kept.child.try_wait()? {
                return Ok(status);
            }
            if began.elapsed() > patience {
                return Err(format!("{name} does not end within {}: see target/logs.", say::clock(patience)).into());
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Stops all of them and waits until they have ended.
    pub fn stop(&mut self) {
        while let Some(mut kept) = self.all.pop() {
            for (signal, patience) in [(Signal::Terminate, GRACE), (Signal::Kill, GRACE)] {
                if matches!(kept.child.try_wait(), Ok(Some(_))) {
                    break;
                }
                process::send_group(kept.child.id(), signal);
                let began = Instant::now();
                while began.elapsed() < patience && matches!(kept.child.try_wait(), Ok(None)) {
                    thread::sleep(Duration::from_millis(20));
                }
            }
        }
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        self.stop();
    }
}
