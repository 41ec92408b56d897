//! The step that is shown in full: what it does, why it waits, its attempts, and the tabs for its log, input, output and
//! calls. What the viewer selected is in the address.

use chrono::{DateTime, Utc};
use domain::provisioning::Step;
use kit::labels::provisioning as labels;
use kit::{Address, Exact, Ran, Region, StatusIcon, StatusPill, Tab, Tabs, Tone};
use leptos::prelude::*;

use super::state::{JobState, Selected, StepState, TryState};
use super::times::is_stuck;

/// The head of the selected step's card, down to its tabs.
#[component]
pub fn SelectedStep(
    /// The job.
    state: JobState,
    /// The moment for which it is shown.
    at: DateTime<Utc>,
    /// The address of the page.
    here: Address,
    /// The topics that it shows.
    topics: String,
) -> impl IntoView {
    let step = state.steps.iter().find(|one| one.step == state.selected.step).cloned();
    let content = step.map(|step| {
        let (tone, word) = labels::step(&state.row, step.step, step.status);
        let count = state.selected.tries.len();
        let chosen = state.selected.chosen(&here).cloned();
        let tabs = tabs(&here, is_stuck(&step, at));
        let ended = state.row.finished_at;
        view! {
            <header class="flex min-h-11 items-center gap-3 border-b border-line px-4 py-2">
                <h2 class="grow text-sm font-semibold">{step.step.label()}</h2>
                {(count > 1).then(|| view! { <span class="text-xs text-fg-3">{format!("{count} tries")}</span> })}
                <span class="text-xs text-fg-2"><StatusPill tone=tone plain=true>{word}</StatusPill></span>
            </header>
            <div class="flex flex-col gap-1 px-4 py-3 text-sm">
                <p class="text-fg-2">{about(&state, step.step)}</p>
                <Assets selected=state.selected.clone()/>
                <Times step ended/>
            </div>
            <Tries here tries=state.selected.tries chosen/>
            <div class="px-2"><Tabs label="What is shown of this step" tabs/></div>
        }
    });
    view! { <Region key="step" topics>{content}</Region> }
}

impl Selected {
    /// The attempt that the address names.
    #[must_use]
    pub fn chosen(&self, here: &Address) -> Option<&TryState> {
        let wanted = here.get("attempt").parse::<i32>().ok()?;
        self.tries.iter().find(|one| one.attempt == wanted)
    }
}

/// What the step does, with the names of this job in it.
fn about(state: &JobState, step: Step) -> String {
    let snapshot = state.row.snapshot.as_ref().map(|snapshot| snapshot.name.as_str());
    match (step, snapshot) {
        (Step::WaitSnapshot, Some(snapshot)) => {
            format!("Waits until HighLevel has loaded \u{201c}{snapshot}\u{201d} into the new sub-account.")
        }
        (Step::ValidateSnapshot, Some(snapshot)) => {
            format!("Checks that HighLevel still offers \u{201c}{snapshot}\u{201d}.")
        }
        _ => step.about().to_owned(),
    }
}

/// Which kinds of the snapshot's assets are loaded, and which are still to come.
#[component]
fn Assets(selected: Selected) -> impl IntoView {
    let Selected { loaded, coming, .. } = selected;
    let total = loaded.len() + coming.len();
    (total > 0).then(|| {
        let count = format!("Assets: {} of {total} kinds loaded", loaded.len());
        let items = loaded
            .into_iter()
            .map(|name| (Tone::Ok, ", loaded", name))
            .chain(coming.into_iter().map(|name| (Tone::Waiting, ", to come", name)))
            .map(|(tone, word, name)| view! { <li class="inline-flex items-center gap-1 text-xs text-fg-2"><StatusIcon tone=tone size=12/>{name.replace('_', " ")}<span class="sr-only">{word}</span></li> })
            .collect_view();
        view! { <p class="pt-1 text-xs font-medium text-fg-2">{count}</p><ul class="flex flex-wrap gap-x-3 gap-y-1 pb-1">{items}</ul> }
    })
}

