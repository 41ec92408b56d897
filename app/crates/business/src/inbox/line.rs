//! A line of the list: who it is with, what was said last, and what it needs.

use chrono::{DateTime, Utc};
use domain::messaging::view::ConversationLine;
use domain::messaging::window::Window;
use domain::messaging::{AiMode, ConversationStatus, Direction, Owner};
use domain::phone;
use kit::labels::messaging::glyph;
use kit::time::span;
use kit::{Ago, Elapsed, Icon, StatusIcon, Tone, WindowRing};
use leptos::prelude::*;

use super::texts::Texts;

/// What a window means, in words.
pub(super) fn window_words(words: &'static Texts, window: Window, now: DateTime<Utc>) -> String {
    // To the minute: a hover text does not tick.
    let left = |until: DateTime<Utc>| span((until - now).num_minutes().max(0) * 60_000);
    match window {
        Window::Always => words.no_window.to_owned(),
        Window::Free { until } => format!("{} {}", words.free_for, left(until)),
        Window::Late { until } => format!("{} {}", words.late_for, left(until)),
        Window::Template => words.closed_template.to_owned(),
        Window::Closed => words.closed_for_good.to_owned(),
    }
}

/// What the assistant does in a conversation, if that is worth a word.
pub(super) fn assistant_words(
    words: &'static Texts,
    line: &ConversationLine,
    now: DateTime<Utc>,
) -> Option<(Tone, &'static str)> {
    match (line.owner, line.ai_mode) {
        (Owner::WaitingHuman, _) => Some((Tone::Asks, words.wants_person)),
        (Owner::Human, _) | (Owner::Bot, AiMode::Off) => None,
        (Owner::Bot, _) if line.ai_paused_until.is_some_and(|until| until > now) => {
            Some((Tone::Cancelled, words.paused))
        }
        (Owner::Bot, AiMode::Auto) => Some((Tone::Ok, words.answers)),
        (Owner::Bot, AiMode::Draft) => Some((Tone::Waiting, words.drafts)),
    }
}

/// A line of the list, as a link to the conversation.
#[component]
pub(super) fn Line(
    words: &'static Texts,
    line: ConversationLine,
    href: String,
    current: bool,
    now: DateTime<Utc>,
) -> impl IntoView {
    let window = line.window(now);
    let (id, at, unread) = (line.id.to_string(), line.last_message_at, line.unread);
    let name = if line.contact_name.is_empty() { words.contact.to_owned() } else { phone::shown(&line.contact_name) };
    let weight = if unread > 0 { "inbox-name font-semibold" } else { "inbox-name" };
    let dot = (unread > 0).then(|| {
        view! { <span class="inbox-unread" aria-hidden="true">{unread}</span><span class="sr-only">{(words.unread)(unread)}" "</span> }
    });
    let preview = if line.preview.is_empty() { words.no_text.to_owned() } else { line.preview.clone() };
    let by_us = (line.last_direction == Some(Direction::Out)).then_some(words.you);
    let failed = line.last_failed.then(|| {
        view! { <span class="inbox-fact text-xs whitespace-nowrap text-bad"><StatusIcon tone=Tone::Failed size=12/>{words.not_delivered}</span> }
    });
    let ring = (line.status != ConversationStatus::Closed)
        .then(|| view! { <WindowRing window now words=window_words(words, window, now)/> });
    view! {
        <li data-row=id>
            <a class="inbox-line row-link" href=href aria-current=current.then_some("page")>
                <span class="inbox-row"><span class=weight>{name}</span>{dot}<Ago at/></span>
                <span class="inbox-row">{failed}<span class="inbox-said">{by_us}{preview}</span>{ring}</span>
                <Facts words line now/>
            </a>
        </li>
    }
}

