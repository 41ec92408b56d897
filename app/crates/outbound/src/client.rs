//! How is one call made: host checked, place taken, sent once, read with a cap, reported.
//! Surprise: the outcome is decided by what is known about the *sending*, see `Failure`; a redirect is an answer, never followed.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use secrecy::ExposeSecret;
use tokio::time::Instant;

use crate::config::{BadConfig, Config};
use crate::quota::Quota;
use crate::report::{About, Call, Calls, Outcome, Priority};
use crate::request::{Answer, Body, Request};
use crate::slots::{Heard, Slots};

/// No usable answer, and what is certain about it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// Certainly not executed: the connection never stood, or the address is not one of ours.
    #[error("not sent: {0}")]
    NotSent(String),
    /// Not sent: no place in the rate limit before this time.
    #[error("not sent: no place in the rate limit before {until}")]
    NoSlot {
        /// When to come again.
        until: DateTime<Utc>,
        /// The day's count is used up.
        daily: bool,
    },
    /// Sent, perhaps executed: look before you repeat.
    #[error("unclear: {0}")]
    Unclear(String),
}

/// The one client of all outside platforms. Cheap to clone.
#[derive(Clone)]
pub struct Outbound(Arc<Inner>);

struct Inner {
    pooled: reqwest::Client,
    fresh: reqwest::Client,
    config: Config,
    slots: Arc<dyn Slots>,
    calls: Arc<dyn Calls>,
}

impl Outbound {
    /// Fixes hosts and deadlines for good.
    pub fn new(config: Config, slots: Arc<dyn Slots>, calls: Arc<dyn Calls>) -> Result<Self, BadConfig> {
        config.check()?;
        // An idle connection that the other side is about to close turns a write into an unclear outcome.
        let pooled = builder(&config).pool_idle_timeout(Duration::from_secs(20)).build();
        let fresh = builder(&config).pool_max_idle_per_host(0).build();
        let failed = |error| BadConfig::Client(causes(&error));
        let (pooled, fresh) = (pooled.map_err(failed)?, fresh.map_err(failed)?);
        Ok(Self(Arc::new(Inner { pooled, fresh, config, slots, calls })))
    }

    /// Sends once. Every answer, whatever its status, is `Ok`.
    pub async fn send(&self, request: Request, about: &About) -> Result<Answer, Failure> {
        let inner = &self.0;
        let total = match about.priority {
            Priority::Interactive => inner.config.interactive_total,
            Priority::Background => inner.config.total,
        };
        let deadline = Instant::now() + total;
        let mut report = Report::begin(inner.calls.as_ref(), &request, about);
        if !inner.config.allows(&request.url) {
            report.end(Outcome::NotSent);
            return Err(Failure::NotSent("this host is not one we may call".into()));
        }
        let key = request.rate_key.clone();
        let slot = match &key {
            Some(key) => match inner.slots.take(key, about.priority, total / 3).await {
                Ok(slot) => Some(slot),
                Err(full) => {
                    report.end(Outcome::NoSlot);
                    return Err(Failure::NoSlot { until: now() + full.wait, daily: full.daily });
                }
            },
            None => None,
        };
        let late = || Err(Failure::Unclear("no answer before the deadline".into()));
        let result = tokio::time::timeout_at(deadline, inner.exchange(request)).await.unwrap_or_else(|_| late());
        if let (Some(key), Some(slot)) = (&key, slot) {
            inner.slots.settle(key, slot, heard(&result)).await;
        }
        report.result(&result);
        result
    }
}

impl Inner {
    async fn exchange(&self, request: Request) -> Result<Answer, Failure> {
        let http = if request.fresh { &self.fresh } else { &self.pooled };
        let request = build(request).map_err(Failure::NotSent)?;
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
            // The status line of a refusal says all that matters; its text is lost.
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

fn heard(result: &Result<Answer, Failure>) -> Heard {
    match result {
        Ok(answer) => Heard { quota: answer.quota, limited: answer.status == StatusCode::TOO_MANY_REQUESTS },
        Err(_) => Heard::default(),
    }
}

fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

/// The chain of causes without the address, which may carry ids or a code.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let deepest = std::iter::successors(Some(error), |error| error.source()).last().unwrap_or(error);
    crate::redact(&deepest.to_string())
}

/// One line in the call log, written also when the caller goes away in the middle.
struct Report<'a> {
    calls: &'a dyn Calls,
    call: Option<Call>,
    begun: Instant,
}

impl<'a> Report<'a> {
    fn begin(calls: &'a dyn Calls, request: &Request, about: &About) -> Self {
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
