//! Shows a new agency its first steps with their purpose, and its progress in the menu ring.

use std::collections::HashSet;
use std::sync::Mutex;

use domain::AgencyId;
use domain::access::AgencyAccess;
use domain::first_steps::{FirstStep, FirstSteps};
use domain::permission::Right;
use leptos::prelude::*;
use store::tenant::TenantTx;

use crate::error::{Error, Result};
use crate::flash_notice::flash_notice;
use crate::guard::{agency_scope, server_context};
use crate::request_context::RequestContext;
use crate::state::State;
use crate::ui::{FirstSteps as Card, Todo};

/// Agencies with no step left. Their steps are not queried again while this process lives.
#[derive(Default)]
pub struct Finished(Mutex<HashSet<AgencyId>>);

/// Maximum number of agencies that are remembered; then the set starts empty again.
const MOST: usize = 10_000;

impl Finished {
    fn has(&self, agency: AgencyId) -> bool {
        self.0.lock().is_ok_and(|known| known.contains(&agency))
    }

    fn add(&self, agency: AgencyId) {
        if let Ok(mut known) = self.0.lock() {
            if known.len() >= MOST {
                known.clear();
            }
            known.insert(agency);
        }
    }
}

/// True if the caller may take all of the steps, and may dismiss one.
fn may(place: &AgencyAccess) -> bool {
    [Right::AgencyManage, Right::ConnectionsManage, Right::TeamManage].into_iter().all(|right| place.allows(right))
}

/// The first steps of the agency whose page this is. `None` if no step is left, or if the caller may not take them.
///
/// # Errors
/// When the database does not answer.
pub async fn left(state: &State, request: &RequestContext) -> Result<Option<FirstSteps>> {
    let (Some(place), Some(caller)) = (request.agency(), &request.caller) else { return Ok(None) };
    if !may(place) || state.finished.has(place.id) {
        return Ok(None);
    }
    let mut tx = TenantTx::begin(&state.db, agency_scope(Some(caller.user), place)).await?;
    let steps = store::first_steps::of_agency(&mut tx).await?;
    tx.commit().await?;
    if !steps.left() {
        state.finished.add(place.id);
    }
    Ok(Some(steps).filter(FirstSteps::left))
}

/// Dismisses a step.
#[server(prefix = "/do", endpoint = "dismiss_step")]
pub async fn dismiss_step(agency: String, step: String) -> Result<()> {
    let context = server_context()?;
    let mut tenant = context.agency("dismiss_step", &agency).await?;
    let step = FirstStep::parse(&step).ok_or_else(|| Error::field("step", "There is no such step."))?;
    store::first_steps::dismiss(&mut tenant.tx, step).await?;
    tenant.commit().await?;
    flash_notice(&context, "dismiss_step", "Put aside.").await
}

/// Title, purpose and page of each step.
const fn words(step: FirstStep) -> (&'static str, &'static str, &'static str) {
    match step {
        FirstStep::Connect => ("Connect HighLevel", "You see what we ask for before you agree.", "/connections"),
        FirstStep::Snapshots => {
            ("Read your snapshots", "They are what a client starts with; we never change them.", "/snapshots")
        }
        FirstStep::Client => {
            ("Create your first client", "An example fills the form if you only want to look.", "/provisioning/new")
        }
        FirstStep::Watch => {
            ("Watch its job to the end", "Eleven steps, live, and a button wherever one stops.", "/provisioning")
        }
        FirstStep::Colleague => {
            ("Invite a colleague", "Staff open the clients you assign to them, and see every job.", "/team")
        }
    }
}

/// The first steps on the agency's home page.
#[component]
pub fn Begin(
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
    view! { <Card title="Your way to the first client" steps=todos.collect()/> }
}
