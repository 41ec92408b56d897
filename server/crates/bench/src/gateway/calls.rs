//! Measures calls of a read tool by MCP over HTTP. Our whole server knows the caller, counts, judges and logs each call. A server
//! of Node's SDK and a bare rmcp server read the same rows and do none of that; the second one runs the same code of the tool,
//! so the difference to it is the price of all the rest.

use std::net::SocketAddr;

use anyhow::ensure;
use serde_json::{Value, json};

use super::{FEWEST, Load, TOOL, at_least, at_most, bare, call, flood, tenants};
use crate::BenchArgs;
use crate::client::Client;
use crate::cpu;
use crate::peers::Peers;
use crate::product::{Product, free};
use crate::report::{Report, median, percentile};

/// How many calls are under way at once, and the connections of each competitor to the database.
const CONNECTIONS: usize = 8;
const POOL: u32 = 10;
/// The package of the peer.
const SDK: &str = "@modelcontextprotocol/sdk";
/// What is measured in each round. The last one is measured with one call at a time.
const FIGURES: [&str; 4] = ["calls/s", "p50 ms", "p99 ms", "one at a time: p50 ms"];

/// Goal and floor of our calls a second ÷ those of Node's SDK, ÷ those of the bare rmcp server, and of the milliseconds that a
/// call costs on top of the bare one. A call of ours is counted, judged and logged in transactions of its own, which no
/// competitor begins; the floors leave room for that.
const OF_NODE: (f64, f64) = (8.0, 0.1);
const OF_BARE: (f64, f64) = (0.85, 0.03);
const PRICE: (f64, f64) = (0.3, 10.0);

/// Who answers, and the figures of each round.
struct Competitor {
    name: &'static str,
    at: SocketAddr,
    rounds: Vec<[f64; 4]>,
}

/// Measures all three in turn.
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let Some(product) = Product::start(bench_args, &["serve"]).await? else {
        report.note("skipped: there is no release build; `cargo x up --release` makes one");
        return Ok(());
    };
    let peers = Peers::install(&bench_args.peers, &bench_args.cache)?;
    report.note(format!("{SDK} {}", peers.version(SDK)));
    let (businesses, rounds, each) = if report.quick() { (4, 1, 5) } else { (200, 5, 10) };
    let first = tenants::add(&product, businesses)?;
    let (login, owner) = product.own_urls();
    let (node, rmcp) = (free()?, free()?);
    let told = json!({
        "part": "http", "url": owner, "pool": POOL, "business": first.business, "tool": TOOL, "port": node.port(),
    });
    let _node = peers.prepare("mcp.mjs", &told)?;
    let _rmcp = bare::start(login, POOL, &first, rmcp)?;
    let mut all = [("ours", product.listen), ("Node's SDK", node), ("bare rmcp", rmcp)].map(|(name, at)| Competitor {
        name,
        at,
        rounds: Vec::new(),
    });
    for competitor in &all {
        competitor.answers().await?;
        flood(competitor.load(businesses, 1)).await?;
    }
    for _ in 0..rounds {
        report.other_load(cpu::others().await);
        for competitor in &mut all {
            let round = competitor.round(businesses, each).await?;
            report.round(round);
        }
    }
    summary(report, &all);
    Ok(())
}

impl Competitor {
    /// So many calls for each business.
    const fn load(&self, businesses: usize, each: usize) -> Load {
        Load { at: self.at, connections: CONNECTIONS, first: 0, businesses, count: businesses * each }
    }

    /// Whether it answers with what was asked for.
    async fn answers(&self) -> anyhow::Result<()> {
        let answer = call(&mut Client::connect(self.at).await?, 0, FEWEST).await?;
        let answer: Value = serde_json::from_slice(&answer)?;
        let contacts = answer["result"]["structuredContent"]["contacts"].as_array().map_or(0, Vec::len);
        ensure!(contacts == FEWEST, "{} answered with {contacts} contacts of {FEWEST}", self.name);
        Ok(())
    }

    /// Many calls at once, then one at a time.
    async fn round(&mut self, businesses: usize, each: usize) -> anyhow::Result<Value> {
        let load = self.load(businesses, each);
        let (seconds, waits) = flood(load).await?;
        let (_, alone) = flood(Load { connections: 1, count: businesses, ..load }).await?;
        let rate = waits.len() as f64 / seconds;
        let figures = [rate, percentile(&waits, 0.5), percentile(&waits, 0.99), median(&alone)];
        self.rounds.push(figures);
        Ok(json!({ "competitor": self.name, "figures": FIGURES, "values": figures }))
    }

    /// One of the figures, round by round.
    fn column(&self, at: usize) -> Vec<f64> {
        self.rounds.iter().map(|figures| figures[at]).collect()
    }

    /// One of the figures here and there, round by round.
    fn beside(&self, other: &Self, at: usize, what: fn(f64, f64) -> f64) -> Vec<f64> {
        self.column(at).into_iter().zip(other.column(at)).map(|(here, there)| what(here, there)).collect()
    }
}

fn summary(report: &mut Report, [ours, node, rmcp]: &[Competitor; 3]) {
    for competitor in [ours, node, rmcp] {
        for (at, name) in FIGURES.into_iter().enumerate() {
            report.figure(format!("{}: {name}", competitor.name), median(&competitor.column(at)));
        }
    }
    for peer in [node, rmcp] {
        report.spread(&peer.column(0));
    }
    // Rounds are compared in pairs, because a disturbance affects neighbouring rounds alike.
    let ratio = |other: &Competitor| median(&ours.beside(other, 0, |here, there| here / there));
    at_least(report, "calls/s: ours ÷ Node's SDK", ratio(node), OF_NODE);
    at_least(report, "calls/s: ours ÷ bare rmcp", ratio(rmcp), OF_BARE);
    let price = median(&ours.beside(rmcp, 3, |here, there| here - there));
    at_most(report, "token, tenant, limits and log of a call, ms", price, PRICE);
}
