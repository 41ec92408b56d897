//! Benchmarks of the product against its peers. Start them with `cargo x bench [name]`.
//!
//! Each benchmark runs ours and the peers' in turn within the same minutes, checks that nothing was lost, and
//! writes JSON. A figure below its floor fails. All load stays on this machine and is limited in amount and time.

mod client;
mod connected;
mod cpu;
mod database;
mod gateway;
mod idle;
mod inbox;
mod intake;
mod jobs;
mod live;
mod live_streams;
mod peers;
mod product;
mod provision;
mod queue;
mod report;
mod scripts;
mod soak;
mod ssr;
mod weight;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use report::Report;

/// Measures the product against its peers.
#[derive(Parser)]
#[command(name = "bench")]
pub struct BenchArgs {
    /// What to measure: jobs, queue, queue drain, queue enqueue, queue latency, queue fair, queue bloat, provision,
    /// ssr, inbox, inbox page, inbox lists, webhooks, webhooks acknowledged, webhooks repeated, webhooks flood, webhooks
    /// crashes, live, live streams, weight, idle, tools, tools calls, tools processes, tools memory. Default:
    /// all of these. soak takes hours and runs only if named.
    pub names: Vec<String>,
    /// Run everything once with small amounts, to check correctness only; no time is judged.
    #[arg(long)]
    pub quick: bool,
    /// For soak: for how many minutes orders are placed.
    #[arg(long, default_value_t = 120.0)]
    pub minutes: f64,
    /// For soak: jobs per second, over all agencies.
    #[arg(long, default_value_t = 5.0)]
    pub rate: f64,
    /// For soak: how many times faster the clock runs.
    #[arg(long, default_value_t = 200.0)]
    pub scale: f64,
    /// For inbox lists: about how many messages there are. Default: a million. Fifty million take 40 GB of disk and hours.
    #[arg(long)]
    pub messages: Option<usize>,
    /// The built server, for the benchmarks that measure it.
    #[arg(long)]
    pub program: Option<PathBuf>,
    /// The built styles and scripts.
    #[arg(long)]
    pub site: Option<PathBuf>,
    /// Folder for the results.
    #[arg(long, default_value = "target/bench")]
    pub out: PathBuf,
    /// Folder in which the peers are installed.
    #[arg(long, default_value = "target/cache")]
    pub cache: PathBuf,
    /// Folder of the peers' package.json and drivers.
    #[arg(long, default_value = "server/crates/bench/peers")]
    pub peers: PathBuf,
}

/// The benchmarks, in the order in which they run.
const ALL: [&str; 21] = [
    "weight",
    "idle",
    "ssr",
    "inbox page",
    "inbox lists",
    "webhooks acknowledged",
    "webhooks repeated",
    "webhooks flood",
    "webhooks crashes",
    "live",
    "live streams",
    "provision",
    "jobs",
    "queue drain",
    "queue enqueue",
    "queue latency",
    "queue fair",
    "queue bloat",
    "tools calls",
    "tools processes",
    "tools memory",
];

/// The benchmark that runs only if it is named.
const SOAK: &str = "soak";

impl BenchArgs {
    fn chosen(&self) -> anyhow::Result<Vec<&'static str>> {
        let words = self.names.join(" ");
        if words == SOAK {
            return Ok(vec![SOAK]);
        }
        let chosen: Vec<&'static str> = ALL
            .into_iter()
            .filter(|name| words.is_empty() || *name == words || name.split(' ').next() == Some(words.as_str()))
            .collect();
        if chosen.is_empty() {
            anyhow::bail!("`{words}` is unknown; there are {} and {SOAK}.", ALL.join(", "));
        }
        Ok(chosen)
    }
}

// The embedded Postgres ends with the thread that started it, so everything is started from the main thread.
fn main() -> ExitCode {
    let bench_args = BenchArgs::parse();
    match run(&bench_args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(bench_args: &BenchArgs) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let [word, options] = bench_args.names.as_slice() {
        match word.as_str() {
            gateway::bare::WORD => return runtime.block_on(gateway::bare::serve(options)).map(|()| true),
            intake::bare::WORD => return runtime.block_on(intake::bare::serve(options)).map(|()| true),
            _ => {}
        }
    }
    let mut good = true;
    for name in bench_args.chosen()? {
        eprintln!("\n{name}");
        let mut report = Report::begin(name, bench_args.quick);
        let outcome = runtime.block_on(async {
            match name {
                SOAK => soak::measure(bench_args, &mut report).await,
                "weight" => weight::measure(bench_args, &mut report),
                "idle" => idle::measure(bench_args, &mut report).await,
                "live" => live::measure(bench_args, &mut report).await,
                "live streams" => live_streams::measure(bench_args, &mut report).await,
                "ssr" => ssr::measure(bench_args, &mut report).await,
                "inbox page" => inbox::page::measure(bench_args, &mut report).await,
                "inbox lists" => inbox::measure(bench_args, &mut report).await,
                "webhooks acknowledged" => intake::steady::measure(bench_args, &mut report).await,
                "webhooks repeated" => intake::replay::measure(bench_args, &mut report).await,
                "webhooks flood" => intake::flood::measure(bench_args, &mut report).await,
                "webhooks crashes" => intake::crash::measure(bench_args, &mut report).await,
                "provision" => provision::measure(bench_args, &mut report).await,
                "jobs" => jobs::measure(bench_args, &mut report).await,
                "tools calls" => gateway::calls::measure(bench_args, &mut report).await,
                "tools processes" => gateway::processes::measure(bench_args, &mut report).await,
                "tools memory" => gateway::memory::measure(bench_args, &mut report).await,
                "queue fair" => queue::fair::measure(bench_args, &mut report).await,
                "queue bloat" => queue::bloat::measure(bench_args, &mut report).await,
                "queue drain" => queue::drain::measure(bench_args, &mut report).await,
                "queue enqueue" => queue::enqueue::measure(bench_args, &mut report).await,
                _ => queue::latency::measure(bench_args, &mut report).await,
            }
        });
        if let Err(error) = outcome {
            report.failed(&error);
        }
        good &= report.finish(&bench_args.out)?;
    }
    Ok(good)
}
