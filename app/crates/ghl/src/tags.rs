//! Tags of a location's contacts.
//! HighLevel lower-cases the names and refuses to add one that exists. Putting a new tag on a contact also creates
//! it.

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

/// Adds a tag. Check first that the name does not exist.
pub async fn add(ghl: &Ghl, call: Call<'_>, location: &str, name: &str) -> Result<Tag> {
    let parts = Parts { ids: &[location], body: json(&ADD_TAG, &Named { name })?, ..Parts::default() };
    ghl.call::<One>(&ADD_TAG, call, parts).await.map(|one| one.tag)
}

/// Removes a tag. A tag that no longer exists counts as removed.
pub async fn remove(ghl: &Ghl, call: Call<'_>, location: &str, id: &str) -> Result<()> {
    ghl.remove(&REMOVE_TAG, call, Parts { ids: &[location, id], ..Parts::default() }).await
}

/// Whether two names are the same tag: case and surrounding spaces do not matter.
pub fn same_name(one: &str, other: &str) -> bool {
    crate::custom_values::folded(one) == crate::custom_values::folded(other)
}
