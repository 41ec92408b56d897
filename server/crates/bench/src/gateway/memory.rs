//! Measures what a business costs the server in memory: one that has called a tool once, and one of many whose calls of built-in
//! tools run at the same time.

use std::time::Duration;

use anyhow::Context;

use super::{Load, at_most, flood, tenants};
use crate::BenchArgs;
use crate::cpu;
use crate::product::Product;
use crate::report::Report;

/// Businesses that call before anything is counted, each over a connection of its own, and how often each calls.
const WARM: usize = 8;
const WARM_CALLS: usize = 20;
/// How often the memory is looked at while calls run.
const LOOK: Duration = Duration::from_millis(20);
const KIB: f64 = 1024.0;
/// Goal and floor in kB of a business that has called, and in MB of one whose calls run.
const REGISTERED: (f64, f64) = (20.0, 100.0);
const ACTIVE: (f64, f64) = (3.0, 10.0);

/// Registers businesses, then lets some of them call at once.
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let Some(product) = Product::start(bench_args, &["serve"]).await? else {
        report.note("skipped: there is no release build; `cargo x up --release` makes one");
        return Ok(());
    };
    let (registered, active, each) = if report.quick() { (20, 5, 4) } else { (500, 50, 40) };
    tenants::add(&product, registered + WARM)?;
    let warm =
        Load { at: product.listen, connections: WARM, first: registered, businesses: WARM, count: WARM * WARM_CALLS };
    // Connections and pools have their size before anything is counted.
    flood(warm).await?;
    let before = own(&product)?;
    let all = Load { first: 0, businesses: registered, count: registered, ..warm };
    flood(all).await?;
    let known = own(&product)?;
    let some = Load { connections: active, businesses: active, count: active * each, ..all };
    let peak = peak_during(&product, flood(some)).await?;
    report.figure("businesses that called, and of them active", format!("{registered}, {active}"));
    report.figure("memory of the server before, bytes", before);
    report.figure("after every business called once, bytes", known);
    report.figure("at most while some call at once, bytes", peak);
    let a_registered = known.saturating_sub(before) as f64 / registered as f64 / KIB;
    at_most(report, "kB for a registered business", a_registered, REGISTERED);
    let an_active = peak.saturating_sub(known) as f64 / active as f64 / (KIB * KIB);
    at_most(report, "MB for an active business", an_active, ACTIVE);
    Ok(())
}

/// Bytes that the server shares with no file and no other process.
fn own(product: &Product) -> anyhow::Result<u64> {
    let (_, own) = cpu::memory(product.server).context("the memory of a process is known on Linux only")?;
    Ok(own)
}

/// The most memory of the server while something is done.
async fn peak_during<T>(product: &Product, work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<u64> {
    tokio::pin!(work);
    let mut peak = own(product)?;
    let mut tick = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            done = &mut work => {
                done?;
                return Ok(peak);
            }
            _ = tick.tick() => peak = peak.max(own(product)?),
        }
    }
}
