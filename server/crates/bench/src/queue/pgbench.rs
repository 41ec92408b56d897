//! Measures the most that this Postgres can do with our tables. pgbench runs the same statements, prepared, as a
//! role that row-level security does not restrict. Skipped if pgbench is not installed.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, bail};

use super::{Measurement, Stopwatch};
use crate::database::BenchDatabase;

/// Claims a hundred pieces in queue order and completes them.
const CLAIM_AND_END: &str = "\\set owner :client_id
with pick as (select id from work_ready where lane = 'chores' order by lane, tenant_key, priority, ready_at, id limit 100 for update skip locked),
     taken as (delete from work_ready w using pick where w.id = pick.id returning w.*)
insert into work_leases (id, lane, tenant_key, priority, ready_at, kind, agency_id, sub_account_id, subject_id, payload, attempt, dedupe_key, lease_owner, lease_until)
select id, lane, tenant_key, priority, ready_at, kind, agency_id, sub_account_id, subject_id, payload, attempt + 1, dedupe_key,
       lpad((:owner)::text, 32, '0')::uuid, now() + interval '60 s' from taken;
delete from work_leases where lease_owner = lpad((:owner)::text, 32, '0')::uuid;
";

/// Adds one job in a transaction that first names its tenant, as ours does.
const ADD: &str = "begin;
select set_config('app.current_agency_id', '00000000-0000-7000-8000-000000000001', true), set_config('app.agency_reach', 'all', true);
insert into work_ready (id, lane, tenant_key, priority, kind, agency_id, payload)
values (gen_random_uuid(), 'chores', '00000000-0000-7000-8000-000000000001', 100, 'integration.check', '00000000-0000-7000-8000-000000000001', '{\"n\": 1}') on conflict do nothing;
end;
";

/// Returns the program's name if pgbench is installed.
pub fn program() -> Option<PathBuf> {
    let found = Command::new("pgbench").arg("--version").output();
    found.is_ok_and(|out| out.status.success()).then(|| PathBuf::from("pgbench"))
}

/// Drains a queue that was filled before.
pub fn drain(bench_database: &BenchDatabase, jobs: usize) -> anyhow::Result<Measurement> {
    // If two connections reach for the same rows, a claim gets fewer; a few extra claims make up for that.
    run(bench_database, CLAIM_AND_END, 2, jobs / 200 + 4, jobs)
}

/// Adds jobs one by one.
pub fn add(bench_database: &BenchDatabase, clients: usize, jobs: usize) -> anyhow::Result<Measurement> {
    run(bench_database, ADD, clients, jobs / clients, jobs / clients * clients)
}

fn run(
    bench_database: &BenchDatabase,
    script: &str,
    clients: usize,
    turns: usize,
    jobs: usize,
) -> anyhow::Result<Measurement> {
    let file = std::env::temp_dir().join(format!("slipway-bench-{}.sql", std::process::id()));
    fs::write(&file, script)?;
    let mut command = Command::new("pgbench");
    // Without statistics, the planner would sort the whole queue for every claim.
    command.env("PGOPTIONS", "-c enable_sort=off -c enable_seqscan=off");
    command.args(["-n", "-M", "prepared", "-U", embedded::SUPERUSER, "-h"]).arg(bench_database.socket_folder());
    command
        .args(["-c", &clients.to_string(), "-j", &clients.min(2).to_string(), "-t", &turns.to_string(), "-f"])
        .arg(&file)
        .arg("ours");
    let stopwatch = Stopwatch::start(bench_database);
    let out = command.output().context("starting pgbench")?;
    let measurement = stopwatch.stop(bench_database, jobs);
    let _ = fs::remove_file(file);
    if !out.status.success() {
        bail!("pgbench failed: {}", String::from_utf8_lossy(&out.stderr));
    }
    Ok(measurement)
}
