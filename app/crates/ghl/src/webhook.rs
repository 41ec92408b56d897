//! What does a webhook of HighLevel say? Every body is one event: an envelope of a few fields, and beside them the fields of
//! the event itself (HighLevel API, webhook delivery).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::tolerant;

/// The type of the event that tells of an install.
pub const INSTALL: &str = "INSTALL";
/// The type of the event that tells that the app was removed.
pub const UNINSTALL: &str = "UNINSTALL";

/// The most characters of a type that are kept.
const LONGEST_KIND: usize = 48;
/// The most characters of an id.
const LONGEST_ID: usize = 128;

/// An event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its type, as HighLevel spells it: `INSTALL`, `ContactCreate` … `other` if it names none.
    pub kind: String,
    /// The app that it is for.
    pub app: String,
    /// The company that it is about.
    pub company: Option<String>,
    /// The location that it is about.
    pub location: Option<String>,
    /// The id of the webhook: the same again is a repeat.
    pub id: String,
    /// When HighLevel says that it happened.
    pub at: DateTime<Utc>,
    /// The whole body.
    pub raw: Value,
}

impl Event {
    /// The account that it is about: the location if it names one, else the company.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.location.as_deref().or(self.company.as_deref())
    }
}

/// The fields that every event has.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    #[serde(rename = "type", default, deserialize_with = "tolerant::word")]
    kind: String,
    #[serde(default, deserialize_with = "tolerant::word")]
    app_id: String,
    #[serde(default, deserialize_with = "tolerant::text")]
    company_id: Option<String>,
    #[serde(default, deserialize_with = "tolerant::text")]
    location_id: Option<String>,
    #[serde(default, deserialize_with = "tolerant::word")]
    webhook_id: String,
    #[serde(default, deserialize_with = "tolerant::time")]
    timestamp: Option<DateTime<Utc>>,
    /// The location, in an event about the location itself.
    #[serde(default, deserialize_with = "tolerant::text")]
    id: Option<String>,
    /// The location, in an event of invoices and orders whose `altType` says so.
    #[serde(default, deserialize_with = "tolerant::text")]
    alt_id: Option<String>,
    #[serde(default, deserialize_with = "tolerant::word")]
    alt_type: String,
}

/// Reads a body. `None` if it is not a JSON object with the id of an app, the id of the webhook and a time, which every
/// delivery has: without them nobody knows whether it is for us, a repeat, or old.
#[must_use]
pub fn read(body: &[u8]) -> Option<Event> {
    let raw: Value = serde_json::from_slice(body).ok()?;
    let envelope = Envelope::deserialize(&raw).ok()?;
    let kind: String = envelope.kind.chars().filter(char::is_ascii_graphic).take(LONGEST_KIND).collect();
    let is_of_location = matches!(kind.as_str(), "LocationCreate" | "LocationUpdate");
    let other = if envelope.alt_type == "location" { envelope.alt_id } else { None };
    let location = envelope.location_id.or(other).or(envelope.id.filter(|_| is_of_location));
    Some(Event {
        kind: if kind.is_empty() { "other".to_owned() } else { kind },
        app: Some(envelope.app_id).filter(|id| is_id(id))?,
        company: envelope.company_id.filter(|id| is_id(id)),
        location: location.filter(|id| is_id(id)),
        id: Some(envelope.webhook_id).filter(|id| is_id(id))?,
        at: envelope.timestamp?,
        raw,
    })
}

/// Whether this can be an id of HighLevel.
fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Events in the shapes in which they are sent, without their envelopes.
    const SAMPLES: &str = include_str!("fixtures/webhooks.json");

    fn body(fields: &Value) -> Vec<u8> {
        let mut body =
            json!({"appId": "app1", "versionId": "app1", "timestamp": "2026-06-25T06:57:06.225Z", "webhookId": "w-1"});
        let all = body.as_object_mut().unwrap();
        all.extend(fields.as_object().unwrap().clone());
        serde_json::to_vec(&body).unwrap()
    }

    #[test]
    fn every_sample_is_read() {
        let samples: Vec<Value> = serde_json::from_str(SAMPLES).unwrap();
        assert!(samples.len() > 20, "{}", samples.len());
        for sample in &samples {
            let event = read(&body(sample)).unwrap();
            assert_eq!(event.kind, sample["type"].as_str().unwrap_or("other"), "{sample}");
            assert_eq!(event.company.as_deref(), sample["companyId"].as_str(), "{sample}");
            assert_eq!((event.id.as_str(), event.at.timestamp()), ("w-1", 1_782_370_626), "{sample}");
            assert_eq!(event.raw["timestamp"], "2026-06-25T06:57:06.225Z");
            let again: Event = serde_json::from_value(json!(event)).unwrap();
            assert_eq!(again, event, "it is the same from the database");
        }
    }

    #[test]
    fn the_account_is_the_location_or_else_the_company() {
        let account = |fields: Value| read(&body(&fields)).unwrap().account().map(str::to_owned);
        let of = |id: &str| Some(id.to_owned());
        assert_eq!(account(json!({"type": INSTALL, "companyId": "C", "locationId": "L"})), of("L"));
        assert_eq!(account(json!({"type": INSTALL, "companyId": "C"})), of("C"));
        assert_eq!(account(json!({"type": UNINSTALL, "locationId": "L"})), of("L"));
        assert_eq!(account(json!({"type": "LocationUpdate", "id": "L", "companyId": "C"})), of("L"));
        assert_eq!(account(json!({"type": "ContactCreate", "id": "contact", "companyId": "C"})), of("C"));
        assert_eq!(account(json!({"altType": "location", "altId": "L"})), of("L"));
        assert_eq!(account(json!({"altType": "company", "altId": "x", "id": "x"})), None);
        assert_eq!(account(json!({"companyId": "a b", "locationId": "l\u{0}"})), None, "no ids of HighLevel");
    }

    #[test]
    fn what_has_no_envelope_is_no_event() {
        for gone in ["appId", "webhookId", "timestamp"] {
            let mut fields: Value = serde_json::from_slice(&body(&json!({"type": INSTALL}))).unwrap();
            fields.as_object_mut().unwrap().remove(gone);
            assert_eq!(read(&serde_json::to_vec(&fields).unwrap()), None, "{gone}");
        }
        for sent in [&b""[..], b"no json", b"[]", b"null", b"\xff", b"{}"] {
            assert_eq!(read(sent), None);
        }
        for (field, value) in [
            ("webhookId", json!("")),
            ("webhookId", json!("a b")),
            ("webhookId", json!("w\u{0}")),
            ("webhookId", json!("w".repeat(129))),
            ("appId", json!({})),
            ("timestamp", json!("yesterday")),
        ] {
            assert_eq!(read(&body(&json!({ field: value }))), None, "{field} {value}");
        }
        let long = read(&body(&json!({ "type": "x".repeat(300) }))).unwrap();
        assert_eq!(long.kind.len(), LONGEST_KIND);
        assert_eq!(read(&body(&json!({ "type": " \u{0}" }))).unwrap().kind, "other");
    }
}
