//! What does anything that loads show? Six states: its skeleton, its content (which shows its own two kinds of empty), a failed part,
//! a failed page, and no permission. A page never writes its own spinner or error box.

use std::future::Future;

use leptos::prelude::*;

use super::skeleton::{Shape, Skeleton};
use super::trouble::{Trouble, TroubleCard};

/// Waits for `load` and shows it with `view`; shows what went wrong instead if it did.
#[component]
pub fn Loaded<T, E, Fut, F, V>(
    /// What is being loaded: the future of a server function.
    load: Fut,
    /// Its shape while it loads.
    #[prop(default = Shape::Rows(8))]
    shape: Shape,
    /// How it looks.
    view: F,
) -> impl IntoView
where
    T: Send + 'static,
    E: Into<Trouble> + Send + 'static,
    Fut: Future<Output = Result<T, E>> + Send + 'static,
    F: FnOnce(T) -> V + Send + 'static,
    V: IntoView + 'static,
{
    view! {
        <Suspense fallback=move || view! { <Skeleton shape=shape /> }>
            {Suspend::new(async move {
                match load.await {
                    Ok(value) => view(value).into_any(),
                    Err(error) => view! { <TroubleCard trouble=error.into() /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// A part of a page whose data may have failed by itself: the rest works on.
#[component]
pub fn Partial<T, E, F, V>(
    /// What was loaded, or why not.
    part: Result<T, E>,
    /// How it looks.
    view: F,
) -> impl IntoView
where
    E: Into<Trouble>,
    F: FnOnce(T) -> V,
    V: IntoView + 'static,
{
    match part {
        Ok(value) => view(value).into_any(),
        Err(error) => view! { <TroubleCard trouble=error.into() /> }.into_any(),
    }
}