/// When the step ran, and for how long.
#[component]
fn Times(step: StepState, #[prop(optional_no_strip)] ended: Option<DateTime<Utc>>) -> impl IntoView {
    step.started_at.map(|since| {
        view! { <p class="text-xs text-fg-3">"Began "<Exact at=since/>" \u{b7} "<Ran since=since until=step.finished_at.or(ended) waited=step.waited/></p> }
    })
}

/// The attempts of the step as tabs, once there is more than one. When one is selected, it also offers the others
/// to compare with.
#[component]
fn Tries(here: Address, tries: Vec<TryState>, chosen: Option<TryState>) -> impl IntoView {
    (tries.len() > 1).then(|| {
        let current = chosen.as_ref().map(|one| one.attempt);
        let plain = here.with("with", "");
        let all = plain.with("attempt", "").href();
        let others = current.map(|current| view! { <Others here=here.clone() current tries=tries.clone()/> });
        let links = tries
            .into_iter()
            .map(|one| {
                let (tone, word) = labels::attempt(one.outcome.as_deref());
                let at = (current == Some(one.attempt)).then_some("true");
                view! {
                    <a class="view-tab" href=plain.with("attempt", &one.attempt.to_string()).href() aria-current=at>
                        <StatusIcon tone=tone/>{format!("Try {}", one.attempt)}<span class="sr-only">{format!(", {word}")}</span>
                    </a>
                }
            })
            .collect_view();
        let said = chosen
            .filter(|_| here.get("with").is_empty())
            .and_then(|one| one.error)
            .map(|text| view! { <p class="px-4 pb-3 text-sm break-words text-fg-2">{text}</p> });
        view! {
            <nav class="flex items-center gap-1 overflow-x-auto px-4 pb-3" aria-label="Tries">
                <a class="view-tab" href=all aria-current=current.is_none().then_some("true")>"All tries"</a>
                {links}
            </nav>
            {others}
            {said}
        }
    })
}

/// "Compare with": the other attempts, and the link that ends a comparison.
#[component]
fn Others(here: Address, current: i32, tries: Vec<TryState>) -> impl IntoView {
    let with = here.get("with").parse::<i32>().ok();
    let links = tries
        .into_iter()
        .filter(|one| one.attempt != current)
        .map(|one| {
            let at = (with == Some(one.attempt)).then_some("true");
            let href = here.with("with", &one.attempt.to_string()).href();
            view! { <a class="view-tab" href=href aria-current=at>{format!("Try {}", one.attempt)}</a> }
        })
        .collect_view();
    let out = with.map(|_| view! { <a class="view-tab" href=here.with("with", "").href()>"End comparison"</a> });
    view! {
        <nav class="flex items-center gap-1 overflow-x-auto px-4 pb-3 text-sm" aria-label="Compare with">
            <span class="pe-1 text-xs whitespace-nowrap text-fg-3">"Compare with"</span>{links}{out}
        </nav>
    }
}

/// The tabs. "Diagnose" is shown when the step is far slower than usual, or when the address asks for it.
fn tabs(here: &Address, stuck: bool) -> Vec<Tab> {
    let now = here.get("tab").to_owned();
    let compared = !here.get("with").is_empty();
    let known = ["input", "output", "calls", "diagnose"].contains(&now.as_str());
    [("", "Log"), ("input", "Input"), ("output", "Output"), ("calls", "Calls"), ("diagnose", "Diagnose")]
        .into_iter()
        .filter(|(key, _)| *key != "diagnose" || stuck || now == "diagnose")
        .map(|(key, label)| {
            let at = here.with("q", "").with("level", "").with("all", "").with("with", "").with("tab", key);
            Tab::new(label, at.href(), !compared && (now == key || (key.is_empty() && !known)))
        })
        .collect()
}
