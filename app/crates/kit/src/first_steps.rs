//! Shows the progress of the first steps and which step is next: a ring, and a line with a link for each step.
//! Finished steps are ticked, and steps that are not needed can be dismissed.

use leptos::prelude::*;

use crate::button::{ButtonStyle, PostButton};
use crate::chip::{StatusIcon, Tone};

/// One of the first steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Todo {
    /// True if the step is done. This is read from the data and never ticked by hand.
    pub done: bool,
    /// True if somebody dismissed the step.
    pub dismissed: bool,
    /// What to do.
    pub what: &'static str,
    /// Purpose of the step.
    pub why: &'static str,
    /// Page on which the step is done.
    pub href: String,
    /// URL and hidden fields of the operation that dismisses the step; `None` if it cannot be dismissed.
    pub dismiss: Option<(&'static str, Vec<(&'static str, String)>)>,
}

impl Todo {
    const fn settled(&self) -> bool {
        self.done || self.dismissed
    }
}

/// The list of first steps. Only the next step has a prominent button.
#[component]
pub fn FirstSteps(
    /// Title: what the steps lead to.
    #[prop(into)]
    title: String,
    /// The steps in order.
    steps: Vec<Todo>,
) -> impl IntoView {
    let (done, all) = (steps.iter().filter(|step| step.settled()).count(), steps.len());
    let next = steps.iter().position(|step| !step.settled());
    let lines = steps
        .into_iter()
        .enumerate()
        .map(|(at, step)| view! { <Line step=step next={next == Some(at)}/> })
        .collect_view();
    view! {
        <section class="card">
            <header class="flex min-h-11 items-center gap-3 border-b border-line px-4 py-2">
                <Ring done all/>
                <h2 class="grow text-sm font-semibold">{title}</h2>
                <span class="text-xs text-fg-2 tabular-nums">{format!("{done} of {all} done")}</span>
            </header>
            <ol>{lines}</ol>
        </section>
    }
}

#[component]
fn Line(step: Todo, next: bool) -> impl IntoView {
    let (tone, word) = match (step.done, step.dismissed) {
        (true, _) => (Tone::Ok, "done"),
        (false, true) => (Tone::Cancelled, "skipped"),
        _ => (Tone::Waiting, "to do"),
    };
    let (open, put_aside) = (!step.settled(), step.dismissed && !step.done);
    let button = next.then(|| view! { <a class="btn btn-primary" href=step.href.clone()>{step.what}</a> });
    let aside = step.dismiss.filter(|_| open).map(|(action, hidden)| {
        view! { <PostButton action=action hidden=hidden look=ButtonStyle::Quiet>"Skip"<span class="sr-only">{format!(": {}", step.what)}</span></PostButton> }
    });
    let name = match open {
        false => view! { <span class=put_aside.then_some("line-through")>{step.what}</span> }.into_any(),
        true => view! { <a class="hover:underline" href=step.href>{step.what}</a> }.into_any(),
    };
    view! {
        <li class="flex flex-wrap items-center gap-x-3 gap-y-2 border-t border-line px-4 py-2.5 first:border-0">
            <StatusIcon tone=tone size=16/>
            <div class="min-w-0 grow basis-52">
                <p class=if open { "font-medium" } else { "text-fg-3" }>{name}<span class=(!put_aside).then_some("sr-only")>{format!(", {word}")}</span></p>
                {open.then(|| view! { <p class="text-sm text-fg-2">{step.why}</p> })}
            </div>
            {aside}
            {button}
        </li>
    }
}

/// A ring that fills as steps are done.
#[component]
pub fn Ring(
    /// Number of steps done.
    done: usize,
    /// Number of all steps.
    all: usize,
) -> impl IntoView {
    // A circle with this radius has a circumference of 100 units.
    let filled = format!("{} 100", (done * 100).checked_div(all).unwrap_or(0));
    view! {
        <svg class="shrink-0 -rotate-90" width="20" height="20" viewBox="0 0 36 36" fill="none" aria-hidden="true">
            <circle class="text-trace" cx="18" cy="18" r="15.915" stroke="currentColor" stroke-width="4"/>
            <circle class="text-accent" cx="18" cy="18" r="15.915" stroke="currentColor" stroke-width="4" stroke-dasharray=filled/>
        </svg>
    }
}
