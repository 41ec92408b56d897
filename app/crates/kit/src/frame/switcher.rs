//! The menu at the top of the sidebar: it shows the current place and lists the others. It uses plain links, so it
//! needs no scripts.

use leptos::prelude::*;

use super::nav::Area;
use crate::messages::messages;
use crate::{Glyph, Icon};

/// A place that the person may open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceLink {
    /// Name of the place.
    pub name: String,
    /// Area of the place.
    pub area: Area,
    /// The person's role there, in words.
    pub role: String,
    /// Start page of the place.
    pub href: String,
    /// True if this is the current place.
    pub current: bool,
}

/// The current place, and the menu of the other places.
#[component]
pub fn Switcher(
    /// Name of the current place.
    name: String,
    /// Area of the current place.
    area: Area,
    /// Every place that the person may open, including this one.
    places: Vec<PlaceLink>,
) -> impl IntoView {
    let face = view! {
        <Initials name=name.clone() area=area />
        <span class="switcher-name">
            <span class="truncate font-semibold">{name}</span>
            <span class="truncate text-2xs text-fg-3">{(messages().area)(area.key())}</span>
        </span>
    };
    if places.iter().all(|place| place.current) {
        return view! { <div class="switcher">{face}</div> }.into_any();
    }
    view! {
        <details class="pop" data-pop>
            <summary class="switcher switcher-open" data-key="o">
                {face}
                <Icon of=Glyph::Switch class="switcher-chevron text-fg-3" />
                <span class="sr-only">{messages().switch_workspace}</span>
            </summary>
            <Places places=places />
        </details>
    }
    .into_any()
}

/// The places, grouped by area.
#[component]
fn Places(places: Vec<PlaceLink>) -> impl IntoView {
    let groups = [Area::Platform, Area::Agency, Area::Business]
        .into_iter()
        .filter_map(|area| {
            let heading = (messages().places)(area.key());
            let links: Vec<_> = places.iter().filter(|place| place.area == area).cloned().collect();
            (!links.is_empty()).then(|| {
                let links = links.into_iter().map(|place| view! { <li><Place place=place /></li> }).collect_view();
                view! { <li><p class="menu-heading">{heading}</p><ul>{links}</ul></li> }
            })
        })
        .collect_view();
    view! { <ul class="pop-panel switcher-panel p-1">{groups}</ul> }
}

/// One place in the menu.
#[component]
fn Place(place: PlaceLink) -> impl IntoView {
    let check = place.current.then(|| view! { <Icon of=Glyph::Check class="text-accent" /> });
    view! {
        <a class="menu-item" href=place.href aria-current=place.current.then_some("true")>
            <Initials name=place.name.clone() area=place.area />
            <span class="min-w-0 grow truncate">{place.name}</span>
            <span class="shrink-0 text-xs text-fg-3">{place.role}</span>
            {check}
        </a>
    }
}

/// Two letters in a square whose colour shows the area.
#[component]
pub fn Initials(
    /// Name that the letters are taken from.
    name: String,
    /// Area that gives the colour.
    area: Area,
) -> impl IntoView {
    let letters: String =
        name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric())).take(2).collect();
    view! { <span class="initials" data-area=area.key() aria-hidden="true">{letters.to_uppercase()}</span> }
}
