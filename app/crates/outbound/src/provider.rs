//! Makes the calls to one provider: checks its profile and circuit breaker, takes a rate-limit slot, sends once and
//! reads the response up to a size limit. Providers share no connection, slot or breaker, so one that does not answer
//! never slows, blocks or fills another.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use tokio::sync::mpsc::Sender;

use crate::breaker::FailureCount;
use crate::circuit_breakers::{CallPermit, CircuitBreakers};
use crate::deadline::{Deadline, now};
use crate::failure::{Failure, causes};
use crate::governor::Governor;
use crate::profile::{BadConfig, Deadlines, Profile};
use crate::public_hosts::guarded;
use crate::quota::Quota;
use crate::report::{CallContext, Priority};
use crate::request::{Answer, RateKey, Request};
use crate::slots::{Ledger, LimitFeedback, SlotId};
use crate::tls::trusting;

/// A provider, with everything that its calls use.
pub(crate) struct Provider {
    profile: Profile,
    pooled: reqwest::Client,
    fresh: reqwest::Client,
    /// For hosts that only a domain of the profile allows.
    guarded: reqwest::Client,
    /// One for each rate window, with the window's name.
    governors: Vec<(&'static str, Governor)>,
    pub(crate) breakers: CircuitBreakers,
}

/// What a call may do.
struct Terms {
    priority: Priority,
    /// How long it may wait for a slot.
    patience: Duration,
    deadline: Deadline,
    permit: CallPermit,
}

/// A slot that a call holds.
struct Held<'a> {
    governor: &'a Governor,
    key: String,
    place: SlotId,
}

impl Provider {
    pub(crate) fn new(profile: Profile, ledger: &Arc<dyn Ledger>) -> Result<Self, BadConfig> {
        // If the provider is about to close an idle connection, a write on it would end as `Unclear`.
        let pooled = builder(&profile.deadlines)?.pool_idle_timeout(Duration::from_secs(20)).build();
        let fresh = builder(&profile.deadlines)?.pool_max_idle_per_host(0).build();
        let guarded = guarded(builder(&profile.deadlines)?.pool_max_idle_per_host(0));
        let failed = |error| BadConfig::Client(causes(&error));
        let (pooled, fresh, guarded) = (pooled.map_err(failed)?, fresh.map_err(failed)?, guarded.map_err(failed)?);
        let governors = profile.windows.iter().map(|window| {
            let limits = window.limits(profile.deadlines);
            (window.name, Governor::new(limits, Arc::clone(ledger)))
        });
        let breakers = CircuitBreakers::new(profile.key, profile.tolerance);
        Ok(Self { governors: governors.collect(), pooled, fresh, guarded, breakers, profile })
    }

