//! How far is one with the first steps, and which is next? A ring, and a line for each step with its page; done ones are ticked.

use leptos::prelude::*;

use super::chip::{StatusIcon, Tone};

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Todo {
    /// Whether it is done; read from the facts, never ticked by hand.
    pub done: bool,
    /// What is to be done.
    pub what: &'static str,
    /// What it is good for.
    pub why: &'static str,
    /// Where it is done.
    pub href: String,
}

/// The first steps; the next one is the one that calls.
#[component]
pub fn FirstSteps(
    /// What they lead to.
    #[prop(into)]
    title: String,
    /// The steps in their order.
    steps: Vec<Todo>,
) -> impl IntoView {
    let (done, all) = (steps.iter().filter(|step| step.done).count(), steps.len());
    let next = steps.iter().position(|step| !step.done);
    let lines = steps.into_iter().enumerate().map(|(at, step)| {
        let (tone, word) = if step.done { (Tone::Ok, "done") } else { (Tone::Waiting, "to do") };
        let what = if step.done { "text-fg-3" } else { "font-medium" };
        let button = (next == Some(at)).then(
            || view! { <a class="btn btn-primary" href=step.href.clone() aria-label=step.what>"Do this next"</a> },
        );
        let name = match step.done {
            true => view! { <span>{step.what}</span> }.into_any(),
            false => view! { <a class="hover:underline" href=step.href>{step.what}</a> }.into_any(),
        };
        view! {
            <li class="flex flex-wrap items-center gap-x-3 gap-y-2 border-t border-line px-4 py-2.5 first:border-0">
                <StatusIcon tone=tone size=16/>
                <div class="min-w-0 grow basis-60">
                    <p class=what>{name}<span class="sr-only">{format!(", {word}")}</span></p>
                    {(!step.done).then(|| view! { <p class="text-sm text-fg-2">{step.why}</p> })}
                </div>
                {button}
            </li>
        }
    });
    view! {
        <section class="card">
            <header class="flex min-h-11 items-center gap-3 border-b border-line px-4 py-2">
                <Ring done all/>
                <h2 class="grow text-sm font-semibold">{title}</h2>
                <span class="text-xs text-fg-2 tabular-nums">{format!("{done} of {all} done")}</span>
            </header>
            <ol>{lines.collect_view()}</ol>
        </section>
    }
}

/// A ring that closes as steps are done.
#[component]
fn Ring(done: usize, all: usize) -> impl IntoView {
    // A circle of this radius is one hundred units round.
    let filled = format!("{} 100", (done * 100).checked_div(all).unwrap_or(0));
    view! {
        <svg class="shrink-0 -rotate-90" width="20" height="20" viewBox="0 0 36 36" fill="none" aria-hidden="true">
            <circle class="text-trace" cx="18" cy="18" r="15.915" stroke="currentColor" stroke-width="4"/>
            <circle class="text-accent" cx="18" cy="18" r="15.915" stroke="currentColor" stroke-width="4" stroke-dasharray=filled/>
        </svg>
    }
}
