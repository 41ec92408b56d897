//! Measures the inbox of an agency with many conversations, signed in, with real queries (S2). Svelte renders the same list in
//! Fastify with pg: what SvelteKit does for a page, without its router.

use anyhow::ensure;
use serde_json::json;

use crate::BenchArgs;
use crate::client::Client;
use crate::cpu;
use crate::peers::Peers;
use crate::product::{AGENCY, Product, free};
use crate::report::{Report, median, percentile};
use crate::ssr::{Page, flood, steady};

/// Conversations of one business, each with ten messages.
const CONVERSATIONS: usize = 20_000;
/// Requests before the first one that counts.
const WARM: usize = 400;
/// Requests at the steady rate and at full speed, that rate a second, and connections at full speed.
const STEADY: usize = 2_000;
const RATE: f64 = 200.0;
const AT_ONCE: usize = 1_000;
const CONNECTIONS: usize = 8;
/// Connections of the peer to the database.
const POOL: u32 = 10;

/// Goal and floor of the slowest answer in milliseconds, and of ours ÷ the peer.
const P99: (f64, f64) = (20.0, 50.0);
const OF_SVELTE: (f64, f64) = (4.0, 2.0);

/// Conversations of the first channel of the demo world, spread over three months.
const SEED: &str = "with c as (select id, sub_account_id, agency_id, type from channels order by created_at limit 1),
     p as (insert into contacts (sub_account_id, name) select sub_account_id, 'Customer ' || n from c, generate_series(1, {count}) n returning id, name),
     t as (insert into conversations (sub_account_id, agency_id, channel_id, contact_id, type, contact_name, last_message_at, last_preview, last_direction, last_sender, unread, waiting_since, external_address)
           select c.sub_account_id, c.agency_id, c.id, p.id, c.type, p.name, now() - random() * interval '90 days', 'Are you open on Saturday?', 'in', 'contact', 1, now(), '13055550100' from c, p
           returning id, sub_account_id, type, last_message_at)
insert into messages (sub_account_id, conversation_id, channel, happened_at, direction, sender, body)
select t.sub_account_id, t.id, t.type, t.last_message_at - n * interval '1 minute', 'in', 'contact', 'Are you open on Saturday?' from t, generate_series(0, 9) n";

/// Measures the first page of the list, at a steady rate and beside the peer at full speed.
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let Some(product) = Product::start(bench_args, &["serve"]).await? else {
        report.note("skipped: there is no release build; `cargo x up --release` makes one");
        return Ok(());
    };
    let divide = if report.quick() { 50 } else { 1 };
    product.own_rows(&SEED.replace("{count}", &(CONVERSATIONS / divide).to_string()))?;
    product.own_rows("analyze")?;
    let (path, cookie) = (format!("/a/{AGENCY}/inbox"), product.sign_in().await?);
    let page = Page { at: product.listen, path, cookie, encoding: "br" };
    let plain = shown(&page).await?;
    report.figure("page, bytes", plain);
    report.figure("page as sent, brotli, bytes", page.get(&mut Client::connect(page.at).await?, "br").await?.len());
    report.other_load(cpu::others().await);
    // Connections to the database open and prepare their statements in the first requests, once in the life of a process.
    steady(&page, WARM / divide, RATE).await?;
    let waits = steady(&page, STEADY / divide, RATE).await?;
    report.figure("200 requests/s: p50 ms", percentile(&waits, 0.5));
    report.stays_within("200 requests/s: p99 ms", percentile(&waits, 0.99), P99);
    beside(bench_args, report, &product, page, AT_ONCE / divide).await
}

/// The bytes of a page, if it shows conversations.
async fn shown(page: &Page) -> anyhow::Result<usize> {
    let plain = page.get(&mut Client::connect(page.at).await?, "identity").await?;
    let rows = String::from_utf8_lossy(&plain).matches("Customer ").count();
    ensure!(rows >= 20, "the page of {} shows {rows} conversations", page.at);
    Ok(plain.len())
}

/// Asks both for the page as fast as they answer, as it is: the peer compresses nothing.
async fn beside(
    bench_args: &BenchArgs,
    report: &mut Report,
    product: &Product,
    page: Page,
    count: usize,
) -> anyhow::Result<()> {
    let peers = Peers::install(&bench_args.peers, &bench_args.cache)?;
    report.note(format!("svelte {}, fastify {}", peers.version("svelte"), peers.version("fastify")));
    let at = free()?;
    let told = json!({
        "url": product.own_urls().1, "pool": POOL, "port": at.port(), "agency": AGENCY,
    });
    let _svelte = peers.prepare("inbox.mjs", &told)?;
    let ours = Page { encoding: "identity", ..page };
    let theirs = Page { at, path: ours.path.clone(), cookie: ours.cookie.clone(), encoding: "identity" };
    report.figure("Svelte: page, bytes", shown(&theirs).await?);
    let (mut mine, mut svelte) = (Vec::new(), Vec::new());
    let rounds = if report.quick() { 1 } else { 5 };
    for _ in 0..rounds {
        report.other_load(cpu::others().await);
        for (page, rates) in [(&ours, &mut mine), (&theirs, &mut svelte)] {
            let (seconds, waits) = flood(page, CONNECTIONS, count).await?;
            rates.push(waits.len() as f64 / seconds);
        }
    }
    report.figure("full speed: ours, requests/s", median(&mine));
    report.figure("full speed: Svelte, requests/s", median(&svelte));
    report.spread(&svelte);
    let ratios: Vec<f64> = mine.iter().zip(&svelte).map(|(mine, svelte)| mine / svelte).collect();
    report.reaches("requests/s: ours ÷ Svelte", median(&ratios), OF_SVELTE);
    Ok(())
}
