//! What hides behind a button until it is wanted: a fold with links and small forms. `handy` closes it on Escape and a click elsewhere.

use leptos::prelude::*;

use super::button::Look;
use super::icon::{Glyph, Icon};

/// A button and the list it unfolds; holds `MenuLink`s and `MenuPost`s.
#[component]
pub fn Menu(
    /// Words of the button; only read, not shown, when `dots` is set.
    #[prop(into)]
    label: String,
    /// Three dots instead of words.
    #[prop(optional)]
    dots: bool,
    /// How much the button calls.
    #[prop(default = Look::Secondary)]
    look: Look,
    /// The entries.
    children: Children,
) -> impl IntoView {
    let face = if dots {
        view! { <Icon of=Glyph::More /><span class="sr-only">{label}</span> }.into_any()
    } else {
        view! { {label}<Icon of=Glyph::Down /> }.into_any()
    };
    let class = format!("{}{}", look.class(), if dots { " btn-square" } else { "" });
    view! {
        <details class="pop" data-pop>
            <summary class=class>{face}</summary>
            <ul class="pop-panel pop-end min-w-48 p-1">{children()}</ul>
        </details>
    }
}

/// An entry that leads somewhere.
#[component]
pub fn MenuLink(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// A picture before the words.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! { <li><a class="menu-item" href=href>{icon.map(|of| view! { <Icon of=of /> })}{children()}</a></li> }
}

/// An entry that does something: a small form.
#[component]
pub fn MenuPost(
    /// Where it is posted.
    #[prop(into)]
    action: String,
    /// Hidden fields: name and value.
    #[prop(optional, into)]
    hidden: Vec<(&'static str, String)>,
    /// A picture before the words.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// Whether it cannot be undone.
    #[prop(optional)]
    danger: bool,
    /// The words.
    children: Children,
) -> impl IntoView {
    let hidden =
        hidden.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view();
    let class = if danger { "menu-item text-bad" } else { "menu-item" };
    view! {
        <li>
            <form method="post" action=action>
                {hidden}
                <button type="submit" class=class>{icon.map(|of| view! { <Icon of=of /> })}{children()}</button>
            </form>
        </li>
    }
}
