//! How is an id shown? Short, in full on hover, copied by one press. Without scripts one click selects all of it.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// An id in short, with its copy button.
#[component]
pub fn CopyId(
    /// The whole id.
    #[prop(into)]
    id: String,
    /// How many of its last characters are shown; 0 shows all.
    #[prop(default = 6)]
    tail: usize,
    /// What the button does, where it is no id.
    #[prop(default = "Copy id")]
    label: &'static str,
) -> impl IntoView {
    let long = id.chars().count();
    let short = if tail == 0 || long <= tail + 2 {
        id.clone()
    } else {
        format!("\u{2026}{}", id.chars().skip(long - tail).collect::<String>())
    };
    view! {
        <span class="inline-flex items-center gap-1 align-middle">
            <code class="font-mono text-xs select-all" title=id.clone()>{short}</code>
            <button type="button" class="scripted copy" data-copy=id aria-label=label><Icon of=Glyph::Copy /></button>
        </span>
    }
}
