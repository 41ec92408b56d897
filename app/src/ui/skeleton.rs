//! What stands there while something loads: its final shape in grey, so nothing jumps when it arrives.

use leptos::prelude::*;

/// The shape of what is coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A table of so many rows.
    Rows(u8),
    /// So many cards in a grid.
    Cards(u8),
    /// A few lines of text.
    Lines(u8),
}

/// Grey bars in the shape of what is coming.
#[component]
pub fn Skeleton(
    /// The shape.
    shape: Shape,
) -> impl IntoView {
    let (frame, part, n) = match shape {
        Shape::Rows(n) => ("flex flex-col gap-2", "skeleton h-7 rounded-control", n),
        Shape::Cards(n) => ("grid gap-4 sm:grid-cols-2 lg:grid-cols-3", "skeleton h-28 rounded-card", n),
        Shape::Lines(n) => ("flex flex-col gap-2", "skeleton h-4 rounded-control odd:w-4/5 even:w-3/5", n),
    };
    let parts = (0..n).map(|_| view! { <div class=part></div> }).collect_view();
    view! { <div class=frame role="status"><span class="sr-only">"Loading"</span>{parts}</div> }
}
