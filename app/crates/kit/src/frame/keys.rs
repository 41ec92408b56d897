//! The list of keyboard shortcuts that `?` opens, with the switch that turns single letters off. It works only
//! with scripts, like the shortcuts themselves.

use domain::language::Language;
use leptos::prelude::*;

use super::nav::{Area, NavItem};
use super::palette::find_texts;
use crate::messages::messages;

/// A dialog with the keyboard shortcuts of this page.
#[component]
pub fn KeySheet(
    /// The entries of the sidebar, whose letters follow `G`.
    nav: Vec<NavItem>,
    /// The area of the page.
    area: Area,
    /// True if C creates a client here.
    creates: bool,
) -> impl IntoView {
    let go = nav
        .into_iter()
        .filter_map(|item| {
            item.key.map(|key| view! { <Line keys=vec!["G".to_owned(), key.to_uppercase()] text=item.label /> })
        })
        .collect_view();
    let texts = messages();
    let find = find_texts(use_context::<Language>().unwrap_or_default());
    let find = (area != Area::Own).then(|| ("Ctrl K", (find.label)(area.key())));
    let others = texts.shortcuts.into_iter().filter(|(key, _)| creates || *key != "C");
    let others = find
        .into_iter()
        .chain(others)
        .map(|(key, text)| view! { <Line keys=vec![key.to_owned()] text=text /> })
        .collect_view();
    view! {
        <dialog id="keys" class="dialog" aria-labelledby="keys-title">
            <form method="dialog" class="flex items-center gap-3 pb-3">
                <h2 id="keys-title" class="grow text-md font-semibold">{texts.keys}</h2>
                <button class="btn btn-quiet">{texts.close}</button>
            </form>
            <div class="grid gap-x-8 gap-y-4 sm:grid-cols-2"><dl class="keys">{others}</dl><dl class="keys">{go}</dl></div>
            <label class="mt-4 flex items-center gap-3 border-t border-line pt-4 text-sm">
                <input class="tick" type="checkbox" checked data-keys-switch />
                {texts.single_keys}
            </label>
        </dialog>
    }
}

/// One line: what a shortcut does, and its keys.
#[component]
fn Line(keys: Vec<String>, text: &'static str) -> impl IntoView {
    let keys = keys.into_iter().map(|key| view! { <kbd>{key}</kbd> }).collect_view();
    view! { <div><dt>{text}</dt><dd>{keys}</dd></div> }
}
