//! The logo: a hull on its slipway, drawn in the accent colour. The favicon in `public/` is the same drawing.

use leptos::prelude::*;

/// The logo of the product, without words.
#[component]
pub fn Mark(
    /// Width and height in pixels.
    #[prop(default = 24)]
    size: u8,
) -> impl IntoView {
    view! {
        <svg class="shrink-0" width=size.to_string() height=size.to_string() viewBox="0 0 24 24" fill="none" aria-hidden="true">
            <rect class="text-accent" width="24" height="24" rx="6.5" fill="currentColor" />
            <path class="text-on-accent" d="M4.9 9.4 18.9 5.3c.5-.14.9.38.66.83l-2.3 4.3a2.6 2.6 0 0 1-1.56 1.27l-6.4 1.87a2.6 2.6 0 0 1-2.1-.27L4.76 10.4a.56.56 0 0 1 .14-1Z" fill="currentColor" />
            <path class="text-on-accent" d="M5.2 18.4 19 14.35" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" />
        </svg>
    }
}
