//! The layout of pages outside the product: sign-in, setup, a refused address. One column in the middle with the
//! logo on top.

use leptos::prelude::*;

use super::brand::Mark;
use crate::page_scripts::PageScripts;

/// A page with one thing to do.
#[component]
pub fn Blank(
    /// The page's only heading.
    #[prop(into)]
    title: String,
    /// One sentence under the heading.
    #[prop(optional, into)]
    text: Option<String>,
    /// What stands on top in place of the product's logo.
    #[prop(optional, into)]
    brand: Option<AnyView>,
    /// True if the page holds more than a short form and needs a wider column.
    #[prop(optional)]
    wide: bool,
    /// The content of the page.
    children: Children,
) -> impl IntoView {
    let own =
        || view! { <p class="flex items-center gap-2.5 pb-8 text-md font-semibold"><Mark size=28 />"Slipway"</p> };
    let top = brand.map_or_else(|| own().into_any(), |brand| view! { <div class="pb-8">{brand}</div> }.into_any());
    let width = if wide { "blank-column blank-wide" } else { "blank-column" };
    view! {
        <main id="main" class="blank">
            <div class=width>
                {top}
                <header class="pb-6">
                    <h1 class="text-2xl font-semibold text-balance">{title}</h1>
                    {text.map(|text| view! { <p class="pt-2 text-fg-2">{text}</p> })}
                </header>
                <div class="flex flex-col gap-5">{children()}</div>
            </div>
        </main>
        <PageScripts />
    }
}
