//! How many clients and jobs does the agency have, and how many began in each of the last weeks?

use std::cell::RefCell;
use std::rc::Rc;

use domain::provisioning::JobCounts;
use domain::weeks::Week;
use kit::dom::when_awake;
use kit::{Card, Region, Tile, live_island};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::chart::WeekChart;
use crate::json::{from_members, written};
use crate::start::{Carried, carried, carry};
use crate::typed::Typed;

/// The name of what the page carries for the island.
const NAME: &str = "LiveFigures";

/// The topics of the events that change a figure.
pub const FIGURES_TOPICS: &str = "provisioning.job:* business.changed:*";

/// The figures of an agency.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FiguresState {
    /// The agency's root address.
    pub base: String,
    /// Number of clients.
    pub clients: i64,
    /// Number of jobs in each view.
    pub counts: JobCounts,
    /// What began in each of the last weeks, oldest first.
    pub weeks: Vec<Week>,
    /// Changes with the state of any job that the page lists.
    pub jobs: String,
}

from_members! { FiguresState { base, clients, counts, weeks, jobs } }

/// Keeps the figures on the page current. A running job logs many lines and changes its state rarely: the page itself, with
/// its lists of jobs, is asked for only when a state changed.
#[island(lazy)]
pub fn LiveFigures() -> impl IntoView {
    when_awake(|| {
        let Some(Carried { source, state }) = carried::<FiguresState>(NAME) else { return };
        live_island::register(Rc::new(Typed {
            topics: FIGURES_TOPICS,
            tells: "provisioning.job:*",
            source,
            renders: &["figures", "weeks"],
            announces: &["steps", "today", "recent", "ring", "ring-more"],
            known: RefCell::new(state),
            changed: |known, now| known.jobs != now.jobs || known.counts != now.counts,
            view: |state| view! { <Figures state/> }.into_any(),
        }));
    });
    view! { <span hidden=true></span> }
}

/// The island, with what it starts from.
#[component]
pub fn LiveFiguresFrom(
    /// Where the figures are fetched.
    source: String,
    /// What the page began with.
    start: FiguresState,
) -> impl IntoView {
    view! { {carry(NAME, source, written(&start))}<LiveFigures/> }
}

/// The tiles and the chart.
#[component]
pub fn Figures(
    /// The figures.
    state: FiguresState,
) -> impl IntoView {
    let FiguresState { base, clients, counts, weeks, .. } = state;
    let [running, asking, failed] =
        ["running", "needs_input", "failed"].map(|view| format!("{base}/provisioning?view={view}"));
    // Before the first client, four zeros would say nothing.
    let began = clients > 0 || counts.all > 0;
    let any = weeks.iter().any(|week| week.jobs > 0 || week.clients > 0);
    view! {
        <Region key="figures" topics=FIGURES_TOPICS class="empty:hidden">
            {began.then(|| view! {
                <div class="grid grid-cols-2 gap-3 lg:grid-cols-4">
                    <Tile name="Clients" value=clients.to_string() href=format!("{base}/clients")/>
                    <Tile name="Running" value=counts.running.to_string() href=running/>
                    <Tile name="Needs input" value=counts.needs_input.to_string() href=asking/>
                    <Tile name="Failed" value=counts.failed.to_string() href=failed/>
                </div>
            })}
        </Region>
        <Region key="weeks" topics=FIGURES_TOPICS class="empty:hidden">
            {any.then(|| view! { <Card title="Week by week"><WeekChart weeks/></Card> })}
        </Region>
    }
}
