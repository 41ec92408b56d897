//! May the rehearsed settings be published? How many questions would be answered, what the person made of the answers, what it
//! cost, and the button that publishes what was rehearsed and nothing else.

use domain::assistant::rehearsal::{RunState, RunView, Spent};
use domain::assistant::view::SettingsView;
use domain::language::Language;
use kit::{ButtonLink, ButtonStyle, Card, Confirm, PostButton, StatusPill, grouped};
use leptos::prelude::*;

use super::super::place::{Part, Place};
use super::super::texts as assistant;
use super::super::trace::exact;
use super::list::tone;
use super::outcome::cost;
use super::texts::{Texts, texts};

/// The head of a rehearsal.
#[component]
pub(super) fn Summary(language: Language, place: Place, run: RunView, settings: SettingsView) -> impl IntoView {
    let words = texts(language);
    let (line, spent) = (run.line.clone(), run.spent());
    let (all, waiting) = (line.tally.all(), line.tally.waiting);
    let is_running = line.state == RunState::Running;
    let progress =
        is_running.then(|| view! { <span class="text-sm text-fg-3">{(words.progress)(all - waiting, all)}</span> });
    let marks = run.marks();
    let marks = (marks.iter().sum::<usize>() > 0).then(|| view! { <p class="text-fg-2">{(words.marks)(marks)}</p> });
    let exact = spent.cost_micros.map(exact);
    let used = used(words, assistant::texts(language), spent);
    let cancel = is_running.then(|| {
        let hidden = place.hidden_with("rehearsal", line.id);
        view! { <Confirm action="/do/cancel_rehearsal" label=words.cancel verb=words.cancel hidden look=ButtonStyle::Quiet start=true>{words.cancel_what}</Confirm> }
    });
    let publish = (!is_running).then(|| view! { <Publish language place run settings/> });
    view! {
        <div class="flex flex-col gap-2">
            <p class="flex flex-wrap items-center gap-x-3 gap-y-1">
                <StatusPill tone=tone(line.state)>{(words.run_state)(line.state)}</StatusPill>
                {progress}
            </p>
            <p class="font-medium">{(words.pass_mark)(&line.tally)}</p>
            {marks}
            <p class="text-sm text-fg-3" title=exact>{words.spent}": "{used}</p>
            {cancel}
        </div>
        {publish}
    }
}

/// Tokens and cost of the whole rehearsal.
fn used(words: &'static Texts, common: &'static assistant::Texts, spent: Spent) -> String {
    let is_paid = spent.prompt_tokens > 0 || spent.completion_tokens > 0;
    let cost = cost(words, common, is_paid, spent.cost_micros);
    if is_paid {
        let tokens = (common.token_count)(&grouped(spent.prompt_tokens), &grouped(spent.completion_tokens));
        format!("{tokens} \u{b7} {cost}")
    } else {
        cost
    }
}

/// Whether the rehearsed settings are in use, may be published, or are no longer those that are saved.
#[component]
fn Publish(language: Language, place: Place, run: RunView, settings: SettingsView) -> impl IntoView {
    let (words, common) = (texts(language), assistant::texts(language));
    let in_use = settings.published.clone().unwrap_or_default();
    let (told, act) = if run.settings != settings.draft {
        let href = place.at(Part::Rehearsals);
        (words.changed_since, view! { <ButtonLink href>{words.rehearse_again}</ButtonLink> }.into_any())
    } else if settings.version > 0 && settings.draft == in_use {
        (words.is_in_use, ().into_any())
    } else {
        let hidden = place.hidden();
        let button = view! { <PostButton action="/do/publish_assistant" hidden look=ButtonStyle::Primary>{common.publish}</PostButton> };
        (words.publish_what, button.into_any())
    };
    view! {
        <Card title=words.publish_title>
            <div class="flex flex-col items-start gap-3">
                <p class="text-fg-2">{told}</p>
                {act}
            </div>
        </Card>
    }
}
