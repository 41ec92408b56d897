//! The island that keeps a job's page current: it holds the typed state that the page began with, fetches what changed
//! after events of the job, and renders the monitor's components in the browser.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use kit::clock::refresh;
use kit::dom::when_awake;
use kit::live_island::{self, LiveIsland, Shown};
use kit::time::now;
use kit::title::full_title;
use leptos::leptos_dom::helpers::{document, set_timeout};
use leptos::prelude::*;
use leptos::web_sys::Element;
use uuid::Uuid;

use super::head::{JobHead, JobProgress, title};
use super::in_flight::InFlight;
use super::log::{LINES, MoreLines, StepLog};
use super::selected::SelectedStep;
use super::state::{JobPlace, JobStart, JobState, JobUpdate, LogUpdate};
use super::steps::JobSteps;
use crate::json::{read, written};
use crate::start::{Carried, carried, carry};

/// The name of what the page carries for the island.
const NAME: &str = "JobMonitor";

/// Keeps the monitor on the page current. It has nothing to show of its own: the server rendered the monitor's components
/// into regions of the page, and the island renders the same components into them.
#[island(lazy)]
pub fn JobMonitor() -> impl IntoView {
    when_awake(|| {
        let Some(Carried { state, .. }) = carried::<JobStart>(NAME) else { return };
        let monitor = Monitor::new(state);
        monitor.follow_call(now());
        live_island::register(Rc::new(monitor));
    });
    view! { <span hidden=true data-monitor></span> }
}

/// The island, with what it starts from.
#[component]
pub fn JobMonitorFrom(
    /// What the page began with.
    start: JobStart,
) -> impl IntoView {
    view! { {carry(NAME, String::new(), written(&start))}<JobMonitor/> }
}

/// What the browser knows of the job.
struct Known {
    state: JobState,
    version: String,
    line: Option<Uuid>,
}

struct Monitor {
    place: JobPlace,
    known: Rc<RefCell<Known>>,
}

impl Monitor {
    fn new(JobStart { place, state, version, line }: JobStart) -> Self {
        Self { place, known: Rc::new(RefCell::new(Known { state, version, line })) }
    }

    /// Shows a call in flight anew when its answer is late and when it ends, unless it was answered until then. `at` is
    /// the time of the server now.
    fn follow_call(&self, at: DateTime<Utc>) {
        let Some(call) = self.known.borrow().state.flight.clone() else { return };
        for moment in [call.late_at(), call.gives_up_at()] {
            let Some(wait) = (moment - at).to_std().ok().filter(|wait| !wait.is_zero()) else { continue };
            let (known, topics, call) = (self.known.clone(), self.place.topics.clone(), Some(call.clone()));
            let show = move || {
                if known.borrow().state.flight == call {
                    live_island::render(move || view! { <InFlight call at=moment topics/> }, &mut Vec::new());
                    refresh(&document());
                }
            };
            // A little later than the moment itself, which the clocks of browsers only reach roughly.
            set_timeout(show, wait + Duration::from_millis(50));
        }
    }

    /// Takes an answer in and returns the state to render, and true if the forms of the page changed.
    fn take(&self, update: &JobUpdate) -> (JobState, bool) {
        let mut known = self.known.borrow_mut();
        let forms = known.state.forms.clone();
        if let Some(state) = &update.state {
            known.state = state.clone();
        }
        known.version.clone_from(&update.version);
        if let Some(last) = update.log.as_ref().and_then(|log| log.lines.last()) {
            known.line = Some(last.id);
        }
        (known.state.clone(), known.state.forms != forms)
    }
}

impl LiveIsland for Monitor {
    fn topics(&self) -> &str {
        &self.place.topics
    }

    fn tells(&self) -> &str {
        &self.place.job
    }

    fn renders(&self) -> &[&'static str] {
        &["head", "flight", "progress", "steps", "step", "log"]
    }

    fn announces(&self) -> &[&'static str] {
        &["actions", "state"]
    }

    fn address(&self, whole: bool) -> String {
        let known = self.known.borrow();
        if whole { self.place.state("", None) } else { self.place.state(&known.version, known.line) }
    }

    fn show(&self, answer: &str, rows: &mut Vec<Element>) -> Option<Shown> {
        let update = read::<JobUpdate>(answer)?;
        let (state, forms) = self.take(&update);
        self.follow_call(update.at);
        let parts = Parts { place: self.place.clone(), state: state.clone(), at: update.at };
        live_island::render(move || parts.view(), rows);
        if let Some(log) = update.log {
            show_log(&self.place, &state, log, rows);
        }
        Some(Shown {
            title: Some(full_title(&title(&state))),
            outdated: if forms { self.announces().to_vec() } else { Vec::new() },
        })
    }
}

/// What the monitor's components are rendered from.
struct Parts {
    place: JobPlace,
    state: JobState,
    at: DateTime<Utc>,
}

impl Parts {
    fn view(self) -> impl IntoView {
        let Self { place, state, at } = self;
        let (here, topics) = (place.address(), place.topics);
        view! {
            <JobHead state=state.clone() at topics=topics.clone()/>
            <InFlight call=state.flight.clone() at topics=topics.clone()/>
            <JobProgress state=state.clone() topics=topics.clone()/>
            <JobSteps state=state.clone() at here=here.clone() topics=topics.clone()/>
            <SelectedStep state at here topics/>
        }
    }
}

/// Adds the new lines to the log on the page, or renders the whole log anew.
fn show_log(place: &JobPlace, state: &JobState, log: LogUpdate, rows: &mut Vec<Element>) {
    let (here, state, topics) = (place.address(), state.clone(), place.topics.clone());
    let LogUpdate { whole, more, lines } = log;
    if whole {
        live_island::render(move || view! { <StepLog state lines more here topics/> }, rows);
        return;
    }
    let fresh = live_island::build(move || view! { <MoreLines state lines here/> });
    let log = document().query_selector("[data-live=log] [role=log]").ok().flatten();
    if let (Some((fresh, _kept)), Some(log)) = (fresh, log) {
        append(&log, &fresh);
    }
}

/// Copies the lines of `fresh` to the end of the log, except those that are there, and keeps the log at its maximum.
fn append(log: &Element, fresh: &Element) {
    while let Some(line) = fresh.first_element_child() {
        line.remove();
        let known = document().get_element_by_id(&line.id()).is_some();
        if let (false, Ok(copy)) = (known, line.clone_node_with_deep(true)) {
            drop(log.append_child(&copy));
        }
    }
    let has_lines = log.query_selector(".log-line").is_ok_and(|line| line.is_some());
    if let (true, Ok(Some(none))) = (has_lines, log.query_selector(":scope > p")) {
        none.remove();
    }
    while log.child_element_count() > u32::from(LINES) {
        let Some(oldest) = log.first_element_child() else { break };
        oldest.remove();
    }
}
