//! What is known about an agency at HighLevel: asked before anything is created for it.

use serde::Deserialize;

use crate::client::{Call, Ghl, Parts, Result};
use crate::ops::GET_COMPANY;
use crate::tolerant::{flag, number, text, word};

/// An agency as HighLevel knows it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Company {
    /// Its id.
    #[serde(alias = "_id")]
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "word")]
    pub name: String,
    /// Contact address.
    #[serde(default, deserialize_with = "text")]
    pub email: Option<String>,
    /// White-label domain.
    #[serde(default, deserialize_with = "text")]
    pub domain: Option<String>,
    /// Time zone.
    #[serde(default, deserialize_with = "text")]
    pub timezone: Option<String>,
    /// Country, two letters.
    #[serde(default, deserialize_with = "text")]
    pub country: Option<String>,
    /// Currency.
    #[serde(default, deserialize_with = "text")]
    pub currency: Option<String>,
    /// Number of the plan; which one it is they do not publish.
    #[serde(default, deserialize_with = "number")]
    pub plan: Option<i64>,
    /// Such as `active_paid`.
    #[serde(default, deserialize_with = "text")]
    pub status: Option<String>,
    /// How many locations it has.
    #[serde(default, deserialize_with = "number")]
    pub location_count: Option<i64>,
    /// It resells.
    #[serde(default, deserialize_with = "flag")]
    pub is_reselling: Option<bool>,
    /// A developer's sandbox.
    #[serde(default, deserialize_with = "flag")]
    pub is_sandbox_account: Option<bool>,
}

#[derive(Deserialize)]
struct Wrapped {
    company: Company,
}

/// Reads one company; needs a token of that company.
pub async fn get(ghl: &Ghl, call: Call<'_>, id: &str) -> Result<Company> {
    let answer: Wrapped = ghl.call(&GET_COMPANY, call, Parts { ids: &[id], ..Parts::default() }).await?;
    Ok(answer.company)
}
