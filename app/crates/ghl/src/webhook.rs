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
/// The type of the event that tells of a new location.
pub const LOCATION_CREATE: &str = "LocationCreate";
/// The type of the event that tells that a location changed.
pub const LOCATION_UPDATE: &str = "LocationUpdate";

/// The kind of an event that names no type.
const OTHER: &str = "other";

/// How the types begin of what happens inside a location: with its contacts, messages, appointments and sales. Nothing
/// follows from it here, it names the location's customers, and one location may send thousands of it in an hour.
const INSIDE: [&str; 20] = [
    "Appointment",
    "Association",
    "Campaign",
    "Contact",
    "Conversation",
    "InboundMessage",
    "Invoice",
    "LCEmailStats",
    "Note",
    "ObjectSchema",
    "Opportunity",
    "Order",
    "OutboundMessage",
    "Price",
    "Product",
    "Record",
    "Relation",
    "Task",
    "User",
    "VoiceAi",
];

/// The most characters of a type that are kept.
const LONGEST_KIND: usize = 48;
/// The most characters of an id.
const LONGEST_ID: usize = 128;

/// An event, without what only the location's people need to know.
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
}

impl Event {
    /// The account that it is about: the location if it names one, else the company.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.location.as_deref().or(self.company.as_deref())
    }

    /// Whether something may follow from it: not from what happens inside a location, and not from what names no type. A
    /// type that this version does not know counts, so that people see that there is one.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        self.kind != OTHER && !INSIDE.iter().any(|start| self.kind.starts_with(start))
    }

    /// With whose events it takes one turn: those of its company, however many locations that has, or of its location. What
    /// this version does not know takes no turn of its own.
    #[must_use]
    pub fn turn(&self) -> Option<&str> {
        let is_known = matches!(self.kind.as_str(), INSTALL | UNINSTALL | LOCATION_CREATE | LOCATION_UPDATE);
        self.company.as_deref().or(self.location.as_deref()).filter(|_| is_known)
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
    let is_of_location = matches!(kind.as_str(), LOCATION_CREATE | LOCATION_UPDATE);
    let other = if envelope.alt_type == "location" { envelope.alt_id } else { None };
    let location = envelope.location_id.or(other).or(envelope.id.filter(|_| is_of_location));
    Some(Event {
        kind: if kind.is_empty() { OTHER.to_owned() } else { kind },
        app: Some(envelope.app_id).filter(|id| is_id(id))?,
        company: envelope.company_id.filter(|id| is_id(id)),
        location: location.filter(|id| is_id(id)),
        id: Some(envelope.webhook_id).filter(|id| is_id(id))?,
        at: envelope.timestamp?,
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
            let kept = json!(event);
            assert!(!kept.to_string().contains("ada@example.com") && kept["raw"].is_null(), "{kept}");
            let again: Event = serde_json::from_value(kept).unwrap();
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
    fn what_happens_inside_a_location_is_not_needed() {
        let samples: Vec<Value> = serde_json::from_str(SAMPLES).unwrap();
        let events = samples.iter().map(|sample| (sample, read(&body(sample)).unwrap()));
        let needed = events.filter(|(_, event)| event.is_needed());
        let mut kinds: Vec<&str> = Vec::new();
        for (sample, event) in needed {
            assert!(sample["contactId"].is_null() && sample["email"] != "ada@example.com", "{sample}");
            kinds.extend(sample["type"].as_str());
            assert_eq!(event.turn().is_some(), event.kind.contains("INSTALL") || event.kind.starts_with("Location"));
        }
        for kind in [INSTALL, UNINSTALL, LOCATION_CREATE, LOCATION_UPDATE, "PLAN_CHANGE"] {
            assert!(kinds.contains(&kind), "{kind} of {kinds:?}");
        }
        assert!(read(&body(&json!({"type": "SomethingNew"}))).unwrap().is_needed());
        assert!(!read(&body(&json!({}))).unwrap().is_needed(), "nobody knows what it is");
    }

    #[test]
    fn the_events_of_one_company_take_one_turn() {
        let turn = |fields: Value| read(&body(&fields)).unwrap().turn().map(str::to_owned);
        let of = |id: &str| Some(id.to_owned());
        assert_eq!(turn(json!({"type": INSTALL, "companyId": "C", "locationId": "L"})), of("C"));
        assert_eq!(turn(json!({"type": UNINSTALL, "locationId": "L"})), of("L"));
        assert_eq!(turn(json!({"type": LOCATION_UPDATE, "id": "L", "companyId": "C"})), of("C"));
        assert_eq!(turn(json!({"type": "SomethingNew", "companyId": "C"})), None);
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
