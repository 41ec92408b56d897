//! Serves `/health` for load balancers and `/metrics` for monitoring. A process that only does background work serves
//! both when it is given an address to listen on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::PrometheusHandle;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use store::Db;
use subtle::ConstantTimeEq;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::problem;
use crate::boot::periodic;

/// How long an answer of the database is reused, so that a flood of health checks costs the database nothing.
const FRESH: Duration = Duration::from_millis(1500);
/// A database that takes longer to answer counts as failed.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(3);

/// What `/health` and `/metrics` need to report on a process.
#[derive(Clone)]
pub struct ProcessHealth {
    /// The database connections of its pages.
    pub db: Db,
    /// Database connections reserved for `/health` and `/metrics`.
    pub health_db: Db,
    /// The last answer of the database, and when it was given. Locked while the database is asked, so that only
    /// one request asks at a time.
    pub checked: Arc<tokio::sync::Mutex<Option<(Instant, DatabaseChecks)>>>,
    /// HighLevel client, for the state of its circuit breakers.
    pub ghl: ghl::Ghl,
    /// Renders its metrics.
    pub metrics: PrometheusHandle,
    /// Bearer token of `/metrics`; `None` when not set.
    pub metrics_token: Option<SecretString>,
    /// True if `/metrics` is open to this machine while no token is set.
    pub metrics_open_locally: bool,
    /// Cancelled when the process begins to stop.
    pub stopping: CancellationToken,
}

/// Results of the checks that need the database.
#[derive(Clone, Debug, Default)]
pub struct DatabaseChecks {
    database: bool,
    migrations: bool,
    queue: bool,
    disk: bool,
    /// Periodic jobs that are overdue.
    overdue: Vec<String>,
    /// True if something that came in fails again and again.
    incoming_fails: bool,
}

/// The routes `/health` and `/metrics`.
pub fn routes<S>(process_health: ProcessHealth) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    Router::new().route("/health", get(health)).route("/metrics", get(metrics)).with_state(process_health)
}

/// Runs the checks that need the database. Their cost does not grow with the amount of data.
async fn run_database_checks(db: &Db) -> DatabaseChecks {
    if db.ping().await.is_err() {
        return DatabaseChecks::default();
    }
    DatabaseChecks {
        database: true,
        // A schema newer than this program is fine: a running process continues as long as none of its own
        // migrations is missing.
        migrations: store::migrate::pending(db).await.is_ok_and(|missing| missing.is_empty()),
        queue: store::queue::check_readable(db).await.is_ok(),
        disk: store::disk::has_room(db).await,
        overdue: periodic::overdue(db).await,
        incoming_fails: store::inbound::failing(db).await.is_ok_and(|failing| failing.is_any()),
    }
}

async fn cached_database_checks(process_health: &ProcessHealth) -> DatabaseChecks {
    let mut checked = process_health.checked.lock().await;
    if let Some((at, known)) = &*checked
        && at.elapsed() < FRESH
    {
        return known.clone();
    }
    let found = tokio::time::timeout(DATABASE_TIMEOUT, run_database_checks(&process_health.health_db))
        .await
        .unwrap_or_default();
    *checked = Some((Instant::now(), found.clone()));
    found
}

/// True if all listeners of this process receive the notices of other processes. Without notices everything is
/// polled, which is slower but works.
fn receives_notices(process_health: &ProcessHealth) -> bool {
    let pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    process_health.db.receives_notices() != Some(false)
        && pools.iter().all(|(_, db)| db.receives_notices() != Some(false))
}

/// `GET /health`.
async fn health(State(process_health): State<ProcessHealth>) -> Response {
    let results = cached_database_checks(&process_health).await;
    let checks = [
        ("database", results.database),
        ("migrations", results.migrations),
        ("queue", results.queue),
        ("disk", results.disk),
        ("accepting", !process_health.stopping.is_cancelled()),
    ];
    let well = checks.iter().all(|(_, passed)| *passed);
    let word = |passed: bool| Value::from(if passed { "ok" } else { "failed" });
    let mut named: Map<String, Value> =
        checks.iter().map(|(name, passed)| ((*name).to_owned(), word(*passed))).collect();
    named.insert("listening".to_owned(), Value::from(if receives_notices(&process_health) { "ok" } else { "polling" }));
    // A late periodic job, or something that came in and fails, is no reason to take this process out of the load
    // balancer: it is named, and the status stays 200.
    let late = &results.overdue;
    named.extend(late.iter().map(|name| (format!("periodic.{name}"), Value::from("overdue"))));
    named.extend(results.incoming_fails.then(|| ("incoming".to_owned(), Value::from("failing"))));
    let status =
        if well && (!late.is_empty() || results.incoming_fails) { Value::from("degraded") } else { word(well) };
    let body = json!({ "status": status, "version": env!("CARGO_PKG_VERSION"), "checks": named });
    (if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, Json(body)).into_response()
}

