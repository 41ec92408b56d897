//! One sample of the running system: memory of each process, rows and bytes of each table, problems in `/health`,
//! and how long work waits.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context;
use serde_json::{Value, json};

use super::harness::Harness;
use crate::client::Client;
use crate::cpu;

/// Rows and bytes of each table. The row counts are the database's own running statistics.
const TABLES: &str =
    "select relname, greatest(n_live_tup, 0), pg_total_relation_size(relid) from pg_stat_user_tables order by 1";

/// One sample.
pub struct Sample {
    /// Time since the first order.
    pub at: Duration,
    /// Memory that each process shares with no other, in bytes.
    pub memory: BTreeMap<&'static str, u64>,
    /// Rows and bytes by table.
    pub tables: BTreeMap<String, (u64, u64)>,
    /// Problems that `/health` reports, by process. Empty if all is well.
    pub health_problems: BTreeMap<&'static str, String>,
    /// How many seconds the oldest due piece of work has waited.
    pub lag: f64,
    /// Gauges of periodic jobs and of the queue, as the worker processes report them.
    pub gauges: BTreeMap<String, f64>,
    /// Jobs by state.
    pub jobs: Vec<(String, u64)>,
}

impl Sample {
    /// Takes a sample.
    pub async fn take(harness: &Harness, at: Duration) -> anyhow::Result<Self> {
        let (mut memory, mut health_problems, mut gauges) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for (name, pid, address) in &harness.watched {
            let (_, own) = cpu::memory(*pid).with_context(|| format!("{name} has ended by itself"))?;
            memory.insert(*name, own);
            if let Some(fault) = fault(*address).await {
                health_problems.insert(*name, fault);
            }
            gauges.extend(figures(*address).await.unwrap_or_default());
        }
        let rows = harness.product.ask_rows(TABLES)?;
        let number = |cell: Option<&Option<String>>| cell.and_then(Option::as_ref).and_then(|text| text.parse().ok());
        let tables = rows
            .iter()
            .filter_map(|row| Some((row.first()?.clone()?, (number(row.get(1))?, number(row.get(2))?))))
            .collect();
        let lag = gauges.get("work_lag_seconds").copied().unwrap_or_default();
        Ok(Self { at, memory, tables, health_problems, lag, gauges, jobs: harness.jobs()? })
    }

    /// The sample as one line of the table.
    pub fn line(&self) -> String {
        let memory: Vec<String> =
            self.memory.iter().map(|(name, bytes)| format!("{name} {} MB", bytes / 1_000_000)).collect();
        let (rows, bytes) = self.tables.values().fold((0, 0), |sum, table| (sum.0 + table.0, sum.1 + table.1));
        let jobs: Vec<String> = self.jobs.iter().map(|(status, count)| format!("{count} {status}")).collect();
        let health =
            if self.health_problems.is_empty() { "well".to_owned() } else { format!("{:?}", self.health_problems) };
        format!(
            "{:>5.1} min | {} | {rows} rows, {} MB | lag {:.1} s | {} | {health}",
            self.at.as_secs_f64() / 60.0,
            memory.join(", "),
            bytes / 1_000_000,
            self.lag,
            jobs.join(", ")
        )
    }

    /// The sample as JSON for the file.
    pub fn told(&self) -> Value {
        json!({
            "seconds": self.at.as_secs_f64(), "memory": self.memory, "tables": self.tables, "unwell": self.health_problems, "lag": self.lag,
            "gauges": self.gauges, "jobs": self.jobs,
        })
    }
}

/// The problem that `/health` reports. `None` if all checks are ok.
async fn fault(address: std::net::SocketAddr) -> Option<String> {
    let asked = async {
        let answer = Client::connect(address).await?.get("/health", &[]).await?;
        anyhow::Ok((answer.status, answer.json()?))
    };
    match asked.await {
        Ok((200, body)) if body["status"] == "ok" => None,
        Ok((status, body)) => Some(format!("{status} {}", body["checks"])),
        Err(error) => Some(format!("no answer: {error:#}")),
    }
}

/// The gauges about queues and periodic jobs.
async fn figures(address: std::net::SocketAddr) -> anyhow::Result<BTreeMap<String, f64>> {
    let answer = Client::connect(address).await?.get("/metrics", &[]).await?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let wanted = |line: &&str| ["work_", "periodic_", "sweep_"].iter().any(|start| line.starts_with(start));
    Ok(text
        .lines()
        .filter(wanted)
        .filter_map(|line| line.rsplit_once(' '))
        .filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?)))
        .collect())
}
