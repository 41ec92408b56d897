//! The worker processes: how they are started, killed, frozen and replaced.

use std::process::Stdio;
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use tokio::process::{Child, Command};

use crate::SCALE;
use crate::harness::Harness;

/// Longer than a lease of a minute, and than the two minutes after which others are sure that a write did not happen.
const FROZEN: Duration = Duration::from_secs(180);

/// Some worker processes, always the same number alive.
pub struct WorkerProcesses {
    workers: Vec<Child>,
}

impl WorkerProcesses {
    /// Starts them.
    pub fn start(harness: &Harness, many: usize) -> anyhow::Result<Self> {
        let workers = (0..many.max(1)).map(|_| spawn(harness)).collect::<anyhow::Result<_>>()?;
        Ok(Self { workers })
    }

    /// Kills one without warning and starts another.
    pub async fn kill(&mut self, harness: &Harness, rng: &mut StdRng) -> anyhow::Result<()> {
        let chosen = rng.random_range(0..self.workers.len());
        self.workers[chosen].kill().await?;
        self.workers[chosen] = spawn(harness)?;
        Ok(())
    }

    /// Freezes one for longer than every lease and than others wait before they give a write up; it wakes up as somebody who lost
    /// everything and does not know it.
    pub async fn freeze(&mut self, rng: &mut StdRng) -> anyhow::Result<()> {
        let chosen = rng.random_range(0..self.workers.len());
        if let Some(id) = self.workers[chosen].id() {
            signal("-STOP", id).await?;
            tokio::time::sleep(FROZEN.div_f64(SCALE)).await;
            signal("-CONT", id).await?;
        }
        Ok(())
    }

    /// Ends all of them.
    pub async fn stop(&mut self) {
        for worker in &mut self.workers {
            if let Err(error) = worker.kill().await {
                println!("torture: a worker had ended by itself: {error}");
            }
        }
    }
}

fn spawn(harness: &Harness) -> anyhow::Result<Child> {
    let child = Command::new(std::env::current_exe()?)
        .args(["--child", &harness.child_words()])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    Ok(child)
}

/// Sends a signal with the system's own tool; ids of children only.
pub async fn signal(name: &str, id: u32) -> anyhow::Result<bool> {
    Ok(Command::new("kill").args([name, &id.to_string()]).stderr(Stdio::null()).status().await?.success())
}
