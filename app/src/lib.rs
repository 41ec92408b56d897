//! The one Leptos app: the document, and which page answers which address. Pages lie in `app/crates`, by area.
//! All switches between server and browser of the app stand here: pages exist on the server alone, the kit and the islands on
//! both sides.

#[cfg(feature = "ssr")]
mod root;

#[cfg(feature = "ssr")]
pub use root::{AssetRoot, Root, shell};

// The browser calls each island by its name in the module, so nothing else refers to them.
#[cfg(feature = "hydrate")]
pub use islands::{connection::LiveConnection, home::LiveFigures, job::JobMonitor, plan::LivePlan};

/// Wakes the islands of the page that the server rendered.
#[cfg(feature = "hydrate")]
pub fn wake() {
    kit::wake();
}