    pub(crate) fn key(&self) -> &'static str {
        self.profile.key
    }

    /// Time between two probe calls while a circuit breaker is open.
    pub(crate) fn probe_interval(&self) -> Duration {
        self.profile.tolerance.probe_interval
    }

    /// Checks the profile and the circuit breaker, each of which can only fail as "not sent", then makes the call. If
    /// the call was a probe, also returns the counts that opened the breaker.
    pub(crate) async fn attempt(
        &self,
        request: Request,
        about: &CallContext,
        chunks: Option<Sender<Bytes>>,
    ) -> (Result<Answer, Failure>, Option<FailureCount>) {
        let total = self.profile.deadlines.of(about.priority);
        let deadline = Deadline::of_call(total);
        if let Some(why) = self.profile.refuses(&request, chunks.is_some()) {
            return (Err(Failure::NotSent(why.into())), None);
        }
        let permit = match self.breakers.admit(about.agency) {
            Ok(permit) => permit,
            Err((wait, counted)) => {
                return (Err(Failure::Held { until: now() + wait, why: counted.to_string() }), None);
            }
        };
        let terms = Terms { priority: about.priority, patience: total / 3, deadline, permit };
        let done = self.call(request, &terms, chunks).await;
        (done, permit.probe)
    }

    /// Takes a rate-limit slot, sends the request, and passes the result to the circuit breaker and the rate
    /// limit.
    async fn call(&self, request: Request, terms: &Terms, chunks: Option<Sender<Bytes>>) -> Result<Answer, Failure> {
        let (key, fresh) = (request.rate_key.clone(), request.fresh);
        let request = request.build().map_err(Failure::NotSent)?;
        let held = self.take_slot(key.as_ref(), terms).await?;
        if terms.deadline.is_over() {
            return Err(Failure::NotSent("its time was over before it could be sent".into()));
        }
        // The deadline is checked first: a process that wakes up after the deadline drops the call before it sends
        // anything more.
        let result = tokio::select! {
            biased;
            () = terms.deadline.passed() => Err(Failure::Unclear("no answer before the deadline".into())),
            result = self.exchange(request, fresh, chunks) => result,
        };
        self.breakers.ended(terms.permit, is_failure(&result));
        if let Some(held) = held {
            held.governor.settle(&held.key, held.place, feedback(&result)).await;
        }
        result
    }

    /// `None` if the call takes no slot.
    async fn take_slot(&self, key: Option<&RateKey>, terms: &Terms) -> Result<Option<Held<'_>>, Failure> {
        let Some(key) = key else { return Ok(None) };
        let Some((_, governor)) = self.governors.iter().find(|(name, _)| *name == key.window) else { return Ok(None) };
        let key = key.to_string();
        let place = governor.take(&key, terms.priority, terms.patience).await;
        let place = place.map_err(|full| Failure::NoSlot { until: now() + full.wait, daily: full.daily })?;
        Ok(Some(Held { governor, key, place }))
    }

    async fn exchange(
        &self,
        request: reqwest::Request,
        fresh: bool,
        chunks: Option<Sender<Bytes>>,
    ) -> Result<Answer, Failure> {
        let http = match fresh {
            _ if !self.profile.names(request.url()) => &self.guarded,
            true => &self.fresh,
            false => &self.pooled,
        };
        let mut response = http.execute(request).await.map_err(|error| {
            let text = causes(&error);
            let never_sent = error.is_connect() || error.is_builder();
            if never_sent { Failure::NotSent(text) } else { Failure::Unclear(text) }
        })?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let quota = Quota::read(&headers, now());
        // The text of an error is not part of the stream.
        let chunks = chunks.filter(|_| status.is_success());
        let body = match self.read(&mut response, &headers, chunks).await {
            Ok(body) => body,
            // For a 4xx the status line is enough; the text of its body is lost.
            Err(_) if status.is_client_error() => Bytes::new(),
            Err(text) => return Err(Failure::Unclear(text)),
        };
        Ok(Answer { status, headers, body, quota })
    }

    /// Reads the body, or passes it on piece by piece and returns nothing of it.
    async fn read(
        &self,
        response: &mut reqwest::Response,
        headers: &HeaderMap,
        chunks: Option<Sender<Bytes>>,
    ) -> Result<Bytes, String> {
        let most = self.profile.max_response;
        let too_large = || format!("the answer is larger than {most} bytes");
        let declared = headers.get(http::header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if declared.is_some_and(|length: usize| length > most) {
            return Err(too_large());
        }
        let (mut body, mut length) = (BytesMut::new(), 0);
        while let Some(chunk) = response.chunk().await.map_err(|error| causes(&error))? {
            length += chunk.len();
            if length > most {
                return Err(too_large());
            }
            let Some(chunks) = &chunks else {
                body.extend_from_slice(&chunk);
                continue;
            };
            // A reader who went away has read all that it wanted.
            if chunks.send(chunk).await.is_err() {
                break;
            }
        }
        Ok(body.freeze())
    }
}

fn builder(deadlines: &Deadlines) -> Result<reqwest::ClientBuilder, BadConfig> {
    let builder = reqwest::Client::builder()
        .connect_timeout(deadlines.connect)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .user_agent(concat!("Slipway/", env!("CARGO_PKG_VERSION")));
    trusting(builder)
}

/// True if the provider failed: no connection, no clear response, or a 5xx. A refusal or a rate limit is a valid
/// response.
pub(crate) fn is_failure(result: &Result<Answer, Failure>) -> bool {
    result.as_ref().map_or(true, |answer| answer.status.is_server_error())
}

fn feedback(result: &Result<Answer, Failure>) -> LimitFeedback {
    match result {
        Ok(answer) => LimitFeedback { quota: answer.quota, limited: answer.status == StatusCode::TOO_MANY_REQUESTS },
        Err(_) => LimitFeedback::default(),
    }
}
