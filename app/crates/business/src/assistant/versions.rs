//! Which versions of the assistant were published? Each can be saved again, to be published anew.

use domain::assistant::view::VersionLine;
use domain::language::Language;
use kit::{Ago, ButtonStyle, Card, Chip, PostButton};
use leptos::prelude::*;

use super::place::Place;
use super::texts::texts;

/// The card; nothing before the first version.
#[component]
pub(super) fn Versions(language: Language, place: Place, current: i32, versions: Vec<VersionLine>) -> impl IntoView {
    let words = texts(language);
    if versions.is_empty() {
        return None;
    }
    let lines = versions.into_iter().map(|line| {
        let name = (words.version)(line.version);
        let by = line.published_by.map(|by| view! { <span>{(words.by)(&by)}</span> });
        let act = match line.version == current {
            true => view! { <Chip>{words.in_use}</Chip> }.into_any(),
            false => {
                let hidden = place.hidden_with("version", line.version);
                let about = format!(": {name}");
                view! { <PostButton action="/do/restore_assistant" hidden look=ButtonStyle::Quiet>{words.restore}<span class="sr-only">{about}</span></PostButton> }
                    .into_any()
            }
        };
        view! {
            <li class="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line px-4 py-2.5 first:border-0">
                <span class="flex min-w-0 grow basis-56 flex-wrap items-baseline gap-x-2">
                    <span class="font-medium">{name}</span>
                    <span class="flex flex-wrap gap-x-1 text-sm text-fg-3"><Ago at=line.created_at/>{by}</span>
                </span>
                {act}
            </li>
        }
    });
    let lines = lines.collect_view();
    Some(view! { <Card title=words.versions flush=true><ul>{lines}</ul></Card> })
}
