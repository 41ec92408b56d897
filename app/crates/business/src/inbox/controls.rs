//! What can a person decide about a conversation? Who looks after it, whether it is done, and what the assistant may do.

use domain::messaging::view::ConversationLine;
use domain::messaging::{AiMode, ConversationStatus, Owner};
use kit::{ButtonStyle, Choice, Glyph, Menu, MenuPost, PostButton};
use leptos::prelude::*;

use super::actions::{AS_CHANNEL, GIVE_BACK, TAKE_OVER};
use super::read::Place;
use super::texts::Texts;

/// Where it is decided what the assistant may do.
const ASSISTANT: &str = "/do/set_conversation_assistant";

/// The fields of a form about this conversation, with one more.
fn with(place: &Place, line: &ConversationLine, name: &'static str, value: &str) -> Vec<(&'static str, String)> {
    place.hidden(line.id).into_iter().chain([(name, value.to_owned())]).collect()
}

/// The menus and buttons of a conversation.
#[component]
pub(super) fn Controls(
    words: &'static Texts,
    place: Place,
    line: ConversationLine,
    people: Vec<Choice>,
) -> impl IntoView {
    let status = |status: ConversationStatus| with(&place, &line, "status", status.key());
    let (closed, open) = (status(ConversationStatus::Closed), status(ConversationStatus::Open));
    let later = status(ConversationStatus::Snoozed);
    let action = "/do/set_conversation_status";
    let done = match line.status {
        ConversationStatus::Closed => {
            view! { <PostButton action hidden=open icon=Glyph::Undo>{words.reopen}</PostButton> }.into_any()
        }
        ConversationStatus::Snoozed => view! {
            <PostButton action hidden=open icon=Glyph::Undo>{words.reopen}</PostButton>
            <PostButton action hidden=closed icon=Glyph::Check>{words.close}</PostButton>
        }
        .into_any(),
        ConversationStatus::Open => view! {
            <PostButton action hidden=closed icon=Glyph::Check>{words.close}</PostButton>
            <PostButton action hidden=later look=ButtonStyle::Quiet icon=Glyph::Clock>{words.snooze}</PostButton>
        }
        .into_any(),
    };
    view! {
        <div class="inbox-controls">
            {done}
            <Assigned words place=place.clone() line=line.clone() people/>
            <Assistant words place line/>
        </div>
    }
}

/// Who looks after a conversation, and whom it can be given to.
#[component]
fn Assigned(words: &'static Texts, place: Place, line: ConversationLine, people: Vec<Choice>) -> impl IntoView {
    let is_mine = line.assigned_to == Some(place.user);
    let label = match &line.assigned_name {
        Some(_) if is_mine => (words.assigned)(words.me),
        Some(name) => (words.assigned)(name),
        None => words.unassigned.to_owned(),
    };
    let me = (!is_mine).then(|| Choice::new(place.user.to_string(), words.me));
    let nobody = line.assigned_to.map(|_| Choice::new("", words.nobody));
    let entries = me.into_iter().chain(people).chain(nobody).map(|choice| {
        let hidden = with(&place, &line, "user", &choice.value);
        view! { <MenuPost action="/do/assign_conversation" hidden=hidden>{choice.label}</MenuPost> }
    });
    let entries = entries.collect_view();
    view! { <Menu label look=ButtonStyle::Quiet>{entries}</Menu> }
}

/// What the assistant may do.
#[component]
fn Assistant(words: &'static Texts, place: Place, line: ConversationLine) -> impl IntoView {
    let modes = AiMode::ALL.iter().filter(|mode| **mode != line.ai_mode).map(|mode| (mode.key(), (words.mode)(*mode)));
    let modes: Vec<_> = modes.chain([(AS_CHANNEL, words.as_channel)]).collect();
    let entries = modes.into_iter().map(|(key, label)| {
        let hidden = with(&place, &line, "mode", key);
        view! { <MenuPost action=ASSISTANT hidden=hidden>{label}</MenuPost> }
    });
    let entries = entries.collect_view();
    let label = format!("{}: {}", words.assistant, (words.mode)(line.ai_mode));
    view! { <Menu label look=ButtonStyle::Quiet>{entries}</Menu> }
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
