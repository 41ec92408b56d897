//! What went wrong with a call to Meta, and what is certain about its effect? Decided by codes alone: Meta's words change
//! and are translated.

mod body;
mod codes;
mod sentence;
#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use http::StatusCode;
use outbound::{Answer, Failure, Pause};

use self::body::Fault;
use self::codes::{Meaning, meaning};
use crate::ops::Op;
use crate::usage::Usage;

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
    /// HTTP status; `None` if there was no answer.
    pub status: Option<u16>,
    /// Meta's code, if it stated one.
    pub code: Option<i64>,
    /// Meta's subcode, if it stated one.
    pub subcode: Option<i64>,
    /// Meta's id of the call (`fbtrace_id`), for questions to its support.
    pub trace: Option<Box<str>>,
    /// The message of Meta or of the transport: one line, with secrets and addresses masked.
    pub message: Box<str>,
}

/// The kind of error. [`Kind::sentence`] says it in words, with the next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The token is dead: the channel must be connected again.
    Token(TokenDeath),
    /// A permission is missing or was taken back.
    Permission,
    /// The code of a consent cannot be exchanged.
    Code(Code),
    /// Our app itself is not allowed this, whoever asks: an operator must look.
    AppAccess,
    /// The app may write only to its testers yet.
    TestersOnly,
    /// The customer wrote too long ago.
    OutsideWindow,
    /// Not executed because of a rate limit; try again at the given time.
    Limited {
        /// When to try again.
        until: DateTime<Utc>,
    },
    /// Not executed: too many messages to the same customer. Wait [`pair_wait`] and keep the order.
    PairRate,
    /// Meta holds messages like this one back from this customer. It must not be repeated automatically.
    Withheld,
    /// The account or number may not send.
    Restricted(Restriction),
    /// The customer cannot be reached.
    Undeliverable,
    /// The customer stopped marketing messages.
    OptedOut,
    /// The file is refused or could not be fetched.
    Media,
    /// The template does not exist, is not approved, or its variables do not fit.
    Template,
    /// The number cannot be registered.
    Registration(Registration),
    /// The object does not exist, or the token may not see it.
    NotFound,
    /// The input was rejected.
    Invalid,
    /// Refused for now and not executed.
    Temporary,
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

/// Why a token is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenDeath {
    /// Its time is over.
    Expired,
    /// The person changed the password, or Facebook ended the session.
    PasswordChanged,
    /// The person removed our app.
    AppRemoved,
    /// The person must first log in at facebook.com.
    Checkpoint,
    /// The person no longer has a role on the page.
    RoleLost,
    /// Revoked, logged out or never valid.
    Revoked,
}

/// Why the code of a consent cannot be exchanged. In each case the person starts again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Too old.
    Expired,
    /// Already used.
    Used,
    /// The redirect address differs from the one of the consent.
    Redirect,
    /// Something else.
    Other,
}

/// Why an account or number may not send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restriction {
    /// Meta restricted or locked the account.
    Locked,
    /// The account may not write to people in this country.
    Country,
    /// Payment is missing or failed.
    Unpaid,
    /// The number is not registered.
    Unregistered,
}

/// Why a number cannot be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// The PIN is not the number's.
    WrongPin,
    /// Too many wrong PINs: guessing is blocked for a time.
    TooManyPins,
    /// PINs were tried too fast.
    TooFast,
    /// The number must be verified first.
    NotVerified,
    /// The number was deleted a short time ago.
    DeletedRecently,
    /// More than ten registrations in 72 hours.
    TooOften,
    /// Something else.
    Other,
}

/// What is certain about the effect of a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not executed; the same call may be sent again, for a dead token once the channel is connected again.
    NotExecuted,
    /// Not executed; the same call would be refused again.
    Refused,
    /// Perhaps executed.
    Unknown,
}

