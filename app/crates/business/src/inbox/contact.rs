//! The contact beside a conversation: what is known of the person, and the form that corrects it.

use chrono_tz::Tz;
use domain::language::Language;
use domain::messaging::view::ContactView;
use domain::phone;
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
    /// The time zone of the business.
    zone: Tz,
    /// The form that corrects the contact, and the one that notes a consent.
    typed: (Filled, Filled),
    /// True on the page of the contact, to which a conversation leads.
    #[prop(optional)]
    is_page: bool,
) -> impl IntoView {
    let (words, (filled, of_consent)) = (texts(language), typed);
    let shown = contact.clone();
    let whole = (!is_page).then(|| {
        let href = format!("/b/{}/contacts/{}", place.business, contact.id);
        view! { <a class="link w-fit text-sm" href=href>{words.whole_contact}</a> }
    });
    let refused = |at| (words.opted_out_since)(&language.date_in(zone, at));
    let automatic = shown.opted_out_at.map_or_else(|| words.opted_in.to_owned(), refused);
    let marketing = shown.marketing_refused_at.map(refused);
    // The page of the contact says more of its channels.
    let known = (!is_page).then(|| {
        let lines = places(words, &shown).into_iter().map(
            |(name, handle)| view! { <li>{name}" "<span class="break-all text-fg-3" dir="auto">{handle}</span></li> },
        );
        let lines = lines.collect_view();
        view! { <KeyValue name=words.known_as><ul class="flex flex-col gap-1">{lines}</ul></KeyValue> }
    });
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
                {fact(words.phone, shown.phone.map(|number| phone::shown(&number)))}
                {fact(words.email, shown.email)}
                {fact(words.company, Some(shown.company))}
                {known}
                <KeyValue name=words.first_seen>{language.date_in(zone, shown.created_at)}</KeyValue>
                <KeyValue name=words.opted_out>{automatic}</KeyValue>
                {fact(words.marketing, marketing)}
            </KeyValues>
            <Noted words note=shown.note is_page/>
            {whole}
            {agreed}
            {form}
            {erase}
        </div>
    }
}

/// What the business noted. The page of the contact says so, too, if that is nothing.
#[component]
fn Noted(words: &'static Texts, note: String, is_page: bool) -> impl IntoView {
    if note.is_empty() && !is_page {
        return ().into_any();
    }
    let text = if note.is_empty() {
        view! { <p class="text-sm text-fg-3">{words.no_note}</p> }.into_any()
    } else {
        view! { <p class="inbox-text rounded-control bg-raised p-3 text-sm" dir="auto">{note}</p> }.into_any()
    };
    view! { <section class="flex flex-col gap-1"><h3 class="text-sm text-fg-3">{words.about}</h3>{text}</section> }
        .into_any()
}

/// Where the contact writes, with the name that people see there. The ids of a platform say nothing to people; the number of
/// WhatsApp does, unless it stands there as the phone.
fn places(words: &Texts, contact: &ContactView) -> Vec<(&'static str, String)> {
    let mut places: Vec<(&str, String)> = Vec::new();
    for one in &contact.identities {
        let name = (words.identity)(&one.kind);
        let number = || (one.kind == "wa_id" && contact.phone.is_none()).then(|| phone::shown(&format!("+{}", one.id)));
        let handle = one.username.as_ref().map(|username| format!("@{username}")).or_else(number).unwrap_or_default();
        match places
            .iter_mut()
            .find(|(known, seen)| *known == name && (seen.is_empty() || handle.is_empty() || *seen == handle))
        {
            Some((_, seen)) if seen.is_empty() => *seen = handle,
            Some(_) => {}
            None => places.push((name, handle)),
        }
    }
    places
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn contact(phone: Option<&str>, identities: &[(&str, &str, Option<&str>)]) -> ContactView {
        let identities: Vec<_> = identities
            .iter()
            .map(|(kind, id, username)| json!({ "kind": kind, "id": id, "username": username }))
            .collect();
        let mut contact: ContactView = serde_json::from_value(json!({
            "id": uuid::Uuid::nil(), "name": "Zoe", "email": null, "phone": null, "company": "", "note": "",
            "identities": identities, "opted_out_at": null, "created_at": "2026-01-01T00:00:00Z"
        }))
        .unwrap();
        contact.phone = phone.map(str::to_owned);
        contact
    }

    #[test]
    fn a_contact_is_known_by_channels_and_names_and_not_by_ids() {
        let words = texts(Language::English);
        let of = |phone, identities: &[_]| places(words, &contact(phone, identities));
        let both = [("wa_id", "4915150", None), ("bsuid", "US.13491208", None)];
        assert_eq!(of(Some("+4915150"), &both), [("WhatsApp", String::new())]);
        assert_eq!(of(None, &both), [("WhatsApp", phone::shown("+4915150"))]);
        let named = [("bsuid", "US.13491208", Some("zoe")), ("igsid", "178414", None), ("bsuid", "US.2", Some("zoe2"))];
        let wanted = [("WhatsApp", "@zoe"), ("Instagram", ""), ("WhatsApp", "@zoe2")];
        assert_eq!(of(None, &named), wanted.map(|(name, handle)| (name, handle.to_owned())));
    }
}
