//! What can a person decide about a conversation? Who looks after it, whether it is done, and what the assistant may do: in a
//! row on a wide screen, in one menu on a phone.

use domain::messaging::view::ConversationLine;
use domain::messaging::{AiMode, ConversationStatus, Owner};
use kit::{ButtonStyle, Choice, Glyph, Menu, MenuLink, MenuPost, PostButton};
use leptos::prelude::*;

use super::actions::{AS_CHANNEL, GIVE_BACK, TAKE_OVER};
use super::read::Place;
use super::texts::Texts;

/// Where it is decided whether a conversation is done, and who looks after it.
const STATUS: &str = "/do/set_conversation_status";
const ASSIGN: &str = "/do/assign_conversation";
/// Where it is decided what the assistant may do.
const ASSISTANT: &str = "/do/set_conversation_assistant";

/// The fields of a form about this conversation, with one more.
fn with(place: &Place, line: &ConversationLine, name: &'static str, value: &str) -> Vec<(&'static str, String)> {
    place.hidden(line.id).into_iter().chain([(name, value.to_owned())]).collect()
}

/// What one press does with a conversation: the status that follows, the words for it, and how its button looks.
struct Step {
    to: ConversationStatus,
    label: &'static str,
    icon: Glyph,
    look: ButtonStyle,
}

/// What can be done with a conversation of this status, the main step first.
fn steps(words: &'static Texts, status: ConversationStatus) -> Vec<Step> {
    let (open, closed, snoozed) = (ConversationStatus::Open, ConversationStatus::Closed, ConversationStatus::Snoozed);
    let reopen = Step { to: open, label: words.reopen, icon: Glyph::Undo, look: ButtonStyle::Secondary };
    let close = Step { to: closed, label: words.close, icon: Glyph::Check, look: ButtonStyle::Secondary };
    let snooze = Step { to: snoozed, label: words.snooze, icon: Glyph::Clock, look: ButtonStyle::Quiet };
    match status {
        ConversationStatus::Closed => vec![reopen],
        ConversationStatus::Snoozed => vec![reopen, close],
        ConversationStatus::Open => vec![close, snooze],
    }
}

/// Who looks after a conversation, in words.
fn keeper(words: &'static Texts, place: &Place, line: &ConversationLine) -> String {
    match &line.assigned_name {
        Some(_) if line.assigned_to == Some(place.user) => words.assigned_me.to_owned(),
        Some(name) => (words.assigned)(name),
        None => words.unassigned.to_owned(),
    }
}

/// The entries that give a conversation to somebody, or to nobody.
fn keepers(words: &'static Texts, place: &Place, line: &ConversationLine, people: Vec<Choice>) -> Vec<AnyView> {
    let is_mine = line.assigned_to == Some(place.user);
    let me = (!is_mine).then(|| Choice::new(place.user.to_string(), words.me));
    let nobody = line.assigned_to.map(|_| Choice::new("", words.nobody));
    let entries = me.into_iter().chain(people).chain(nobody).map(|choice| {
        let hidden = with(place, line, "user", &choice.value);
        view! { <MenuPost action=ASSIGN hidden=hidden>{choice.label}</MenuPost> }.into_any()
    });
    entries.collect()
}

/// What the assistant does, in words.
fn mode(words: &'static Texts, line: &ConversationLine) -> String {
    format!("{}: {}", words.assistant, (words.mode)(line.ai_mode))
}

/// The entries that choose what the assistant does.
fn modes(words: &'static Texts, place: &Place, line: &ConversationLine) -> Vec<AnyView> {
    let modes = AiMode::ALL.iter().filter(|mode| **mode != line.ai_mode).map(|mode| (mode.key(), (words.mode)(*mode)));
    let entries = modes.chain([(AS_CHANNEL, words.as_channel)]).map(|(key, label)| {
        let hidden = with(place, line, "mode", key);
        view! { <MenuPost action=ASSISTANT hidden=hidden>{label}</MenuPost> }.into_any()
    });
    entries.collect()
}

/// The menus and buttons of a conversation, for a screen that has room for the row.
#[component]
pub(super) fn Controls(
    words: &'static Texts,
    place: Place,
    line: ConversationLine,
    people: Vec<Choice>,
) -> impl IntoView {
    let done = steps(words, line.status).into_iter().map(|Step { to, label, icon, look }| {
        let hidden = with(&place, &line, "status", to.key());
        view! { <PostButton action=STATUS hidden=hidden look=look icon=icon>{label}</PostButton> }
    });
    let done = done.collect_view();
    let (keeper, keepers) = (keeper(words, &place, &line), keepers(words, &place, &line, people));
    let (mode, modes) = (mode(words, &line), modes(words, &place, &line));
    view! {
        <div class="inbox-controls">
            {done}
            <Menu label=keeper look=ButtonStyle::Quiet>{keepers}</Menu>
            <Menu label=mode look=ButtonStyle::Quiet>{modes}</Menu>
        </div>
    }
}

