//! Where does a list go on? Keyset pages: onwards by a cursor, back to the first page by a link, back one page by the browser.

use leptos::prelude::*;

use super::address::Address;
use super::button::Look;
use super::icon::{Glyph, Icon};

/// The foot of a list: which rows these are, and the way on.
#[component]
pub fn Pager(
    /// Where the list is.
    at: Address,
    /// How many rows this page shows.
    shown: usize,
    /// Cursor of the next page.
    #[prop(optional_no_strip)]
    next: Option<String>,
    /// How many rows match in all.
    #[prop(optional_no_strip)]
    total: Option<i64>,
) -> impl IntoView {
    let before = at.at();
    let range = format!("{}\u{2013}{}", super::grouped(before as i64 + 1), super::grouped((before + shown) as i64));
    let words = match total {
        Some(total) if before == 0 && next.is_none() => super::counted(total, "row", "rows"),
        Some(total) => format!("{range} of {}", super::grouped(total)),
        None if before == 0 && next.is_none() => super::counted(shown as i64, "row", "rows"),
        None => range,
    };
    let first = (before > 0)
        .then(|| view! { <a class=Look::Secondary.class() href=at.with("cursor", "").href()>"First page"</a> });
    let onwards = next.map(|cursor| {
        view! { <a class=Look::Secondary.class() rel="next" href=at.page(&cursor, before + shown).href()>"Next"<Icon of=Glyph::Right /></a> }
    });
    view! {
        <nav class="flex items-center gap-2 pt-3 text-xs text-fg-3 tabular-nums" aria-label="Pages">
            <p class="grow">{words}</p>
            {first}
            {onwards}
        </nav>
    }
}
