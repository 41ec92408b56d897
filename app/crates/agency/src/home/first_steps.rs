//! Shows a new agency its first steps with their purpose, and its progress in the menu ring.

use domain::first_steps::{FirstStep, FirstSteps};
use kit::{FirstSteps as Card, Todo};
use leptos::prelude::*;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;

/// Dismisses a step.
#[server(prefix = "/do", endpoint = "dismiss_step")]
pub async fn dismiss_step(step: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let step = FirstStep::parse(&step).ok_or_else(|| Error::field("step", "That step doesn't exist."))?;
    operations::agency::dismiss_step(&actor, step).await?;
    flash_notice(&context, "dismiss_step", "Skipped.").await
}

/// Title, purpose and page of each step.
const fn words(step: FirstStep) -> (&'static str, &'static str, &'static str) {
    match step {
        FirstStep::Connect => ("Connect HighLevel", "You see what we ask for before you agree.", "/connections"),
        FirstStep::Snapshots => {
            ("Sync snapshots", "They're the templates for new clients. We never change them.", "/snapshots")
        }
        FirstStep::Client => {
            ("Create your first client", "Just looking? Fill the form with sample data.", "/provisioning/new")
        }
        FirstStep::Watch => {
            ("See it finish", "Follow all 11 steps live. If one stops, we'll tell you what to do.", "/provisioning")
        }
        FirstStep::Colleague => {
            ("Invite a colleague", "Staff see every job and open the clients you assign to them.", "/team")
        }
    }
}

/// The first steps on the agency's home page.
#[component]
pub fn FirstStepsCard(
    /// Progress of the first steps.
    steps: FirstSteps,
    /// Slug of the agency.
    agency: String,
) -> impl IntoView {
    let todos = FirstStep::ALL.into_iter().map(|step| {
        let (what, why, path) = words(step);
        let hidden = vec![("agency", agency.clone()), ("step", step.key().to_owned())];
        Todo {
            done: steps.done.contains(&step),
            dismissed: steps.dismissed.contains(&step),
            what,
            why,
            href: format!("/a/{agency}{path}"),
            dismiss: Some(("/do/dismiss_step", hidden)),
        }
    });
    view! { <Card title="Get started" steps=todos.collect()/> }
}
