//! Own fields of contacts and opportunities in a location. List first: what happens on a second field of the same name is not documented.

use serde::{Deserialize, Serialize};

use crate::client::{Call, Ghl, Parts, Result, json};
use crate::ops::{ADD_FIELD, LIST_FIELDS, REMOVE_FIELD};
use crate::tolerant::{list as items, text, word, words};

words! {
    /// What a field belongs to.
    Model {
        /// Contacts.
        Contact = "contact",
        /// Opportunities.
        Opportunity = "opportunity",
    }
}

words! {
    /// What a field holds.
    DataType {
        /// One line.
        Text = "TEXT",
        /// Several lines.
        LargeText = "LARGE_TEXT",
        /// Number.
        Numerical = "NUMERICAL",
        /// Phone number.
        Phone = "PHONE",
        /// Money; spelled like this over there.
        Monetory = "MONETORY",
        /// Boxes to tick.
        Checkbox = "CHECKBOX",
        /// One of several.
        SingleOptions = "SINGLE_OPTIONS",
        /// Some of several.
        MultipleOptions = "MULTIPLE_OPTIONS",
        /// Date.
        Date = "DATE",
        /// Several short texts.
        TextboxList = "TEXTBOX_LIST",
        /// File.
        FileUpload = "FILE_UPLOAD",
        /// One of several, all shown.
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
    /// Such as `contact.pincode`.
    #[serde(default, deserialize_with = "text")]
    pub field_key: Option<String>,
    /// What it holds.
    #[serde(default = "DataType::unnamed")]
    pub data_type: DataType,
    /// What it belongs to, if they say so.
    #[serde(default)]
    pub model: Option<Model>,
}

impl DataType {
    fn unnamed() -> Self {
        Self::Other(String::new())
    }
}

/// A field to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewCustomField {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub data_type: DataType,
    /// Shown while it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
    /// Its place in the form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// What it belongs to.
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

/// The fields of one model, or of all.
pub async fn list(ghl: &Ghl, call: Call<'_>, location: &str, model: Option<&Model>) -> Result<Vec<CustomField>> {
    let query = [("model", model.map_or("all", Model::as_str))];
    let many: Many = ghl.call(&LIST_FIELDS, call, Parts { ids: &[location], query: &query, body: None }).await?;
    Ok(many.fields)
}

/// Adds one. Look first whether the name is there.
pub async fn add(ghl: &Ghl, call: Call<'_>, location: &str, new: &NewCustomField) -> Result<CustomField> {
    let parts = Parts { ids: &[location], body: json(&ADD_FIELD, new)?, ..Parts::default() };
    ghl.call::<One>(&ADD_FIELD, call, parts).await.map(|one| one.field)
}

/// Removes one; gone already counts as done.
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
