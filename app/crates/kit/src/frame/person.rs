//! The menu of the signed-in person at the foot of the sidebar: profile, theme, sign out. It uses only plain links
//! and forms.

use leptos::prelude::*;

use super::nav::Area;
use super::switcher::Initials;
use crate::messages::messages;
use crate::{Glyph, Icon, MenuLink, MenuPost};

/// The signed-in person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Name that others see.
    pub name: String,
    /// Email address for signing in.
    pub email: String,
}

/// The menu of the signed-in person.
#[component]
pub fn PersonMenu(
    /// The signed-in person.
    person: Person,
    /// Theme: `system`, `light` or `dark`.
    theme: String,
    /// Path and query of this page, to come back to.
    address: String,
) -> impl IntoView {
    view! {
        <details class="pop" data-pop>
            <summary class="switcher switcher-open">
                <Initials name=person.name.clone() area=Area::Own />
                <span class="switcher-name"><span class="truncate">{person.name.clone()}</span></span>
                <Icon of=Glyph::Switch class="switcher-chevron text-fg-3" />
                <span class="sr-only">{messages().your_menu}</span>
            </summary>
            <div class="pop-panel pop-up p-1">
                <p class="truncate px-2 py-1.5 text-xs text-fg-3">{person.email}</p>
                <PersonEntries theme=theme address=address />
            </div>
        </details>
    }
}

/// The entries of the menu; the "More" panel on phones shows them too.
#[component]
pub fn PersonEntries(
    /// Theme: `system`, `light` or `dark`.
    theme: String,
    /// Path and query of this page, to come back to.
    address: String,
) -> impl IntoView {
    let texts = messages();
    view! {
        <ThemeSwitch theme=theme address=address />
        <ul class="mt-1 border-t border-line pt-1">
            <MenuLink href="/me" icon=Glyph::Person>{texts.account}</MenuLink>
            <li class="scripted"><button type="button" class="menu-item" data-dialog="keys" data-key="?"><Icon of=Glyph::Keyboard />{texts.keys}</button></li>
            <MenuPost action="/do/sign_out" icon=Glyph::SignOut>{texts.sign_out}</MenuPost>
        </ul>
    }
}

/// Three buttons in one form: the system's theme, light, dark.
#[component]
pub fn ThemeSwitch(
    /// Theme: `system`, `light` or `dark`.
    theme: String,
    /// Path and query of this page, to come back to.
    address: String,
) -> impl IntoView {
    let texts = messages();
    let (system, light, dark) = (
        ("system", texts.system, Glyph::Screen),
        ("light", texts.light, Glyph::Sun),
        ("dark", texts.dark, Glyph::Moon),
    );
    let buttons = [system, light, dark]
        .map(|(value, label, icon)| {
            let pressed = if theme == value { "true" } else { "false" };
            view! { <button class="segment" type="submit" name="theme" value=value aria-pressed=pressed><Icon of=icon />{label}</button> }
        })
        .into_iter()
        .collect_view();
    view! {
        <form method="post" action="/do/set_theme">
            <input type="hidden" name="next" value=address />
            <div class="segments" role="group" aria-label=texts.theme>{buttons}</div>
        </form>
    }
}
