//! What would happen if this order were started: the answer of the check, and the one read the plan panel asks for while somebody types.
//! Nothing is created and nothing is kept by asking.

#![expect(missing_docs, reason = "the server macro writes a struct of the arguments without docs")]

use std::collections::BTreeMap;

use domain::field::FieldError;
use domain::provisioning::{Duplicate, TodoItem, Typical};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use crate::error::Result;

/// What would happen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Every step, in order.
    pub steps: Vec<PlannedStep>,
    /// What a person will still have to do.
    pub people: Vec<TodoItem>,
    /// How long such jobs take, from the agency's history.
    pub typical: Typical,
    /// Who looks like the new client already.
    pub duplicates: Vec<Duplicate>,
    /// Fields that are missing or cannot be taken.
    pub errors: Vec<FieldError>,
}

/// One step as it would run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedStep {
    /// What it is called.
    pub label: String,
    /// What it does with this order.
    pub does: String,
    /// Calls to HighLevel, without waiting and retries; polls count once.
    pub calls: u32,
    /// Why it does not run, if it does not.
    pub left_out: Option<String>,
}

impl Plan {
    /// Calls to HighLevel in all.
    #[must_use]
    pub fn calls(&self) -> u32 {
        self.steps.iter().map(|step| step.calls).sum()
    }
}

/// What would happen with the form as it stands.
#[server(prefix = "/do", endpoint = "check_job", input = Json)]
pub async fn check_job(agency: String, fields: BTreeMap<String, String>) -> Result<Plan> {
    let here = crate::guard::here()?;
    let mut cx = here.agency("check_job", &agency).await?;
    let plan = crate::provisioning::plan::plan(&mut cx.tx, &fields).await?;
    cx.commit().await?;
    Ok(plan)
}
