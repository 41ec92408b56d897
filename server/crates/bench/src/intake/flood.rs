//! Measures what becomes of events when three times as many come as can be stored (W4): those that are taken are answered
//! soon, the others are refused at once, and memory stays bounded. Fastify with pg gets the same.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use super::load::{Load, Outcome};
use super::steady::fastify;
use super::{Signed, messages, stored};
use crate::BenchArgs;
use crate::cpu;
use crate::peers::Peers;
use crate::product::{Product, free};
use crate::report::Report;

/// Connections that find the peak, and those that bring more than that.
const CONNECTIONS: usize = 64;
const MANY: usize = 512;
/// Events that find the peak, and how many times the peak is offered.
const FOR_PEAK: usize = 20_000;
const TIMES: f64 = 3.0;
/// How long more is offered than can be taken.
const LASTS: Duration = Duration::from_secs(60);
/// Bodies that are delivered in turn.
const BODIES: usize = 2_000;
/// How often memory is read.
const LOOK: Duration = Duration::from_millis(100);

/// Goal and floor of the slowest answer to an event that is taken, of the memory, and of what is taken ÷ the peak.
const P99: (f64, f64) = (250.0, 1_000.0);
const MEMORY: (f64, f64) = (200.0, 400.0);
const GOODPUT: (f64, f64) = (0.90, 0.75);

/// A server under too much.
struct Flooded {
    /// Events a second that it takes at most, and those that it took.
    peak: f64,
    outcome: Outcome,
    /// The most memory that it had, in MB.
    memory: f64,
}

/// Floods ours, then the peer.
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let Some(product) = Product::start(bench_args, &["serve"]).await? else {
        report.note("skipped: there is no release build; `cargo x up --release` makes one");
        return Ok(());
    };
    let (count, lasts) = if report.quick() { (100, Duration::from_millis(200)) } else { (FOR_PEAK, LASTS) };
    let (bodies, before) = (messages("flood", BODIES.min(count)), stored(&product)?);
    report.other_load(cpu::others().await);
    let ours = flooded((product.listen, product.server), &bodies, count, lasts).await?;
    show(report, "ours", &ours);
    let (accepted, added) = (count + ours.outcome.accepted(), stored(&product)? - before);
    // One that was not acknowledged may be stored all the same.
    if added < accepted {
        report.fail(format!("{accepted} events were acknowledged, and {added} are stored"));
    }
    let peers = Peers::install(&bench_args.peers, &bench_args.cache)?;
    report.note(format!("fastify {}, pg {}", peers.version("fastify"), peers.version("pg")));
    let at = free()?;
    let node = fastify(&peers, product.peer_database()?, at)?;
    let theirs = flooded((at, node.pid()), &bodies, count, lasts).await?;
    show(report, "Fastify and pg", &theirs);
    report.stays_within("ours: answer to one that is taken, p99 ms", ours.outcome.took(0.99), P99);
    report.stays_within("ours: memory, MB", ours.memory, MEMORY);
    report.reaches("ours: taken ÷ peak", ours.outcome.rate() / ours.peak, GOODPUT);
    Ok(())
}

/// Finds the peak of a server and offers it more.
async fn flooded(
    (at, process): (SocketAddr, u32),
    bodies: &[Signed],
    count: usize,
    lasts: Duration,
) -> anyhow::Result<Flooded> {
    let found = Load { at, connections: CONNECTIONS, count, rate: None, lasts: Duration::MAX }.deliver(bodies).await?;
    anyhow::ensure!(found.accepted() == count, "{} of {count} events were taken without hurry", found.accepted());
    let (peak, rate) = (found.rate(), found.rate() * TIMES);
    let load = Load { at, connections: MANY, count: usize::MAX, rate: Some(rate), lasts };
    let (outcome, memory) = largest_during(process, load.deliver(bodies)).await;
    Ok(Flooded { peak, outcome: outcome?, memory })
}

fn show(report: &mut Report, name: &str, flooded: &Flooded) {
    let Flooded { peak, outcome, memory } = flooded;
    report.figure(format!("{name}: peak, a second"), *peak);
    report.figure(format!("{name}: offered, a second"), outcome.offered() as f64 / outcome.seconds);
    report.figure(format!("{name}: taken, a second"), outcome.rate());
    report.figure(format!("{name}: refused with 429"), outcome.with_status(429));
    report.figure(format!("{name}: refused with 503"), outcome.with_status(503));
    report.figure(format!("{name}: connections that broke"), outcome.with_status(0));
    report.figure(format!("{name}: taken, p50 ms"), outcome.took(0.5));
    report.figure(format!("{name}: taken, p99 ms"), outcome.took(0.99));
    report.figure(format!("{name}: most memory, MB"), *memory);
}

/// The most resident memory of a process while something goes on, in MB.
async fn largest_during<T>(process: u32, work: impl Future<Output = T>) -> (T, f64) {
    let mut work = pin!(work);
    let mut largest = 0_u64;
    loop {
        largest = largest.max(cpu::memory(process).map_or(0, |(all, _)| all));
        tokio::select! {
            done = &mut work => return (done, largest as f64 / 1_000_000.0),
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}
