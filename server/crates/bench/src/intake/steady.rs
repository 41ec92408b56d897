//! Measures how long Meta waits for the answer to an event, and how many events a second are acknowledged (W1). Fastify with
//! pg and a bare server of ours store each body in a transaction of its own; pgbench does nothing but the insert.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;

use super::load::Load;
use super::{POOL, bare, messages, stored};
use crate::BenchArgs;
use crate::cpu;
use crate::peers::{Peers, Running};
use crate::product::{Product, free};
use crate::report::{Report, median};
use crate::scripts::{self, Script};

/// Events each second at the steady rate, connections that bring them, and how many there are.
const RATE: f64 = 200.0;
const CONNECTIONS: usize = 64;
const STEADY: usize = 4_000;
/// Events of each competitor in a round at full speed, and clients of pgbench.
const AT_ONCE: usize = 6_000;
const INSERTERS: usize = 8;
const CEILING: &str = "pgbench, one insert";

/// Goal and floor of the slowest answers at the steady rate, in milliseconds, and of ours ÷ each competitor.
const P99: (f64, f64) = (25.0, 100.0);
const OF_NODE: (f64, f64) = (8.0, 3.0);
const OF_BARE: (f64, f64) = (5.0, 2.5);
const OF_PGBENCH: (f64, f64) = (1.5, 0.75);

/// What pgbench inserts: a body as large as those that are delivered.
const INSERT: &str = "insert into inbound_events (provider, body, body_sha256) select 'meta', b, sha256(b) from (select convert_to(repeat('x', 620), 'UTF8') as b) x;\n";

/// Who takes the bodies, and how many a second in each round.
struct Competitor {
    name: &'static str,
    at: SocketAddr,
    rates: Vec<f64>,
}

/// Measures the steady rate, then all of them in turn at full speed.
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let Some(product) = Product::start(bench_args, &["serve"]).await? else {
        report.note("skipped: there is no release build; `cargo x up --release` makes one");
        return Ok(());
    };
    let divide = if report.quick() { 50 } else { 1 };
    at_steady_rate(&product, STEADY / divide, report).await?;
    let peers = Peers::install(&bench_args.peers, &bench_args.cache)?;
    report.note(format!("fastify {}, pg {}", peers.version("fastify"), peers.version("pg")));
    let (one, node) = (free()?, free()?);
    let _one = bare::start(product.own_urls().0, one)?;
    let _node = fastify(&peers, product.peer_database()?, node)?;
    let mut all = [("ours", product.listen), ("ours, body by body", one), ("Fastify and pg", node)]
        .map(|(name, at)| Competitor { name, at, rates: Vec::new() });
    let mut ceiling = Vec::new();
    let rounds = if report.quick() { 1 } else { 5 };
    for _ in 0..rounds {
        report.other_load(cpu::others().await);
        for competitor in &mut all {
            competitor.round(AT_ONCE / divide, report).await?;
        }
        let script = Script { text: INSERT, clients: INSERTERS, turns: AT_ONCE / divide / INSERTERS + 1 };
        if scripts::installed() {
            let done = scripts::run(product.socket_folder(), "slipway", &script)?;
            ceiling.push(done.rate());
        }
    }
    summary(report, &all, &ceiling);
    Ok(())
}

/// Starts a server of Fastify that stores bodies.
pub fn fastify(peers: &Peers, url: String, listen: SocketAddr) -> anyhow::Result<Running> {
    let secret = simulator::meta_defaults().app_secret;
    peers.prepare("intake.mjs", &json!({ "url": url, "pool": POOL, "port": listen.port(), "secret": secret }))
}

/// Delivers events at a steady rate. A wait counts from when the event was due, so that a stall is not hidden.
async fn at_steady_rate(product: &Product, count: usize, report: &mut Report) -> anyhow::Result<()> {
    let (bodies, before) = (messages("steady", count), stored(product)?);
    report.other_load(cpu::others().await);
    let (server, database) = (cpu::tree(product.server), product.database_cpu());
    let load = Load { at: product.listen, connections: CONNECTIONS, count, rate: Some(RATE), lasts: Duration::MAX };
    let outcome = load.deliver(&bodies).await?;
    let per_thousand = |seconds: f64| seconds / count as f64 * 1000.0;
    report.figure("cpu-s per 1,000, server", per_thousand(cpu::tree(product.server) - server));
    report.figure("cpu-s per 1,000, postgres", per_thousand(product.database_cpu() - database));
    report.figure("200 events/s: p50 ms", outcome.waited(0.5));
    report.stays_within("200 events/s: p99 ms", outcome.waited(0.99), P99);
    let (accepted, added) = (outcome.accepted(), stored(product)? - before);
    if accepted != count || added != count {
        report.fail(format!("{count} events were delivered, {accepted} acknowledged, and {added} are stored"));
    }
    Ok(())
}

impl Competitor {
    /// Delivers events as fast as they are answered.
    async fn round(&mut self, count: usize, report: &mut Report) -> anyhow::Result<()> {
        let bodies = messages("full", count);
        let load = Load { at: self.at, connections: CONNECTIONS, count, rate: None, lasts: Duration::MAX };
        let outcome = load.deliver(&bodies).await?;
        if outcome.accepted() != count {
            report.fail(format!("{} acknowledged {} of {count} events", self.name, outcome.accepted()));
        }
        report.round(json!({
            "who": self.name, "rate": outcome.rate(), "p50_ms": outcome.took(0.5), "p99_ms": outcome.took(0.99),
        }));
        self.rates.push(outcome.rate());
        Ok(())
    }
}

fn summary(report: &mut Report, [ours, one, node]: &[Competitor; 3], ceiling: &[f64]) {
    for competitor in [ours, one, node] {
        report.figure(format!("{}: acknowledged a second", competitor.name), median(&competitor.rates));
    }
    for peer in [one, node] {
        report.spread(&peer.rates);
    }
    // Rounds are compared in pairs, because a disturbance affects neighbouring rounds alike.
    let ratio = |theirs: &[f64]| {
        let pairs: Vec<f64> = ours.rates.iter().zip(theirs).map(|(mine, theirs)| mine / theirs).collect();
        median(&pairs)
    };
    report.reaches("acknowledged a second: ours ÷ Fastify and pg", ratio(&node.rates), OF_NODE);
    report.reaches("acknowledged a second: ours ÷ body by body", ratio(&one.rates), OF_BARE);
    if ceiling.is_empty() {
        report.note("pgbench is not installed, so nothing is compared with it");
    } else {
        report.figure(format!("{CEILING}: a second"), median(ceiling));
        report.reaches("acknowledged a second: ours ÷ pgbench, one insert", ratio(ceiling), OF_PGBENCH);
    }
}
