//! What may be sent now, above the form: for how long one can answer freely, or why one cannot.

use domain::messaging::view::{ChannelView, ConversationLine};
use domain::messaging::window::Window;
use kit::window_ring::left;
use kit::{StatusIcon, Tone, Until, WindowRing};
use leptos::prelude::*;
use web::clock::now;

use super::line::window_words;
use super::read::Place;
use super::texts::Texts;

/// One line above the form of the answer.
#[component]
pub(super) fn WindowBar(
    words: &'static Texts,
    place: Place,
    line: ConversationLine,
    channel: Option<ChannelView>,
) -> impl IntoView {
    let now = now();
    let href = format!("/b/{}/integrations", place.business);
    let to_connections = place.connects.then(|| view! { <a class="link" href=href>{words.to_connections}</a> });
    let trouble = match &channel {
        Some(channel) if !channel.active => Some(words.channel_off),
        Some(channel) if channel.hold_since.is_some() => Some(words.on_hold),
        _ => None,
    };
    if let Some(text) = trouble {
        return view! {
            <p class="inbox-bar bg-warn-bg text-warn" role="status"><StatusIcon tone=Tone::Warn/><span class="min-w-0 grow basis-40">{text}</span>{to_connections}</p>
        }
        .into_any();
    }
    let window = line.window(now);
    let until =
        |before: &'static str, at| view! { <span>{before}" "<Until at past=words.window_over/></span> }.into_any();
    let text = match window {
        Window::Always => return ().into_any(),
        Window::Free { until: at } => until(words.free_for, at),
        Window::Late { until: at } => until(words.late_for, at),
        Window::Template if line.window_closes_at.is_none() => words.never_wrote.into_any(),
        Window::Template => words.closed_template.into_any(),
        Window::Closed => words.closed_for_good.into_any(),
    };
    let warns = left(window, now).is_some_and(|(_, tone)| tone == Tone::Warn);
    // On a phone the head says how long the window stays open, and here only what is out of the ordinary.
    let class = match window {
        _ if warns => "inbox-bar bg-warn-bg text-warn",
        Window::Free { .. } => "inbox-bar text-fg-2 max-sm:hidden",
        _ => "inbox-bar text-fg-2",
    };
    view! { <p class=class role="status" data-window><WindowRing window now words=window_words(words, window, now)/><span class="min-w-0 flex-1">{text}</span></p> }.into_any()
}
