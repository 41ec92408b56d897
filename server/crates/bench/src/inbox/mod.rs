//! What do the list of conversations, its numbers and its search cost at size? A world of many businesses stands for it: the
//! largest has most of the conversations, as in life.

mod counts;
mod list;
pub mod page;
mod rls;
mod search;
mod world;

use std::time::Instant;

use domain::BusinessId;
use domain::messaging::view::ConversationLine;
use domain::page::{ListQuery, Page};
use store::messaging::list as conversations;
use store::{Db, Scope, TenantTx};

use crate::BenchArgs;
use crate::cpu;
use crate::report::Report;
use crate::scripts;
use world::World;

/// Messages in the world of a whole run and of a quick one, unless the run is told another number.
const MESSAGES: usize = 1_000_000;
const FEW: usize = 20_000;

/// A business of the world.
struct Business {
    id: BusinessId,
    conversations: usize,
}

/// Measures the list, row-level security, the numbers and the search in one world (I1 to I4).
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let messages = bench_args.messages.unwrap_or(if report.quick() { FEW } else { MESSAGES });
    let began = Instant::now();
    let world = World::new(bench_args, messages).await?;
    report.figure("messages", world.messages());
    report.figure("conversations", world.conversations());
    report.figure("conversations of the largest business", world.largest().conversations);
    report.figure("written in seconds", began.elapsed().as_secs_f64());
    report.other_load(cpu::others().await);
    if !scripts::installed() {
        report.note("pgbench is not installed, so nothing is compared with statements written by hand");
    }
    list::measure(&world, report).await?;
    search::measure(&world, report).await?;
    rls::measure(&world, report)?;
    // It comes last, because it writes and then removes indexes.
    counts::measure(&world, report).await
}

/// Begins to read as a person of a business does.
async fn begin(db: &Db, business: &Business) -> anyhow::Result<TenantTx> {
    Ok(TenantTx::begin(db, Scope::Business { user: None, business: business.id }).await?)
}

/// A page of the list, and the milliseconds that it took.
async fn read(db: &Db, business: &Business, query: &ListQuery) -> anyhow::Result<(Page<ConversationLine>, f64)> {
    let asked = Instant::now();
    let mut tx = begin(db, business).await?;
    let page = conversations::list(&mut tx, query, None).await?;
    tx.commit().await?;
    Ok((page, asked.elapsed().as_secs_f64() * 1000.0))
}
