//! Reads what HighLevel knows about an agency, before anything is created for it.

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
    /// Contact e-mail address.
    #[serde(default, deserialize_with = "text")]
    pub email: Option<String>,
    /// White-label domain.
    #[serde(default, deserialize_with = "text")]
    pub domain: Option<String>,
    /// Time zone.
    #[serde(default, deserialize_with = "text")]
    pub timezone: Option<String>,
    /// Two-letter country code.
    #[serde(default, deserialize_with = "text")]
    pub country: Option<String>,
    /// Currency.
    #[serde(default, deserialize_with = "text")]
    pub currency: Option<String>,
    /// Number of the plan. HighLevel does not publish which number is which plan.
    #[serde(default, deserialize_with = "number")]
    pub plan: Option<i64>,
    /// Status, such as `active_paid`.
    #[serde(default, deserialize_with = "text")]
    pub status: Option<String>,
    /// Number of its locations.
    #[serde(default, deserialize_with = "number")]
    pub location_count: Option<i64>,
    /// Whether it resells HighLevel.
    #[serde(default, deserialize_with = "flag")]
    pub is_reselling: Option<bool>,
    /// Whether it is a developer's sandbox.
    #[serde(default, deserialize_with = "flag")]
    pub is_sandbox_account: Option<bool>,
}

#[derive(Deserialize)]
struct Wrapped {
    company: Company,
}

/// Reads one company. The token must belong to that company.
pub async fn get(ghl: &Ghl, call: Call<'_>, id: &str) -> Result<Company> {
    let answer: Wrapped = ghl.call(&GET_COMPANY, call, Parts { ids: &[id], ..Parts::default() }).await?;
    Ok(answer.company)
}
