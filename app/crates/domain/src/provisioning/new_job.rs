//! What is a job started with, and what may be changed when it stops: the exact bodies of the form and the API.
//! Unknown members are refused everywhere; what a job stores is the client with the rest beside it (`to_stored`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::SnapshotId;

/// The order for a new client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewJob {
    /// The client.
    pub client: Client,
    /// Our id of the snapshot to load, if any.
    #[serde(default)]
    pub snapshot_id: Option<SnapshotId>,
    /// People to create in the client's location.
    #[serde(default)]
    pub users: Vec<NewUser>,
    /// Custom values to set, by name.
    #[serde(default)]
    pub custom_values: BTreeMap<String, String>,
    /// Tags to create in the location.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Whether the client's e-mail is invited to own the business here.
    #[serde(default)]
    pub invite_owner: bool,
}

/// The client. Empty text means not given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the contract's and say all there is")]
pub struct Client {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub phone: String,
    #[serde(default)]
    pub first_name: String,
    #[serde(default)]
    pub last_name: String,
    #[serde(default)]
    pub website: String,
    #[serde(default)]
    pub address: String,
    #[serde(default)]
    pub city: String,
    #[serde(default)]
    pub state: String,
    #[serde(default)]
    pub postal_code: String,
    #[serde(default)]
    pub country: String,
    #[serde(default)]
    pub timezone: String,
}

/// A person to create in the location.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// First name.
    #[serde(default)]
    pub first_name: String,
    /// Last name.
    #[serde(default)]
    pub last_name: String,
    /// E-mail, unique at HighLevel.
    #[serde(default)]
    pub email: String,
    /// HighLevel's role.
    #[serde(default)]
    pub role: UserRole,
}

/// HighLevel's roles inside a location.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UserRole {
    /// May change settings.
    Admin,
    /// Works with contacts.
    #[default]
    User,
}

impl UserRole {
    /// The word in the form, the API and HighLevel.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::User => "user",
        }
    }
}

impl NewJob {
    /// The JSON a job row keeps (`client_data_json`): the client's members at the top, so that look-ups find them.
    #[must_use]
    pub fn to_stored(&self) -> Value {
        let mut stored = serde_json::to_value(&self.client).unwrap_or_default();
        if let Value::Object(members) = &mut stored {
            members.insert("users".into(), serde_json::to_value(&self.users).unwrap_or_default());
            members.insert("custom_values".into(), serde_json::to_value(&self.custom_values).unwrap_or_default());
            members.insert("tags".into(), serde_json::to_value(&self.tags).unwrap_or_default());
            members.insert("invite_owner".into(), self.invite_owner.into());
        }
        stored
    }

    /// The order back from a job row.
    ///
    /// # Errors
    /// When the row holds something no job is stored as.
    pub fn from_stored(mut stored: Value, snapshot_id: Option<SnapshotId>) -> Result<Self, serde_json::Error> {
        let mut rest = serde_json::Map::new();
        if let Value::Object(members) = &mut stored {
            for name in ["users", "custom_values", "tags", "invite_owner"] {
                if let Some(value) = members.remove(name) {
                    rest.insert(name.into(), value);
                }
            }
        }
        rest.insert("client".into(), stored);
        let mut job: Self = serde_json::from_value(Value::Object(rest))?;
        job.snapshot_id = snapshot_id;
        Ok(job)
    }
}

/// Body of `resume`: any of changed input, an answer, or the wish to leave the step out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// Changed members of the client.
    #[serde(default)]
    pub input: Option<ClientChange>,
    /// The answer to the job's question.
    #[serde(default)]
    pub answer: Option<Answer>,
    /// Leave the step out.
    #[serde(default)]
    pub skip: bool,
}

/// Members of the client to replace; absent ones stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the client's")]
pub struct ClientChange {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub first_name: Option<String>,
    #[serde(default)]
    pub last_name: Option<String>,
    #[serde(default)]
    pub website: Option<String>,
    #[serde(default)]
    pub address: Option<String>,
    #[serde(default)]
    pub city: Option<String>,
    #[serde(default)]
    pub state: Option<String>,
    #[serde(default)]
    pub postal_code: Option<String>,
    #[serde(default)]
    pub country: Option<String>,
    #[serde(default)]
    pub timezone: Option<String>,
}

