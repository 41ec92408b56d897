//! Which permissions did a person grant, and how are they given back?

use serde::Deserialize;

use crate::client::{Call, Meta, Parts, Result};
use crate::ops::{PERMISSIONS, REVOKE};
use crate::tolerant::{id, word};

/// A permission that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Permission {
    /// Meta's name.
    #[serde(rename = "permission", deserialize_with = "id")]
    pub name: String,
    /// Whether it was granted.
    #[serde(default)]
    pub status: Granted,
}

/// What the person decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Granted {
    /// Granted.
    Granted,
    /// Declined.
    Declined,
    /// Granted once, but its time is over, or another status.
    #[default]
    Expired,
}

impl<'de> Deserialize<'de> for Granted {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        Ok(match word(from)?.as_str() {
            "granted" => Self::Granted,
            "declined" => Self::Declined,
            _ => Self::Expired,
        })
    }
}

/// Every permission that was asked for with this token, granted or not.
///
/// # Errors
/// As of any call.
pub async fn permissions(meta: &Meta, call: Call<'_>) -> Result<Vec<Permission>> {
    meta.every(&PERMISSIONS, call, &[], &[]).await
}

/// Gives every permission of a person back, which removes our app. Every token of that person becomes invalid.
///
/// # Errors
/// As of any call.
pub async fn revoke(meta: &Meta, call: Call<'_>, user: &str) -> Result<()> {
    meta.act(&REVOKE, call, Parts { ids: &[user], ..Parts::default() }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_granted_is_granted() {
        let read = |status: &str| {
            let json = format!(r#"{{"permission":"pages_messaging"{status}}}"#);
            serde_json::from_str::<Permission>(&json).unwrap().status
        };
        assert_eq!(read(r#","status":"granted""#), Granted::Granted);
        assert_eq!(read(r#","status":"declined""#), Granted::Declined);
        for other in ["", r#","status":"expired""#, r#","status":null"#, r#","status":7"#] {
            assert_eq!(read(other), Granted::Expired);
        }
    }
}
