//! Writes the page's `<title>`. `leptos_meta` does not escape it, so a name that contains markup would become markup.
//! All pages use `PageTitle`; `cargo x ci` rejects the bare component.

use leptos::prelude::*;
use leptos_meta::Title;
pub use leptos_meta::{MetaTags, provide_meta_context};

use crate::escaped;

/// The title of a page. It is safe with any text.
#[component]
pub fn PageTitle(
    /// Name of the page.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <Title text=escaped(&text)/> }
}

/// The title of the document with the ending that all pages have.
#[must_use]
pub fn full_title(title: &str) -> String {
    if title.is_empty() { "Slipway".to_owned() } else { format!("{title} \u{b7} Slipway") }
}

/// The ending of every title. It stands once, around all pages.
#[component]
pub fn TitleFormat() -> impl IntoView {
    view! { <Title formatter=|title: String| full_title(&title)/> }
}
