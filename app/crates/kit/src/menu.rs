//! A menu behind a button: a `<details>` element with links and small forms. `page_scripts` closes it on Escape and on a
//! click elsewhere.

use leptos::prelude::*;

use crate::button::ButtonStyle;
use crate::icon::{Glyph, Icon};

/// A button and the list that it opens. Its children are `MenuLink`s and `MenuPost`s.
#[component]
pub fn Menu(
    /// Label of the button; when `dots` is set it is read aloud but not shown.
    #[prop(into)]
    label: String,
    /// True to show three dots instead of the label.
    #[prop(optional)]
    dots: bool,
    /// Visual weight of the button.
    #[prop(default = ButtonStyle::Secondary)]
    look: ButtonStyle,
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

/// An entry that opens a page.
#[component]
pub fn MenuLink(
    /// Target of the link.
    #[prop(into)]
    href: String,
    /// Icon before the label.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// The label.
    children: Children,
) -> impl IntoView {
    view! { <li><a class="menu-item" href=href>{icon.map(|of| view! { <Icon of=of /> })}{children()}</a></li> }
}

/// An entry that runs an operation: a small form.
#[component]
pub fn MenuPost(
    /// URL that the form is posted to.
    #[prop(into)]
    action: String,
    /// Hidden fields: name and value.
    #[prop(optional, into)]
    hidden: Vec<(&'static str, String)>,
    /// Icon before the label.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// True if the operation cannot be undone.
    #[prop(optional)]
    danger: bool,
    /// The label.
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
