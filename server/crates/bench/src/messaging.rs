//! Measures what customers' messages cost the built server: taking signed events of Meta, each of which is answered once it
//! is committed (W1), and the inbox of an agency with many conversations (I1).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::json;

use crate::BenchArgs;
use crate::client::Client;
use crate::cpu;
use crate::product::{AGENCY, Product};
use crate::report::{Report, percentile};
use crate::ssr::{Page, steady};

/// Events each second, connections that bring them, and how many there are.
const EVENTS_RATE: f64 = 200.0;
const CONNECTIONS: usize = 64;
const EVENTS: usize = 4_000;
/// Conversations of one business, each with ten messages, and requests for the list.
const CONVERSATIONS: usize = 20_000;
const PAGES: usize = 500;

/// Conversations of the first channel of the demo world, spread over three months.
const SEED: &str = "with c as (select id, sub_account_id, agency_id, type from channels order by created_at limit 1),
     p as (insert into contacts (sub_account_id, name) select sub_account_id, 'Customer ' || n from c, generate_series(1, {count}) n returning id, name),
     t as (insert into conversations (sub_account_id, agency_id, channel_id, contact_id, type, contact_name, last_message_at, last_preview, last_direction, last_sender, unread, waiting_since, external_address)
           select c.sub_account_id, c.agency_id, c.id, p.id, c.type, p.name, now() - random() * interval '90 days', 'Are you open on Saturday?', 'in', 'contact', 1, now(), '13055550100' from c, p
           returning id, sub_account_id, type, last_message_at)
insert into messages (sub_account_id, conversation_id, channel, happened_at, direction, sender, body)
select t.sub_account_id, t.id, t.type, t.last_message_at - n * interval '1 minute', 'in', 'contact', 'Are you open on Saturday?' from t, generate_series(0, 9) n";

/// Measures how long Meta waits for the answer to an event.
pub async fn webhooks(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let Some(product) = Product::start(bench_args, &["serve"]).await? else {
        report.note("skipped: there is no release build; `cargo x up --release` makes one");
        return Ok(());
    };
    let count = if report.quick() { EVENTS / 50 } else { EVENTS };
    let before = stored(&product)?;
    report.other_load(cpu::others().await);
    let (server, database) = (cpu::tree(product.server), product.database_cpu());
    let waits = deliver(&product, count).await?;
    let per_thousand = |seconds: f64| seconds / count as f64 * 1000.0;
    report.figure("cpu-s per 1,000, server", per_thousand(cpu::tree(product.server) - server));
    report.figure("cpu-s per 1,000, postgres", per_thousand(product.database_cpu() - database));
    report.figure("200 events/s: p50 ms", percentile(&waits, 0.5));
    judge(report, "200 events/s: p99 ms", &waits, (25.0, 100.0));
    let added = stored(&product)? - before;
    if added != count {
        report.fail(format!("{count} events were acknowledged, and {added} are stored"));
    }
    Ok(())
}

/// Measures the first page of the list of conversations.
pub async fn inbox(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let Some(product) = Product::start(bench_args, &["serve"]).await? else {
        report.note("skipped: there is no release build; `cargo x up --release` makes one");
        return Ok(());
    };
    let divide = if report.quick() { 50 } else { 1 };
    product.own_rows(&SEED.replace("{count}", &(CONVERSATIONS / divide).to_string()))?;
    product.own_rows("analyze")?;
    let page = Page { path: format!("/a/{AGENCY}/inbox"), cookie: product.sign_in().await? };
    let mut client = Client::connect(product.listen).await?;
    let plain = page.get(&mut client, "identity").await?;
    let rows = String::from_utf8_lossy(&plain).matches("Customer ").count();
    ensure!(rows >= 20, "the page shows {rows} conversations");
    report.figure("page, bytes", plain.len());
    report.figure("page as sent, brotli, bytes", page.get(&mut client, "br").await?.len());
    report.other_load(cpu::others().await);
    let waits = steady(&product, &page, PAGES / divide).await?;
    report.figure("100 requests/s: p50 ms", percentile(&waits, 0.5));
    judge(report, "100 requests/s: p99 ms", &waits, (20.0, 50.0));
    Ok(())
}

/// Judges the slowest of these waits by goal and floor; a quick run only shows it.
fn judge(report: &mut Report, what: &str, waits: &[f64], (goal, floor): (f64, f64)) {
    let p99 = percentile(waits, 0.99);
    if report.quick() {
        report.figure(what, p99);
    } else {
        report.at_most(what, p99, goal, floor);
    }
}

/// How many events are stored.
fn stored(product: &Product) -> anyhow::Result<usize> {
    let rows = product.own_rows("select count(*) from inbound_events")?;
    let count = rows.into_iter().flatten().flatten().next().context("no count")?;
    Ok(count.parse()?)
}

/// An event of the demo world's number as Meta sends it, with its signature.
fn event(number: usize) -> (String, String) {
    let message = json!({
        "from": "16505550101", "id": format!("wamid.bench.{number}"), "timestamp": "1790000000", "type": "text",
        "text": {"body": "Are you open on Saturday?"},
    });
    let value = json!({
        "messaging_product": "whatsapp", "metadata": {"display_phone_number": "15550100001", "phone_number_id": "106540000000001"},
        "contacts": [{"profile": {"name": "Ada Example"}, "wa_id": "16505550101"}], "messages": [message],
    });
    let changes = json!([{"field": "messages", "value": value}]);
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "102290000000001", "changes": changes}]});
    let (body, secret) = (body.to_string(), simulator::meta_defaults().app_secret.to_owned());
    let signature = meta::signature::sign(&secret.into(), body.as_bytes());
    (body, signature)
}

/// Delivers events at a steady rate, and returns the milliseconds from when each was due until it was acknowledged.
async fn deliver(product: &Product, count: usize) -> anyhow::Result<Vec<f64>> {
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now() + Duration::from_millis(50);
    let loops = (0..CONNECTIONS).map(|_| {
        let next = Arc::clone(&next);
        async move {
            let mut client = Client::connect(product.listen).await?;
            let mut waits = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= count {
                    return anyhow::Ok(waits);
                }
                let (body, signature) = event(n);
                let signed = format!("{}: {signature}", meta::signature::HEADER);
                let due = began + Duration::from_secs_f64(n as f64 / EVENTS_RATE);
                tokio::time::sleep_until(due.into()).await;
                let headers = ["content-type: application/json", signed.as_str()];
                let answer = client.send("POST", "/api/webhooks/meta", &headers, body.as_bytes()).await?;
                ensure!(answer.status == 200, "an event was answered with {}", answer.status);
                waits.push(due.elapsed().as_secs_f64() * 1000.0);
            }
        }
    });
    Ok(futures::future::try_join_all(loops).await?.concat())
}
