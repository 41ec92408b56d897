//! Which calls are there on the opportunities of a location? Search, read, create, change, and list the pipelines.

use serde::{Deserialize, Serialize};

use super::Request;
use crate::ops::{CREATE_OPPORTUNITY, GET_OPPORTUNITY, LIST_PIPELINES, SEARCH_OPPORTUNITIES, UPDATE_OPPORTUNITY};

/// How an opportunity stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum OpportunityStatus {
    /// Open.
    Open,
    /// Won.
    Won,
    /// Lost.
    Lost,
    /// Abandoned.
    Abandoned,
}

impl OpportunityStatus {
    /// HighLevel's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Abandoned => "abandoned",
        }
    }
}

/// Which opportunities to find.
#[derive(Clone, Debug, Default)]
pub struct OpportunitySearch<'a> {
    /// Words of the name or of the contact.
    pub query: Option<&'a str>,
    /// Id of a pipeline.
    pub pipeline: Option<&'a str>,
    /// Id of a stage.
    pub stage: Option<&'a str>,
    /// Id of a contact.
    pub contact: Option<&'a str>,
    /// How they stand; all if left out.
    pub status: Option<OpportunityStatus>,
    /// Rows of a page, 1 to 100.
    pub limit: u16,
    /// Number of the page, from 1.
    pub page: u32,
}

/// An opportunity to create.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "camelCase", deserialize = "snake_case"), deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewOpportunity {
    /// Id of the pipeline.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub pipeline_id: String,
    /// Its name.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 500)))]
    pub name: String,
    /// Id of a stage of the pipeline. Left out, it begins in the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub pipeline_stage_id: Option<String>,
    /// How it stands.
    pub status: OpportunityStatus,
    /// Id of the contact.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub contact_id: String,
    /// Its value, in the currency of the location.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 1_000_000_000_000_u64)))]
    pub monetary_value: Option<f64>,
    /// Id of the user whom it is assigned to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub assigned_to: Option<String>,
}

/// What to change on an opportunity. What is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "camelCase", deserialize = "snake_case"), deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpportunityChange {
    /// Id of the pipeline. Moving to another pipeline needs a stage of it too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub pipeline_id: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 500)))]
    pub name: Option<String>,
    /// Id of a stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub pipeline_stage_id: Option<String>,
    /// How it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<OpportunityStatus>,
    /// Its value, in the currency of the location.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 1_000_000_000_000_u64)))]
    pub monetary_value: Option<f64>,
    /// Id of the user whom it is assigned to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub assigned_to: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct New<'a> {
    location_id: &'a str,
    #[serde(flatten)]
    new: &'a NewOpportunity,
}

/// The opportunities of a location: `opportunities` and `meta`. This call names its parameters in snake case.
#[must_use]
pub fn search(location: &str, find: &OpportunitySearch<'_>) -> Request {
    Request::new(&SEARCH_OPPORTUNITIES)
        .query("location_id", Some(location))
        .query("q", find.query)
        .query("pipeline_id", find.pipeline)
        .query("pipeline_stage_id", find.stage)
        .query("contact_id", find.contact)
        .query("status", find.status.map(OpportunityStatus::word))
        .query("page", Some(find.page.to_string()))
        .query("limit", Some(find.limit.to_string()))
}

/// The pipelines of a location, each with its stages: `pipelines`.
#[must_use]
pub fn pipelines(location: &str) -> Request {
    Request::new(&LIST_PIPELINES).query("locationId", Some(location))
}

/// One opportunity: `opportunity`.
#[must_use]
pub fn get(opportunity: &str) -> Request {
    Request::new(&GET_OPPORTUNITY).id(opportunity)
}

/// Creates an opportunity.
#[must_use]
pub fn create(location: &str, new: &NewOpportunity) -> Request {
    Request::new(&CREATE_OPPORTUNITY).body(&New { location_id: location, new })
}

/// Changes an opportunity.
#[must_use]
pub fn update(opportunity: &str, change: &OpportunityChange) -> Request {
    Request::new(&UPDATE_OPPORTUNITY).id(opportunity).body(change)
}
