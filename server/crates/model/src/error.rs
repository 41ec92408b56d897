//! Why did a model not answer? Decided by the status, the code and the shape of its answer, never by its words.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use http::StatusCode;
use outbound::{Failure, Pause, Quota};
use serde_json::Value;

/// The longest wait that a provider can impose on us.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);
/// The wait if a provider limits us and does not say for how long.
const DEFAULT_WAIT: Duration = Duration::from_secs(30);

/// Codes of a conversation that is longer than the model reads.
const TOO_LONG: [&str; 3] = ["context_length_exceeded", "string_above_max_length", "request_too_large"];
/// Codes of a key whose account has no money left, whatever the status.
const UNPAID: [&str; 3] = ["insufficient_quota", "billing_hard_limit_reached", "billing_error"];

/// No answer, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing may be sent for this long: too many calls were made, or too many failed.
    #[error("the language model takes no call for now")]
    RateLimited {
        /// Time to wait, from now.
        retry_after: Duration,
    },
    /// The key is missing, unknown, not allowed this, or not paid for: an operator must look.
    #[error("the language model does not accept our key")]
    Unauthorized,
    /// The conversation is longer than the model reads, or the answer was cut off at its longest.
    #[error("the conversation or the answer is too long for the language model")]
    TooLong,
    /// The provider refuses this request or this conversation, and would refuse it again.
    #[error("the language model refuses to answer")]
    Refused,
    /// An answer came that is none.
    #[error("the answer of the language model cannot be read")]
    Malformed,
    /// The conversation was sent, but no answer came in time.
    #[error("the language model did not answer in time")]
    Timeout,
    /// The provider cannot be reached or has trouble of its own.
    #[error("the language model is not available")]
    Unavailable,
}

impl Error {
    /// Whether the same request may succeed later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::RateLimited { .. } | Self::Malformed | Self::Timeout | Self::Unavailable => true,
            Self::Unauthorized | Self::TooLong | Self::Refused => false,
        }
    }

    /// Whether the provider may have read the conversation, and is paid for it.
    #[must_use]
    pub const fn may_cost(&self) -> bool {
        match self {
            Self::TooLong | Self::Refused | Self::Malformed | Self::Timeout => true,
            Self::RateLimited { .. } | Self::Unauthorized | Self::Unavailable => false,
        }
    }

    /// How long to wait before the next call, if that is known.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } => Some(*retry_after),
            _ => None,
        }
    }

    /// The word for it in logs and traces.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::RateLimited { .. } => "rate_limited",
            Self::Unauthorized => "unauthorized",
            Self::TooLong => "too_long",
            Self::Refused => "refused",
            Self::Malformed => "malformed",
            Self::Timeout => "timeout",
            Self::Unavailable => "unavailable",
        }
    }

    /// The error of a call that got no answer.
    pub(crate) fn transport(failure: &Failure) -> Self {
        match failure {
            Failure::NotSent(_) => Self::Unavailable,
            Failure::NoSlot { until, .. } | Failure::Held { until, .. } => {
                let wait = *until - DateTime::<Utc>::from(SystemTime::now());
                Self::RateLimited { retry_after: wait.to_std().unwrap_or_default() }
            }
            Failure::Unclear(_) => Self::Timeout,
        }
    }

    /// The error of an answer other than 2xx.
    pub(crate) fn answered(status: StatusCode, body: &Value, quota: &Quota) -> Self {
        let code = code(body);
        match status.as_u16() {
            _ if TOO_LONG.contains(&code) => Self::TooLong,
            _ if UNPAID.contains(&code) => Self::Unauthorized,
            401..=403 => Self::Unauthorized,
            // 504 and 524 are those of a gateway that has waited for the model.
            408 | 504 | 524 => Self::Timeout,
            413 => Self::TooLong,
            429 => limited(quota),
            400..=499 => Self::Refused,
            _ => Self::Unavailable,
        }
    }

    /// The error that a 2xx answer carries, as gateways in front of several models send it. `None` if it carries none.
    pub(crate) fn inside(body: &Value, quota: &Quota) -> Option<Self> {
        let error = body.get("error").filter(|error| error.is_object())?;
        let status = error["code"].as_u64().and_then(|code| StatusCode::from_u16(u16::try_from(code).ok()?).ok());
        Some(Self::answered(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), body, quota))
    }
}

/// The code of an error: chat completions state a `code` and a `type`, Anthropic a `type`. Empty without one.
fn code(body: &Value) -> &str {
    let error = &body["error"];
    error["code"].as_str().or_else(|| error["type"].as_str()).unwrap_or_default()
}

