//! The island that renders the plan while somebody types.

use kit::{live_island, preview};
use leptos::prelude::*;

use super::panel::PlanPanel;
use super::state::PlanState;

/// Renders the answers of the form's preview. Until its code is loaded the server answers with the rendered panel.
#[island(lazy)]
pub fn LivePlan(
    /// The operation that plans.
    operation: String,
) -> impl IntoView {
    Effect::new(move |_| {
        preview::answer_typed(&operation, |answer| {
            let Ok(state) = serde_json::from_str::<PlanState>(answer) else { return false };
            live_island::render(move || view! { <PlanPanel state/> }, &mut Vec::new());
            true
        });
    });
    view! { <span hidden=true></span> }
}
