//! Finds a page or an object by name. One form with its hits in groups: in a dialog that `Ctrl K` opens and that
//! updates while typing, or on a page of its own where there are no scripts.

use leptos::prelude::*;

use crate::recent::LINES;
use crate::{Glyph, Icon};

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
    /// Address of the hit.
    pub href: String,
}

impl Found {
    /// Creates a hit in a group.
    #[must_use]
    pub fn new(group: &'static str, icon: Glyph, what: &str, note: &str, href: String) -> Self {
        Self { group, icon, what: what.to_owned(), note: note.to_owned(), href }
    }
}

/// Where the Find form of an area is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindAt {
    /// Address of the Find page.
    pub page: String,
    /// Operation that answers while somebody types.
    pub operation: &'static str,
    /// Slug of the agency; `None` for the platform.
    pub agency: Option<String>,
}

/// The button in the header, and the dialog that it opens.
#[component]
pub fn Palette(
    /// Where the form is sent.
    at: FindAt,
    /// Sign-in address of the person, whose pages are remembered.
    person: String,
) -> impl IntoView {
    let page = at.page.clone();
    let root = page.strip_suffix("/find").unwrap_or(&page).to_owned();
    view! {
        // The link is as wide as the button that takes its place.
        <a class="unscripted btn btn-quiet" href=page aria-label="Find, Ctrl K"><Icon of=Glyph::Search/><kbd class="max-sm:hidden">"Ctrl K"</kbd></a>
        <button type="button" class="scripted btn btn-quiet" data-dialog="find" data-key="mod-k" aria-keyshortcuts="Control+K Meta+K" title="Find (Ctrl K)" aria-label="Find, Ctrl K">
            <Icon of=Glyph::Search/><kbd class="max-sm:hidden">"Ctrl K"</kbd>
        </button>
        <dialog id="find" class="dialog palette" aria-label="Find">
            <FindForm at=at typed=String::new()/>
            <Recent root person/>
            <Results typed=String::new() found=Vec::new()/>
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
            <li class="nav-heading">"Recent"</li>
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
    let agency = at.agency.map(|agency| view! { <input type="hidden" name="agency" value=agency/> });
    view! {
        <form method="get" action=at.page role="search" aria-label="Find" data-preview=at.operation data-shows="found" class="flex gap-2 pb-3">
            {agency}
            <input class="control" type="search" data-find name="q" value=typed maxlength="120" autofocus autocomplete="off" spellcheck="false" placeholder="A page, client, job or person" aria-label="Find a page, client, job or person"/>
            <button type="submit" class="btn btn-secondary">"Find"</button>
        </form>
    }
}

/// The hits in their groups.
#[component]
pub fn Results(
    /// The typed text.
    typed: String,
    /// The hits.
    found: Vec<Found>,
) -> impl IntoView {
    let hint = if typed.trim().is_empty() {
        "Tip: # jobs \u{b7} @ people and clients \u{b7} / pages \u{b7} > actions".to_owned()
    } else if found.is_empty() {
        format!("Nothing here is called \u{201c}{}\u{201d}. Try fewer letters.", typed.trim())
    } else {
        String::new()
    };
    let mut last = "";
    let lines = found
        .into_iter()
        .map(|one| {
            let heading = (one.group != last).then(|| view! { <li class="nav-heading">{one.group}</li> });
            last = one.group;
            view! {
                {heading}
                <li>
                    <a class="nav-item" href=one.href>
                        <Icon of=one.icon/>
                        <span class="min-w-0 grow truncate">{one.what}</span>
                        <span class="truncate text-xs text-fg-3">{one.note}</span>
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
