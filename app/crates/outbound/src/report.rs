//! The record of a call and of the tenant on whose behalf it was made.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Who goes first when a rate limit is short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Priority {
    /// A person waits for the answer.
    Interactive,
    /// Nobody waits; uses what interactive calls leave.
    #[default]
    Background,
}

/// Whom a call is for: recorded with it, and the reason it goes first or waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Agency on whose behalf we call.
    pub agency: Option<Uuid>,
    /// Business, once there is one.
    pub business: Option<Uuid>,
    /// Connection whose credential is used.
    pub integration: Option<Uuid>,
    /// Provisioning job, when a step calls.
    pub job: Option<Uuid>,
    /// Ties calls of one request or one try together.
    pub trace: Option<Uuid>,
    /// Who goes first.
    pub priority: Priority,
}

/// How a call ended, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 2xx.
    Ok,
    /// 4xx but 429.
    Refused,
    /// 429.
    Limited,
    /// 5xx, or a redirect that we do not follow.
    Failed,
    /// Sent, but the answer never came or could not be read.
    Unclear,
    /// The connection never stood.
    NotSent,
    /// No place in the rate limit within our patience.
    NoSlot,
    /// Not sent: too many calls failed lately.
    Held,
    /// The caller went away while the call was under way.
    Abandoned,
}

impl Outcome {
    /// The word stored with the call.
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

/// One call, as it goes into the call log: a template instead of an address, never a header or a body.
#[derive(Clone, Debug)]
pub struct Call {
    /// When it began.
    pub at: DateTime<Utc>,
    /// `ghl`, `meta`, …
    pub provider: &'static str,
    /// Our name of the operation, such as `create_location`.
    pub operation: &'static str,
    /// `GET`, `POST`, …
    pub method: String,
    /// Path template, such as `/locations/{locationId}`.
    pub endpoint: &'static str,
    /// Status, when there was an answer.
    pub status: Option<u16>,
    /// How it ended.
    pub outcome: Outcome,
    /// From the first wait to the last byte.
    pub ms: u32,
    /// The provider's name for this request.
    pub request_id: Option<String>,
    /// What the provider says is left in its short window.
    pub quota_left: Option<u32>,
    /// Whom it was for.
    pub about: About,
}

/// Takes note of every call. Must return at once: put the call into a channel.
pub trait Calls: Send + Sync {
    /// A call ended (or was given up).
    fn report(&self, call: Call);
}

/// Forgets every call.
#[derive(Clone, Copy, Debug)]
pub struct NoCalls;

impl Calls for NoCalls {
    fn report(&self, _: Call) {}
}
