//! Connects outbound calls to Postgres: the shared rate windows and the call log. All processes share both, so together
//! they never exceed a provider's limit. The profiles of all providers come together here.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context;
use domain::work::Provider;
use outbound::{Boxed, Call, CallRecorder, Grant, Ledger, LedgerDown, Limits, Outbound, Profile, SlotId};
use store::Db;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use worker::MOST_GUARDED;

use super::config::Config;

/// Log lines of one provider that may wait to be written. When the queue is full, lines are dropped and counted rather
/// than slowing calls down.
const WAITING: usize = 4096;
/// Log lines written by one statement.
const BATCH: usize = 200;

/// Hands finished calls to the task that writes them. Each provider has its own queue and task, so calls to one never
/// push those to another out of the log.
#[derive(Clone)]
pub struct CallLog {
    lines: HashMap<&'static str, mpsc::Sender<Call>>,
    ending: CancellationToken,
    writing: TaskTracker,
}

impl CallLog {
    /// Starts to write the calls to these providers that are reported from now on.
    #[must_use]
    pub fn start(db: &Db, providers: impl IntoIterator<Item = &'static str>) -> Self {
        let (ending, writing) = (CancellationToken::new(), TaskTracker::new());
        let start = |provider| {
            let (lines, inbox) = mpsc::channel(WAITING);
            writing.spawn(write(db.clone(), provider, inbox, ending.clone()));
            (provider, lines)
        };
        let lines = providers.into_iter().map(start).collect();
        writing.close();
        Self { lines, ending, writing }
    }

    /// Returns when all reported calls are written. Calls that are reported later are lost, so call it last.
    pub async fn finish(&self) {
        self.ending.cancel();
        self.writing.wait().await;
    }
}

impl CallRecorder for CallLog {
    fn report(&self, call: Call) {
        let provider = call.provider;
        metrics::counter!("outbound_calls_total", "provider" => provider, "outcome" => call.outcome.as_str())
            .increment(1);
        metrics::histogram!("outbound_seconds", "provider" => provider, "operation" => call.operation)
            .record(f64::from(call.ms) / 1000.0);
        let lines = self.lines.get(provider);
        if lines.is_none_or(|lines| lines.try_send(call).is_err()) {
            metrics::counter!("outbound_lines_dropped_total", "provider" => provider).increment(1);
        }
    }
}

/// The profile of every provider. Where time runs faster, they do, too.
fn profiles(config: &Config) -> Vec<Profile> {
    let of = |provider: Provider| match provider {
        Provider::HighLevel => vec![ghl::profile(config.ghl.base.clone())],
        Provider::Meta => meta::profiles(&config.meta.settings()).into(),
        Provider::Model => vec![model::profile(config.ai.base.as_ref())],
    };
    let scaled = |profile: Profile| profile.faster(config.time_scale, config.time_scale.min(MOST_GUARDED));
    Provider::ALL.into_iter().flat_map(of).map(scaled).collect()
}

/// Creates the one HTTP client, with the profiles of all providers, and its call log.
///
/// # Errors
/// When the address of a provider is not one that we may call.
pub fn client(config: &Config, db: &Db) -> anyhow::Result<(Outbound, CallLog)> {
    let settings = outbound::Config { profiles: profiles(config), production: config.production() };
    let log = CallLog::start(db, settings.profiles.iter().map(|profile| profile.key));
    let http = Outbound::new(settings, Arc::new(Windows { db: db.clone() }), Arc::new(log.clone()))
        .context("GHL_BASE_URL, META_…_URL or AI_BASE_URL")?;
    Ok((http, log))
}

async fn write(db: Db, provider: &'static str, mut inbox: mpsc::Receiver<Call>, ending: CancellationToken) {
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
            metrics::counter!("outbound_lines_dropped_total", "provider" => provider).increment(lines.len() as u64);
            tracing::warn!(event = "outbound.calls_unlogged", provider, %error, "calls could not be logged");
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

/// The rate windows of all providers: the send times of each key, kept in Postgres.
struct Windows {
    db: Db,
}

impl Ledger for Windows {
    fn take<'a>(
        &'a self,
        key: &'a str,
        want: u32,
        spare: u32,
        limits: &'a Limits,
    ) -> Boxed<'a, Result<Grant, LedgerDown>> {
        Box::pin(async move {
            let limit = store::rate_windows::Limit {
                burst: limits.burst,
                interval: limits.interval,
                daily: limits.daily,
                hold: limits.hold,
            };
            match store::rate_windows::take(&self.db, key, want, spare, &limit).await {
                Ok(taken) => Ok(Grant {
                    places: taken.places.into_iter().map(SlotId).collect(),
                    used: taken.used,
                    wait: taken.wait,
                    daily: taken.day_over,
                }),
                Err(error) => {
                    tracing::warn!(
                        event = "outbound.window_unread",
                        %error,
                        "the rate window could not be read; nothing is sent"
                    );
                    Err(LedgerDown)
                }
            }
        })
    }

    fn release_after_interval<'a>(&'a self, key: &'a str, place: SlotId) -> Boxed<'a, ()> {
        Box::pin(async move {
            if let Err(error) = store::rate_windows::answered(&self.db, key, &[place.0]).await {
                tracing::warn!(
                    event = "outbound.place_kept",
                    %error,
                    "a place of the rate window stays taken until it times out"
                );
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boot::config::Source;

    #[test]
    fn every_provider_has_a_profile_under_its_key_whose_calls_end_before_the_lease() {
        let config = Config::read(&Source::given(&[("SLIPWAY_ENV", "development")])).unwrap();
        let all = profiles(&config);
        assert!(all.iter().all(|profile| profile.key.len() <= 16), "the call log would cut it off");
        for provider in Provider::ALL {
            let profile = all.iter().find(|profile| profile.key == provider.key()).unwrap();
            let deadlines = profile.deadlines;
            assert!(deadlines.interactive <= deadlines.background, "{}", profile.key);
            assert!(deadlines.background < store::queue::LEASE, "{}", profile.key);
            assert!(profile.windows.iter().all(|window| window.name.starts_with(profile.key)), "{}", profile.key);
        }
    }
}
