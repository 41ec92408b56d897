//! The head of a conversation: who it is with, on which channel, and what can be decided about it. On a phone all of it is one
//! row.

use chrono_tz::Tz;
use domain::language::Language;
use domain::messaging::view::ConversationLine;
use domain::messaging::{Channel, ConversationStatus};
use kit::labels::messaging::glyph;
use kit::{Choice, Exact, Glyph, Icon, StatusPill, Tone, Until, WindowRing};
use leptos::prelude::*;
use web::clock::now;

use super::controls::{Controls, More, Turn};
use super::line::window_words;
use super::read::Place;
use super::schedule::when;
use super::texts::{Texts, texts};

/// The head of a conversation.
#[component]
pub(super) fn Header(
    language: Language,
    zone: Tz,
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
    let until = until.map(|at| {
        let there = when(language, zone, at);
        view! { <p class="text-sm text-fg-2 max-sm:px-2">{words.snoozed_until}" "<Exact at words=there/></p> }
    });
    let kind = (words.channel)(line.kind);
    // The name of a web chat is that of its kind.
    let channel = if line.kind == Channel::Webchat {
        kind.to_owned()
    } else {
        format!("{kind} \u{b7} {}", domain::phone::shown(&line.channel_name))
    };
    let whole_channel = channel.clone();
    let turn = place.replies.then(|| {
        view! { <div class="inbox-turn ms-auto shrink-0"><Turn words place=place.clone() line=line.clone()/></div> }
    });
    let left = view! { <TimeLeft words line=line.clone()/> };
    let more = view! { <More words place=place.clone() line=line.clone() people=people.clone()/> };
    let controls = place.replies.then(|| view! { <Controls words place=place.clone() line=line.clone() people/> });
    view! {
        <header class="flex flex-col gap-2 border-b border-line px-4 py-3 max-sm:gap-1 max-sm:px-2 max-sm:py-1.5">
            <div class="flex flex-wrap items-center gap-x-3 gap-y-1 max-sm:flex-nowrap max-sm:gap-x-1">
                <a class="btn btn-quiet btn-square shrink-0 sm:hidden" href=place.root() aria-label=words.back><Icon of=Glyph::Left/></a>
                // On a phone the name stands above the rest.
                <div class="inbox-title">
                    <h1 class="min-w-0 truncate text-md font-semibold">{name}</h1>
                    <div class="inbox-about" data-status=line.status.key()>
                        <StatusPill tone>{(words.status)(line.status)}</StatusPill>
                        <p class="flex min-w-0 items-center gap-1.5 text-sm text-fg-2 max-sm:text-xs" title=whole_channel><Icon of=glyph(line.kind)/><span class="inbox-channel">{channel}</span></p>
                        {left}
                    </div>
                </div>
                {turn}
                {more}
            </div>
            {until}
            {controls}
        </header>
    }
}

/// How long one can still answer, beside the name on a phone. A wide screen says it above the form.
#[component]
fn TimeLeft(words: &'static Texts, line: ConversationLine) -> impl IntoView {
    let now = now();
    let window = line.window(now);
    window.until().map(|at| {
        view! { <span class="inbox-left"><WindowRing window now words=window_words(words, window, now)/><Until at past=words.window_over/></span> }
    })
}
