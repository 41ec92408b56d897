//! Measures what open pages cost: twenty windows of one agency while jobs start. It compares windows that fetch their
//! whole page on every event with windows that fetch what the event concerns: regions, and the state of a job's monitor,
//! in the same run.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use domain::topics::concerns;
use tokio::sync::{broadcast, watch};

use crate::BenchArgs;
use crate::client::{Client, EventStream};
use crate::cpu;
use crate::product::{self, AGENCY, Product};
use crate::report::{Report, percentile};

/// Windows that show the jobs list, and windows that show one job each.
const LISTS: usize = 4;
const JOBS: usize = 16;
/// Jobs that start each second, each of which is an event.
const RATE: f64 = 5.0;
/// Length of one measurement.
const LASTS: Duration = Duration::from_secs(20);

/// The regions of a job's page that its monitor renders from its state, and those whose change the state announces.
const MONITORED: [&str; 5] = ["head", "progress", "steps", "step", "log"];
const ANNOUNCED: [&str; 2] = ["actions", "state"];

/// How a window updates itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Update {
    /// On every event, the whole page.
    Whole,
    /// On events that concern it, the regions that they concern, or the state of its island.
    Regions,
}

/// What the windows did.
#[derive(Default)]
struct Seen {
    fetches: usize,
    /// Milliseconds from the answer to an order until a list shows its job.
    waits: Vec<f64>,
}

/// Measures both ways of updating.
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let Some(product) = Product::start(bench_args, &["serve"]).await? else {
        report.note("skipped: there is no release build; `cargo x up --release` makes one");
        return Ok(());
    };
    let product = Arc::new(product);
    let token = product.token()?;
    let mut client = Client::connect(product.listen).await?;
    let snapshot = product.snapshot(&mut client, &token).await?;
    let mut jobs = Vec::new();
    for n in 0..JOBS {
        let order = product::order(&snapshot, &format!("Shown {n}"));
        let started = product.api(&mut client, &token, "POST", "/api/v1/provisioning/jobs", &order).await?;
        jobs.push(started["id"].as_str().context("a job without id")?.to_owned());
    }
    let lasts = if report.quick() { Duration::from_secs(1) } else { LASTS };
    let mut shares = Vec::new();
    for (name, update) in [("whole pages", Update::Whole), ("regions", Update::Regions)] {
        report.other_load(cpu::others().await);
        let idle = orders_alone(&product, &token, &snapshot, lasts).await?;
        let (share, seen) = open_windows(&product, &token, &snapshot, &jobs, update, lasts).await?;
        let cost = (share - idle).max(0.0);
        report.figure(format!("{name}: processor share of the server"), cost);
        report.figure(format!("{name}: requests/s"), seen.fetches as f64 / lasts.as_secs_f64());
        report.figure(format!("{name}: commit to shown, p50 ms"), percentile(&seen.waits, 0.5));
        report.figure(format!("{name}: commit to shown, p99 ms"), percentile(&seen.waits, 0.99));
        shares.push((cost, percentile(&seen.waits, 0.99)));
    }
    if let ([(whole, _), (regions, p99)], false) = (shares.as_slice(), report.quick()) {
        report.at_most("server cpu of regions, share of whole pages", regions / whole, 0.10, 0.30);
        report.at_most("commit to shown, p99 ms", *p99, 300.0, 1000.0);
    }
    Ok(())
}

/// The processor share of the server while jobs start and nobody looks.
async fn orders_alone(
    product: &Product,
    token: &str,
    snapshot: &serde_json::Value,
    lasts: Duration,
) -> anyhow::Result<f64> {
    let (named, _) = watch::channel(None);
    let (before, began) = (cpu::tree(product.server), Instant::now());
    order(product, token, snapshot, lasts, &named).await?;
    Ok((cpu::tree(product.server) - before) / began.elapsed().as_secs_f64())
}