/// What is certain about the effect of the call that failed with `error`.
pub fn verdict(error: &Error) -> Verdict {
    match error.kind {
        Kind::Down | Kind::Held { .. } | Kind::Limited { .. } => Verdict::NotExecuted,
        Kind::PairRate | Kind::Temporary | Kind::Token(_) => Verdict::NotExecuted,
        Kind::Unclear => Verdict::Unknown,
        Kind::Permission | Kind::Code(_) | Kind::AppAccess | Kind::TestersOnly | Kind::OutsideWindow => {
            Verdict::Refused
        }
        Kind::Withheld | Kind::Restricted(_) | Kind::Undeliverable | Kind::OptedOut | Kind::Media => Verdict::Refused,
        Kind::Template | Kind::Registration(_) | Kind::NotFound | Kind::Invalid => Verdict::Refused,
    }
}

/// How long to wait before a message that met the pair rate is sent again, by how often it was sent: 4, 16, 64 … seconds,
/// at most an hour (Meta, rate limits).
#[must_use]
pub fn pair_wait(attempts: u32) -> Duration {
    Duration::from_secs(4_u64.saturating_pow(attempts.max(1)).min(60 * 60))
}

/// The kind of a failure that is reported later, with a status. Such a message was certainly not delivered.
#[must_use]
pub fn failed_status(code: i64, now: DateTime<Utc>) -> Kind {
    match meaning(code, None) {
        Some(Meaning::Is(kind)) => kind,
        Some(Meaning::Limited(wait)) => Kind::Limited { until: now + wait },
        Some(Meaning::Temporary | Meaning::Doubtful) => Kind::Temporary,
        None => Kind::Undeliverable,
    }
}

impl TokenDeath {
    /// The reason that the subcode of code 190 states (Meta, token death).
    #[must_use]
    pub fn of(subcode: i64) -> Self {
        match subcode {
            463 => Self::Expired,
            460 => Self::PasswordChanged,
            458 => Self::AppRemoved,
            459 | 464 => Self::Checkpoint,
            492 => Self::RoleLost,
            _ => Self::Revoked,
        }
    }
}

impl Kind {
    /// Whether nothing more should be sent on the channel before somebody has repaired it. What Meta allows to no customer
    /// of one country concerns these customers alone.
    #[must_use]
    pub fn stops_channel(&self) -> bool {
        match self {
            Self::Restricted(why) => *why != Restriction::Country,
            kind => matches!(kind, Self::Token(_) | Self::Permission | Self::AppAccess),
        }
    }
}

impl Error {
    /// What is certain about the effect.
    pub fn verdict(&self) -> Verdict {
        verdict(self)
    }

    /// Whether the error is temporary, so that a read may be tried again.
    pub fn passes(&self) -> bool {
        matches!(
            self.kind,
            Kind::Down | Kind::Held { .. } | Kind::Limited { .. } | Kind::PairRate | Kind::Temporary | Kind::Unclear
        )
    }

    /// When to try again, if Meta or our own protection stated a time.
    pub fn until(&self) -> Option<DateTime<Utc>> {
        match self.kind {
            Kind::Limited { until } | Kind::Held { until } => Some(until),
            _ => None,
        }
    }

    pub(crate) fn new(op: &Op, kind: Kind, message: &str) -> Self {
        let message = domain::text::line(&outbound::redact(message)).chars().take(500).collect();
        let (operation, doing) = (op.name, op.doing);
        Self { kind, operation, doing, status: None, code: None, subcode: None, trace: None, message }
    }

    /// An error for input that we refuse to send.
    pub(crate) fn unfit(op: &Op, what: &str) -> Self {
        Self::new(op, Kind::Invalid, what)
    }

    pub(crate) fn transport(op: &Op, failure: &Failure) -> Self {
        let kind = match failure {
            Failure::NotSent(_) => Kind::Down,
            Failure::NoSlot { until, .. } => Kind::Limited { until: *until },
            Failure::Held { until, .. } => Kind::Held { until: *until },
            Failure::Unclear(_) => Kind::Unclear,
        };
        match failure {
            Failure::Held { why, .. } => Self::new(op, kind, &format!("Meta is not answering for this agency: {why}")),
            _ => Self::new(op, kind, &failure.to_string()),
        }
    }

