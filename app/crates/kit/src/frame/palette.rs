//! Finds a page or an object by name. One form with its hits in groups: in a dialog that `Ctrl K` opens and that
//! updates while typing, or on a page of its own where there are no scripts.

use chrono::{DateTime, Utc};
use domain::language::Language;
use leptos::prelude::*;

use super::nav::Area;
pub use crate::messages::find::{FindTexts, find_texts};
use crate::messages::messages;
use crate::recent::LINES;
use crate::{Ago, Glyph, Icon};

/// A hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Heading of the hit's group.
    pub group: &'static str,
    /// Icon of the hit.
    pub icon: Glyph,
    /// Name of the hit.
    pub what: String,
    /// What distinguishes the hit from others with the same name.
    pub note: String,
    /// When something last happened there, if that helps to tell it from others.
    pub at: Option<DateTime<Utc>>,
    /// Address of the hit.
    pub href: String,
}

impl Found {
    /// Creates a hit in a group.
    #[must_use]
    pub fn new(group: &'static str, icon: Glyph, what: &str, note: &str, href: String) -> Self {
        Self { group, icon, what: what.to_owned(), note: note.to_owned(), at: None, href }
    }

    /// The hit with the time when something last happened there.
    #[must_use]
    pub fn last_at(self, at: Option<DateTime<Utc>>) -> Self {
        Self { at, ..self }
    }
}

/// Where the Find form of an area is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindAt {
    /// The area.
    pub area: Area,
    /// Address of the Find page.
    pub page: String,
    /// Operation that answers while somebody types.
    pub operation: &'static str,
    /// The field that names the agency or business, and its value; `None` for the platform.
    pub tenant: Option<(&'static str, String)>,
}

/// The texts in the language of the page.
fn texts() -> &'static FindTexts {
    find_texts(use_context::<Language>().unwrap_or_default())
}

/// The button in the header, and the dialog that it opens.
#[component]
pub fn Palette(
    /// Where the form is sent.
    at: FindAt,
    /// Sign-in address of the person, whose pages are remembered.
    person: String,
) -> impl IntoView {
    let (page, area, texts) = (at.page.clone(), at.area, texts());
    let root = page.strip_suffix("/find").unwrap_or(&page).to_owned();
    view! {
        // The link is as wide as the button that takes its place.
        <a class="unscripted btn btn-quiet" href=page aria-label=texts.with_keys><Icon of=Glyph::Search/><kbd class="max-sm:hidden">"Ctrl K"</kbd></a>
        <button type="button" class="scripted btn btn-quiet" data-dialog="find" data-key="mod-k" aria-keyshortcuts="Control+K Meta+K" title=texts.hover aria-label=texts.with_keys>
            <Icon of=Glyph::Search/><kbd class="max-sm:hidden">"Ctrl K"</kbd>
        </button>
        <dialog id="find" class="dialog palette" aria-label=texts.title>
            // What lies below a dialog is not read aloud.
            <p class="lost mb-3 rounded-card" data-lost hidden>{messages().lost}</p>
            <FindForm at=at typed=String::new()/>
            <Recent root person/>
            <Results area typed=String::new() found=Vec::new()/>
        </dialog>
    }
}

/// The pages that the person opened last. The browser fills the lines (`recent`); without scripts there are none.
#[component]
fn Recent(root: String, person: String) -> impl IntoView {
    let lines = (0..LINES).map(|_| {
        view! {
            <li hidden data-recent-page>
                <a class="nav-item"><Icon of=Glyph::Clock/><span class="min-w-0 grow truncate" data-name></span></a>
            </li>
        }
    });
    view! {
        <ul class="flex flex-col gap-px" hidden data-recent=root data-of=person>
            <li class="nav-heading">{texts().recent}</li>
            {lines.collect_view()}
        </ul>
    }
}

/// The Find form.
#[component]
pub fn FindForm(
    /// Where the form is sent.
    at: FindAt,
    /// Initial text of the search field.
    typed: String,
) -> impl IntoView {
    let (texts, area) = (texts(), at.area.key());
    let (label, placeholder) = ((texts.label)(area), (texts.placeholder)(area));
    let tenant = at.tenant.map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    view! {
        <form method="get" action=at.page role="search" aria-label=texts.title data-preview=at.operation data-shows="found" class="flex gap-2 pb-3">
            {tenant}
            <input class="control" type="search" data-find name="q" value=typed maxlength="120" autofocus autocomplete="off" spellcheck="false" placeholder=placeholder aria-label=label/>
            <button type="submit" class="btn btn-secondary">{texts.title}</button>
        </form>
    }
}

/// The hits in their groups.
#[component]
pub fn Results(
    /// The area that was searched.
    area: Area,
    /// The typed text.
    typed: String,
    /// The hits.
    found: Vec<Found>,
) -> impl IntoView {
    let texts = texts();
    let hint = if typed.trim().is_empty() {
        (texts.tip)(area.key()).to_owned()
    } else if found.is_empty() {
        (texts.nothing)(typed.trim())
    } else {
        String::new()
    };
    let mut last = "";
    let lines = found
        .into_iter()
        .map(|one| {
            let heading = (one.group != last).then(|| view! { <li class="nav-heading">{one.group}</li> });
            last = one.group;
            let at =
                one.at.map(|at| view! { <span class="shrink-0 text-xs whitespace-nowrap text-fg-3"><Ago at/></span> });
            view! {
                {heading}
                <li>
                    <a class="nav-item" href=one.href>
                        <Icon of=one.icon/>
                        <span class="min-w-0 grow truncate" dir="auto">{one.what}</span>
                        <span class="truncate text-xs text-fg-3">{one.note}</span>
                        {at}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <div data-live="found" data-typed=typed>
            <ul class="flex flex-col gap-px">{lines}</ul>
            <p class="pt-2 text-xs text-fg-3 empty:hidden" role="status">{hint}</p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(language: Language, typed: &str, found: Vec<Found>) -> String {
        let typed = typed.to_owned();
        Owner::new().with(|| {
            provide_context(language);
            view! { <Results area=Area::Business typed found/> }.to_html()
        })
    }

    #[test]
    fn a_contact_is_text_with_its_channel_and_when_it_last_wrote() {
        let contact = Found::new("Contacts", Glyph::Person, "<b>Ana</b>", "WhatsApp", "/b/x/contacts/1".to_owned());
        let html = drawn(Language::English, "ana", vec![contact.last_at(DateTime::from_timestamp(0, 0))]);
        assert!(!html.contains("<b>") && html.contains("Ana"), "{html}");
        assert!(html.contains("WhatsApp") && html.contains("days ago"), "{html}");
    }

    #[test]
    fn a_business_is_told_in_its_language_what_it_can_find() {
        assert!(drawn(Language::Spanish, "", Vec::new()).contains("@ contactos"));
        assert!(drawn(Language::English, "<i>", Vec::new()).contains("Nothing here is called"));
        assert!(!drawn(Language::English, "<i>", Vec::new()).contains("<i>"));
    }
}
