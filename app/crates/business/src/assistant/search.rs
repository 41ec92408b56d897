//! How is a list of the assistant searched? A form whose answer is the same page; with scripts the list follows the typing.

use kit::{Address, Glyph, Icon};
use leptos::prelude::*;

use super::texts::Texts;

/// The search of a list. `region` is the name of the region that holds the list.
#[component]
pub(super) fn Search(words: &'static Texts, label: &'static str, region: &'static str, at: Address) -> impl IntoView {
    let hidden = at.others(&["q", "new"]);
    let hidden = hidden.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
    let typed = at.get("q").to_owned();
    let (cleared, is_empty) = (at.with("q", "").href(), typed.is_empty());
    view! {
        <form method="get" action=at.path.clone() role="search" data-live-search=region class="relative w-full">
            {hidden}
            <span class="pointer-events-none absolute inset-y-0 start-2.5 grid place-items-center text-fg-3"><Icon of=Glyph::Search/></span>
            <input class="control ps-8 pe-8" type="search" name="q" value=typed placeholder=label aria-label=label data-key="/"/>
            <a class="absolute inset-y-0 end-0 grid w-8 place-items-center text-fg-3 hover:text-fg" href=cleared hidden=is_empty data-clear aria-label=words.clear_search><Icon of=Glyph::Close/></a>
        </form>
    }
}
