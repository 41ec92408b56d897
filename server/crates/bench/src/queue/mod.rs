//! Compares our queue with its peers: same Postgres, same number of connections, same small payload, public
//! functions only. A [`Competitor`] runs, and a [`Measurement`] holds the result of one timed part.

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
use crate::database::BenchDatabase;
use crate::peers::{PeerResult, Peers};
use crate::report::Report;

/// Connections of each competitor.
const POOL: u32 = 10;

/// A queue that takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Competitor {
    /// Ours as the worker uses it: sixteen at a time, each piece of work completed in its own transaction.
    OursOneByOne,
    /// Ours, with work completed in batches.
    OursBatched,
    /// pg-boss, with this batch size for fetching.
    Boss(u32),
    /// graphile-worker, with this size of its local queue; 0 means its default settings.
    Graphile(u32),
}

impl Competitor {
    /// The name used in reports.
    pub fn name(self) -> String {
        match self {
            Self::OursOneByOne => "ours, one by one".to_owned(),
            Self::OursBatched => "ours".to_owned(),
            Self::Boss(batch) => format!("pg-boss, batch {batch}"),
            Self::Graphile(0) => "graphile-worker".to_owned(),
            Self::Graphile(size) => format!("graphile-worker, localQueue {size}"),
        }
    }

    /// The driver of a peer and its options. `None` for ours.
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

/// Result of one timed part of one competitor.
#[derive(Clone, Debug, Default)]
pub struct Measurement {
    /// Jobs completed.
    pub jobs: usize,
    /// Length of the part.
    pub seconds: f64,
    /// Processor seconds of the competitor's own process.
    pub client: f64,
    /// Processor seconds of Postgres.
    pub server: f64,
    /// Milliseconds from add to start of each job. Empty if that was not measured.
    pub waits: Vec<f64>,
}

impl Measurement {
    /// Jobs per second.
    pub fn rate(&self) -> f64 {
        self.jobs as f64 / self.seconds
    }

    /// Processor seconds for a thousand jobs: of the competitor's own process and of Postgres.
    pub fn cost(&self) -> (f64, f64) {
        let thousands = self.jobs as f64 / 1000.0;
        (self.client / thousands, self.server / thousands)
    }

    fn json(&self, competitor: &str, place: &str) -> Value {
        json!({ "who": competitor, "where": place, "jobs": self.jobs, "seconds": self.seconds, "client_cpu": self.client, "server_cpu": self.server })
    }
}

/// Clocks that are read before and after a timed part.
struct Stopwatch {
    began: Instant,
    server: f64,
    client: f64,
}

impl Stopwatch {
    fn start(bench_database: &BenchDatabase) -> Self {
        Self { server: bench_database.cpu(), client: cpu::own(), began: Instant::now() }
    }

    /// Ends a part that ran in this process.
    fn stop(&self, bench_database: &BenchDatabase, jobs: usize) -> Measurement {
        let seconds = self.began.elapsed().as_secs_f64();
        let (client, server) = (cpu::own() - self.client, bench_database.cpu() - self.server);
        Measurement { jobs, seconds, client, server, waits: Vec::new() }
    }

    /// Ends a part that a peer result.
    fn stop_peer(&self, bench_database: &BenchDatabase, result: PeerResult) -> Measurement {
        Measurement {
            jobs: result.jobs,
            seconds: result.seconds,
            client: result.cpu,
            server: bench_database.cpu() - self.server,
            waits: result.waits,
        }
    }
}

/// Runs one part of a peer in a database of its own.
fn measure_peer(
    bench_database: &BenchDatabase,
    peers: &Peers,
    competitor: Competitor,
    part: &str,
    jobs: usize,
    rate: f64,
) -> anyhow::Result<Measurement> {
    let url = bench_database.database("peer")?;
    let (driver, mut options) =
        competitor.driver(part, &url, jobs).ok_or_else(|| anyhow::anyhow!("{} is no peer", competitor.name()))?;
    options["rate"] = rate.into();
    let running = peers.prepare(driver, &options)?;
    bench_database.settle()?;
    let stopwatch = Stopwatch::start(bench_database);
    let result = running.go()?;
    anyhow::ensure!(result.left == 0, "{} left {} jobs", competitor.name(), result.left);
    Ok(stopwatch.stop_peer(bench_database, result))
}

/// Records a measurement. Reports an error if jobs were lost or done twice.
fn keep(
    report: &mut Report,
    measurements: &mut Vec<Measurement>,
    competitor: &str,
    place: &str,
    wanted: usize,
    measurement: Measurement,
) {
    if measurement.jobs != wanted {
        report.fail(format!("{competitor} on {place}: {wanted} jobs in, {} out", measurement.jobs));
    }
    report.round(measurement.json(competitor, place));
    measurements.push(measurement);
}