/// Starts jobs at the rate and says which one was committed last, and when.
async fn order(
    product: &Product,
    token: &str,
    snapshot: &serde_json::Value,
    lasts: Duration,
    named: &watch::Sender<Option<(String, Instant)>>,
) -> anyhow::Result<()> {
    let mut client = Client::connect(product.listen).await?;
    let began = Instant::now();
    let mut n = 0;
    while began.elapsed() < lasts {
        let name = format!("Live {}", uuid::Uuid::now_v7().simple());
        let order = product::order(snapshot, &name);
        product.api(&mut client, token, "POST", "/api/v1/provisioning/jobs", &order).await?;
        named.send_replace(Some((name, Instant::now())));
        n += 1;
        tokio::time::sleep_until((began + Duration::from_secs_f64(f64::from(n) / RATE)).into()).await;
    }
    Ok(())
}

/// Opens the windows, starts jobs, and returns the processor share of the server.
async fn open_windows(
    product: &Arc<Product>,
    token: &str,
    snapshot: &serde_json::Value,
    jobs: &[String],
    update: Update,
    lasts: Duration,
) -> anyhow::Result<(f64, Seen)> {
    let cookie = product.sign_in().await?;
    let (named, shown) = watch::channel(None);
    let (events, _) = broadcast::channel(1024);
    let lists = (0..LISTS).map(|_| format!("/a/{AGENCY}/provisioning"));
    let pages = lists.chain(jobs.iter().map(|job| format!("/a/{AGENCY}/provisioning/{job}")));
    let mut windows = Vec::new();
    for path in pages {
        let window = Window::open(product, &cookie, path, update).await?;
        windows.push(tokio::spawn(window.run(events.subscribe(), shown.clone())));
    }
    let stream = format!("/a/{AGENCY}/live?topics=provisioning.job:*");
    let stream = EventStream::open(product.listen, &stream, &cookie).await?;
    let listening = tokio::spawn(pass_on(stream, events));
    let (before, began) = (cpu::tree(product.server), Instant::now());
    order(product, token, snapshot, lasts, &named).await?;
    let share = (cpu::tree(product.server) - before) / began.elapsed().as_secs_f64();
    listening.abort();
    let mut seen = Seen::default();
    for window in windows {
        let own = window.await??;
        seen.fetches += own.fetches;
        seen.waits.extend(own.waits);
    }
    ensure!(!seen.waits.is_empty(), "no list showed a job");
    Ok((share, seen))
}

/// Passes the events of a browser's one stream on to its windows.
async fn pass_on(mut stream: EventStream, events: broadcast::Sender<String>) {
    while let Ok(event) = stream.next().await {
        let _ = events.send(event);
    }
}

/// An open window.
struct Window {
    client: Client,
    cookie: String,
    path: String,
    update: Update,
    /// Name and topics of each region.
    regions: Vec<(String, String)>,
    /// What the monitor of a job's page knows; `None` on other pages.
    known: Option<Known>,
}

/// Version of the state that a monitor shows, the mark of the forms beside it, and the last line of its log.
#[derive(Default)]
struct Known {
    version: String,
    forms: String,
    line: String,
}

impl Window {
    async fn open(product: &Product, cookie: &str, path: String, update: Update) -> anyhow::Result<Self> {
        let mut client = Client::connect(product.listen).await?;
        let page = client.get(&path, &[cookie, "accept: text/html"]).await?;
        ensure!(page.status == 200, "{path} answered {}", page.status);
        let regions = regions(&String::from_utf8_lossy(&page.body));
        ensure!(!regions.is_empty(), "{path} has no region");
        let monitored = regions.iter().any(|(name, _)| name == "log") && update == Update::Regions;
        let mut window = Self { client, cookie: cookie.to_owned(), path, update, regions, known: None };
        if monitored {
            window.known = Some(Known::default());
            window.fetch_state().await?;
        }
        Ok(window)
    }

