//! Starts, kills, freezes and replaces the worker processes.

use std::process::Stdio;
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use tokio::process::{Child, Command};

use crate::SCALE;

/// How long a worker is frozen. This exceeds a lease (one minute) and the time after which others are sure that a
/// write did not happen (two minutes).
const FROZEN: Duration = Duration::from_secs(180);

/// A constant number of running worker processes.
pub struct WorkerProcesses {
    /// What tells a worker its database and its simulator.
    argument: String,
    workers: Vec<Child>,
}

impl WorkerProcesses {
    /// Starts the worker processes with this argument.
    pub fn start(argument: String, many: usize) -> anyhow::Result<Self> {
        let workers = (0..many.max(1)).map(|_| spawn(&argument)).collect::<anyhow::Result<_>>()?;
        Ok(Self { argument, workers })
    }

    /// Kills one worker with SIGKILL and starts another.
    pub async fn kill(&mut self, rng: &mut StdRng) -> anyhow::Result<()> {
        let chosen = rng.random_range(0..self.workers.len());
        self.workers[chosen].kill().await?;
        self.workers[chosen] = spawn(&self.argument)?;
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

fn spawn(argument: &str) -> anyhow::Result<Child> {
    let child = Command::new(std::env::current_exe()?)
        .args(["--child", argument])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    Ok(child)
}

/// Sends a signal with the system's `kill` program. Call it only for processes that belong to this run.
pub async fn signal(name: &str, id: u32) -> anyhow::Result<bool> {
    Ok(Command::new("kill").args([name, &id.to_string()]).stderr(Stdio::null()).status().await?.success())
}
