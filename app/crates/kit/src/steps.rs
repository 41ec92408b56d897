//! Shows work in steps as a list from top to bottom, joined by a line: shape, word and time. One step can be selected.

use leptos::prelude::*;

use crate::chip::{StatusIcon, Tone};

/// One step, as it is shown.
pub struct StepLine {
    /// Stable key.
    pub key: String,
    /// What the step does.
    pub label: String,
    /// State of the step.
    pub tone: Tone,
    /// The word for the state, read aloud and not shown: "done".
    pub word: String,
    /// Time at the end of the line: an `Elapsed`, or "0.4 s".
    pub time: Option<AnyView>,
    /// Why the step waits, what it asks, or that it is slow.
    pub note: Option<String>,
    /// Page on which the step is shown in full.
    pub href: Option<String>,
    /// True if this is the step that is shown in full now.
    pub current: bool,
}

/// A list of steps from first to last.
#[component]
pub fn StepTimeline(
    /// What the steps lead to, for assistive technology.
    #[prop(into)]
    label: String,
    /// The steps.
    steps: Vec<StepLine>,
) -> impl IntoView {
    let lines = steps.into_iter().map(|step| view! { <OneStep step=step /> }).collect_view();
    view! { <ol class="steps" aria-label=label>{lines}</ol> }
}

/// One step of the list.
#[component]
fn OneStep(step: StepLine) -> impl IntoView {
    let quiet = matches!(step.tone, Tone::Waiting | Tone::Cancelled);
    let name = if quiet { "min-w-0 grow text-fg-3" } else { "min-w-0 grow" };
    let note_tone =
        if matches!(step.tone, Tone::Failed | Tone::Warn | Tone::Asks) { step.tone.text() } else { "text-fg-3" };
    let inner = view! {
        <span class="step-mark"><StatusIcon tone=step.tone size=16 /></span>
        <span class="flex min-w-0 grow flex-col">
            <span class="flex flex-wrap items-baseline gap-x-3">
                <span class=name>{step.label}<span class="sr-only">{format!(", {}", step.word)}</span></span>
                {step.time.map(|time| view! { <span class="shrink-0 text-xs text-fg-3 tabular-nums">{time}</span> })}
            </span>
            {step.note.map(|text| view! { <span class=format!("text-xs {note_tone}")>{text}</span> })}
        </span>
    };
    let current = step.current.then_some("step");
    let line = match step.href {
        Some(href) => view! { <a class="step" href=href aria-current=current>{inner}</a> }.into_any(),
        None => view! { <span class="step" aria-current=current>{inner}</span> }.into_any(),
    };
    view! { <li data-row=step.key>{line}</li> }
}
