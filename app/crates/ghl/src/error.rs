//! What does HighLevel mean when it says no. The status alone lies: a 401 may be a missing scope, a plan that is too low, even a validation
//! error (HighLevel API, error bodies), so the text decides.
//! Surprise: 5xx is `Unclear`, not a failure: the location may exist all the same.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use http::StatusCode;
use outbound::{Answer, Failure};

use crate::message::messages;
use crate::ops::Op;

/// A call that did not give what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{doing} did not work: {message}")]
pub struct Error {
    /// What to make of it.
    pub kind: Kind,
    /// Our name of the call.
    pub operation: &'static str,
    /// What was attempted, in words.
    pub doing: &'static str,
    /// Status, when there was an answer.
    pub status: Option<u16>,
    /// HighLevel's name for this request.
    pub request_id: Option<String>,
    /// Their words (or the transport's), one line, secrets and addresses masked.
    pub message: String,
}

/// What kind of no it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The token is no longer good: refresh once, repeat once.
    Unauthorised,
    /// Lasting for this token or account; a refresh does not help.
    Refused(Reason),
    /// No such thing, or no such route.
    NotFound,
    /// Not executed; come again at that time.
    Limited {
        /// When.
        until: DateTime<Utc>,
        /// The day's count is used up, not only the ten seconds'.
        daily: bool,
    },
    /// What we sent is not accepted; one line per complaint.
    Invalid(Vec<String>),
    /// Sent, and nobody knows whether it was executed: look before you repeat.
    Unclear,
    /// Never arrived: the service is not reachable.
    Down,
    /// Never left: HighLevel hardly answers this agency, so nothing is sent before that time.
    Held {
        /// When.
        until: DateTime<Utc>,
    },
}

/// Why a call is refused for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The token lacks a scope.
    Scope,
    /// The agency's plan does not include it.
    Plan,
    /// The `Version` header.
    Version,
    /// The token has no access to this location, or the app is not installed there.
    Location,
    /// `invalid_grant`: code or refresh token used, revoked or expired.
    Grant,
    /// The sub-account or the whole company is paused by HighLevel; that ends by itself.
    Inactive,
    /// The endpoint is gone.
    Removed,
    /// Something else.
    Other,
}

/// What is certain about the effect of a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not executed; may be sent again as it is.
    NotExecuted,
    /// Not executed, and not accepted as it is.
    Refused,
    /// Perhaps executed.
    Unknown,
}

/// What is certain about the effect of the call that failed with `error`.
pub fn verdict(error: &Error) -> Verdict {
    match error.kind {
        Kind::Down | Kind::Held { .. } | Kind::Limited { .. } | Kind::Unauthorised => Verdict::NotExecuted,
        Kind::Refused(_) | Kind::NotFound | Kind::Invalid(_) => Verdict::Refused,
        Kind::Unclear => Verdict::Unknown,
    }
}

impl Error {
    /// What is certain about the effect.
    pub fn verdict(&self) -> Verdict {
        verdict(self)
    }

    /// Passes by itself: a read may be tried again.
    pub fn passes(&self) -> bool {
        matches!(self.kind, Kind::Down | Kind::Held { .. } | Kind::Unclear | Kind::Limited { .. })
    }

    /// When to come again, if they (or our own limit) said so.
    pub fn until(&self) -> Option<DateTime<Utc>> {
        match self.kind {
            Kind::Limited { until, .. } | Kind::Held { until } => Some(until),
            _ => None,
        }
    }

    pub(crate) fn new(op: &Op, kind: Kind, message: &str) -> Self {
        let line: String =
            outbound::redact(message).chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect();
        Self { kind, operation: op.name, doing: op.doing, status: None, request_id: None, message: line }
    }

    /// We refuse to send it ourselves.
    pub(crate) fn unfit(op: &Op, what: &str) -> Self {
        Self::new(op, Kind::Invalid(vec![what.to_owned()]), what)
    }

    pub(crate) fn transport(op: &Op, failure: &Failure) -> Self {
        let kind = match failure {
            Failure::NotSent(_) => Kind::Down,
            Failure::NoSlot { until, daily } => Kind::Limited { until: *until, daily: *daily },
            Failure::Held { until, .. } => Kind::Held { until: *until },
            Failure::Unclear(_) => Kind::Unclear,
        };
        match failure {
            Failure::Held { why, .. } => {
                Self::new(op, kind, &format!("HighLevel is not answering for this agency: {why}"))
            }
            _ => Self::new(op, kind, &failure.to_string()),
        }
    }

    /// A 2xx that cannot be read: it was executed, but we do not know what came of it.
    pub(crate) fn unreadable(op: &Op, answer: &Answer, why: &str) -> Self {
        let error = Self::new(op, Kind::Unclear, &format!("the answer could not be read: {why}"));
        error.with(answer)
    }

    /// Any answer but 2xx.
    pub(crate) fn answered(op: &Op, answer: &Answer) -> Self {
        let lines = messages(&answer.body, answer.status);
        let text = lines.join(", ");
        let kind = classify(answer, lines, &text);
        Self::new(op, kind, &text).with(answer)
    }

    fn with(mut self, answer: &Answer) -> Self {
        self.status = Some(answer.status.as_u16());
        self.request_id = answer.request_id();
        self
    }
}

fn classify(answer: &Answer, lines: Vec<String>, text: &str) -> Kind {
    let lower = text.to_lowercase();
    let says = |part: &str| lower.contains(part);
    match answer.status {
        StatusCode::TOO_MANY_REQUESTS => {
            let pause = answer.quota.pause();
            Kind::Limited { until: from_now(pause.jittered()), daily: pause.daily }
        }
        _ if says("invalid_grant") => Kind::Refused(Reason::Grant),
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
            if says("location is not active") || says("company is not active") || says("agency is not active") =>
        {
            Kind::Refused(Reason::Inactive)
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if says("access to this feature") => {
            Kind::Refused(Reason::Plan)
        }
        StatusCode::UNAUTHORIZED if says("version header") => Kind::Refused(Reason::Version),
        StatusCode::UNAUTHORIZED if says("scope") => Kind::Refused(Reason::Scope),
        StatusCode::UNAUTHORIZED if says("can't be undefined") => Kind::Invalid(redacted(lines)),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST
            if says("location is not active") =>
        {
            Kind::Refused(Reason::Inactive)
        }
        StatusCode::BAD_REQUEST if says("not installed") => Kind::Refused(Reason::Location),
        StatusCode::UNAUTHORIZED => Kind::Unauthorised,
        StatusCode::FORBIDDEN if says("scope") => Kind::Refused(Reason::Scope),
        StatusCode::FORBIDDEN if says("location") => Kind::Refused(Reason::Location),
        StatusCode::FORBIDDEN => Kind::Refused(Reason::Other),
        StatusCode::BAD_REQUEST if says("endpoint") && says("removed") => Kind::Refused(Reason::Removed),
        StatusCode::NOT_FOUND | StatusCode::GONE => Kind::NotFound,
        // The gateway gave up waiting for a request it may have passed on.
        StatusCode::REQUEST_TIMEOUT => Kind::Unclear,
        status if status.is_client_error() => Kind::Invalid(redacted(lines)),
        _ => Kind::Unclear,
    }
}

fn redacted(lines: Vec<String>) -> Vec<String> {
    lines.iter().map(|line| outbound::redact(line)).collect()
}

fn from_now(wait: Duration) -> DateTime<Utc> {
    DateTime::<Utc>::from(SystemTime::now()) + wait
}
