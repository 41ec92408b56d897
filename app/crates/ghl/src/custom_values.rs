//! Custom values: texts that a location's templates refer to, such as the booking link.
//! Adding a name that already exists may create a second value with another key (HighLevel API, custom values),
//! and there is no call for several values at once. So list them, match by name, then set or add.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::client::{Call, Ghl, Parts, Result, json};
use crate::ops::{ADD_VALUE, LIST_VALUES, REMOVE_VALUE, SET_VALUE};
use crate::tolerant::{list as items, text, word};

/// A custom value of a location.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CustomValue {
    /// Its id.
    #[serde(alias = "_id")]
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "word")]
    pub name: String,
    /// How templates refer to it, such as `{{ custom_values.business_name }}`.
    #[serde(default, rename = "fieldKey", deserialize_with = "text")]
    pub field_key: Option<String>,
    /// Its text; empty if none is set.
    #[serde(default, deserialize_with = "word")]
    pub value: String,
}

#[derive(Deserialize)]
struct Many {
    #[serde(default, rename = "customValues", deserialize_with = "items")]
    values: Vec<CustomValue>,
}

#[derive(Deserialize)]
struct One {
    #[serde(rename = "customValue")]
    value: CustomValue,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    value: &'a str,
}

/// All values of a location.
pub async fn list(ghl: &Ghl, call: Call<'_>, location: &str) -> Result<Vec<CustomValue>> {
    let many: Many = ghl.call(&LIST_VALUES, call, Parts { ids: &[location], ..Parts::default() }).await?;
    Ok(many.values)
}

/// Adds a value. Check first that the name does not exist.
pub async fn add(ghl: &Ghl, call: Call<'_>, location: &str, name: &str, value: &str) -> Result<CustomValue> {
    let parts = Parts { ids: &[location], body: json(&ADD_VALUE, &Named { name, value })?, ..Parts::default() };
    ghl.call::<One>(&ADD_VALUE, call, parts).await.map(|one| one.value)
}

/// Sets a value; the name must be sent too.
pub async fn set(ghl: &Ghl, call: Call<'_>, location: &str, id: &str, name: &str, value: &str) -> Result<CustomValue> {
    let parts = Parts { ids: &[location, id], body: json(&SET_VALUE, &Named { name, value })?, ..Parts::default() };
    ghl.call::<One>(&SET_VALUE, call, parts).await.map(|one| one.value)
}

/// Removes a value. A value that no longer exists counts as removed.
pub async fn remove(ghl: &Ghl, call: Call<'_>, location: &str, id: &str) -> Result<()> {
    ghl.remove(&REMOVE_VALUE, call, Parts { ids: &[location, id], ..Parts::default() }).await
}

/// A name in lower case and composed spelling (NFC).
pub(crate) fn folded(name: &str) -> String {
    name.trim().nfc().flat_map(char::to_lowercase).nfc().collect()
}

/// Whether two names mean the same value. Surrounding spaces, case and the encoding of accents do not matter, and
/// a space equals an underscore.
pub fn same_name(one: &str, other: &str) -> bool {
    let plain = |name: &str| {
        folded(name)
            .split(|c: char| c.is_whitespace() || c == '_')
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("_")
    };
    plain(one) == plain(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_as_people_write_them() {
        assert!(same_name("Business Name", " business_name "));
        assert!(same_name("Booking  link", "booking_link"));
        assert!(same_name("Prix re\u{301}duit", "PRIX r\u{e9}duit"));
        assert!(!same_name("Business", "Business Name"));
    }

    #[test]
    fn a_value_without_text_is_read() {
        let many: Many = serde_json::from_str(
            r#"{"customValues":[{"id":"a","name":"A","fieldKey":"{{ custom_values.a }}","value":null,"locationId":"l"},{"_id":"b","value":7}]}"#,
        )
        .unwrap();
        assert_eq!(many.values.len(), 2);
        assert_eq!((many.values[0].value.as_str(), many.values[1].value.as_str()), ("", "7"));
    }
}
