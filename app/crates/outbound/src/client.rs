//! Makes one call: checks the host, takes a rate-limit slot, sends once, reads the response up to a size limit and
//! reports the call. The outcome depends on what is known about the *sending*, see `Failure`. A redirect counts as
//! a response and is never followed.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use secrecy::ExposeSecret;
use tokio::time::Instant;
use uuid::Uuid;

use crate::breaker::FailureCount;
use crate::circuit_breakers::{CallPermit, CircuitBreakers, OpenCircuit};
use crate::config::{BadConfig, Config};
use crate::deadline::Deadline;
use crate::quota::Quota;
use crate::report::{Call, CallContext, CallRecorder, Outcome, Priority};
use crate::request::{Answer, Body, Request};
use crate::slots::{LimitFeedback, Slot, Slots};

/// No usable response, and what is certain about the call.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// Certainly not executed: for example, the connection was never established, or the host is not one of ours.
    #[error("not sent: {0}")]
    NotSent(String),
    /// Not sent: no rate-limit slot is free before this time.
    #[error("not sent: no place in the rate limit before {until}")]
    NoSlot {
        /// When to try again.
        until: DateTime<Utc>,
        /// True if the daily limit is used up.
        daily: bool,
    },
    /// Not sent: too many calls for this agency failed, so its circuit breaker is open.
    #[error("not sent: {why}, so it is left alone for a moment")]
    Held {
        /// When to try again.
        until: DateTime<Utc>,
        /// How many calls failed, in words.
        why: String,
    },
    /// Sent and perhaps executed: check before you repeat it.
    #[error("unclear: {0}")]
    Unclear(String),
}

/// The one HTTP client for all outside platforms. Cheap to clone.
#[derive(Clone)]
pub struct Outbound(Arc<Inner>);

struct Inner {
    pooled: reqwest::Client,
    fresh: reqwest::Client,
    config: Config,
    slots: Arc<dyn Slots>,
    calls: Arc<dyn CallRecorder>,
    breakers: CircuitBreakers,
}

impl Outbound {
    /// Creates the client. Hosts and deadlines cannot change afterwards.
    pub fn new(config: Config, slots: Arc<dyn Slots>, calls: Arc<dyn CallRecorder>) -> Result<Self, BadConfig> {
        config.check()?;
        // If the provider is about to close an idle connection, a write on it would end as `Unclear`.
        let pooled = builder(&config).pool_idle_timeout(Duration::from_secs(20)).build();
        let fresh = builder(&config).pool_max_idle_per_host(0).build();
        let failed = |error| BadConfig::Client(causes(&error));
        let (pooled, fresh) = (pooled.map_err(failed)?, fresh.map_err(failed)?);
        let breakers = CircuitBreakers::new(config.tolerance);
        Ok(Self(Arc::new(Inner { pooled, fresh, config, slots, calls, breakers })))
    }

    /// Sends once. Every response is `Ok`, whatever its status.
    pub async fn send(&self, request: Request, about: &CallContext) -> Result<Answer, Failure> {
        let inner = &self.0;
        let total = match about.priority {
            Priority::Interactive => inner.config.interactive_total,
            Priority::Background => inner.config.total,
        };
        let deadline = Deadline::of_call(total);
        let mut report = Report::begin(inner.calls.as_ref(), &request, about);
        let repeatable = !request.fresh;
        let (done, probed) = inner.attempt(request, about, total, deadline).await;
        report.result(&done);
        match probed {
            // The caller did not ask for the probe. If its failure cannot have had an effect, the caller waits
            // like all others.
            Some(counted) if is_failure(&done) && (repeatable || matches!(done, Err(Failure::NotSent(_)))) => {
                Err(Failure::Held { until: now() + inner.config.tolerance.probe_interval, why: counted.to_string() })
            }
            _ => done,
        }
    }