/// The last row of a line: the channel, who looks after it, who waits, what the assistant does.
#[component]
fn Facts(words: &'static Texts, line: ConversationLine, now: DateTime<Utc>) -> impl IntoView {
    let waiting = line.waiting_since.filter(|_| line.status == ConversationStatus::Open).map(|since| {
        view! { <span class="inbox-fact text-warn">{words.waiting}" "<Elapsed since minutes=true/></span> }
    });
    let assistant = assistant_words(words, &line, now).map(|(tone, word)| {
        view! { <span class="inbox-fact"><StatusIcon tone size=12/>{word}</span> }
    });
    let snoozed = (line.status == ConversationStatus::Snoozed).then(|| (words.status)(line.status));
    let assigned = line.assigned_name.clone().map(|name| view! { <span class="truncate">{name}</span> });
    view! {
        <span class="inbox-facts">
            <span class="inbox-fact"><Icon of=glyph(line.kind)/>{(words.channel)(line.kind)}</span>
            {assigned}{waiting}{assistant}{snoozed}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use domain::language::Language;
    use serde_json::json;

    use super::super::texts::texts;
    use super::*;

    fn line(owner: Owner, mode: AiMode) -> ConversationLine {
        let nil = uuid::Uuid::nil();
        serde_json::from_value(json!({
            "id": nil, "business": nil, "business_name": "Bright Dental", "contact": nil, "contact_name": "<b>Ana</b>", "channel": nil,
            "kind": "WHATSAPP", "channel_name": "Front desk", "status": "open", "snoozed_until": null, "assigned_to": null,
            "assigned_name": null, "owner": owner, "ai_mode": mode, "ai_paused_until": null, "last_message_at": "2026-01-01T00:00:00Z",
            "preview": "Hello", "last_direction": "in", "last_sender": "contact", "last_failed": false, "unread": 2, "waiting_since": "2026-01-01T00:00:00Z",
            "window_closes_at": "2026-01-02T00:00:00Z", "late_answers": false
        }))
        .unwrap()
    }

    #[test]
    fn a_line_says_who_answers() {
        let words = texts(Language::English);
        let now = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
        let of = |owner, mode| assistant_words(words, &line(owner, mode), now).map(|(_, word)| word);
        for mode in AiMode::ALL {
            assert_eq!(of(Owner::WaitingHuman, *mode), Some(words.wants_person));
            assert_eq!(of(Owner::Human, *mode), None);
        }
        assert_eq!(of(Owner::Bot, AiMode::Off), None);
        assert_eq!(of(Owner::Bot, AiMode::Auto), Some(words.answers));
        let paused =
            ConversationLine { ai_paused_until: Some(now + TimeDelta::minutes(1)), ..line(Owner::Bot, AiMode::Auto) };
        assert_eq!(assistant_words(words, &paused, now).map(|(_, word)| word), Some(words.paused));
    }

    #[test]
    fn a_name_stays_text_and_the_unread_messages_are_said() {
        let words = texts(Language::Spanish);
        let now = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
        let html = leptos::prelude::Owner::new().with(|| {
            view! { <Line words line=line(Owner::Bot, AiMode::Auto) href="/x".to_owned() current=true now/> }.to_html()
        });
        assert!(html.contains("&lt;b&gt;Ana") && !html.contains("<b>Ana"), "{html}");
        assert!(html.contains("2 mensajes sin leer") && html.contains("aria-current=\"page\""), "{html}");
        assert!(html.contains("Respuesta libre durante 1d"), "{html}");
        assert!(!html.contains("No entregado"), "{html}");
        // A page has fifty of them: what all share is said in the style sheet.
        assert!(html.replace("<!>", "").len() < 1_400, "{} bytes: {html}", html.len());
    }

    #[test]
    fn a_line_says_before_our_last_message_that_it_did_not_arrive() {
        let now = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
        for (language, word, by_us) in
            [(Language::English, "Not delivered", "You: "), (Language::Spanish, "No entregado", "Usted: ")]
        {
            let words = texts(language);
            let line = ConversationLine {
                last_failed: true,
                last_direction: Some(Direction::Out),
                ..line(Owner::Human, AiMode::Off)
            };
            let html = leptos::prelude::Owner::new()
                .with(|| view! { <Line words line href="/x".to_owned() current=false now/> }.to_html());
            let (before, after) = html.split_once(word).unwrap();
            assert!(before.contains("text-bad") && before.contains("#shape-failed"), "{html}");
            assert!(after.contains(by_us) && after.contains("Hello"), "{html}");
        }
    }
}
