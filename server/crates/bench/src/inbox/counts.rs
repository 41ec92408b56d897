//! Measures the numbers beside the views while messages arrive (I3): how long they take beside a count of all rows, what their
//! indexes cost whoever writes, and whether they are exact.

use std::time::{Duration, Instant};

use anyhow::Context;
use domain::page::COUNTED_IN_VIEW;
use store::messaging::list::{self, InboxCounts};

use super::world::World;
use super::{Business, begin};
use crate::report::{Report, median, percentile};
use crate::scripts::{self, Background, Script};

/// Messages that arrive each second, who write them, and in how many conversations.
const RATE: u32 = 500;
const WRITERS: usize = 4;
const TARGETS: usize = 10_000;
/// How long the numbers are read.
const LASTS: Duration = Duration::from_secs(20);
/// Messages that are written at full speed with the indexes and without, by each writer, and how often they are counted as
/// all rows.
const WRITES: usize = 5_000;
const COUNTS: usize = 200;

/// Goal and floor of the slowest numbers in milliseconds, and of what a message costs with the indexes more than without.
const P99: (f64, f64) = (2.0, 5.0);
const COST: (f64, f64) = (0.15, 0.50);

/// The conversations that are written to.
const PREPARE: &str = "create table bench_targets (n int primary key, business uuid not null, id uuid not null);
insert into bench_targets select row_number() over (), sub_account_id, id from (select sub_account_id, id from conversations order by id limit {targets}) x;
analyze bench_targets";

/// A message that arrives, and its conversation as it changes.
const WRITE: &str = "\\set n random(1, {targets})
begin;
insert into messages (sub_account_id, conversation_id, channel, happened_at, direction, sender, body) select business, id, 'WHATSAPP', now(), 'in', 'contact', 'Are you open on Sunday?' from bench_targets where n = :n;
update conversations c set unread = c.unread + 1, waiting_since = coalesce(c.waiting_since, now()), last_message_at = now(), last_preview = 'Are you open on Sunday?' from bench_targets t where t.n = :n and c.sub_account_id = t.business and c.id = t.id;
end;
";

/// The same numbers as counts of all rows.
const ALL_ROWS: &str = "select count(*) filter (where status = 'open'), count(*) filter (where status = 'open' and unread > 0), count(*) filter (where status = 'open' and waiting_since is not null), count(*) filter (where status = 'open' and assigned_to is null) from conversations where sub_account_id = '{business}'";

/// The indexes that only the numbers and their views need.
const WITHOUT: &str = "drop index conversations_unread; drop index conversations_agency_unread; drop index conversations_unassigned; drop index conversations_agency_unassigned";

/// Reads the numbers while messages arrive, then measures the writers.
pub async fn measure(world: &World, report: &mut Report) -> anyhow::Result<()> {
    if !scripts::installed() {
        return Ok(());
    }
    let targets = TARGETS.min(world.conversations()).to_string();
    world.bench_database.session("ours")?.run(&PREPARE.replace("{targets}", &targets))?;
    let (write, socket) = (WRITE.replace("{targets}", &targets), world.bench_database.socket_folder());
    let (lasts, divide) = if report.quick() { (Duration::from_millis(300), 100) } else { (LASTS, 1) };
    let background = Background::start(socket, "ours", &write, WRITERS, RATE)?;
    let waits = read_for(world, lasts).await?;
    let all_rows = ALL_ROWS.replace("{business}", &world.largest().id.0.to_string()) + ";\n";
    let script = Script { text: &all_rows, clients: 1, turns: COUNTS / divide };
    let theirs = scripts::run(socket, "ours", &script)?;
    drop(background);
    report.figure("numbers under 500 messages/s: p50 ms", median(&waits));
    report.figure("numbers as counts of all rows: p50 ms", median(&theirs.waits));
    report.figure("numbers as counts of all rows ÷ ours", median(&theirs.waits) / median(&waits));
    report.stays_within("numbers under 500 messages/s: p99 ms", percentile(&waits, 0.99), P99);
    for business in world.businesses.iter().take(20) {
        exact(world, report, business).await?;
    }
    let script = Script { text: &write, clients: WRITERS, turns: WRITES / divide };
    let with = scripts::run(socket, "ours", &script)?.rate();
    world.bench_database.session("ours")?.run(WITHOUT)?;
    let without = scripts::run(socket, "ours", &script)?.rate();
    report.figure("messages written a second, with the indexes", with);
    report.figure("messages written a second, without", without);
    report.stays_within("what the indexes of the numbers cost a message", without / with - 1.0, COST);
    Ok(())
}

/// Reads the numbers of the largest business for a while.
async fn read_for(world: &World, lasts: Duration) -> anyhow::Result<Vec<f64>> {
    let (began, mut waits) = (Instant::now(), Vec::new());
    while began.elapsed() < lasts {
        let asked = Instant::now();
        counts(world, world.largest()).await?;
        waits.push(asked.elapsed().as_secs_f64() * 1000.0);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(waits)
}

async fn counts(world: &World, business: &Business) -> anyhow::Result<InboxCounts> {
    let mut tx = begin(&world.db, business).await?;
    let counts = list::counts(&mut tx, None).await?;
    tx.commit().await?;
    Ok(counts)
}

/// Compares the numbers of a business with a count of all its rows.
async fn exact(world: &World, report: &mut Report, business: &Business) -> anyhow::Result<()> {
    let rows = world.bench_database.rows(&ALL_ROWS.replace("{business}", &business.id.0.to_string()))?;
    let all: Vec<i64> = rows.into_iter().flatten().flatten().map(|count| count.parse()).collect::<Result<_, _>>()?;
    let shown: Vec<i64> = all.iter().map(|count| (*count).min(COUNTED_IN_VIEW + 1)).collect();
    let counts = counts(world, business).await.context("reading the numbers")?;
    if shown != [counts.open, counts.unread, counts.waiting, counts.unassigned] {
        report.fail(format!("the numbers of {} are {counts:?}, and a count of all rows finds {all:?}", business.id));
    }
    Ok(())
}
