//! Measures how fast a page is that users look at all day: the jobs list of the built server, signed in, with real
//! queries. The load generator shares the processors with the server and its database.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::BenchArgs;
use crate::client::Client;
use crate::cpu;
use crate::product::{self, AGENCY, Product};
use crate::report::{Report, median, percentile};

/// Rows on the page, and connections that request it.
const JOBS: usize = 50;
const CONNECTIONS: usize = 8;
/// Number of requests at full speed and at the steady rate, and that rate per second.
const REQUESTS: usize = 1_500;
const STEADY: usize = 500;
const RATE: f64 = 100.0;

/// Measures at full speed, then at a steady rate well below it.
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    // Without background work the jobs do not change, so every request gets the same page.
    let Some(product) = Product::start(bench_args, &["serve"]).await? else {
        report.note("skipped: there is no release build; `cargo x up --release` makes one");
        return Ok(());
    };
    let token = product.token()?;
    let mut client = Client::connect(product.listen).await?;
    let snapshot = product.snapshot(&mut client, &token).await?;
    for n in 0..JOBS {
        let order = product::order(&snapshot, &format!("Client {n}"));
        product.api(&mut client, &token, "POST", "/api/v1/provisioning/jobs", &order).await?;
    }
    let (path, cookie) = (format!("/a/{AGENCY}/provisioning"), product.sign_in().await?);
    let page = Page { at: product.listen, path, cookie, encoding: "br" };
    let plain = page.get(&mut client, "identity").await?;
    let small = page.get(&mut client, "br").await?;
    let rows = String::from_utf8_lossy(&plain).matches("Client ").count();
    ensure!(rows >= JOBS, "the page shows {rows} of {JOBS} jobs");
    report.figure("page, bytes", plain.len());
    report.figure("page as sent, brotli, bytes", small.len());
    let (measurements, divide) = if report.quick() { (1, 50) } else { (5, 1) };
    flood(&page, CONNECTIONS, REQUESTS / 10 / divide).await?;
    let mut all = Vec::new();
    for _ in 0..measurements {
        report.other_load(cpu::others().await);
        let (server, database) = (cpu::tree(product.server), product.database_cpu());
        let (seconds, waits) = flood(&page, CONNECTIONS, REQUESTS / divide).await?;
        let count = waits.len() as f64;
        all.push([
            count / seconds,
            percentile(&waits, 0.5),
            percentile(&waits, 0.99),
            (cpu::tree(product.server) - server) / count * 1000.0,
            (product.database_cpu() - database) / count * 1000.0,
        ]);
    }
    let names = [
        "full speed: requests/s",
        "full speed: p50 ms",
        "full speed: p99 ms",
        "cpu-s per 1,000, server",
        "cpu-s per 1,000, postgres",
    ];
    for (at, name) in names.into_iter().enumerate() {
        report.figure(name, median(&all.iter().map(|measurement| measurement[at]).collect::<Vec<_>>()));
    }
    let waits = steady(&page, STEADY / divide, RATE).await?;
    report.figure("100 requests/s: p50 ms", percentile(&waits, 0.5));
    let p99 = percentile(&waits, 0.99);
    if report.quick() {
        report.figure("100 requests/s: p99 ms", p99);
    } else {
        report.at_most("100 requests/s: p99 ms", p99, 20.0, 50.0);
    }
    Ok(())
}

/// The page to request.
pub struct Page {
    /// Who serves it.
    pub at: SocketAddr,
    /// Its path.
    pub path: String,
    /// The cookie header line of whoever asks for it.
    pub cookie: String,
    /// The encoding in which many ask for it.
    pub encoding: &'static str,
}

impl Page {
    /// Requests it in an encoding.
    pub async fn get(&self, client: &mut Client, encoding: &str) -> anyhow::Result<Vec<u8>> {
        let answer = client
            .get(&self.path, &[&self.cookie, "accept: text/html", &format!("accept-encoding: {encoding}")])
            .await?;
        ensure!(answer.status == 200 && !answer.body.is_empty(), "{} answered {}", self.path, answer.status);
        Ok(answer.body)
    }
}

/// Sends requests as fast as possible over a few connections. Returns the seconds it took and each request's
/// milliseconds.
pub async fn flood(page: &Page, connections: usize, count: usize) -> anyhow::Result<(f64, Vec<f64>)> {
    let left = Arc::new(AtomicUsize::new(count));
    let began = Instant::now();
    let loops = (0..connections).map(|_| {
        let left = Arc::clone(&left);
        async move {
            let mut client = Client::connect(page.at).await?;
            let mut waits = Vec::new();
            while left.try_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                let sent = Instant::now();
                page.get(&mut client, page.encoding).await?;
                waits.push(sent.elapsed().as_secs_f64() * 1000.0);
            }
            anyhow::Ok(waits)
        }
    });
    let waits = futures::future::try_join_all(loops).await?.concat();
    Ok((began.elapsed().as_secs_f64(), waits))
}

/// Sends requests at a steady rate. A wait counts from when the request was due, so that a stall is not hidden.
pub async fn steady(page: &Page, count: usize, rate: f64) -> anyhow::Result<Vec<f64>> {
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now() + Duration::from_millis(50);
    let loops = (0..CONNECTIONS).map(|_| {
        let next = Arc::clone(&next);
        async move {
            let mut client = Client::connect(page.at).await?;
            let mut waits = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= count {
                    return anyhow::Ok(waits);
                }
                let due = began + Duration::from_secs_f64(n as f64 / rate);
                tokio::time::sleep_until(due.into()).await;
                page.get(&mut client, page.encoding).await?;
                waits.push(due.elapsed().as_secs_f64() * 1000.0);
            }
        }
    });
    Ok(futures::future::try_join_all(loops).await?.concat())
}
