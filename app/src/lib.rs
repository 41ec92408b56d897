//! The one Leptos app: the document, and which page answers which address. Pages lie in `app/crates`, by area.
//! All switches between server and browser of the app stand here: pages exist on the server alone, the kit with its islands on
//! both sides.

#[cfg(feature = "ssr")]
mod root;

#[cfg(feature = "ssr")]
pub use root::{Root, shell};

/// Wakes the islands of the page that the server rendered.
#[cfg(feature = "hydrate")]
pub fn wake() {
    kit::wake();
}
