//! Measures the memory that the server uses when it is idle: its own process, including background work, but
//! without the database.

use std::time::Duration;

use anyhow::Context;

use crate::report::Report;
use crate::{BenchArgs, cpu, product::Product};

/// Measures a few seconds after the start.
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let Some(product) = Product::start(bench_args, &["serve", "--with-worker"]).await? else {
        report.note("skipped: there is no release build; `cargo x up --release` makes one");
        return Ok(());
    };
    let seconds = if report.quick() { 1 } else { 10 };
    let before = cpu::tree(product.server);
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let spent = cpu::tree(product.server) - before;
    let (all, own) = cpu::memory(product.server).context("the memory of a process is known on Linux only")?;
    report.figure("resident, bytes", all);
    report.figure("of it not shared with files, bytes", own);
    report.figure("processor time while idle, share of one", spent / seconds as f64);
    Ok(())
}
