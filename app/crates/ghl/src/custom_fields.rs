//! Custom fields of contacts and opportunities in a location. List them before adding one: HighLevel does not
//! document what happens when a second field with the same name is added.

use serde::{Deserialize, Serialize};

use crate::client::{Call, Ghl, Parts, Result, json};
use crate::ops::{ADD_FIELD, LIST_FIELDS, REMOVE_FIELD};
use crate::tolerant::{list as items, string_enum, text, word};

string_enum! {
    /// The object that a field belongs to.
    Model {
        /// Contacts.
        Contact = "contact",
        /// Opportunities.
        Opportunity = "opportunity",
    }
}

string_enum! {
    /// The type of a field's value.
    DataType {
        /// One line of text.
        Text = "TEXT",
        /// Several lines of text.
        LargeText = "LARGE_TEXT",
        /// Number.
        Numerical = "NUMERICAL",
        /// Phone number.
        Phone = "PHONE",
        /// Money; HighLevel spells it like this.
        Monetory = "MONETORY",
        /// Checkboxes.
        Checkbox = "CHECKBOX",
        /// One of several options.
        SingleOptions = "SINGLE_OPTIONS",
        /// Any number of several options.
        MultipleOptions = "MULTIPLE_OPTIONS",
        /// Date.
        Date = "DATE",
        /// Several short texts.
        TextboxList = "TEXTBOX_LIST",
        /// File.
        FileUpload = "FILE_UPLOAD",
        /// One of several options, all of them visible.
        Radio = "RADIO",
    }
}

/// A custom field of a location.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomField {
    /// Its id.
    #[serde(alias = "_id")]
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "word")]
    pub name: String,
    /// Key in templates, such as `contact.pincode`.
    #[serde(default, deserialize_with = "text")]
    pub field_key: Option<String>,
    /// The type of its value.
    #[serde(default = "DataType::unnamed")]
    pub data_type: DataType,
    /// The object it belongs to, if HighLevel reports it.
    #[serde(default)]
    pub model: Option<Model>,
}

impl DataType {
    fn unnamed() -> Self {
        Self::Other(String::new())
    }
}

/// A custom field to create.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewCustomField {
    /// Its name.
    pub name: String,
    /// The type of its value.
    pub data_type: DataType,
    /// Text shown while it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
    /// Its position in the form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// The object it belongs to.
    pub model: Model,
}

#[derive(Deserialize)]
struct Many {
    #[serde(default, rename = "customFields", deserialize_with = "items")]
    fields: Vec<CustomField>,
}

#[derive(Deserialize)]
struct One {
    #[serde(rename = "customField")]
    field: CustomField,
}

/// The fields of one model; `None` for all models.
pub async fn list(ghl: &Ghl, call: Call<'_>, location: &str, model: Option<&Model>) -> Result<Vec<CustomField>> {
    let query = [("model", model.map_or("all", Model::as_str))];
    let many: Many = ghl.call(&LIST_FIELDS, call, Parts { ids: &[location], query: &query, body: None }).await?;
    Ok(many.fields)
}

/// Adds a field. Check first that the name does not exist.
pub async fn add(ghl: &Ghl, call: Call<'_>, location: &str, new: &NewCustomField) -> Result<CustomField> {
    let parts = Parts { ids: &[location], body: json(&ADD_FIELD, new)?, ..Parts::default() };
    ghl.call::<One>(&ADD_FIELD, call, parts).await.map(|one| one.field)
}

/// Removes a field. A field that no longer exists counts as removed.
pub async fn remove(ghl: &Ghl, call: Call<'_>, location: &str, id: &str) -> Result<()> {
    ghl.remove(&REMOVE_FIELD, call, Parts { ids: &[location, id], ..Parts::default() }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_an_unknown_kind_is_kept() {
        let one: One = serde_json::from_str(
            r#"{"customField":{"id":"f","name":"Pin code","fieldKey":"contact.pincode","dataType":"HOLOGRAM","picklistOptions":[],"model":"contact"}}"#,
        )
        .unwrap();
        assert_eq!(one.field.data_type, DataType::Other("HOLOGRAM".into()));
        assert_eq!(one.field.model, Some(Model::Contact));
    }
}
