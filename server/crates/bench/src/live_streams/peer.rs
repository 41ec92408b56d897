//! Measures the event streams of a server as they are often built: Postgres notifies for each row in a trigger, and Node writes
//! what it hears to the streams of the agency. Its browsers and its events are those of ours.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{Browser, PATIENCE, RUSH, Size, TOPIC, WARM, follow, memory, open, waits};
use crate::BenchArgs;
use crate::cpu;
use crate::peers::Peers;
use crate::product::{Product, free};
use crate::report::{Report, percentile};

/// Opens the same streams at the peer, reads its memory, and writes events as fast as at the peak.
pub async fn measure(
    bench_args: &BenchArgs,
    report: &mut Report,
    product: &Product,
    browsers: &[Browser],
    size: Size,
) -> anyhow::Result<()> {
    let peers = Peers::install(&bench_args.peers, &bench_args.cache)?;
    let at = free()?;
    let node = peers.prepare("streams.mjs", &json!({ "url": product.peer_database()?, "port": at.port() }))?;
    drop(open(at, browsers.iter().take(WARM)).await?);
    tokio::time::sleep(size.rest).await;
    let before = memory(node.pid())?;
    let streams = open(at, browsers.iter()).await?;
    let count = streams.len();
    let (sender, mut heard) = mpsc::unbounded_channel();
    let mut following = JoinSet::new();
    for stream in streams {
        following.spawn(follow(stream, sender.clone()));
    }
    tokio::time::sleep(size.rest).await;
    let each = memory(node.pid())?.saturating_sub(before) as f64 / count as f64 / 1024.0;
    report.figure("Node and NOTIFY: memory of a stream, kB", each);
    let (used, began) = (cpu::tree(node.pid()), Instant::now());
    let committed = write_events(product, browsers, size).await?;
    let share = (cpu::tree(node.pid()) - used) / began.elapsed().as_secs_f64();
    report.figure("Node and NOTIFY, 500 events/s: processor share", share);
    tokio::time::sleep(PATIENCE).await;
    let waits = waits(&mut heard, &committed);
    let expected = (committed.len() * size.streams).max(1);
    report.figure("Node and NOTIFY, 500 events/s: heard ÷ written", waits.len() as f64 / expected as f64);
    report.figure("Node and NOTIFY, 500 events/s: commit to event, p50 ms", percentile(&waits, 0.5));
    report.figure("Node and NOTIFY, 500 events/s: commit to event, p99 ms", percentile(&waits, 0.99));
    Ok(())
}

/// Writes a row for each event, in one agency after the other. Returns when each was committed.
async fn write_events(product: &Product, browsers: &[Browser], size: Size) -> anyhow::Result<HashMap<Uuid, Instant>> {
    let mut session = product.peer_session()?;
    let (began, mut committed) = (Instant::now(), HashMap::new());
    let slugs = browsers.iter().step_by(size.streams).map(|browser| browser.slug.as_str());
    for (number, slug) in slugs.cycle().enumerate() {
        let due = Duration::from_secs_f64(number as f64 / RUSH);
        if due.max(began.elapsed()) >= size.lasts {
            break;
        }
        tokio::time::sleep_until((began + due).into()).await;
        let event = Uuid::now_v7();
        session.run(&format!("insert into events (id, slug, topic) values ('{event}', '{slug}', '{TOPIC}')"))?;
        committed.insert(event, Instant::now());
    }
    Ok(committed)
}
