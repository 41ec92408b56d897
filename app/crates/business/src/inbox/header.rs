//! The head of a conversation: who it is with, on which channel, and what can be decided about it.

use domain::language::Language;
use domain::messaging::ConversationStatus;
use domain::messaging::view::ConversationLine;
use kit::labels::messaging::glyph;
use kit::{Choice, Exact, Glyph, Icon, StatusPill, Tone};
use leptos::prelude::*;

use super::controls::{Controls, Turn};
use super::read::Place;
use super::texts::texts;

/// The head of a conversation.
#[component]
pub(super) fn Header(
    language: Language,
    place: Place,
    line: ConversationLine,
    name: String,
    people: Vec<Choice>,
) -> impl IntoView {
    let words = texts(language);
    let tone = match line.status {
        ConversationStatus::Open => Tone::Running,
        ConversationStatus::Snoozed => Tone::Waiting,
        ConversationStatus::Closed => Tone::Ok,
    };
    let until = line.snoozed_until.filter(|_| line.status == ConversationStatus::Snoozed);
    let until = until.map(|at| view! { <p class="text-sm text-fg-2">{words.snoozed_until}" "<Exact at/></p> });
    let channel = format!("{} \u{b7} {}", (words.channel)(line.kind), line.channel_name);
    let turn = place.replies.then(|| {
        view! { <div class="ms-auto shrink-0"><Turn words place=place.clone() line=line.clone()/></div> }
    });
    let controls = place.replies.then(|| view! { <Controls words place=place.clone() line=line.clone() people/> });
    view! {
        <header class="flex flex-col gap-2 border-b border-line px-4 py-3 max-sm:gap-1 max-sm:py-1.5">
            <div class="flex flex-wrap items-center gap-x-3 gap-y-1 max-sm:flex-nowrap max-sm:gap-x-2">
                <a class="btn btn-quiet btn-square sm:hidden" href=place.root() aria-label=words.back><Icon of=Glyph::Left/></a>
                <h1 class="min-w-0 truncate text-md font-semibold">{name}</h1>
                <StatusPill tone>{(words.status)(line.status)}</StatusPill>
                // On a phone the picture stands for the channel.
                <p class="flex min-w-0 items-center gap-1.5 text-sm text-fg-2"><Icon of=glyph(line.kind)/><span class="max-sm:sr-only">{channel}</span></p>
                {turn}
            </div>
            {until}
            {controls}
        </header>
    }
}
