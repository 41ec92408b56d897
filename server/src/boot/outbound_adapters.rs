//! Connects outbound calls to Postgres: the shared rate-limit window and the call log. All processes share both, so
//! together they never exceed a provider's limit.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use outbound::{Boxed, Call, CallRecorder, Governor, Grant, Ledger, LedgerDown, Limits, Outbound, SlotId, Tolerance};
use store::Db;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use worker::MOST_GUARDED;

use super::config::Config;

/// Log lines that may wait to be written. When the queue is full, lines are dropped and counted rather than
/// slowing calls down.
const WAITING: usize = 4096;
/// Log lines written by one statement.
const BATCH: usize = 200;

/// Hands finished calls to the task that writes them.
#[derive(Clone)]
pub struct CallLog {
    lines: mpsc::Sender<Call>,
    ending: CancellationToken,
    writing: TaskTracker,
}

impl CallLog {
    /// Starts to write the calls that are reported from now on.
    #[must_use]
    pub fn start(db: &Db) -> Self {
        let (lines, inbox) = mpsc::channel(WAITING);
        let log = Self { lines, ending: CancellationToken::new(), writing: TaskTracker::new() };
        log.writing.spawn(write(db.clone(), inbox, log.ending.clone()));
        log.writing.close();
        log
    }

    /// Returns when all reported calls are written. Calls that are reported later are lost, so call it last.
    pub async fn finish(&self) {
        self.ending.cancel();
        self.writing.wait().await;
    }
}

impl CallRecorder for CallLog {
    fn report(&self, call: Call) {
        metrics::counter!("outbound_calls_total", "provider" => call.provider, "outcome" => call.outcome.as_str())
            .increment(1);
        metrics::histogram!("outbound_seconds", "provider" => call.provider, "operation" => call.operation)
            .record(f64::from(call.ms) / 1000.0);
        if self.lines.try_send(call).is_err() {
            metrics::counter!("outbound_lines_dropped_total").increment(1);
        }
    }
}

/// Creates the one HTTP client, with its governor and call log.
///
/// # Errors
/// When `GHL_BASE_URL` is not an address that we may call.
pub fn client(config: &Config, db: &Db) -> anyhow::Result<(Outbound, CallLog)> {
    let log = CallLog::start(db);
    // HighLevel allows 100 calls in 10 s and 200 000 a day for each app and location or company.
    let mut settings = outbound::Config::new(vec![config.ghl.base.clone()], config.production());
    settings.total = Duration::from_secs_f64(45.0 / config.time_scale.min(MOST_GUARDED));
    settings.tolerance = Tolerance::default().faster(config.time_scale);
    let limits = Limits {
        burst: 100,
        interval: Duration::from_secs_f64(10.0 / config.time_scale),
        // With a time scale, a day passes faster too.
        daily: (200_000.0 * config.time_scale) as u32,
        hold: settings.total,
    };
    let governor = Governor::shared(limits, Arc::new(Windows { db: db.clone(), limits }));
    let http = Outbound::new(settings, Arc::new(governor), Arc::new(log.clone())).context("GHL_BASE_URL")?;
    Ok((http, log))
}

async fn write(db: Db, mut inbox: mpsc::Receiver<Call>, ending: CancellationToken) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        tokio::select! {
            biased;
            count = inbox.recv_many(&mut batch, BATCH) => if count == 0 { return },
            // This branch comes last, so no line is waiting here.
            () = ending.cancelled() => return,
        }
        let lines: Vec<_> = batch.drain(..).filter_map(line).collect();
        if let Err(error) = store::api_calls::add_many(&db, &lines).await {
            metrics::counter!("outbound_lines_dropped_total").increment(lines.len() as u64);
            tracing::warn!(%error, "calls could not be logged");
        }
    }
}

/// Converts a call to its row in the log. Calls that were made for no agency (an unclaimed install) appear only in
/// the metrics.
fn line(call: Call) -> Option<store::api_calls::NewCall> {
    Some(store::api_calls::NewCall {
        at: call.at,
        agency: call.about.agency?.into(),
        business: call.about.business.map(Into::into),
        integration: call.about.integration.map(Into::into),
        job: call.about.job.map(Into::into),
        provider: call.provider.to_owned(),
        method: call.method,
        endpoint: call.endpoint.to_owned(),
        status: call.status.map(i32::from),
        outcome: call.outcome.as_str().to_owned(),
        ms: i32::try_from(call.ms).unwrap_or(i32::MAX),
        request_id: call.request_id,
        quota_left: call.quota_left.and_then(|left| i32::try_from(left).ok()),
        trace: call.about.trace,
    })
}

/// The rate-limit windows: the send times of each key, kept in Postgres.
struct Windows {
    db: Db,
    limits: Limits,
}

impl Ledger for Windows {
    fn take<'a>(&'a self, key: &'a str, want: u32, spare: u32) -> Boxed<'a, Result<Grant, LedgerDown>> {
        Box::pin(async move {
            let limit = store::rate_windows::Limit {
                burst: self.limits.burst,
                interval: self.limits.interval,
                daily: self.limits.daily,
                hold: self.limits.hold,
            };
            match store::rate_windows::take(&self.db, key, want, spare, &limit).await {
                Ok(taken) => Ok(Grant {
                    places: taken.places.into_iter().map(SlotId).collect(),
                    used: taken.used,
                    wait: taken.wait,
                    daily: taken.day_over,
                }),
                Err(error) => {
                    tracing::warn!(%error, "the rate window could not be read; nothing is sent");
                    Err(LedgerDown)
                }
            }
        })
    }

    fn release_after_interval<'a>(&'a self, key: &'a str, place: SlotId) -> Boxed<'a, ()> {
        Box::pin(async move {
            if let Err(error) = store::rate_windows::answered(&self.db, key, &[place.0]).await {
                tracing::warn!(%error, "a place of the rate window stays taken until it times out");
            }
        })
    }
}
