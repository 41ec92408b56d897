//! Checks that no acknowledged event is lost when the server or Postgres dies under load (W2). Whoever delivers goes on until
//! each event is acknowledged, as Meta does; at the end every one of them must be stored.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{CUSTOMER, PATH, Signed, signed, stored};
use crate::BenchArgs;
use crate::client::Client;
use crate::product::Product;
use crate::report::Report;

/// How often something dies, each second time Postgres, and how long everything lives in between.
const CRASHES: usize = 20;
const LIVES: Duration = Duration::from_millis(700);
/// Who deliver, and how long each of them waits after an answer: 200 events a second in all.
const SENDERS: usize = 16;
const PAUSE: Duration = Duration::from_millis(80);
/// How long an answer may take, and when it is tried again.
const PATIENCE: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_millis(50);

/// Delivers while the server and Postgres die, and looks for what was acknowledged.
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let Some(mut product) = Product::start(bench_args, &["serve"]).await? else {
        report.note("skipped: there is no release build; `cargo x up --release` makes one");
        return Ok(());
    };
    let crashes = if report.quick() { 2 } else { CRASHES };
    let (stop, next) = (CancellationToken::new(), Arc::new(AtomicUsize::new(0)));
    let (mut senders, began) = (JoinSet::new(), Instant::now());
    for _ in 0..SENDERS {
        senders.spawn(deliver(product.listen, Arc::clone(&next), stop.clone()));
    }
    for crash in 0..crashes {
        tokio::time::sleep(LIVES).await;
        if crash % 2 == 0 {
            product.crash_server().await?;
        } else {
            product.crash_postgres().await?;
        }
    }
    tokio::time::sleep(LIVES).await;
    stop.cancel();
    let acknowledged: Vec<String> = senders.join_all().await.concat();
    let rows = product.own_rows("select encode(body_sha256, 'hex') from inbound_events")?;
    let kept: HashSet<String> = rows.into_iter().flatten().flatten().collect();
    let missing = acknowledged.iter().filter(|hash| !kept.contains(*hash)).count();
    report.figure("crashes", crashes);
    report.figure("seconds", began.elapsed().as_secs_f64());
    report.figure("events acknowledged", acknowledged.len());
    report.figure("events stored", stored(&product)?);
    report.at_most("acknowledged and missing", missing as f64, 0.0, 0.0);
    if missing > 0 {
        report.fail(format!("{missing} of {} acknowledged events are missing", acknowledged.len()));
    }
    if acknowledged.is_empty() {
        report.fail("no event was acknowledged");
    }
    Ok(())
}

/// Delivers one event after another, each until it is acknowledged. Returns the hashes of those that were.
async fn deliver(at: SocketAddr, next: Arc<AtomicUsize>, stop: CancellationToken) -> Vec<String> {
    let (mut hashes, mut client) = (Vec::new(), None);
    while !stop.is_cancelled() {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let signed = signed(&format!("wamid.crash.{number}"), CUSTOMER);
        while !is_acknowledged(&mut client, at, &signed).await {
            if stop.is_cancelled() {
                return hashes;
            }
            tokio::time::sleep(AGAIN).await;
        }
        hashes.push(hex::encode(Sha256::digest(&signed.body)));
        tokio::time::sleep(PAUSE).await;
    }
    hashes
}

/// Whether an event was answered with 200. A connection that broke is opened anew the next time.
async fn is_acknowledged(client: &mut Option<Client>, at: SocketAddr, signed: &Signed) -> bool {
    let mut open = match client.take() {
        Some(open) => open,
        None => match Client::connect(at).await {
            Ok(open) => open,
            Err(_) => return false,
        },
    };
    let headers = ["content-type: application/json", signed.header.as_str()];
    let answer = tokio::time::timeout(PATIENCE, open.send("POST", PATH, &headers, &signed.body)).await;
    let Ok(Ok(answer)) = answer else { return false };
    *client = Some(open);
    answer.status == 200
}
