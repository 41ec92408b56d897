//! The island that renders the plan while somebody types.

use kit::dom::when_awake;
use kit::{live_island, preview};
use leptos::prelude::*;

use super::panel::PlanPanel;
use super::state::PlanState;
use crate::json::read;

/// The operation that plans.
const OPERATION: &str = "/do/check_job";

/// Renders the answers of the form's preview. Until its code is loaded the server answers with the rendered panel.
#[island(lazy)]
pub fn LivePlan() -> impl IntoView {
    when_awake(|| {
        preview::answer_typed(OPERATION, |answer| {
            let Some(state) = read::<PlanState>(answer) else { return false };
            live_island::render(move || view! { <PlanPanel state/> }, &mut Vec::new());
            true
        });
    });
    view! { <span hidden=true></span> }
}
