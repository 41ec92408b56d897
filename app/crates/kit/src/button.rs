//! Buttons and links that look like buttons. A button submits a form; a button link opens another page.

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};
use crate::messages::messages;

/// Visual weight of a button.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonStyle {
    /// The one main action of a page or form.
    Primary,
    /// Every other action.
    #[default]
    Secondary,
    /// Actions that stand beside text and should not draw attention.
    Quiet,
    /// Actions that cannot be undone.
    Danger,
}

impl ButtonStyle {
    /// The CSS classes of a control with this look.
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

/// A button that submits the form around it, or the form named by `form`.
#[component]
pub fn Button(
    /// Visual weight of the button.
    #[prop(default = ButtonStyle::Secondary)]
    look: ButtonStyle,
    /// Name of the form field that the button adds when it is pressed.
    #[prop(optional, into)]
    name: Option<String>,
    /// Value of that field.
    #[prop(optional, into)]
    value: Option<String>,
    /// Id of the form to submit, if the button stands outside that form.
    #[prop(optional, into)]
    form: Option<String>,
    /// Address that the form is posted to instead of its own.
    #[prop(optional, into)]
    formaction: Option<String>,
    /// True if the button cannot be pressed now; say why beside it.
    #[prop(optional)]
    disabled: bool,
    /// True if the browser skips its own check of required fields ("Validate").
    #[prop(optional)]
    novalidate: bool,
    /// Icon before the label.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// The label.
    children: Children,
) -> impl IntoView {
    view! {
        <button type="submit" class=look.class() name=name value=value form=form formaction=formaction disabled=disabled formnovalidate=novalidate>
            {icon.map(|of| view! { <Icon of=of /> })}
            {children()}
        </button>
    }
}

/// A link that looks like a button. A link to another site says so and opens in a new tab.
#[component]
pub fn ButtonLink(
    /// Target of the link.
    #[prop(into)]
    href: String,
    /// Visual weight of the link.
    #[prop(default = ButtonStyle::Secondary)]
    look: ButtonStyle,
    /// Icon before the label.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// Keyboard shortcut that presses the link: `c` for the page's main "create".
    #[prop(optional, into)]
    key: Option<&'static str>,
    /// The label.
    children: Children,
) -> impl IntoView {
    let outward = href.contains("://");
    let (target, rel) = (outward.then_some("_blank"), outward.then_some("noopener noreferrer"));
    let outside =
        outward.then(|| view! { <Icon of=Glyph::External /><span class="sr-only">{messages().new_tab}</span> });
    view! {
        <a class=look.class() href=href target=target rel=rel data-key=key aria-keyshortcuts=key title=key.map(|key| format!("Key: {}", key.to_uppercase()))>
            {icon.map(|of| view! { <Icon of=of /> })}
            {children()}
            {outside}
        </a>
    }
}

/// One operation as a form of its own: a button that posts hidden fields.
#[component]
pub fn PostButton(
    /// URL that the form is posted to.
    #[prop(into)]
    action: String,
    /// Hidden fields: name and value.
    #[prop(optional, into)]
    hidden: Vec<(&'static str, String)>,
    /// Visual weight of the button.
    #[prop(default = ButtonStyle::Secondary)]
    look: ButtonStyle,
    /// Icon before the label.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// True if the button cannot be pressed now; say why beside it.
    #[prop(optional)]
    disabled: bool,
    /// The label.
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

#[cfg(test)]
mod tests {
    use domain::language::Language;

    use super::*;

    #[test]
    fn a_link_to_another_site_says_so_in_the_language_of_the_page() {
        for (language, said) in
            [(Language::English, "opens in a new tab"), (Language::Spanish, "se abre en otra pestaña")]
        {
            let page = |href: &'static str| {
                Owner::new().with(|| {
                    provide_context(language);
                    view! { <ButtonLink href>"Open"</ButtonLink> }.to_html()
                })
            };
            assert!(page("https://x.example").contains(said), "{said}");
            assert!(!page("/x").contains(said), "{said}");
        }
    }
}
