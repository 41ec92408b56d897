//! The input of a job when it is started and when it is resumed: the exact request bodies of the form and the API.
//! Unknown members are rejected everywhere. How a row stores the order: `stored_order.rs`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[cfg(feature = "schema")]
use super::limits;
use crate::SnapshotId;

/// The order for a new business.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewJob {
    /// The data of the new business.
    pub client: Client,
    /// Our id of the snapshot to load; `None` for no snapshot.
    #[serde(default)]
    pub snapshot_id: Option<SnapshotId>,
    /// People to create as users of the location.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::USERS)))]
    pub users: Vec<NewUser>,
    /// Custom values to set, by name.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend(
        "maxProperties" = limits::VALUES,
        "propertyNames" = { "maxLength": limits::VALUE_NAME },
        "additionalProperties" = { "type": "string", "minLength": 1, "maxLength": limits::VALUE }
    )))]
    pub custom_values: BTreeMap<String, String>,
    /// Tags to create in the location.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::TAGS), inner(length(max = limits::TAG))))]
    pub tags: Vec<String>,
    /// Whether an invitation to own the business in this product is sent to the e-mail address in `client`.
    #[serde(default)]
    pub invite_owner: bool,
    /// Whether to start the job although a business or job of the agency resembles it; without it such an order is
    /// refused with 409 and the code `duplicate`. It belongs to the request and is not part of the stored order.
    #[serde(default, skip_serializing)]
    pub create_anyway: bool,
}

/// The data of the new business. Empty text means not given. An e-mail address or a phone number is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the contract's and say all there is")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("required" = ["name", "country", "timezone"])))]
pub struct Client {
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::NAME)))]
    pub name: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::EMAIL)))]
    pub email: String,
    #[serde(default)]
    pub phone: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::PERSON_NAME)))]
    pub first_name: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::PERSON_NAME)))]
    pub last_name: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::WEBSITE)))]
    pub website: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::ADDRESS)))]
    pub address: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::PLACE)))]
    pub city: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::PLACE)))]
    pub state: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::POSTAL_CODE)))]
    pub postal_code: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(equal = limits::COUNTRY)))]
    pub country: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::TIMEZONE)))]
    pub timezone: String,
}

/// A person to create as a user of the location.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("required" = ["first_name", "last_name", "email"])))]
pub struct NewUser {
    /// First name.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::PERSON_NAME)))]
    pub first_name: String,
    /// Last name.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::PERSON_NAME)))]
    pub last_name: String,
    /// E-mail address, unique in HighLevel.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::EMAIL)))]
    pub email: String,
    /// Their role in HighLevel.
    #[serde(default)]
    pub role: UserRole,
}

/// HighLevel's roles in a location.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum UserRole {
    /// Can change settings.
    Admin,
    /// Works with contacts.
    #[default]
    User,
}

impl UserRole {
    /// The value in the form, the API and HighLevel.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::User => "user",
        }
    }
}

/// Body of `resume`: changed input, an answer, or the request to skip the step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resume {
    /// Changed members of `client`.
    #[serde(default)]
    pub input: Option<ClientChange>,
    /// The answer to the job's question.
    #[serde(default)]
    pub answer: Option<Answer>,
    /// True to skip the step.
    #[serde(default)]
    pub skip: bool,
}

/// Members of `client` to replace; `None` keeps the present value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the client's")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClientChange {
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::NAME)))]
    pub name: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::EMAIL)))]
    pub email: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::PERSON_NAME)))]
    pub first_name: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::PERSON_NAME)))]
    pub last_name: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::WEBSITE)))]
    pub website: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::ADDRESS)))]
    pub address: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::PLACE)))]
    pub city: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::PLACE)))]
    pub state: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::POSTAL_CODE)))]
    pub postal_code: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(equal = limits::COUNTRY)))]
    pub country: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::TIMEZONE)))]
    pub timezone: Option<String>,
}

impl ClientChange {
    /// Calls `given` with the name of each member. A member for which it returns `None` keeps its value.
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

    /// Returns the client with the changes applied.
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

/// The answer to a job's question: one of its choices, with a value if the choice needs one. In JSON it is either
/// `{"choice": "adopt", "value": "…"}` or just `"adopt"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(schema_with = "word_or_choice"))]
pub struct Answer {
    /// Key of the choice.
    pub choice: String,
    /// The typed value, if the choice needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// The schema of an answer: the key of a choice alone, or with its value.
#[cfg(feature = "schema")]
fn word_or_choice(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let full = generator.subschema_for::<AnswerFull>();
    schemars::json_schema!({ "anyOf": [{ "type": "string" }, full] })
}

/// A choice with its value; unknown members are rejected.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AnswerWithValue"))]
struct AnswerFull {
    /// Key of the choice.
    choice: String,
    /// The typed value, if the choice needs one.
    #[serde(default)]
    value: Option<String>,
}

impl TryFrom<Value> for Answer {
    type Error = serde_json::Error;

    // This is not an untagged enum, because its error would only say that nothing matched, not what is wrong.
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