fn limited(quota: &Quota) -> Error {
    let wait = quota.retry_after.unwrap_or(DEFAULT_WAIT).min(LONGEST_WAIT);
    Error::RateLimited { retry_after: Pause { wait, daily: false }.jittered() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(status: u16, body: &Value) -> Error {
        Error::answered(StatusCode::from_u16(status).unwrap(), body, &Quota::default())
    }

    #[test]
    fn each_status_and_code_has_its_meaning_whatever_the_words() {
        let openai = |code: &str| json!({"error": {"message": "words", "type": "invalid_request_error", "code": code}});
        let anthropic = |kind: &str| json!({"type": "error", "error": {"type": kind, "message": "words"}});
        for (status, body, key) in [
            (400, openai("context_length_exceeded"), "too_long"),
            (413, anthropic("request_too_large"), "too_long"),
            (413, Value::Null, "too_long"),
            (400, openai("content_filter"), "refused"),
            (400, anthropic("invalid_request_error"), "refused"),
            (404, openai("model_not_found"), "refused"),
            (401, openai("invalid_api_key"), "unauthorized"),
            (403, anthropic("permission_error"), "unauthorized"),
            (402, anthropic("billing_error"), "unauthorized"),
            (429, openai("insufficient_quota"), "unauthorized"),
            (429, json!({"error": {"type": "insufficient_quota", "code": null}}), "unauthorized"),
            (429, openai("rate_limit_exceeded"), "rate_limited"),
            (429, json!("slow down"), "rate_limited"),
            (408, Value::Null, "timeout"),
            (504, Value::Null, "timeout"),
            (500, openai("server_error"), "unavailable"),
            (503, Value::Null, "unavailable"),
            (529, anthropic("overloaded_error"), "unavailable"),
            (302, Value::Null, "unavailable"),
        ] {
            assert_eq!(of(status, &body).key(), key, "{status} {body}");
        }
    }

    #[test]
    fn an_error_inside_a_success_is_an_error() {
        let inside = |body: Value| Error::inside(&body, &Quota::default()).map(|error| error.key());
        assert_eq!(inside(json!({"error": {"code": 429, "message": "m"}})), Some("rate_limited"));
        assert_eq!(inside(json!({"error": {"code": 402, "message": "m"}})), Some("unauthorized"));
        assert_eq!(inside(json!({"error": {"code": 99_999}})), Some("unavailable"));
        assert_eq!(inside(json!({"error": {"message": "m"}})), Some("unavailable"));
        assert_eq!(inside(json!({"error": null, "choices": []})), None);
        assert_eq!(inside(json!([])), None);
    }

    #[test]
    fn a_wait_is_never_shorter_than_asked_nor_much_longer_than_an_hour() {
        for (asked, least) in [(Some(2), 2_u32), (None, 30), (Some(1_000_000), 3_600)] {
            let quota = Quota { retry_after: asked.map(Duration::from_secs), ..Quota::default() };
            let error = Error::answered(StatusCode::TOO_MANY_REQUESTS, &Value::Null, &quota);
            let wait = error.retry_after().unwrap().as_secs_f64();
            assert!(wait >= f64::from(least) && wait <= f64::from(least) * 1.1, "{asked:?}: {wait}");
        }
    }

    #[test]
    fn what_was_read_may_cost() {
        for (error, may_cost) in [
            (Error::TooLong, true),
            (Error::Refused, true),
            (Error::Malformed, true),
            (Error::Timeout, true),
            (Error::Unavailable, false),
            (Error::Unauthorized, false),
            (Error::RateLimited { retry_after: Duration::ZERO }, false),
        ] {
            assert_eq!(error.may_cost(), may_cost, "{error:?}");
        }
    }

    #[test]
    fn what_waits_helps_is_transient() {
        let now = DateTime::<Utc>::from(SystemTime::now());
        let (until, why) = (now + Duration::from_secs(60), "10 of 20".to_owned());
        for failure in [Failure::NoSlot { until, daily: false }, Failure::Held { until, why }] {
            let error = Error::transport(&failure);
            assert!(error.is_transient() && error.retry_after().is_some_and(|wait| wait.as_secs() >= 50), "{error:?}");
        }
        for (failure, error) in [
            (Failure::NotSent("no route".into()), Error::Unavailable),
            (Failure::Unclear("reset".into()), Error::Timeout),
            (
                Failure::NoSlot { until: now - Duration::from_secs(9), daily: true },
                Error::RateLimited { retry_after: Duration::ZERO },
            ),
        ] {
            assert_eq!(Error::transport(&failure), error);
        }
    }
}