    /// Permission to repeat a call that failed for an agency, or how long until it is allowed. Ask before every
    /// retry: at most a tenth of the number of calls may be repeats.
    pub fn repeat(&self, provider: &'static str, agency: Uuid) -> Result<(), Duration> {
        self.0.breakers.repeat(provider, agency)
    }

    /// The open circuit breakers, and how many have opened since the process started.
    pub fn open_circuits(&self) -> (Vec<OpenCircuit>, u64) {
        self.0.breakers.open_circuits()
    }
}

impl Inner {
    /// Checks the host and the circuit breaker, each of which can only fail as "not sent", then makes the call. If
    /// the call was a probe, also returns the counts that opened the breaker.
    async fn attempt(
        &self,
        request: Request,
        about: &CallContext,
        total: Duration,
        deadline: Deadline,
    ) -> (Result<Answer, Failure>, Option<FailureCount>) {
        if !self.config.allows(&request.url) {
            return (Err(Failure::NotSent("this host is not one we may call".into())), None);
        }
        let permit = match self.breakers.admit(request.provider, about.agency) {
            Ok(permit) => permit,
            Err((wait, counted)) => {
                return (Err(Failure::Held { until: now() + wait, why: counted.to_string() }), None);
            }
        };
        let done = self.call(request, about.priority, total / 3, deadline, permit).await;
        (done, permit.probe)
    }

    /// Takes a rate-limit slot, sends the request, and passes the result to the circuit breaker and the rate
    /// limit.
    async fn call(
        &self,
        request: Request,
        priority: Priority,
        patience: Duration,
        deadline: Deadline,
        permit: CallPermit,
    ) -> Result<Answer, Failure> {
        let (key, fresh) = (request.rate_key.clone(), request.fresh);
        let request = build(request).map_err(Failure::NotSent)?;
        let slot = self.place(key.as_deref(), priority, patience).await?;
        if deadline.is_over() {
            return Err(Failure::NotSent("its time was over before it could be sent".into()));
        }
        // The deadline is checked first: a process that wakes up after the deadline drops the call before it sends
        // anything more.
        let result = tokio::select! {
            biased;
            () = deadline.passed() => Err(Failure::Unclear("no answer before the deadline".into())),
            result = self.exchange(request, fresh) => result,
        };
        self.breakers.ended(permit, is_failure(&result));
        if let (Some(key), Some(slot)) = (&key, slot) {
            self.slots.settle(key, slot, feedback(&result)).await;
        }
        result
    }

    async fn place(&self, key: Option<&str>, priority: Priority, patience: Duration) -> Result<Option<Slot>, Failure> {
        let Some(key) = key else { return Ok(None) };
        let slot = self.slots.take(key, priority, patience).await;
        slot.map(Some).map_err(|full| Failure::NoSlot { until: now() + full.wait, daily: full.daily })
    }

    async fn exchange(&self, request: reqwest::Request, fresh: bool) -> Result<Answer, Failure> {
        let http = if fresh { &self.fresh } else { &self.pooled };
        let mut response = http.execute(request).await.map_err(|error| {
            let text = causes(&error);
            let never_sent = error.is_connect() || error.is_builder();
            if never_sent { Failure::NotSent(text) } else { Failure::Unclear(text) }
        })?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let quota = Quota::read(&headers, now());
        let body = match self.read(&mut response, &headers).await {
            Ok(body) => body,
            // For a 4xx the status line is enough; the text of its body is lost.
            Err(_) if status.is_client_error() => Bytes::new(),
            Err(text) => return Err(Failure::Unclear(text)),
        };
        Ok(Answer { status, headers, body, quota })
    }

