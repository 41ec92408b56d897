//! Our queue and its peers, in one ring: same Postgres, same number of connections, same small payload, public functions
//! only. Who runs is a [`Rival`]; what one timed part took is a [`Lap`].

pub mod bloat;
pub mod drain;
pub mod enqueue;
pub mod fair;
pub mod latency;
mod ours;
mod pgbench;

use std::time::Instant;

use serde_json::{Value, json};

use crate::cpu;
use crate::ground::Ground;
use crate::peers::{Peers, Ran};
use crate::report::Report;

/// Connections of each.
const POOL: u32 = 10;

/// Who runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rival {
    /// Ours as the worker uses it: sixteen at once, each piece of work ended in a transaction of its own.
    OursOneByOne,
    /// Ours with what was done ended in batches.
    OursBatched,
    /// pg-boss, fetching so many at once.
    Boss(u32),
    /// graphile-worker; 0 is its default, else the size of its local queue.
    Graphile(u32),
}

impl Rival {
    /// For the figures.
    pub fn name(self) -> String {
        match self {
            Self::OursOneByOne => "ours, one by one".to_owned(),
            Self::OursBatched => "ours".to_owned(),
            Self::Boss(batch) => format!("pg-boss, batch {batch}"),
            Self::Graphile(0) => "graphile-worker".to_owned(),
            Self::Graphile(size) => format!("graphile-worker, localQueue {size}"),
        }
    }

    /// Its driver and how it is to run.
    fn driver(self, part: &str, url: &str, jobs: usize) -> Option<(&'static str, Value)> {
        let mut options = json!({ "url": url, "pool": POOL, "part": part, "jobs": jobs });
        let driver = match self {
            Self::OursOneByOne | Self::OursBatched => return None,
            Self::Boss(batch) => {
                options["batch"] = batch.into();
                "boss.mjs"
            }
            Self::Graphile(size) => {
                options["localQueue"] = size.into();
                "graphile.mjs"
            }
        };
        Some((driver, options))
    }
}

/// One timed part of one rival.
#[derive(Clone, Debug, Default)]
pub struct Lap {
    /// Jobs.
    pub jobs: usize,
    /// Its length.
    pub seconds: f64,
    /// Processor seconds of the rival's own process.
    pub client: f64,
    /// Processor seconds of Postgres.
    pub server: f64,
    /// Milliseconds from add to start, where that was measured.
    pub waits: Vec<f64>,
}

impl Lap {
    /// Jobs in a second.
    pub fn rate(&self) -> f64 {
        self.jobs as f64 / self.seconds
    }

    /// Processor seconds for a thousand jobs, client and server.
    pub fn cost(&self) -> (f64, f64) {
        let thousands = self.jobs as f64 / 1000.0;
        (self.client / thousands, self.server / thousands)
    }

    fn json(&self, rival: &str, place: &str) -> Value {
        json!({ "who": rival, "where": place, "jobs": self.jobs, "seconds": self.seconds, "client_cpu": self.client, "server_cpu": self.server })
    }
}

/// Clocks that are read before and after a timed part.
struct Watch {
    began: Instant,
    server: f64,
    client: f64,
}

impl Watch {
    fn start(ground: &Ground) -> Self {
        Self { server: ground.cpu(), client: cpu::own(), began: Instant::now() }
    }

    /// Ends a part that this process ran itself.
    fn stop(&self, ground: &Ground, jobs: usize) -> Lap {
        let seconds = self.began.elapsed().as_secs_f64();
        let (client, server) = (cpu::own() - self.client, ground.cpu() - self.server);
        Lap { jobs, seconds, client, server, waits: Vec::new() }
    }

    /// Ends a part that a peer ran.
    fn stop_peer(&self, ground: &Ground, ran: Ran) -> Lap {
        Lap {
            jobs: ran.jobs,
            seconds: ran.seconds,
            client: ran.cpu,
            server: ground.cpu() - self.server,
            waits: ran.waits,
        }
    }
}

/// Lets a peer do one part in a database of its own.
fn peer_lap(ground: &Ground, peers: &Peers, rival: Rival, part: &str, jobs: usize, rate: f64) -> anyhow::Result<Lap> {
    let url = ground.database("peer")?;
    let (driver, mut options) =
        rival.driver(part, &url, jobs).ok_or_else(|| anyhow::anyhow!("{} is no peer", rival.name()))?;
    options["rate"] = rate.into();
    let running = peers.prepare(driver, &options)?;
    ground.settle()?;
    let watch = Watch::start(ground);
    let ran = running.go()?;
    anyhow::ensure!(ran.left == 0, "{} left {} jobs", rival.name(), ran.left);
    Ok(watch.stop_peer(ground, ran))
}

/// Keeps a lap and says when jobs were lost or doubled.
fn keep(report: &mut Report, laps: &mut Vec<Lap>, rival: &str, place: &str, wanted: usize, lap: Lap) {
    if lap.jobs != wanted {
        report.wrong(format!("{rival} on {place}: {wanted} jobs in, {} out", lap.jobs));
    }
    report.round(lap.json(rival, place));
    laps.push(lap);
}
