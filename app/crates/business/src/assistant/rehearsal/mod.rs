//! What would the assistant say to what customers asked before? The list of rehearsals with the form of a new one, and each
//! with its questions side by side. The test chat shows results in the same way.

mod choose;
mod compare;
mod list;
pub(super) mod outcome;
mod run;
mod server_functions;
mod summary;
pub(super) mod texts;

pub use list::AssistantRehearsals;
pub use run::AssistantRehearsal;

/// The value of the field `settings` of the test chat that stands for the settings in use.
pub(super) const PUBLISHED: &str = "published";