    async fn read(&self, response: &mut reqwest::Response, headers: &HeaderMap) -> Result<Bytes, String> {
        let too_large = || format!("the answer is larger than {} bytes", self.config.max_response);
        let declared = headers.get(http::header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if declared.is_some_and(|length: usize| length > self.config.max_response) {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| causes(&error))? {
            if body.len() + chunk.len() > self.config.max_response {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

fn builder(config: &Config) -> reqwest::ClientBuilder {
    let lowest = if config.tls13_only { reqwest::tls::Version::TLS_1_3 } else { reqwest::tls::Version::TLS_1_2 };
    reqwest::Client::builder()
        .connect_timeout(config.connect)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .tls_version_min(lowest)
        .user_agent(concat!("Slipway/", env!("CARGO_PKG_VERSION")))
}

fn build(request: Request) -> Result<reqwest::Request, String> {
    let mut built = reqwest::Request::new(request.method, request.url);
    let headers = built.headers_mut();
    for (name, value) in request.headers {
        headers.insert(name, HeaderValue::from_str(&value).map_err(|_| format!("the {name} header has a line break"))?);
    }
    if let Some(token) = request.bearer {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
            .map_err(|_| "the token has characters no token has".to_owned())?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    let (kind, body) = match request.body {
        Body::Empty => return Ok(built),
        Body::Json(text) => ("application/json", text),
        Body::Form(text) => ("application/x-www-form-urlencoded", text),
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    *built.body_mut() = Some(body.into());
    Ok(built)
}

/// True if the provider failed: no connection, no clear response, or a 5xx. A refusal or a rate limit is a valid
/// response.
fn is_failure(result: &Result<Answer, Failure>) -> bool {
    result.as_ref().map_or(true, |answer| answer.status.is_server_error())
}

fn feedback(result: &Result<Answer, Failure>) -> LimitFeedback {
    match result {
        Ok(answer) => LimitFeedback { quota: answer.quota, limited: answer.status == StatusCode::TOO_MANY_REQUESTS },
        Err(_) => LimitFeedback::default(),
    }
}

fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

/// The deepest cause of the error, without the URL, which may contain ids or a code.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let deepest = std::iter::successors(Some(error), |error| error.source()).last().unwrap_or(error);
    crate::redact(&deepest.to_string())
}

/// One line in the call log. It is written even if the caller drops the call before it ends.
struct Report<'a> {
    calls: &'a dyn CallRecorder,
    call: Option<Call>,
    begun: Instant,
}

impl<'a> Report<'a> {
    fn begin(calls: &'a dyn CallRecorder, request: &Request, about: &CallContext) -> Self {
        let call = Call {
            at: now(),
            provider: request.provider,
            operation: request.operation,
            method: request.method.to_string(),
            endpoint: request.endpoint,
            status: None,
            outcome: Outcome::Abandoned,
            ms: 0,
            request_id: None,
            quota_left: None,
            about: about.clone(),
        };
        Self { calls, call: Some(call), begun: Instant::now() }
    }

    fn result(&mut self, result: &Result<Answer, Failure>) {
        let outcome = match result {
            Ok(answer) => outcome(answer.status),
            Err(Failure::NotSent(_)) => Outcome::NotSent,
            Err(Failure::NoSlot { .. }) => Outcome::NoSlot,
            Err(Failure::Held { .. }) => Outcome::Held,
            Err(Failure::Unclear(_)) => Outcome::Unclear,
        };
        if let (Ok(answer), Some(call)) = (result, &mut self.call) {
            call.status = Some(answer.status.as_u16());
            call.request_id = answer.request_id();
            call.quota_left = answer.quota.remaining;
        }
        self.end(outcome);
    }

    fn end(&mut self, outcome: Outcome) {
        if let Some(mut call) = self.call.take() {
            call.outcome = outcome;
            call.ms = u32::try_from(self.begun.elapsed().as_millis()).unwrap_or(u32::MAX);
            self.calls.report(call);
        }
    }
}

impl Drop for Report<'_> {
    fn drop(&mut self) {
        self.end(Outcome::Abandoned);
    }
}

fn outcome(status: StatusCode) -> Outcome {
    match status {
        StatusCode::TOO_MANY_REQUESTS => Outcome::Limited,
        status if status.is_success() => Outcome::Ok,
        status if status.is_client_error() => Outcome::Refused,
        _ => Outcome::Failed,
    }
}