    /// Updates itself until the events end.
    async fn run(
        mut self,
        mut events: broadcast::Receiver<String>,
        shown: watch::Receiver<Option<(String, Instant)>>,
    ) -> anyhow::Result<Seen> {
        let (mut seen, mut last) = (Seen::default(), String::new());
        while let Ok(event) = events.recv().await {
            let mut outdated = self.outdated(&event);
            // What arrived meanwhile is fetched together.
            while let Ok(more) = events.try_recv() {
                outdated.extend(self.outdated(&more));
            }
            if outdated.is_empty() {
                continue;
            }
            let concerned = outdated.iter().any(|name| MONITORED.contains(&name.as_str()));
            if self.known.is_some() && concerned {
                seen.fetches += 1;
                outdated.retain(|name| !MONITORED.contains(&name.as_str()) && !ANNOUNCED.contains(&name.as_str()));
                if self.fetch_state().await? {
                    outdated.extend(ANNOUNCED.map(ToOwned::to_owned));
                }
                if outdated.is_empty() {
                    continue;
                }
            }
            let body = self.fetch(&outdated).await?;
            seen.fetches += 1;
            let newest = shown.borrow().clone();
            if let Some((name, committed)) = newest.filter(|(name, _)| *name != last && body.contains(name)) {
                seen.waits.push(committed.elapsed().as_secs_f64() * 1000.0);
                last = name;
            }
        }
        Ok(seen)
    }

    /// The regions that an event concerns.
    fn outdated(&self, event: &str) -> BTreeSet<String> {
        let concerned = |(_, topics): &&(String, String)| self.update == Update::Whole || concerns(topics, event);
        self.regions.iter().filter(concerned).map(|(name, _)| name.clone()).collect()
    }

    /// Fetches what changed of the monitor's state. Returns true if the forms of the page changed.
    async fn fetch_state(&mut self) -> anyhow::Result<bool> {
        let Some(known) = &mut self.known else { return Ok(false) };
        let path = format!("{}/state?since={}&line={}", self.path, known.version, known.line);
        let answer = self.client.get(&path, &[self.cookie.as_str(), "accept: */*", "sec-fetch-dest: empty"]).await?;
        ensure!(answer.status == 200, "{path} answered {}", answer.status);
        let update: serde_json::Value = serde_json::from_slice(&answer.body)?;
        let forms = update["state"]["forms"].as_str().unwrap_or(&known.forms).to_owned();
        let changed = forms != known.forms;
        let last = update["log"]["lines"].as_array().and_then(|lines| lines.last()?["id"].as_str());
        let line = last.unwrap_or(&known.line).to_owned();
        *known = Known { version: update["version"].as_str().unwrap_or_default().to_owned(), forms, line };
        Ok(changed)
    }

    async fn fetch(&mut self, outdated: &BTreeSet<String>) -> anyhow::Result<String> {
        let named = outdated.iter().map(String::as_str).collect::<Vec<_>>().join(",");
        let asked = format!("x-live-regions: {named}");
        let mut headers = vec![self.cookie.as_str(), "accept: */*", "sec-fetch-dest: empty"];
        if self.update == Update::Regions {
            headers.push(&asked);
        }
        let answer = self.client.get(&self.path, &headers).await?;
        ensure!(answer.status == 200, "{} answered {}", self.path, answer.status);
        Ok(String::from_utf8_lossy(&answer.body).into_owned())
    }
}

/// The regions of a page and their topics.
fn regions(page: &str) -> Vec<(String, String)> {
    let value = |text: &str, name: &str| {
        let begin = text.find(&format!("{name}=\""))? + name.len() + 2;
        text[begin..].split('"').next().map(ToOwned::to_owned)
    };
    let tags = page.split('<').filter_map(|tag| tag.split('>').next());
    tags.filter_map(|tag| value(tag, "data-live").zip(value(tag, "data-topics"))).collect()
}
