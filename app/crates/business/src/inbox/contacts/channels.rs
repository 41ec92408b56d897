//! Where does a contact write? Each channel with the names that the person has there, and when they last wrote.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use domain::language::Language;
use domain::messaging::Channel;
use domain::messaging::view::{ContactView, IdentityView};
use domain::phone;
use kit::labels::messaging::glyph;
use kit::{Ago, Card, Icon};
use leptos::prelude::*;
use store::messaging::contact_page::ConversationRow;

use super::super::texts as inbox_texts;
use super::texts::texts;

/// A channel of a contact.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OnChannel {
    channel: Channel,
    /// What the person is called there.
    handles: Vec<String>,
    /// When they last wrote there.
    last: Option<DateTime<Utc>>,
}

/// The channels of a contact, the one on which the person last wrote first.
pub(super) fn on_channels(contact: &ContactView, conversations: &[ConversationRow]) -> Vec<OnChannel> {
    let mut channels: Vec<Channel> = Vec::new();
    let known = contact.identities.iter().map(|one| channel_of(&one.kind));
    for channel in known.chain(conversations.iter().map(|row| row.kind)) {
        if !channels.contains(&channel) {
            channels.push(channel);
        }
    }
    let mut lines: Vec<OnChannel> = channels
        .into_iter()
        .map(|channel| {
            let mut handles: Vec<String> = Vec::new();
            for handle in contact.identities.iter().filter(|one| channel_of(&one.kind) == channel).filter_map(handle) {
                if !handles.contains(&handle) {
                    handles.push(handle);
                }
            }
            let last = conversations.iter().filter(|row| row.kind == channel).filter_map(|row| row.last_heard_at).max();
            OnChannel { channel, handles, last }
        })
        .collect();
    lines.sort_by_key(|line| Reverse(line.last));
    lines
}

/// The channel that gives ids of this kind.
fn channel_of(kind: &str) -> Channel {
    match kind {
        "wa_id" | "bsuid" | "parent_bsuid" => Channel::Whatsapp,
        "psid" => Channel::Facebook,
        "igsid" => Channel::Instagram,
        _ => Channel::Webchat,
    }
}

/// What people read of an id: the user name, or the number on WhatsApp. The other ids say nothing to people.
fn handle(identity: &IdentityView) -> Option<String> {
    let username = identity.username.as_deref().filter(|name| !name.is_empty()).map(|name| format!("@{name}"));
    username.or_else(|| (identity.kind == "wa_id").then(|| phone::shown(&format!("+{}", identity.id))))
}

/// The channels of a contact.
#[component]
pub(super) fn Channels(language: Language, channels: Vec<OnChannel>) -> impl IntoView {
    let (words, inbox) = (texts(language), inbox_texts::texts(language));
    if channels.is_empty() {
        return view! { <Card title=words.channels><p class="text-fg-3">{words.no_channels}</p></Card> }.into_any();
    }
    let lines = channels.into_iter().map(|OnChannel { channel, handles, last }| {
        let (name, handles) = ((inbox.channel)(channel), handles.join(" \u{b7} "));
        let last = match last {
            Some(at) => view! { {words.last_wrote}" "<Ago at/> }.into_any(),
            None => words.never_wrote.into_any(),
        };
        view! {
            <li class="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-4 py-3 first:border-0">
                <Icon of=glyph(channel)/>
                <span class="flex min-w-0 grow basis-40 flex-col">
                    <span class="font-medium">{name}</span>
                    <span class="text-sm break-all text-fg-2 empty:hidden" dir="auto">{handles}</span>
                </span>
                <span class="text-xs text-fg-3">{last}</span>
            </li>
        }
    });
    let lines = lines.collect_view();
    view! { <Card title=words.channels flush=true><ul>{lines}</ul></Card> }.into_any()
}

#[cfg(test)]
mod tests {
    use domain::ConversationId;
    use domain::messaging::ConversationStatus;
    use serde_json::json;

    use super::*;

    fn row(kind: Channel, second: i64) -> ConversationRow {
        let at = DateTime::from_timestamp(second, 0);
        ConversationRow {
            id: ConversationId(uuid::Uuid::nil()),
            kind,
            channel_name: String::new(),
            status: ConversationStatus::Open,
            preview: String::new(),
            last_direction: None,
            last_message_at: at.unwrap(),
            last_heard_at: at.filter(|_| second > 0),
            unread: 0,
            waiting_since: None,
        }
    }

    #[test]
    fn each_channel_stands_once_with_its_names_the_last_one_first() {
        let contact: ContactView = serde_json::from_value(json!({
            "id": uuid::Uuid::nil(), "name": "Zoe", "email": null, "phone": null, "company": "", "note": "",
            "opted_out_at": null, "created_at": "2026-01-01T00:00:00Z", "identities": [
                { "kind": "wa_id", "id": "13055550142", "username": null },
                { "kind": "bsuid", "id": "US.1", "username": "zoe" },
                { "kind": "igsid", "id": "178414", "username": "zoe.bell" },
            ]
        }))
        .unwrap();
        let rows = [row(Channel::Whatsapp, 5), row(Channel::Instagram, 9), row(Channel::Facebook, 0)];
        let found = on_channels(&contact, &rows);
        let lines: Vec<_> = found.iter().map(|one| (one.channel, one.handles.join(" "), one.last.is_some())).collect();
        let wanted = [
            (Channel::Instagram, "@zoe.bell".to_owned(), true),
            (Channel::Whatsapp, "+1 305-555-0142 @zoe".to_owned(), true),
            (Channel::Facebook, String::new(), false),
        ];
        assert_eq!(lines, wanted);
        assert!(on_channels(&ContactView { identities: Vec::new(), ..contact }, &[]).is_empty());
    }

    #[test]
    fn a_name_on_a_channel_is_text() {
        let line = OnChannel { channel: Channel::Instagram, handles: vec!["@<b>".to_owned()], last: None };
        let html = Owner::new().with(|| view! { <Channels language=Language::English channels=vec![line]/> }.to_html());
        assert!(!html.contains("<b>") && html.contains(texts(Language::English).never_wrote), "{html}");
    }
}
