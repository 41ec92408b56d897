//! The top of a page: its only `h1`, a line of facts under it, and its actions at the end.

use leptos::prelude::*;

/// The header of a page. Its children are the page's actions.
#[component]
pub fn PageHeader(
    /// The page's only heading.
    #[prop(into)]
    title: String,
    /// Content beside the heading: a state.
    #[prop(optional, into)]
    mark: Option<AnyView>,
    /// The line of facts under the heading.
    #[prop(optional, into)]
    meta: Option<AnyView>,
    /// Buttons and links; the main one first.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="flex flex-wrap items-start gap-x-4 gap-y-3 pb-5">
            <div class="flex min-w-0 grow flex-col gap-1">
                <div class="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1">
                    <h1 class="min-w-0 text-lg font-semibold text-balance break-words">{title}</h1>
                    {mark}
                </div>
                {meta.map(|meta| view! { <div class="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm text-fg-2">{meta}</div> })}
            </div>
            {children.map(|children| view! { <div class="flex flex-wrap items-center gap-2">{children()}</div> })}
        </header>
    }
}
