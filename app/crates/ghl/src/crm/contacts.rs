//! Which calls are there on the contacts of a location? Search, read, create, change, add and remove tags.
//! A tag set in a change would replace all tags of the contact, so tags have calls of their own.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Request;
use crate::ops::{ADD_CONTACT_TAGS, CREATE_CONTACT, GET_CONTACT, REMOVE_CONTACT_TAGS, SEARCH_CONTACTS, UPDATE_CONTACT};

/// What may be set on a contact. What is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "camelCase", deserialize = "snake_case"), deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContactFields {
    /// First name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 200)))]
    pub first_name: Option<String>,
    /// Last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 200)))]
    pub last_name: Option<String>,
    /// Email address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 320)))]
    pub email: Option<String>,
    /// Phone number with its country code, such as `+13055550100`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 60)))]
    pub phone: Option<String>,
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    pub address1: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 200)))]
    pub city: Option<String>,
    /// State or province.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 200)))]
    pub state: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 40)))]
    pub postal_code: Option<String>,
    /// Country, as two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 2, max = 2)))]
    pub country: Option<String>,
    /// Website.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    pub website: Option<String>,
    /// Time zone, such as `America/New_York`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 64)))]
    pub timezone: Option<String>,
    /// Where the contact came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    pub source: Option<String>,
    /// True if nothing may be sent to the contact on any channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dnd: Option<bool>,
    /// Id of the user whom the contact is assigned to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 64)))]
    pub assigned_to: Option<String>,
    /// Custom fields to set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = 50)))]
    pub custom_fields: Vec<CustomFieldValue>,
}

/// A custom field and what it is set to. HighLevel calls the value `value` when it is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CustomFieldValue {
    /// Id of the custom field.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub id: String,
    /// A text; a number for numbers and money; a list for several choices.
    pub field_value: Value,
}

/// Which contacts to find.
#[derive(Clone, Debug)]
pub struct ContactSearch<'a> {
    /// Words of the name, the email address or the phone number.
    pub query: Option<&'a str>,
    /// Rows of a page, 1 to 100.
    pub limit: u16,
    /// `searchAfter` of the last contact of the page before.
    pub after: Option<&'a [Value]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Search<'a> {
    location_id: &'a str,
    page_limit: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    search_after: Option<&'a [Value]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct New<'a> {
    location_id: &'a str,
    #[serde(flatten)]
    fields: &'a ContactFields,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<&'a [String]>,
}

#[derive(Serialize)]
struct Tags<'a> {
    tags: &'a [String],
}

/// The contacts of a location, newest first: `contacts`, each with its `searchAfter`, and `total`. A contact that was
/// just created may be missing for seconds.
#[must_use]
pub fn search(location: &str, find: &ContactSearch<'_>) -> Request {
    let page = find.after.is_none().then_some(1);
    let body =
        Search { location_id: location, page_limit: find.limit, page, search_after: find.after, query: find.query };
    Request::new(&SEARCH_CONTACTS).body(&body)
}

/// One contact: `contact`.
#[must_use]
pub fn get(contact: &str) -> Request {
    Request::new(&GET_CONTACT).id(contact)
}

/// Creates a contact. Where duplicates are off, HighLevel refuses an email address or phone number that exists.
#[must_use]
pub fn create(location: &str, fields: &ContactFields, tags: &[String]) -> Request {
    let tags = Some(tags).filter(|tags| !tags.is_empty());
    Request::new(&CREATE_CONTACT).body(&New { location_id: location, fields, tags })
}

/// Changes a contact.
#[must_use]
pub fn update(contact: &str, fields: &ContactFields) -> Request {
    Request::new(&UPDATE_CONTACT).id(contact).body(fields)
}

/// Adds tags to a contact. HighLevel lower-cases them, and creates those that the location does not have.
#[must_use]
pub fn add_tags(contact: &str, tags: &[String]) -> Request {
    Request::new(&ADD_CONTACT_TAGS).id(contact).body(&Tags { tags })
}

/// Removes tags from a contact.
#[must_use]
pub fn remove_tags(contact: &str, tags: &[String]) -> Request {
    Request::new(&REMOVE_CONTACT_TAGS).id(contact).body(&Tags { tags })
}
