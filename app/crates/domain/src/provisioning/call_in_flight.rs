//! Which call of a job was sent to HighLevel and has no answer yet, and when does it end? Only calls that change
//! something are known: each has its record before it is sent.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// A call ends after this time, with or without an answer.
const LASTS: TimeDelta = TimeDelta::seconds(45);

/// A call without an answer is worth a word after this time.
const LATE: TimeDelta = TimeDelta::seconds(5);

/// A call that was sent and has no answer yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallInFlight {
    /// HTTP method.
    pub method: String,
    /// Path template, without ids.
    pub endpoint: String,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
}

impl CallInFlight {
    /// The call of a write of this kind; `None` for an unknown kind.
    #[must_use]
    pub fn of_write(kind: &str, sent_at: DateTime<Utc>) -> Option<Self> {
        let (_, method, endpoint) = WRITES.iter().find(|(known, ..)| *known == kind)?;
        Some(Self { method: (*method).to_owned(), endpoint: (*endpoint).to_owned(), sent_at })
    }

    /// From when on people are told that the answer is late.
    #[must_use]
    pub fn late_at(&self) -> DateTime<Utc> {
        self.sent_at + LATE
    }

    /// When the call ends without an answer.
    #[must_use]
    pub fn gives_up_at(&self) -> DateTime<Utc> {
        self.sent_at + LASTS
    }
}

/// The kinds of writes, each with method and path of its call.
pub const WRITES: [(&str, &str, &str); 14] = [
    ("create_location", "POST", "/locations/"),
    ("park_location", "PUT", "/locations/{locationId}"),
    ("finish_location", "PUT", "/locations/{locationId}"),
    ("restore_name", "PUT", "/locations/{locationId}"),
    ("load_snapshot", "PUT", "/locations/{locationId}"),
    ("create_user", "POST", "/users/"),
    ("add_user", "PUT", "/users/{userId}"),
    ("detach_user", "PUT", "/users/{userId}"),
    ("add_value", "POST", "/locations/{locationId}/customValues"),
    ("set_value", "PUT", "/locations/{locationId}/customValues/{id}"),
    ("restore_value", "PUT", "/locations/{locationId}/customValues/{id}"),
    ("remove_value", "DELETE", "/locations/{locationId}/customValues/{id}"),
    ("add_tag", "POST", "/locations/{locationId}/tags"),
    ("remove_tag", "DELETE", "/locations/{locationId}/tags/{tagId}"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_late_after_five_seconds_and_ends_after_forty_five() {
        let sent = DateTime::UNIX_EPOCH;
        let call = CallInFlight::of_write("create_location", sent).unwrap();
        assert_eq!((call.method.as_str(), call.endpoint.as_str()), ("POST", "/locations/"));
        assert_eq!(call.late_at() - sent, TimeDelta::seconds(5));
        assert_eq!(call.gives_up_at() - sent, TimeDelta::seconds(45));
        assert_eq!(CallInFlight::of_write("unheard_of", sent), None);
    }
}
