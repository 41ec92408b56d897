//! The links between the pages of a list. Pages are keyset pages: a cursor leads forwards, a link leads back to
//! the first page, and the browser's back button leads back one page.

use domain::page::COUNTED;
use leptos::prelude::*;

use crate::address::Address;
use crate::button::ButtonStyle;
use crate::icon::{Glyph, Icon};

/// The foot of a list: which rows are shown, and the link to the next page.
#[component]
pub fn Pager(
    /// Address of the list.
    at: Address,
    /// Number of rows on this page.
    shown: usize,
    /// Cursor of the next page; `None` on the last page.
    #[prop(optional_no_strip)]
    next: Option<String>,
    /// Number of rows that match in total, of which more than 10,000 are not counted; `None` if it is not known.
    #[prop(optional_no_strip)]
    total: Option<i64>,
    /// What a row is, and several of them.
    #[prop(default = ("row", "rows"))]
    noun: (&'static str, &'static str),
) -> impl IntoView {
    let before = at.at();
    let range = format!("{}\u{2013}{}", crate::grouped(before as i64 + 1), crate::grouped((before + shown) as i64));
    let words = match total {
        Some(total) if before == 0 && next.is_none() => crate::counted(total, noun.0, noun.1),
        Some(total) if total > COUNTED => format!("{range} of {}+", crate::grouped(COUNTED)),
        Some(total) => format!("{range} of {}", crate::grouped(total)),
        None if before == 0 && next.is_none() => crate::counted(shown as i64, noun.0, noun.1),
        None => range,
    };
    let first = (before > 0)
        .then(|| view! { <a class=ButtonStyle::Secondary.class() href=at.with("cursor", "").href()>"First page"</a> });
    let onwards = next.map(|cursor| {
        view! { <a class=ButtonStyle::Secondary.class() rel="next" href=at.page(&cursor, before + shown).href()>"Next"<Icon of=Glyph::Right /></a> }
    });
    view! {
        <nav class="flex items-center gap-2 pt-3 text-xs text-fg-3 tabular-nums" aria-label="Pages">
            <p class="grow">{words}</p>
            {first}
            {onwards}
        </nav>
    }
}
