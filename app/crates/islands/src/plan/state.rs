//! What does the panel know of a plan? The server plans with the page, and again while somebody types.

use domain::field::FieldError;
use domain::provisioning::{Duplicate, TodoItem, Typical};
use serde::{Deserialize, Serialize};

use crate::json::from_members;

/// What the panel shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanState {
    /// The agency's root address.
    pub base: String,
    /// The plan.
    pub plan: Plan,
    /// True if "Create anyway" is ticked.
    pub anyway: bool,
}

/// What would happen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Every step, in order.
    pub steps: Vec<PlannedStep>,
    /// What a person will still have to do.
    pub people: Vec<TodoItem>,
    /// How long such jobs take, from the agency's history.
    pub typical: Typical,
    /// Businesses and jobs that look like the new business.
    pub duplicates: Vec<Duplicate>,
    /// Fields that are missing or not acceptable.
    pub errors: Vec<FieldError>,
    /// The time zone that is used although nobody typed it, as a sentence.
    #[serde(default)]
    pub zone: Option<String>,
}

/// One step as it would run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedStep {
    /// Its label.
    pub label: String,
    /// What it does with this order.
    pub does: String,
    /// Calls to HighLevel, without waiting and retries; polls count once.
    pub calls: u32,
    /// Why it does not run; `None` if it runs.
    pub left_out: Option<String>,
}

impl Plan {
    /// Number of calls to HighLevel in all steps.
    #[must_use]
    pub fn calls(&self) -> u32 {
        self.steps.iter().map(|step| step.calls).sum()
    }
}

from_members! {
    PlanState { base, plan, anyway }
    Plan { steps, people, typical, duplicates, errors, zone }
    PlannedStep { label, does, calls, left_out }
}
