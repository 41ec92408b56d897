//! The answers that a customer gives with one tap: the field for them below an answer of ours, and how they stand below a
//! message.

use domain::language::Language;
use domain::messaging::choices::{LONGEST, MOST, longest_text};
use domain::messaging::view::MessageView;
use domain::messaging::{Channel, Direction};
use kit::{Chip, Filled, TextArea};
use leptos::context::Provider;
use leptos::prelude::*;

/// The name of the field, and of the detail of a message.
const CHOICES: &str = "choices";

/// Label and help of the field.
fn words(language: Language, most: usize) -> (&'static str, String) {
    match language {
        Language::English => (
            "Reply buttons",
            format!(
                "One on each line: at most {MOST}, each of at most {LONGEST} characters. The text above them has at most {most}."
            ),
        ),
        Language::Spanish => (
            "Botones de respuesta",
            format!(
                "Uno en cada línea: como máximo {MOST}, cada uno de {LONGEST} caracteres como máximo. El texto encima tiene como máximo {most}."
            ),
        ),
    }
}

/// A field for several answers, folded up until somebody wants it. The choice of a note hides it.
#[component]
pub(super) fn ChoicesField(language: Language, kind: Channel, typed: Filled) -> impl IntoView {
    let (label, help) = words(language, longest_text(kind).unwrap_or_default());
    let is_typed = typed.values.get(CHOICES).is_some_and(|lines| !lines.is_empty());
    let open = is_typed || typed.error(CHOICES).is_some();
    view! {
        <details class="inbox-reply-only" open=open>
            <summary class="fold min-h-8 py-1 text-sm max-sm:min-h-11">{label}</summary>
            <Provider value=typed><TextArea name=CHOICES label rows=3 maxlength=200_u32 help/></Provider>
        </details>
    }
}

/// The answers that stand below a message of ours.
pub(super) fn offered(message: &MessageView) -> Option<AnyView> {
    let titles = message.details.get(CHOICES)?.as_array()?;
    let titles: Vec<_> = titles.iter().filter_map(|title| title.as_str().map(str::to_owned)).collect();
    if titles.is_empty() || message.direction != Direction::Out || message.revoked {
        return None;
    }
    let chips = titles.into_iter().map(|title| view! { <li><Chip>{title}</Chip></li> }).collect_view();
    Some(view! { <ul class="flex flex-wrap gap-1 pt-1" data-choices>{chips}</ul> }.into_any())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn message(direction: &str, details: Value) -> MessageView {
        serde_json::from_value(json!({
            "id": uuid::Uuid::nil(), "at": "2026-01-01T10:00:00Z", "direction": direction, "sender": "person", "sender_name": null,
            "kind": "text", "body": "Which day?", "details": details, "attachments": [], "reactions": [], "reply_to": null,
            "status": "sent", "error": null, "error_code": null, "edited": false, "revoked": false, "repeatable": false,
        }))
        .unwrap()
    }

    fn html(direction: &str, details: Value) -> String {
        Owner::new().with(|| offered(&message(direction, details)).map(|view| view.to_html())).unwrap_or_default()
    }

    #[test]
    fn what_can_be_tapped_stands_below_a_message_of_ours_as_text() {
        let page = html("out", json!({ "choices": ["Monday", "<b>Friday</b>", 7] }));
        assert!(page.contains("Monday") && page.contains("&lt;b&gt;Friday") && !page.contains("<b>Friday"), "{page}");
        for (direction, details) in [
            ("in", json!({ "choices": ["Monday"] })),
            ("out", json!({ "choices": [] })),
            ("out", json!({ "choices": "Monday" })),
            ("out", json!([])),
        ] {
            assert_eq!(html(direction, details), "");
        }
    }

    #[test]
    fn the_field_is_open_while_it_needs_attention() {
        let language = Language::English;
        for (typed, open) in [
            (Filled::default(), false),
            (Filled { errors: vec![(CHOICES.to_owned(), "Too many.".to_owned())], ..Filled::default() }, true),
        ] {
            let page = Owner::new().with(|| view! { <ChoicesField language kind=Channel::Whatsapp typed/> }.to_html());
            assert_eq!(page.contains(" open"), open, "{page}");
        }
    }
}
