//! Lists what a job created and what undo does with each thing: remove, park or keep. Cancel and Undo show the same
//! list, in the order in which the worker undoes it.

use domain::provisioning::{EffectState, EffectView, JobView, Step, StepStatus};
use leptos::prelude::*;

/// One line for each thing that exists.
#[must_use]
pub fn lines(job: &JobView) -> Vec<String> {
    let did = |step: Step| {
        job.steps.iter().any(|one| {
            one.step == step
                && one.status.is_some_and(|status| status != StepStatus::Skipped && status != StepStatus::Undone)
        })
    };
    let mut lines = Vec::new();
    let taken_over =
        job.steps.iter().any(|one| one.step == Step::CreateLocation && one.output.get("adopted").is_some());
    let location = job.row.location_id.as_ref();
    if let Some(location) = location.filter(|id| taken_over && !created(job, id)) {
        lines.push(format!(
            "Sub-account {location} was there before this job: it stays, with the name and the values it had."
        ));
    } else if location.is_some() {
        lines.push(format!("The sub-account is renamed \u{201c}[parked] {}\u{201d}. Apps can't delete sub-accounts, so you'll need to delete it in HighLevel.", job.row.client_name));
        if did(Step::WaitSnapshot) {
            lines.push("What the snapshot loaded stays in it.".to_owned());
        }
    }
    if did(Step::MintToken) {
        lines.push("Our access to the sub-account is deleted.".to_owned());
    }
    if did(Step::FillValues) {
        lines.push("Custom values and tags this job created are deleted.".to_owned());
    }
    if did(Step::CreateUsers) {
        lines.push("People are removed from this sub-account; their logins stay.".to_owned());
    }
    if job.row.business.is_some() {
        lines.push("The client here goes to the trash.".to_owned());
    }
    if job.effects.iter().any(|effect| effect.state == EffectState::InDoubt) {
        lines.push("One call got no clear answer. We check on it first, so nothing is left behind.".to_owned());
    }
    lines
}

/// True if the job itself created this location.
fn created(job: &JobView, location: &str) -> bool {
    let made = |effect: &EffectView| effect.kind == "create_location" && effect.state == EffectState::Confirmed;
    job.effects.iter().any(|effect| made(effect) && effect.provider_ref.as_deref() == Some(location))
}

/// The same list as the text of a confirmation.
#[component]
pub fn Undoing(
    /// The job.
    job: JobView,
) -> impl IntoView {
    let lines = lines(&job);
    if lines.is_empty() {
        return view! { <p>"Nothing exists in HighLevel yet, so there is nothing to roll back. The job ends as canceled."</p> }.into_any();
    }
    let items = lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    view! {
        <p>"The job stops after the current step. What happens to what's already there:"</p>
        <ul class="flex list-disc flex-col gap-1 ps-4">{items}</ul>
    }
    .into_any()
}
