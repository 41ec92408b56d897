//! What will be when a contact becomes part of another one? What is known then, what is not kept, and which conversations move; or
//! why they stay two contacts.

use chrono_tz::Tz;
use domain::language::Language;
use domain::messaging::Channel;
use domain::messaging::view::ContactView;
use domain::phone;
use kit::labels::messaging::glyph;
use kit::{Banner, Button, ButtonLink, ButtonStyle, Card, Filled, Form, Icon, KeyValue, KeyValues, Tone};
use leptos::prelude::*;
use store::messaging::contact_page::ConversationRow;
use store::messaging::merging::Pair;

use super::super::read::Place;
use super::super::texts as inbox_texts;
use super::actions::MERGE;
use super::list::channels;
use super::read::{Other, name};
use super::texts::texts;

/// What becomes of two contacts, with the button that does it.
#[component]
pub(super) fn Preview(
    language: Language,
    zone: Tz,
    place: Place,
    contact: ContactView,
    other: Other,
    typed: Filled,
) -> impl IntoView {
    let words = texts(language);
    let title = (words.preview)(&name(words, &contact), &name(words, &other.contact));
    let back = format!("/b/{}/contacts/{}/merge", place.business, contact.id);
    let back = view! { <ButtonLink href=back look=ButtonStyle::Quiet>{words.choose_other}</ButtonLink> };
    let shared = channels(language, &other.pair.shared);
    if !shared.is_empty() {
        return view! {
            <Banner tone=Tone::Warn text=(words.shared)(&shared)/>
            <div>{back}</div>
        }
        .into_any();
    }
    let hidden = vec![
        ("business", place.business.to_string()),
        ("contact", contact.id.to_string()),
        ("other", other.contact.id.to_string()),
    ];
    let kinds: Vec<String> =
        contact.identities.iter().chain(&other.contact.identities).map(|one| one.kind.clone()).collect();
    let facts = view! { <Facts language zone kinds pair=other.pair/> };
    let moves = moves(language, other.conversations);
    view! {
        <Card title=title>
            <Form action=format!("/do/{MERGE}") filled=typed hidden=hidden class="flex flex-col gap-4">
                <p class="text-fg-2">{words.preview_help}</p>
                {facts}
                {moves}
                <div class="flex flex-wrap gap-2">
                    <Button look=ButtonStyle::Primary>{words.merge_now}</Button>
                    {back}
                </div>
            </Form>
        </Card>
    }
    .into_any()
}

/// What will be known, and what of the other contact is not kept.
#[component]
fn Facts(language: Language, zone: Tz, kinds: Vec<String>, pair: Pair) -> impl IntoView {
    let (words, inbox) = (texts(language), inbox_texts::texts(language));
    let both = pair.kept.with(&pair.gone);
    let grouped = |number: Option<String>| number.map(|number| phone::shown(&number));
    let fact = move |name: &'static str, will_be: String, other: Option<String>| {
        let left = other.filter(|other| !other.is_empty() && *other != will_be).map(|other| {
            view! { <span class="block text-sm text-fg-3">{words.not_kept}" "<span dir="auto">{other}</span></span> }
        });
        let shown = !will_be.is_empty() || left.is_some();
        shown.then(
            || view! { <KeyValue name=name><span class="break-words" dir="auto">{will_be}</span>{left}</KeyValue> },
        )
    };
    let out = both.opted_out_at.map(|at| {
        view! { <KeyValue name=inbox.opted_out>{(inbox.opted_out_since)(&language.date_in(zone, at))}</KeyValue> }
    });
    view! {
        <KeyValues>
            {fact(inbox.name, both.name, Some(pair.gone.name))}
            {fact(inbox.phone, grouped(both.phone).unwrap_or_default(), grouped(pair.gone.phone))}
            {fact(inbox.email, both.email.unwrap_or_default(), pair.gone.email)}
            {fact(inbox.company, both.company, Some(pair.gone.company))}
            {fact(inbox.about, both.note, None)}
            <KeyValue name=inbox.known_as>{channels(language, &kinds)}</KeyValue>
            {out}
        </KeyValues>
    }
}

/// The conversations that will be with the contact that stays.
fn moves(language: Language, conversations: Vec<ConversationRow>) -> impl IntoView {
    let (words, inbox) = (texts(language), inbox_texts::texts(language));
    let is_none = conversations.is_empty();
    let lines = conversations.into_iter().map(|row| {
        // A web chat is named as its kind, in the language of the page.
        let is_web = row.kind == Channel::Webchat;
        let name = if is_web { (inbox.channel)(row.kind).to_owned() } else { phone::shown(&row.channel_name) };
        view! { <li class="flex items-center gap-2"><Icon of=glyph(row.kind)/><span class="min-w-0 truncate" dir="auto">{name}</span></li> }
    });
    let lines = lines.collect_view();
    let none = is_none.then(|| view! { <p class="text-fg-3">{words.moves_nothing}</p> });
    view! {
        <div class="flex flex-col gap-1 text-sm">
            <h3 class="font-medium">{words.moves}</h3>
            <ul class="flex flex-col gap-1">{lines}</ul>
            {none}
        </div>
    }
}
