//! Labels of a location's contacts.
//! Surprise: names are lower-cased over there, and adding one that exists is refused; a tag put on a contact comes into being by itself.

use serde::{Deserialize, Serialize};

use crate::client::{Call, Ghl, Parts, Result, json};
use crate::ops::{ADD_TAG, LIST_TAGS, REMOVE_TAG};
use crate::tolerant::{list as items, word};

/// A tag of a location.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Tag {
    /// Its id.
    #[serde(alias = "_id")]
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "word")]
    pub name: String,
}

#[derive(Deserialize)]
struct Many {
    #[serde(default, deserialize_with = "items")]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
struct One {
    tag: Tag,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
}

/// All tags of a location.
pub async fn list(ghl: &Ghl, call: Call<'_>, location: &str) -> Result<Vec<Tag>> {
    let many: Many = ghl.call(&LIST_TAGS, call, Parts { ids: &[location], ..Parts::default() }).await?;
    Ok(many.tags)
}

/// Adds one. Look first whether the name is there.
pub async fn add(ghl: &Ghl, call: Call<'_>, location: &str, name: &str) -> Result<Tag> {
    let parts = Parts { ids: &[location], body: json(&ADD_TAG, &Named { name })?, ..Parts::default() };
    ghl.call::<One>(&ADD_TAG, call, parts).await.map(|one| one.tag)
}

/// Removes one; gone already counts as done.
pub async fn remove(ghl: &Ghl, call: Call<'_>, location: &str, id: &str) -> Result<()> {
    ghl.remove(&REMOVE_TAG, call, Parts { ids: &[location, id], ..Parts::default() }).await
}

/// Two names of one tag: case and surrounding space do not count.
pub fn same_name(one: &str, other: &str) -> bool {
    crate::custom_values::folded(one) == crate::custom_values::folded(other)
}
