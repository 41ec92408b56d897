//! The record of a call and of the tenant on whose behalf it was made.

use chrono::{DateTime, Utc};
use http::StatusCode;
use tokio::time::Instant;
use uuid::Uuid;

use crate::deadline::now;
use crate::failure::Failure;
use crate::request::{Answer, Request};

/// Who goes first when the rate limit is nearly used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Priority {
    /// A person waits for the response.
    Interactive,
    /// Nobody waits; uses what interactive calls leave.
    #[default]
    Background,
}

/// The tenant and the work that a call is made for. It is recorded with the call. The agency selects the circuit
/// breaker, and the priority selects the rate-limit queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallContext {
    /// Agency on whose behalf we call.
    pub agency: Option<Uuid>,
    /// Business, if it already exists.
    pub business: Option<Uuid>,
    /// Integration whose credential is used.
    pub integration: Option<Uuid>,
    /// Provisioning job, if one of its steps makes the call.
    pub job: Option<Uuid>,
    /// Groups the calls of one request or one attempt.
    pub trace: Option<Uuid>,
    /// Priority of the call.
    pub priority: Priority,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 2xx.
    Ok,
    /// 4xx other than 429.
    Refused,
    /// 429.
    Limited,
    /// 5xx, or a redirect, which is not followed.
    Failed,
    /// Sent, but no response arrived, or it could not be read.
    Unclear,
    /// The connection was never established.
    NotSent,
    /// No rate-limit slot became free in time.
    NoSlot,
    /// Not sent: the circuit breaker was open.
    Held,
    /// The caller dropped the call while it was in progress.
    Abandoned,
}

impl Outcome {
    /// The value stored with the call.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Limited => "limited",
            Self::Failed => "failed",
            Self::Unclear => "unclear",
            Self::NotSent => "not_sent",
            Self::NoSlot => "no_slot",
            Self::Held => "held",
            Self::Abandoned => "abandoned",
        }
    }
}

/// One call, as it is written to the call log: with a path template instead of a URL, and never with a header or a
/// body.
#[derive(Clone, Debug)]
pub struct Call {
    /// When the call began.
    pub at: DateTime<Utc>,
    /// Key of the provider.
    pub provider: &'static str,
    /// Our name of the operation, such as `create_location`.
    pub operation: &'static str,
    /// `GET`, `POST`, …
    pub method: String,
    /// Path template, such as `/locations/{locationId}`.
    pub endpoint: &'static str,
    /// HTTP status; `None` if there was no response.
    pub status: Option<u16>,
    /// How the call ended.
    pub outcome: Outcome,
    /// Milliseconds from the start of the call, including the wait for a rate-limit slot, to its end.
    pub ms: u32,
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// Calls left in the provider's short window, as the provider reported it.
    pub quota_left: Option<u32>,
    /// The tenant and the work that the call was made for.
    pub about: CallContext,
}

/// Records every call. An implementation must return at once, for example by putting the call into a channel.
pub trait CallRecorder: Send + Sync {
    /// Called when a call has ended or was given up.
    fn report(&self, call: Call);
}

/// Records nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoCalls;

impl CallRecorder for NoCalls {
    fn report(&self, _: Call) {}
}

/// One line in the call log. It is written even if the caller drops the call before it ends.
pub(crate) struct Report<'a> {
    calls: &'a dyn CallRecorder,
    call: Option<Call>,
    begun: Instant,
}

impl<'a> Report<'a> {
    pub(crate) fn begin(calls: &'a dyn CallRecorder, request: &Request, about: &CallContext) -> Self {
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

    pub(crate) fn result(&mut self, result: &Result<Answer, Failure>) {
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