    /// An error for a 2xx answer that cannot be read: the call was executed, but its result is not known.
    pub(crate) fn unreadable(op: &Op, answer: &Answer, why: &str) -> Self {
        Self::new(op, Kind::Unclear, &format!("the answer could not be read: {why}")).with(answer)
    }

    /// An error for a 2xx answer that says that nothing happened.
    pub(crate) fn unsuccessful(op: &Op, answer: &Answer) -> Self {
        Self::new(op, Kind::Invalid, "Meta answered that it had no success").with(answer)
    }

    /// An error for any answer other than 2xx.
    pub(crate) fn answered(op: &Op, answer: &Answer) -> Self {
        let fault = Fault::read(&answer.body);
        let kind = classify(op, answer, &fault);
        let message = fault.message.unwrap_or_else(|| format!("Meta answered {}", answer.status));
        let error = Self::new(op, kind, &message).with(answer);
        Self { code: fault.code, subcode: fault.subcode, trace: fault.trace.map(Into::into).or(error.trace), ..error }
    }

    fn with(mut self, answer: &Answer) -> Self {
        self.status = Some(answer.status.as_u16());
        self.trace = answer.request_id().map(Into::into);
        self
    }
}

fn classify(op: &Op, answer: &Answer, fault: &Fault) -> Kind {
    let known = fault.code.and_then(|code| meaning(code, fault.subcode));
    let doubtful = || if op.repeatable { Kind::Temporary } else { Kind::Unclear };
    let is_exchange = matches!(op.name, "exchange_code" | "exchange_instagram_code");
    match known {
        // While a code is exchanged, code 1 means that the app secret is wrong (Meta, code exchange).
        Some(Meaning::Doubtful) if is_exchange && answer.status.is_client_error() => Kind::AppAccess,
        Some(Meaning::Is(Kind::Invalid)) if is_exchange => Kind::Code(Code::Other),
        Some(Meaning::Is(Kind::Invalid)) if fault.transient => doubtful(),
        // Access to a product of Meta was lost as a whole (Meta, Instagram).
        Some(Meaning::Is(Kind::Invalid)) if answer.status == StatusCode::FORBIDDEN => Kind::AppAccess,
        Some(Meaning::Is(kind)) => kind,
        Some(Meaning::Limited(wait)) => limited(answer, wait),
        Some(Meaning::Temporary) => Kind::Temporary,
        Some(Meaning::Doubtful) => doubtful(),
        None if fault.transient => doubtful(),
        None if is_exchange && answer.status == StatusCode::BAD_REQUEST => Kind::Code(Code::Other),
        None => by_status(op, answer),
    }
}

/// The kind of an answer without a known code.
fn by_status(op: &Op, answer: &Answer) -> Kind {
    match answer.status {
        // The address of a file dies after minutes; the token that asked for it lives on.
        status if op.name == "download_file" && matches!(status.as_u16(), 401 | 403 | 404 | 410) => Kind::NotFound,
        StatusCode::UNAUTHORIZED => Kind::Token(TokenDeath::Revoked),
        StatusCode::FORBIDDEN => Kind::Permission,
        StatusCode::NOT_FOUND | StatusCode::GONE => Kind::NotFound,
        StatusCode::TOO_MANY_REQUESTS => limited(answer, Duration::from_secs(60)),
        // The gateway timed out while waiting for a request that it may have forwarded.
        StatusCode::REQUEST_TIMEOUT => Kind::Unclear,
        status if status.is_client_error() => Kind::Invalid,
        _ if op.repeatable => Kind::Temporary,
        _ => Kind::Unclear,
    }
}

/// Waits as long as a header says, or else `default`; never longer than an hour.
fn limited(answer: &Answer, default: Duration) -> Kind {
    let stated = answer.quota.retry_after.or_else(|| Usage::read(&answer.headers).regain);
    let wait = stated.unwrap_or(default).min(Duration::from_secs(60 * 60));
    let pause = Pause { wait, daily: false };
    Kind::Limited { until: DateTime::<Utc>::from(SystemTime::now()) + pause.jittered() }
}
