//! Measures what repeats cost (W3): events are delivered and read once each, and then others of which three in ten come again,
//! in any order. No repeat may have an effect, and a body may not cost more because of them.

use std::time::{Duration, Instant};

use anyhow::ensure;

use super::load::Load;
use super::{Signed, number, signed};
use crate::BenchArgs;
use crate::cpu;
use crate::product::Product;
use crate::report::{Report, median};

/// Events of each part, customers who wrote them, and connections that bring them.
const EVENTS: usize = 3_000;
const CUSTOMERS: usize = 200;
const CONNECTIONS: usize = 16;
/// Of ten events, so many come again.
const AGAIN: usize = 3;
/// How often both parts are measured.
const ROUNDS: usize = 3;
/// How long the worker may take to read a part.
const PATIENCE: Duration = Duration::from_secs(300);

/// Goal and floor of the time that a body takes with repeats ÷ without.
const SLOWER: (f64, f64) = (1.10, 1.25);

/// Measures both parts in turn.
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let Some(product) = Product::start(bench_args, &["serve", "--with-worker"]).await? else {
        report.note("skipped: there is no release build; `cargo x up --release` makes one");
        return Ok(());
    };
    let (events, rounds) = if report.quick() { (40, 1) } else { (EVENTS, ROUNDS) };
    until_read(&product).await?;
    let (mut once, mut again) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        report.other_load(cpu::others().await);
        once.push(part(&product, &format!("{round}1"), events, 0, report).await?);
        again.push(part(&product, &format!("{round}2"), events, AGAIN, report).await?);
    }
    report.figure("each once: bodies read a second", 1.0 / median(&once));
    report.figure("three in ten again: bodies read a second", 1.0 / median(&again));
    let slower: Vec<f64> = again.iter().zip(&once).map(|(again, once)| again / once).collect();
    report.stays_within("time of a body: with repeats ÷ without", median(&slower), SLOWER);
    Ok(())
}

/// Delivers events and waits until they are read. Returns the seconds that a body took, and reports double effects.
async fn part(product: &Product, word: &str, events: usize, again: usize, report: &mut Report) -> anyhow::Result<f64> {
    let bodies = bodies(word, events, again);
    let load = Load { at: product.listen, connections: CONNECTIONS, count: bodies.len(), rate: None, lasts: PATIENCE };
    let began = Instant::now();
    let outcome = load.deliver(&bodies).await?;
    ensure!(outcome.accepted() == bodies.len(), "{} of {} events were taken", outcome.accepted(), bodies.len());
    until_read(product).await?;
    let seconds = began.elapsed().as_secs_f64() / bodies.len() as f64;
    let ours = format!("external_id like 'wamid.{word}.%'");
    let messages = number(product, &format!("select count(*) from messages where {ours}"))?;
    let unread = number(
        product,
        &format!(
            "select coalesce(sum(unread), 0) from conversations where (sub_account_id, id) in (select sub_account_id, conversation_id from messages where {ours})"
        ),
    )?;
    if (messages, unread) != (events, events) {
        report.fail(format!("{events} messages came, {messages} stand in the inbox, and {unread} count as unread"));
    }
    Ok(seconds)
}

/// The bodies of a part in any order, those that come again among them.
fn bodies(word: &str, events: usize, again: usize) -> Vec<Signed> {
    let repeats = (0..events).filter(|number| number % 10 < again);
    let mut numbers: Vec<usize> = (0..events).chain(repeats).collect();
    let last = numbers.len();
    // Each run has the same order, far from the one in which they were written.
    for at in 0..last {
        numbers.swap(at, at.wrapping_mul(7_919).wrapping_add(13) % last);
    }
    let customer = |number: usize| format!("1650{word}{:05}", number % CUSTOMERS);
    numbers.iter().map(|number| signed(&format!("wamid.{word}.{number}"), &customer(*number))).collect()
}

/// Waits until the worker has read everything.
async fn until_read(product: &Product) -> anyhow::Result<()> {
    let began = Instant::now();
    loop {
        let open = number(product, "select count(*) from inbound_events where state = 'received'")?;
        if open == 0 {
            return Ok(());
        }
        ensure!(began.elapsed() < PATIENCE, "{open} events are not read after {} s", PATIENCE.as_secs());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn three_in_ten_come_again_and_none_is_left_out() {
        let bodies = bodies("12", 100, AGAIN);
        let different: HashSet<&[u8]> = bodies.iter().map(|signed| signed.body.as_slice()).collect();
        assert_eq!((bodies.len(), different.len()), (130, 100));
    }
}
