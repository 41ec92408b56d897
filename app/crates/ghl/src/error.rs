//! Interprets HighLevel's error responses. The status alone is not reliable: a 401 may mean a missing scope, a
//! plan that is too low or even a validation error (HighLevel API, error bodies), so the message decides.
//! A 5xx is `Unclear`, not a failure: the location may exist all the same.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use http::StatusCode;
use outbound::{Answer, Failure};

use crate::message::messages;
use crate::ops::Op;

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{doing} did not work: {message}")]
pub struct Error {
    /// The kind of error.
    pub kind: Kind,
    /// Our name for the operation.
    pub operation: &'static str,
    /// What was attempted, in words.
    pub doing: &'static str,
    /// HTTP status; `None` if there was no response.
    pub status: Option<u16>,
    /// HighLevel's id of the request.
    pub request_id: Option<String>,
    /// The message of HighLevel or the transport: one line, with secrets and addresses masked.
    pub message: String,
}

/// The kind of error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The token is no longer valid: refresh it once and repeat the call once.
    Unauthorised,
    /// Permanent for this token or account; a refresh does not help.
    Refused(Reason),
    /// The object or the route does not exist.
    NotFound,
    /// Not executed because of a rate limit; try again at the given time.
    Limited {
        /// When to try again.
        until: DateTime<Utc>,
        /// True if the daily limit is used up, not only the limit per ten seconds.
        daily: bool,
    },
    /// The input was rejected; one entry per complaint.
    Invalid(Vec<String>),
    /// Sent, but it is not known whether it was executed: check before you repeat it.
    Unclear,
    /// Never arrived: the service cannot be reached.
    Down,
    /// Not sent: too many calls for this agency failed, so nothing is sent before the given time.
    Held {
        /// When to try again.
        until: DateTime<Utc>,
    },
}

/// Why a call is refused permanently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The token lacks a scope.
    Scope,
    /// The agency's plan does not include it.
    Plan,
    /// The `Version` header is missing or wrong.
    Version,
    /// The token has no access to this location, or the app is not installed there.
    Location,
    /// `invalid_grant`: the code or refresh token was already used, was revoked or has expired.
    Grant,
    /// HighLevel has paused the location or the whole company; the pause ends without our help.
    Inactive,
    /// The endpoint no longer exists.
    Removed,
    /// Something else.
    Other,
}

/// What is certain about the effect of a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not executed; the same call may be sent again.
    NotExecuted,
    /// Not executed; the same call would be refused again.
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

    /// Whether the error is temporary, so that a read may be tried again.
    pub fn passes(&self) -> bool {
        matches!(self.kind, Kind::Down | Kind::Held { .. } | Kind::Unclear | Kind::Limited { .. })
    }

    /// When to try again, if HighLevel or our own limit stated a time.
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

    /// An error for input that we refuse to send.
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

    /// An error for a 2xx response that cannot be read: the call was executed, but its result is not known.
    pub(crate) fn unreadable(op: &Op, answer: &Answer, why: &str) -> Self {
        let error = Self::new(op, Kind::Unclear, &format!("the answer could not be read: {why}"));
        error.with(answer)
    }

    /// An error for any response other than 2xx.
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
        StatusCode::BAD_REQUEST if says("not installed") => Kind::Refused(Reason::Location),
        StatusCode::UNAUTHORIZED => Kind::Unauthorised,
        StatusCode::FORBIDDEN if says("scope") => Kind::Refused(Reason::Scope),
        StatusCode::FORBIDDEN if says("location") => Kind::Refused(Reason::Location),
        StatusCode::FORBIDDEN => Kind::Refused(Reason::Other),
        StatusCode::BAD_REQUEST if says("endpoint") && says("removed") => Kind::Refused(Reason::Removed),
        StatusCode::NOT_FOUND | StatusCode::GONE => Kind::NotFound,
        // The gateway timed out while waiting for a request that it may have forwarded.
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
