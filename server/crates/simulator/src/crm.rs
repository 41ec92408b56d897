//! What does the simulator keep of a location's CRM? Contacts, conversations, messages, calendars, appointments, pipelines and
//! opportunities are one kind of record, because nothing but the calls on them reads them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CrmKind {
    /// A person.
    Contact,
    /// The messages with one contact.
    Conversation,
    /// A message.
    Message,
    /// A calendar.
    Calendar,
    /// An appointment.
    Appointment,
    /// A pipeline.
    Pipeline,
    /// An opportunity.
    Opportunity,
}

/// A record of a location.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CrmRecord {
    /// Id.
    pub id: String,
    /// The location.
    pub location_id: String,
    /// What it is.
    pub kind: CrmKind,
    /// The record that it belongs to: the contact of a conversation, the conversation of a message. Empty for others.
    pub parent: String,
    /// When it was added.
    pub since: DateTime<Utc>,
    /// Its other properties, as the API shows them.
    pub fields: Map<String, Value>,
}

impl CrmRecord {
    /// The key of a location's records of a kind.
    pub fn key(location: &str, kind: CrmKind) -> String {
        format!("{location} {kind:?}")
    }

    /// What calls look it up with: its location and kind, and the record that it belongs to.
    pub fn keys(&self) -> Vec<String> {
        [Self::key(&self.location_id, self.kind), self.parent.clone()]
            .into_iter()
            .filter(|key| !key.is_empty())
            .collect()
    }

    /// When it was added.
    pub const fn added(&self) -> DateTime<Utc> {
        self.since
    }

    /// The record as the API shows it.
    pub fn json(&self) -> Value {
        let mut shown = self.fields.clone();
        shown.insert("id".into(), json!(self.id));
        shown.insert("locationId".into(), json!(self.location_id));
        Value::Object(shown)
    }

    /// A text of it. Empty if it has none of this name.
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Sets what a body gives.
    pub fn fill(&mut self, body: &Value) {
        for (name, value) in body.as_object().into_iter().flatten().filter(|(name, _)| *name != "locationId") {
            self.fields.insert(name.clone(), value.clone());
        }
    }
}
