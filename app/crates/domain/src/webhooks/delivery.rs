//! A delivery: one event for one endpoint. What state is it in, and what came of each attempt?

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{WebhookDeliveryId, WebhookId};

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "WebhookDeliveryState"))]
pub enum DeliveryState {
    /// It is sent soon, for the first time or again.
    Waiting,
    /// The endpoint took it.
    Delivered,
    /// It is tried no more.
    Failed,
}

impl DeliveryState {
    /// The value in `webhook_deliveries.state`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// The state with this key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        [Self::Waiting, Self::Delivered, Self::Failed].into_iter().find(|state| state.key() == key)
    }
}

/// Why an attempt did not deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "WebhookTrouble"))]
pub enum Trouble {
    /// It answered with another status than 2xx.
    Refused,
    /// It answered with a redirect, which is never followed.
    Redirected,
    /// It answered 410: it is gone for good.
    Gone,
    /// Its name is not found.
    DnsLookupFailed,
    /// Its name leads to an address that is not public.
    NotPublic,
    /// It takes no connections.
    ConnectionFailed,
    /// Its certificate is not valid.
    TlsFailed,
    /// It did not answer in time.
    TimedOut,
    /// The connection ended in the middle.
    ConnectionLost,
    /// It was turned off before the delivery was sent.
    EndpointOff,
    /// It failed for so long that this delivery got no turn.
    EndpointFailing,
}

impl Trouble {
    /// Every cause.
    pub const ALL: [Self; 11] = [
        Self::Refused,
        Self::Redirected,
        Self::Gone,
        Self::DnsLookupFailed,
        Self::NotPublic,
        Self::ConnectionFailed,
        Self::TlsFailed,
        Self::TimedOut,
        Self::ConnectionLost,
        Self::EndpointOff,
        Self::EndpointFailing,
    ];

    /// Its stored and wire name.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Redirected => "redirected",
            Self::Gone => "gone",
            Self::DnsLookupFailed => "dns_lookup_failed",
            Self::NotPublic => "not_public",
            Self::ConnectionFailed => "connection_failed",
            Self::TlsFailed => "tls_failed",
            Self::TimedOut => "timed_out",
            Self::ConnectionLost => "connection_lost",
            Self::EndpointOff => "endpoint_off",
            Self::EndpointFailing => "endpoint_failing",
        }
    }

    /// The cause with this key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.key() == key)
    }

    /// The cause in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Refused => "Refused",
            Self::Redirected => "Answered with a redirect, which is not followed",
            Self::Gone => "Gone for good",
            Self::DnsLookupFailed => "Its name was not found",
            Self::NotPublic => "Its name leads to an address that is not public",
            Self::ConnectionFailed => "Could not connect",
            Self::TlsFailed => "Its certificate is not valid",
            Self::TimedOut => "No answer in 10 seconds",
            Self::ConnectionLost => "The connection broke",
            Self::EndpointOff => "The webhook was off",
            Self::EndpointFailing => "The webhook failed for too long",
        }
    }
}

/// A delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "WebhookDelivery"))]
pub struct Delivery {
    /// Its id.
    pub id: WebhookDeliveryId,
    /// The endpoint.
    pub webhook: WebhookId,
    /// Where the endpoint is, as people see it.
    pub url: String,
    /// The id of the event, which is also sent as `webhook-id`. It stays the same however often it is sent.
    pub event_id: uuid::Uuid,
    /// What happened, such as `job.failed`; `test` for a test.
    pub event: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was sent.
    pub attempts: i32,
    /// Status of the last answer; `None` if there was none.
    pub status: Option<i32>,
    /// Why the last attempt did not deliver; `None` if it did, or there was none.
    pub trouble: Option<Trouble>,
    /// When the event happened.
    pub created_at: DateTime<Utc>,
    /// When it is sent again; `None` if it is not.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When it was delivered or given up.
    pub finished_at: Option<DateTime<Utc>>,
}

/// A delivery with what is sent and all attempts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "WebhookDeliveryDetail"))]
pub struct DeliveryDetail {
    /// The delivery.
    pub delivery: Delivery,
    /// The body, as it is sent.
    pub body: String,
    /// The attempts, newest first.
    pub tries: Vec<Attempt>,
}

/// One attempt to deliver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "WebhookAttempt"))]
pub struct Attempt {
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Status of the answer; `None` if there was none.
    pub status: Option<i32>,
    /// Why it did not deliver; `None` if it did.
    pub trouble: Option<Trouble>,
    /// How long it took, in milliseconds.
    pub ms: i32,
    /// The beginning of the answer, as text, without what looks like a secret.
    pub answer: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_under_its_key() {
        for cause in Trouble::ALL {
            assert_eq!(Trouble::parse(cause.key()), Some(cause));
            assert_eq!(serde_json::to_value(cause).ok(), Some(cause.key().into()));
        }
        for state in [DeliveryState::Waiting, DeliveryState::Delivered, DeliveryState::Failed] {
            assert_eq!(DeliveryState::parse(state.key()), Some(state));
            assert_eq!(serde_json::to_value(state).ok(), Some(state.key().into()));
        }
    }
}
