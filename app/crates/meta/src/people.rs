//! Who is a customer of Messenger or Instagram, as far as Meta tells? Their events carry an id only.

use serde::Deserialize;

use crate::client::{Call, Meta, Parts, Result};
use crate::error::Kind;
use crate::ops::PERSON;
use crate::tolerant::text;

/// What Meta tells of a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Person {
    /// The name.
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    /// The user name on Instagram.
    #[serde(deserialize_with = "text")]
    pub username: Option<String>,
    /// Address of the picture, which expires.
    #[serde(rename = "profile_pic", deserialize_with = "text")]
    pub picture: Option<String>,
}

/// The platform on which the customer is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Messenger of a page.
    Messenger,
    /// Instagram.
    Instagram,
}

/// What Meta tells of a customer; `None` if it tells nothing, which it may do of anybody.
///
/// # Errors
/// As of any call.
pub async fn get(meta: &Meta, call: Call<'_>, platform: Platform, id: &str) -> Result<Option<Person>> {
    let fields = match platform {
        Platform::Messenger => "name,profile_pic",
        Platform::Instagram => "name,username,profile_pic",
    };
    let parts = Parts { ids: &[id], query: &[("fields", fields)], body: None };
    match meta.call(&PERSON, call, parts).await {
        Ok(person) => Ok(Some(person)),
        // Without the customer's consent the answer is an error about a permission (Meta, customer profile).
        Err(error) if error.kind == Kind::NotFound || error.code == Some(230) => Ok(None),
        Err(error) => Err(error),
    }
}
