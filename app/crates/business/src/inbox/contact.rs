//! The contact beside a conversation: what is known of the person, and the form that corrects it.

use domain::language::Language;
use domain::messaging::view::ContactView;
use kit::{Button, ButtonStyle, Filled, Form, KeyValue, KeyValues, TextArea, TextField};
use leptos::prelude::*;

use super::erasure::Erase;
use super::opt_in::AgreedAgain;
use super::read::Place;
use super::texts::{Texts, texts};

/// The contact of a conversation.
#[component]
pub(super) fn ContactPane(
    language: Language,
    place: Place,
    contact: ContactView,
    filled: Filled,
    of_consent: Filled,
) -> impl IntoView {
    let words = texts(language);
    let shown = contact.clone();
    let opted_out = shown.opted_out_at.map(|at| {
        view! { <KeyValue name=words.opted_out>{(words.opted_out_since)(&language.date(at))}</KeyValue> }
    });
    let mut known: Vec<(&str, String)> = Vec::new();
    for one in &shown.identities {
        let name = (words.identity)(&one.kind);
        let id = one.username.as_ref().map_or_else(|| one.id.clone(), |username| format!("@{username}"));
        if !known.iter().any(|(_, have)| *have == id) {
            known.push((name, id));
        }
    }
    let known = known
        .into_iter()
        .map(|(name, id)| view! { <li class="break-all"><span class="text-fg-3">{name}" "</span>{id}</li> });
    let known = known.collect_view();
    let fact = |name: &'static str, value: Option<String>| {
        value
            .filter(|value| !value.is_empty())
            .map(|value| view! { <KeyValue name=name><span dir="auto">{value}</span></KeyValue> })
    };
    let may_agree = place.replies && shown.opted_out_at.is_some();
    let agreed = may_agree.then(|| {
        view! { <AgreedAgain words place=place.clone() contact=shown.id filled=of_consent/> }
    });
    let erase = place.erases.then(|| view! { <Erase words place=place.clone() contact=shown.id/> });
    let form = place.replies.then(|| view! { <Correct words place=place.clone() contact filled/> });
    view! {
        <div class="flex flex-col gap-4 p-4">
            <h2 class="text-md font-semibold">{words.contact}</h2>
            <KeyValues>
                {fact(words.name, Some(shown.name))}
                {fact(words.phone, shown.phone)}
                {fact(words.email, shown.email)}
                {fact(words.company, Some(shown.company))}
                <KeyValue name=words.known_as><ul class="flex flex-col gap-1">{known}</ul></KeyValue>
                <KeyValue name=words.first_seen>{language.date(shown.created_at)}</KeyValue>
                {opted_out}
            </KeyValues>
            {(!shown.note.is_empty()).then(|| view! { <p class="inbox-text rounded-control bg-raised p-3 text-sm" dir="auto">{shown.note}</p> })}
            {agreed}
            {form}
            {erase}
        </div>
    }
}

/// The form, folded away until it is needed or came back with an error.
#[component]
fn Correct(words: &'static Texts, place: Place, contact: ContactView, filled: Filled) -> impl IntoView {
    let open = filled.came_back();
    let hidden = vec![("business", place.business.to_string()), ("contact", contact.id.to_string())];
    view! {
        <details class="border-t border-line pt-3" open=open>
            <summary class="fold w-fit py-1 text-sm font-medium" data-key="e">{words.edit}</summary>
            <Form action="/do/change_contact" filled=filled hidden=hidden class="flex flex-col gap-4 pt-3">
                <TextField name="name" label=words.name value=contact.name autocomplete="off" maxlength=120_u32/>
                <TextField name="phone" label=words.phone kind="tel" value=contact.phone.unwrap_or_default() autocomplete="off" maxlength=32_u32/>
                <TextField name="email" label=words.email kind="email" value=contact.email.unwrap_or_default() autocomplete="off" maxlength=254_u32/>
                <TextField name="company" label=words.company value=contact.company autocomplete="off" maxlength=120_u32/>
                <TextArea name="note" label=words.about value=contact.note maxlength=1000_u32/>
                <div><Button look=ButtonStyle::Primary>{words.save}</Button></div>
            </Form>
        </details>
    }
}
