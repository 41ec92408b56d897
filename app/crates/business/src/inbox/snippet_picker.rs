//! The snippets to choose from above the form of an answer. Each is a link that opens the form with its text.

use domain::BusinessId;
use kit::Address;
use leptos::prelude::*;
use store::messaging::snippets::Snippet;

use super::texts::Texts;

/// The parameter of the address that names the snippet in the form.
pub(super) const SNIPPET: &str = "snippet";

/// The snippets, and the way to the page where they are kept.
#[component]
pub(super) fn SnippetPicker(
    words: &'static Texts,
    at: Address,
    business: BusinessId,
    list: Vec<Snippet>,
) -> impl IntoView {
    let none = list.is_empty().then(|| view! { <p class="py-1 text-sm text-fg-3">{words.no_snippets.1}</p> });
    let lines = list.into_iter().map(|snippet| {
        let href = format!("{}#field-text", at.with(SNIPPET, &snippet.id.to_string()).href());
        view! {
            <li>
                <a class="flex flex-col rounded-control px-2 py-1.5 text-sm hover:bg-raised" href=href>
                    <span class="font-medium break-words">{snippet.name}</span>
                    <span class="truncate text-fg-3">{snippet.body}</span>
                </a>
            </li>
        }
    });
    let lines = lines.collect_view();
    let keep = format!("/b/{business}/snippets");
    view! {
        <details>
            <summary class="fold min-h-8 py-1 text-sm max-sm:min-h-11">{words.snippets}</summary>
            {none}
            <ul class="max-h-48 overflow-y-auto">{lines}</ul>
            <a class="link inline-flex min-h-6 items-center text-sm max-sm:min-h-11" href=keep>{words.keep_snippets}</a>
        </details>
    }
}
