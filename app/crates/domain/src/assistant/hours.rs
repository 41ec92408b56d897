//! When does the assistant answer by itself on a channel? Outside of these hours it writes drafts.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

pub use crate::phone_routes::hours::{DAYS, SPANS_A_DAY, Span, TimeOfDay, Week, clock};

/// The hours of a channel (`channels.ai_hours`), by the clock on the wall of the business. Without any it is always open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hours(pub Week);

impl Hours {
    /// Whether there is no hour at which it is closed.
    #[must_use]
    pub fn is_always(&self) -> bool {
        self.0 == Week::default()
    }

    /// Whether it is open when the clock on the wall shows this.
    #[must_use]
    pub fn is_open(&self, local: NaiveDateTime) -> bool {
        self.is_always() || self.0.is_open(local)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_hours_are_always_and_others_are_read_as_written() {
        let at = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").expect("a time");
        let always: Hours = serde_json::from_value(serde_json::json!({})).expect("hours");
        assert!(always.is_always() && always.is_open(at("2026-03-08T03:00")));
        let monday = serde_json::json!({ "mon": [{ "from": "09:00", "to": "17:00" }] });
        let hours: Hours = serde_json::from_value(monday.clone()).expect("hours");
        for (local, open) in [
            ("2026-03-09T08:59", false),
            ("2026-03-09T09:00", true),
            ("2026-03-09T17:00", false),
            ("2026-03-10T10:00", false),
        ] {
            assert_eq!(hours.is_open(at(local)), open, "{local}");
        }
        assert_eq!(serde_json::to_value(&hours).expect("JSON"), monday);
    }
}