/// The same on a phone: one menu. It also leads to the contact, whom a wide screen shows beside the conversation.
#[component]
pub(super) fn More(words: &'static Texts, place: Place, line: ConversationLine, people: Vec<Choice>) -> impl IntoView {
    let contact = format!("/b/{}/contacts/{}", place.business, line.contact);
    let done = place.replies.then(|| {
        let done = steps(words, line.status).into_iter().map(|Step { to, label, icon, .. }| {
            let hidden = with(&place, &line, "status", to.key());
            view! { <MenuPost action=STATUS hidden=hidden icon=icon>{label}</MenuPost> }
        });
        done.collect_view()
    });
    let rest = place.replies.then(|| {
        let (keeper, keepers) = (keeper(words, &place, &line), keepers(words, &place, &line, people));
        let (mode, modes) = (mode(words, &line), modes(words, &place, &line));
        view! {
            <li class="menu-heading">{keeper}</li>
            {keepers}
            <li class="menu-heading">{mode}</li>
            {modes}
        }
    });
    view! {
        <div class="inbox-more">
            <Menu label=words.more dots=true look=ButtonStyle::Quiet>
                {done}
                <MenuLink href=contact icon=Glyph::Person>{words.contact}</MenuLink>
                {rest}
            </Menu>
        </div>
    }
}

/// Who answers: a person takes the conversation over, or gives it back.
#[component]
pub(super) fn Turn(words: &'static Texts, place: Place, line: ConversationLine) -> impl IntoView {
    let (key, text) = match line.owner {
        Owner::Bot => (TAKE_OVER, words.take_over),
        Owner::WaitingHuman | Owner::Human => (GIVE_BACK, words.give_back),
    };
    // Nobody has to take over from an assistant that does nothing.
    (line.ai_mode != AiMode::Off || line.owner == Owner::WaitingHuman).then(|| {
        let hidden = with(&place, &line, "mode", key);
        view! { <PostButton action=ASSISTANT hidden=hidden look=ButtonStyle::Quiet>{text}</PostButton> }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::language::Language;
    use serde_json::json;

    use super::super::texts::texts;
    use super::*;

    fn place(replies: bool) -> Place {
        Place {
            business: domain::BusinessId(uuid::Uuid::nil()),
            user: domain::UserId(uuid::Uuid::from_u128(7)),
            replies,
            connects: false,
            erases: false,
        }
    }

    fn line(status: ConversationStatus, assigned_to: Option<u128>) -> ConversationLine {
        let nil = uuid::Uuid::nil();
        let line = serde_json::from_value(json!({
            "id": nil, "business": nil, "business_name": "Bright Dental", "contact": nil, "contact_name": "Ana", "channel": nil,
            "kind": "WHATSAPP", "channel_name": "Front desk", "status": "open", "snoozed_until": null, "assigned_to": null,
            "assigned_name": null, "owner": "bot", "ai_mode": "draft", "ai_paused_until": null,
            "last_message_at": "2026-01-01T00:00:00Z", "preview": "Hello", "last_direction": "in", "last_sender": "contact", "last_failed": false,
            "unread": 0, "waiting_since": null, "window_closes_at": null, "late_answers": false
        }));
        let line: ConversationLine = line.unwrap();
        let assigned_name = assigned_to.map(|_| "Zoe".to_owned());
        let assigned_to = assigned_to.map(|id| domain::UserId(uuid::Uuid::from_u128(id)));
        ConversationLine { status, assigned_to, assigned_name, ..line }
    }

    /// The row of a wide screen and the menu of a phone.
    fn both(place: &Place, line: &ConversationLine) -> (String, String) {
        let words = texts(Language::English);
        let people = || vec![Choice::new("p", "Bo")];
        leptos::prelude::Owner::new().with(|| {
            let row = view! { <Controls words place=place.clone() line=line.clone() people=people()/> }.to_html();
            let menu = view! { <More words place=place.clone() line=line.clone() people=people()/> }.to_html();
            (row, menu)
        })
    }

    /// What the forms of a part of the page post.
    fn posted(html: &str) -> BTreeSet<String> {
        let fields = |form: &str| Some(form.get(form.find("<input")?..form.find("<button")?)?.to_owned());
        html.split("<form").skip(1).filter_map(fields).collect()
    }

    #[test]
    fn the_menu_of_a_phone_holds_every_act_of_the_row() {
        for status in ConversationStatus::ALL {
            for assigned_to in [None, Some(7), Some(8)] {
                let (row, menu) = both(&place(true), &line(*status, assigned_to));
                assert!(posted(&row).len() > 4, "{row}");
                assert_eq!(posted(&row), posted(&menu), "{status:?}");
                assert!(menu.contains("/contacts/"), "{menu}");
            }
        }
    }

    #[test]
    fn whoever_only_reads_is_led_to_the_contact_alone() {
        let (_, menu) = both(&place(false), &line(ConversationStatus::Open, None));
        assert!(menu.contains("/contacts/") && !menu.contains("<form"), "{menu}");
    }
}
