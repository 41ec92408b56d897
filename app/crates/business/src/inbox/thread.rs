//! The messages of a conversation, oldest first, with a break before each day. The newest stand at the end, where the page
//! opens.

use chrono_tz::Tz;
use domain::ConversationId;
use domain::language::Language;
use domain::messaging::view::{ConversationLine, MessageView};
use domain::provisioning::zone_called_in;
use kit::{Address, Region};
use leptos::prelude::*;
use web::clock::now;

use super::day;
use super::message::{Message, Surroundings};
use super::read::Place;
use super::texts::texts;

/// What the messages of a conversation follow: the conversation, and what changes inside it alone.
fn topics(conversation: ConversationId) -> String {
    format!("conversation.changed:{conversation} message.changed:{conversation}")
}

/// The messages of a conversation.
#[component]
pub(super) fn ThreadLog(
    language: Language,
    at: Address,
    place: Place,
    line: ConversationLine,
    messages: Vec<MessageView>,
    older: Option<String>,
    zone: Tz,
    looks_back: bool,
) -> impl IntoView {
    let words = texts(language);
    let older = older.map(|cursor| {
        view! { <p class="pb-2 text-center"><a class="btn btn-secondary" href=at.with("before", &cursor).href()>{words.older}</a></p> }
    });
    let around = Surroundings {
        words,
        at: at.clone(),
        kind: line.kind,
        takes_words: place.replies && !looks_back && line.window(now()).allows_text(),
        place,
        zone,
    };
    let is_empty = messages.is_empty();
    let mut before = None;
    let mut lines: Vec<AnyView> = Vec::with_capacity(messages.len());
    for message in messages {
        let today = day::of(zone, message.at);
        if before.replace(today) != Some(today) {
            let text = language.date(day::noon(today));
            lines.push(view! { <li class="inbox-day"><span>{text}</span></li> }.into_any());
        }
        lines.push(view! { <Message around=around.clone() message/> }.into_any());
    }
    // With scripts times are by the clock of whoever reads, so nothing is said of another one.
    let clock = (!is_empty).then(|| {
        let said = (words.times_in)(&zone_called_in(language, zone.name()));
        view! { <p class="unscripted px-4 py-1 text-center text-xs text-fg-3" data-zone>{said}</p> }
    });
    let nothing = is_empty.then(|| view! { <p class="p-6 text-center text-fg-3">{words.no_message_any_more}</p> });
    view! {
        {clock}
        <div class="inbox-log" role="log" aria-label=words.messages tabindex="0">
            <Region key="thread" topics=topics(line.id)>
                {older}
                <ol class="flex flex-col gap-3">{lines}</ol>
                {nothing}
            </Region>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use domain::topics::concerns;

    use super::*;

    #[test]
    fn messages_follow_their_own_conversation_and_what_changes_inside_it() {
        let (one, other) = (ConversationId(uuid::Uuid::from_u128(1)), ConversationId(uuid::Uuid::from_u128(2)));
        for topic in ["conversation.changed", "message.changed"] {
            assert!(concerns(&topics(one), &format!("{topic}:{one}")), "{topic}");
            assert!(!concerns(&topics(one), &format!("{topic}:{other}")), "{topic}");
        }
    }
}
