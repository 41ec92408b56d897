//! The top of a job's page: the monitor's header with the menu and the button that cancels the job, and the progress bar.

use domain::provisioning::Operation;
use islands::job::{InFlight, JobHead, JobProgress, JobState};
pub use islands::job::{millis, step_usually, usually};
use kit::time::now;
use kit::{Confirm, Glyph, Menu, MenuLink, Region};
use leptos::prelude::*;

use super::undoing::Undoing;
use super::view::JobPageContext;

/// The header and the progress bar.
#[component]
pub fn Head(
    /// The job.
    page: JobPageContext,
    /// What the monitor shows of it.
    state: JobState,
) -> impl IntoView {
    let topics = page.topic();
    let (head, bar, call) = (topics.clone(), topics.clone(), topics.clone());
    let flight = state.flight.clone();
    view! {
        <header class="flex flex-wrap items-start gap-x-4 gap-y-3 pb-5">
            <JobHead state=state.clone() at=now() topics=head/>
            <Region key="actions" topics class="flex flex-wrap items-center gap-2"><Actions page/></Region>
        </header>
        <InFlight call=flight at=now() topics=call/>
        <JobProgress state topics=bar/>
    }
}

/// The button that cancels the job, and the menu.
#[component]
fn Actions(page: JobPageContext) -> impl IntoView {
    let root = format!("/a/{}/provisioning", page.agency);
    let cancel = (page.may && page.job.operations.contains(&Operation::Cancel)).then(|| {
        let job = page.job.clone();
        view! {
            <Confirm action="/do/cancel_job" label="Cancel" verb="Cancel this job" back="Keep this job" hidden=page.hidden()>
                <Undoing job=job/>
            </Confirm>
        }
    });
    view! {
        {cancel}
        <Menu label="More actions" dots=true>
            {page.may.then(|| view! { <MenuLink href=format!("{root}/new?from={}", page.job.row.id) icon=Glyph::Copy>"Create another like this"</MenuLink> })}
            <MenuLink href=format!("{}/log", page.path) icon=Glyph::Download>"Download the log"</MenuLink>
        </Menu>
    }
}
