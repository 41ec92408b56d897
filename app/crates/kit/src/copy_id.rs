//! Shows an id in short form, in full on hover, with a button that copies it. Without scripts one click selects
//! all of the text that is shown.

use leptos::prelude::*;

use crate::icon::CopyIcon;

/// A shortened id with its copy button.
#[component]
pub fn CopyId(
    /// The full id.
    #[prop(into)]
    id: String,
    /// Number of trailing characters shown; 0 shows the full id.
    #[prop(default = 6)]
    tail: usize,
    /// Accessible label of the copy button; set it if the text is not an id.
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
            <button type="button" class="scripted copy" data-copy=id aria-label=label><CopyIcon/></button>
        </span>
    }
}