/// Headers that proxies add to the requests they pass on.
const FORWARDED: [&str; 6] =
    ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded", "x-real-ip", "via"];

/// `GET /metrics`: with the token, or in development from this machine while no token is set.
async fn metrics(
    State(process_health): State<ProcessHealth>,
    peer: ConnectInfo<std::net::SocketAddr>,
    headers: HeaderMap,
) -> Response {
    let shown = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default();
    let allowed = match &process_health.metrics_token {
        Some(token) => bool::from(token.expose_secret().as_bytes().ct_eq(shown.as_bytes())),
        // Behind a proxy on this machine every peer is local, so a forwarded request never counts as local. A
        // proxy may omit these headers, so production always asks for the token.
        None => {
            process_health.metrics_open_locally
                && peer.ip().is_loopback()
                && !FORWARDED.iter().any(|name| headers.contains_key(*name))
        }
    };
    if !allowed {
        return problem::answer(
            StatusCode::UNAUTHORIZED,
            "Not allowed",
            "Metrics need the bearer token METRICS_TOKEN.",
        );
    }
    gauge(&process_health).await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], process_health.metrics.render())
        .into_response()
}

/// Updates the metrics that are read only when `/metrics` is requested.
async fn gauge(process_health: &ProcessHealth) {
    if let Ok(depth) = store::queue::depth(&process_health.health_db).await {
        let late = depth.oldest_ready.map_or(0.0, |since| (web::clock::now() - since).as_seconds_f64().max(0.0));
        metrics::gauge!("work_lag_seconds").set(late);
        metrics::gauge!("work_ready").set(depth.ready as f64);
        metrics::gauge!("work_scheduled").set(depth.scheduled as f64);
        metrics::gauge!("work_leased").set(depth.leased as f64);
        metrics::gauge!("work_dead").set(depth.dead as f64);
    }
    if let Ok(jobs) = store::provisioning::open_jobs(&process_health.health_db).await {
        for (status, count) in jobs {
            metrics::gauge!("provisioning_jobs", "status" => status.key()).set(count as f64);
        }
    }
    periodic::gauge(&process_health.health_db).await;
    if let Ok(failing) = store::inbound::failing(&process_health.health_db).await {
        metrics::gauge!("inbound_put_aside_last_hour").set(failing.put_aside as f64);
        metrics::gauge!("inbound_items_failing").set(failing.tried as f64);
    }
    for (table, dead) in store::queue::dead_rows(&process_health.health_db).await.unwrap_or_default() {
        metrics::gauge!("database_dead_rows", "table" => table).set(dead as f64);
    }
    let (open_circuits, opened) = process_health.ghl.open_circuits();
    metrics::gauge!("outbound_breakers_open").set(open_circuits.len() as f64);
    metrics::counter!("outbound_breakers_opened_total").absolute(opened);
    pool("web", &process_health.db);
    pool("vital", &process_health.health_db);
    POOLS.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|(name, db)| pool(name, db));
    metrics::gauge!("process_resident_memory_bytes").set(resident() as f64);
}

/// Connection pools other than that of the pages.
static POOLS: Mutex<Vec<(&'static str, Db)>> = Mutex::new(Vec::new());

/// Adds a pool to those that `/health` and `/metrics` report.
pub fn show_pool(name: &'static str, db: &Db) {
    POOLS.lock().unwrap_or_else(PoisonError::into_inner).push((name, db.clone()));
}

fn pool(name: &'static str, db: &Db) {
    let (open, idle) = db.connections();
    metrics::gauge!("database_connections", "pool" => name, "state" => "idle").set(f64::from(idle));
    metrics::gauge!("database_connections", "pool" => name, "state" => "used")
        .set(f64::from(open.saturating_sub(idle)));
}

/// Returns the resident memory of this process in bytes; 0 where the system does not report it.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
        .map_or(0, |kib| kib * 1024)
}