impl ClientChange {
    /// What is given for each member by its name; members that get nothing stay.
    pub fn each(given: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            name: given("name"),
            email: given("email"),
            phone: given("phone"),
            first_name: given("first_name"),
            last_name: given("last_name"),
            website: given("website"),
            address: given("address"),
            city: given("city"),
            state: given("state"),
            postal_code: given("postal_code"),
            country: given("country"),
            timezone: given("timezone"),
        }
    }

    /// The client with the changes put in.
    #[must_use]
    pub fn apply(&self, client: &Client) -> Client {
        let pick = |new: &Option<String>, old: &String| new.clone().unwrap_or_else(|| old.clone());
        Client {
            name: pick(&self.name, &client.name),
            email: pick(&self.email, &client.email),
            phone: pick(&self.phone, &client.phone),
            first_name: pick(&self.first_name, &client.first_name),
            last_name: pick(&self.last_name, &client.last_name),
            website: pick(&self.website, &client.website),
            address: pick(&self.address, &client.address),
            city: pick(&self.city, &client.city),
            state: pick(&self.state, &client.state),
            postal_code: pick(&self.postal_code, &client.postal_code),
            country: pick(&self.country, &client.country),
            timezone: pick(&self.timezone, &client.timezone),
        }
    }
}

/// The answer to a job's question: one of its choices, and what was typed if the choice asks for it.
/// On the wire either `{"choice": "adopt", "value": "…"}` or just `"adopt"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value")]
pub struct Answer {
    /// Key of the choice.
    pub choice: String,
    /// What was typed, where the choice asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// A choice with its value, strictly.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerFull {
    choice: String,
    #[serde(default)]
    value: Option<String>,
}

impl TryFrom<Value> for Answer {
    type Error = serde_json::Error;

    // Not an untagged enum: that would only say that nothing matched, not what is wrong.
    fn try_from(wire: Value) -> Result<Self, serde_json::Error> {
        if let Value::String(choice) = wire {
            return Ok(Self { choice, value: None });
        }
        let AnswerFull { choice, value } = serde_json::from_value(wire)?;
        Ok(Self { choice, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_example_is_read_and_comes_back_from_the_row() {
        let job: NewJob = serde_json::from_value(serde_json::json!({
            "client": {"name": "Bright Dental", "email": "owner@brightdental.example", "phone": "+13055550100",
                "first_name": "Ana", "last_name": "Lee", "website": "https://brightdental.example", "address": "4 Fleet St",
                "city": "Miami", "state": "FL", "postal_code": "33101", "country": "US", "timezone": "America/New_York"},
            "snapshot_id": null,
            "users": [{"first_name": "Ana", "last_name": "Lee", "email": "ana@brightdental.example", "role": "admin"}],
            "custom_values": {"Booking link": "https://x.example"}, "tags": ["vip"], "invite_owner": true
        }))
        .unwrap();
        assert_eq!(job.users[0].role, UserRole::Admin);
        let stored = job.to_stored();
        assert_eq!(stored["email"], "owner@brightdental.example");
        assert_eq!(NewJob::from_stored(stored, None).unwrap(), job);
    }

    #[test]
    fn unknown_members_are_refused() {
        assert!(serde_json::from_str::<NewJob>(r#"{"client": {"name": "A", "agency_id": 1}}"#).is_err());
        assert!(serde_json::from_str::<NewJob>(r#"{"client": {"name": "A"}, "status": "COMPLETED"}"#).is_err());
        assert!(serde_json::from_str::<Resume>(r#"{"force": true}"#).is_err());
    }

    #[test]
    fn an_answer_is_a_word_or_a_choice_with_a_value() {
        let word: Resume = serde_json::from_str(r#"{"answer": "again"}"#).unwrap();
        assert_eq!(word.answer, Some(Answer { choice: "again".into(), value: None }));
        let full: Resume = serde_json::from_str(r#"{"answer": {"choice": "adopt", "value": "L1"}}"#).unwrap();
        assert_eq!(full.answer.unwrap().value.as_deref(), Some("L1"));
    }
}
