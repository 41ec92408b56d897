//! Starts, kills, freezes and replaces the worker processes.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use tokio::process::{Child, Command};

use crate::SCALE;
use crate::former::{self, Former};

/// How long a worker is frozen. This exceeds a lease (one minute) and the time after which others are sure that a
/// write did not happen (two minutes).
const FROZEN: Duration = Duration::from_secs(180);

/// A constant number of running worker processes.
pub struct WorkerProcesses {
    starter: Starter,
    workers: Vec<Child>,
}

impl WorkerProcesses {
    /// Starts the worker processes with this argument. Every second one is the former program, if there is one.
    pub fn start(argument: String, many: usize, former: Option<&Former>) -> anyhow::Result<Self> {
        let starter = Starter { argument, former: former.map(Former::worker) };
        let workers = (0..many.max(1)).map(|place| starter.spawn(place)).collect::<anyhow::Result<_>>()?;
        Ok(Self { starter, workers })
    }

    /// Kills one worker with SIGKILL and starts another of the same program.
    pub async fn kill(&mut self, rng: &mut StdRng) -> anyhow::Result<()> {
        let chosen = rng.random_range(0..self.workers.len());
        self.workers[chosen].kill().await?;
        self.workers[chosen] = self.starter.spawn(chosen)?;
        Ok(())
    }

    /// Freezes one worker for longer than every lease and longer than others wait before they give up on a write.
    /// When it wakes up, it has lost its leases and does not know it.
    pub async fn freeze(&mut self, rng: &mut StdRng) -> anyhow::Result<()> {
        let chosen = rng.random_range(0..self.workers.len());
        if let Some(id) = self.workers[chosen].id() {
            signal("-STOP", id).await?;
            tokio::time::sleep(FROZEN.div_f64(SCALE)).await;
            signal("-CONT", id).await?;
        }
        Ok(())
    }

    /// Kills all workers.
    pub async fn stop(&mut self) {
        for worker in &mut self.workers {
            if let Err(error) = worker.kill().await {
                println!("torture: a worker had ended by itself: {error}");
            }
        }
    }
}

/// Starts the worker of each place.
struct Starter {
    /// What tells a worker its database and its simulator.
    argument: String,
    /// The worker program of a former revision, which takes every second place.
    former: Option<PathBuf>,
}

impl Starter {
    fn spawn(&self, place: usize) -> anyhow::Result<Child> {
        let (program, argument) = self.command(place)?;
        let child = Command::new(program)
            .args(["--child", argument.as_str()])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        Ok(child)
    }

    /// The program of this place and its argument. Only where two programs work side by side do their connections carry
    /// a name.
    fn command(&self, place: usize) -> anyhow::Result<(PathBuf, String)> {
        let own = std::env::current_exe()?;
        Ok(match &self.former {
            None => (own, self.argument.clone()),
            Some(_) if place.is_multiple_of(2) => (own, former::named(&self.argument, former::PRESENT)?),
            Some(program) => (program.clone(), former::named(&self.argument, former::FORMER)?),
        })
    }
}

/// Sends a signal with the system's `kill` program. Call it only for processes that belong to this run.
pub async fn signal(name: &str, id: u32) -> anyhow::Result<bool> {
    Ok(Command::new("kill").args([name, &id.to_string()]).stderr(Stdio::null()).status().await?.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_second_worker_is_the_former_program_and_stays_it() {
        let (argument, program) =
            ("postgres://slipway@127.0.0.1/a http://127.0.0.1:1".to_owned(), PathBuf::from("/f/torture"));
        let both = Starter { argument: argument.clone(), former: Some(program.clone()) };
        for place in [1, 3, 1] {
            let (chosen, argument) = both.command(place).expect("a command");
            assert!(chosen == program && argument.contains("=former "), "{argument}");
        }
        for place in [0, 2] {
            let (chosen, argument) = both.command(place).expect("a command");
            assert!(chosen != program && argument.contains("=present "), "{argument}");
        }
        let alone = Starter { argument: argument.clone(), former: None };
        assert_eq!(alone.command(1).expect("a command").1, argument);
    }
}
