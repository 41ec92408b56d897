//! What can be pressed? Buttons send a form, button links go somewhere; both look alike and are told apart by what they do.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// How much a button calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// The one main action of a page or form.
    Primary,
    /// Every other action.
    #[default]
    Secondary,
    /// Actions that stand beside text and should not call.
    Quiet,
    /// What cannot be undone.
    Danger,
}

impl Look {
    /// The classes of a control of this look.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Primary => "btn btn-primary",
            Self::Secondary => "btn btn-secondary",
            Self::Quiet => "btn btn-quiet",
            Self::Danger => "btn btn-danger",
        }
    }
}

/// A button that sends the form it stands in (or the one named by `form`).
#[component]
pub fn Button(
    /// How much it calls.
    #[prop(default = Look::Secondary)]
    look: Look,
    /// Name of the field it adds when pressed.
    #[prop(optional, into)]
    name: Option<String>,
    /// Value of that field.
    #[prop(optional, into)]
    value: Option<String>,
    /// Id of the form it sends, when it stands outside of it.
    #[prop(optional, into)]
    form: Option<String>,
    /// Whether it cannot be pressed now; say why beside it.
    #[prop(optional)]
    disabled: bool,
    /// Whether the browser's own checks of required fields are passed over ("Check only").
    #[prop(optional)]
    novalidate: bool,
    /// A picture before the words.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <button type="submit" class=look.class() name=name value=value form=form disabled=disabled formnovalidate=novalidate>
            {icon.map(|of| view! { <Icon of=of /> })}
            {children()}
        </button>
    }
}

/// A link that looks like a button. One that leads to another site says so and opens beside this page.
#[component]
pub fn ButtonLink(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// How much it calls.
    #[prop(default = Look::Secondary)]
    look: Look,
    /// A picture before the words.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// The letter that presses it: `c` for the page's main "create".
    #[prop(optional, into)]
    key: Option<&'static str>,
    /// The words.
    children: Children,
) -> impl IntoView {
    let outward = href.contains("://");
    let (target, rel) = (outward.then_some("_blank"), outward.then_some("noopener noreferrer"));
    let outside =
        outward.then(|| view! { <Icon of=Glyph::External /><span class="sr-only">" (opens in a new tab)"</span> });
    view! {
        <a class=look.class() href=href target=target rel=rel data-key=key aria-keyshortcuts=key title=key.map(|key| format!("Key: {}", key.to_uppercase()))>
            {icon.map(|of| view! { <Icon of=of /> })}
            {children()}
            {outside}
        </a>
    }
}

/// One action as a form of its own: a button that posts hidden fields.
#[component]
pub fn PostButton(
    /// Where the form is posted.
    #[prop(into)]
    action: String,
    /// Hidden fields: name and value.
    #[prop(optional, into)]
    hidden: Vec<(&'static str, String)>,
    /// How much it calls.
    #[prop(default = Look::Secondary)]
    look: Look,
    /// A picture before the words.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// Whether it cannot be pressed now; say why beside it.
    #[prop(optional)]
    disabled: bool,
    /// The words.
    children: Children,
) -> impl IntoView {
    let hidden =
        hidden.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view();
    view! {
        <form method="post" action=action class="contents">
            {hidden}
            <button type="submit" class=look.class() disabled=disabled>
                {icon.map(|of| view! { <Icon of=of /> })}
                {children()}
            </button>
        </form>
    }
}
