//! Measures processes of tool servers: many starts of a small program, after which neither a zombie nor a folder may be left, and
//! how long the first call of a server in Node takes, with its start.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use domain::{AgencyId, BusinessId, ToolServerId};
use futures::future::try_join_all;
use serde_json::json;
use tools::{Confinement, Credentials, HostLauncher, Limits, ProcessKey, Processes, ServerSpec};
use uuid::Uuid;

use super::at_most;
use crate::BenchArgs;
use crate::cpu;
use crate::peers::{self, Peers};
use crate::report::{Report, percentile};

/// Starts of the small program, and how many of its businesses start one at once.
const STARTS: usize = 10_000;
const AT_ONCE: usize = 4;
/// Starts of the server in Node, one after the other.
const COLD: usize = 100;
/// The longest that one call may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Goal and floor of the slowest first calls of a server in Node, in milliseconds.
const COLD_CALL: (f64, f64) = (400.0, 1500.0);
/// The search path of the processes.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Measures the starts, then the first calls.
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let folder = std::path::absolute(&bench_args.out)?.join(format!("tool-processes-{}", std::process::id()));
    let measured = async {
        starts(report, &folder).await?;
        cold(bench_args, report, &folder).await
    };
    let measured = measured.await;
    let _ = fs::remove_dir_all(&folder);
    measured
}

/// Starts and ends the small program again and again.
async fn starts(report: &mut Report, folder: &Path) -> anyhow::Result<()> {
    let each = if report.quick() { 10 } else { STARTS / AT_ONCE };
    let (program, zombies) = (stub()?, cpu::zombies());
    report.other_load(cpu::others().await);
    let processes = processes(folder)?;
    let began = Instant::now();
    let all = (1..=AT_ONCE).map(|business| {
        let (processes, spec) = (processes.clone(), spec(business, &program, Vec::new()));
        async move { in_turn(&processes, &spec, each).await }
    });
    let waits = try_join_all(all).await?.concat();
    let seconds = began.elapsed().as_secs_f64();
    processes.close().await;
    report.figure("starts of a small program", waits.len());
    report.figure("starts/s", waits.len() as f64 / seconds);
    report.figure("small program: start and first call, p50 ms", percentile(&waits, 0.5));
    report.figure("small program: start and first call, p99 ms", percentile(&waits, 0.99));
    nothing_left(report, folder, zombies)
}

/// Calls a server in Node that does not run yet.
async fn cold(bench_args: &BenchArgs, report: &mut Report, folder: &Path) -> anyhow::Result<()> {
    let peers = Peers::install(&bench_args.peers, &bench_args.cache)?;
    let arguments =
        vec![peers.driver("mcp.mjs").to_string_lossy().into_owned(), json!({ "part": "stdio" }).to_string()];
    let spec = spec(1, &peers::node()?, arguments);
    let (count, zombies) = (if report.quick() { 2 } else { COLD }, cpu::zombies());
    report.other_load(cpu::others().await);
    let processes = processes(folder)?;
    let waits = in_turn(&processes, &spec, count).await?;
    processes.close().await;
    report.figure("server in Node: start and first call, p50 ms", percentile(&waits, 0.5));
    at_most(report, "server in Node: start and first call, p99 ms", percentile(&waits, 0.99), COLD_CALL);
    nothing_left(report, folder, zombies)
}

/// Calls a server that does not run, and stops it, again and again. Returns the milliseconds of each call.
async fn in_turn(processes: &Processes, spec: &ServerSpec, count: usize) -> anyhow::Result<Vec<f64>> {
    let id = format!("{}.{}", spec.key.business, spec.key.server);
    let mut waits = Vec::new();
    for n in 0..count {
        let sent = Instant::now();
        let answer = processes.call(spec, &credentials(), "echo", json!({ "n": n }), PATIENCE).await?;
        waits.push(sent.elapsed().as_secs_f64() * 1000.0);
        ensure!(answer["structuredContent"]["said"]["n"] == n, "a tool server answered {answer} to {n}");
        ensure!(processes.stop(&id), "a process that answered is not known");
    }
    Ok(waits)
}

/// Reports as wrong what is left of processes that ended.
fn nothing_left(report: &mut Report, folder: &Path, zombies: usize) -> anyhow::Result<()> {
    let zombies = cpu::zombies().saturating_sub(zombies);
    let folders = fs::read_dir(folder)?.count();
    report.figure("zombies and folders left", zombies + folders);
    if zombies + folders > 0 {
        report.fail(format!("{zombies} zombies and {folders} folders are left of processes that ended"));
    }
    Ok(())
}

/// Processes that run as we do: another user may not reach the programs.
fn processes(folder: &Path) -> anyhow::Result<Processes> {
    let launcher = HostLauncher::new(folder, Confinement { own_user: false, ..Confinement::default() })?;
    Ok(Processes::new(Limits::default(), Arc::new(launcher)))
}

/// The small program, which is built beside this one.
fn stub() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let program = own.with_file_name("tool-stub");
    ensure!(program.is_file(), "{} is missing: run `cargo build --package tools`", program.display());
    Ok(program)
}

fn spec(business: usize, command: &Path, arguments: Vec<String>) -> ServerSpec {
    let number = |n: usize| Uuid::from_u128(n as u128);
    let key = ProcessKey { business: BusinessId(number(business)), server: ToolServerId(number(1)) };
    let (agency, name) = (AgencyId(number(business)), "bench".to_owned());
    ServerSpec { key, agency, name, command: command.to_owned(), arguments, path: PATH.to_owned() }
}

fn credentials() -> Credentials {
    Credentials {
        access_token: "bench-token".to_owned().into(),
        location: "location".to_owned(),
        base_url: "https://ghl.example".to_owned(),
    }
}
