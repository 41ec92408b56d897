//! The kernel of a request: its context, authorisation, session, last form, and the states of a page. It knows no feature.
//! All switches between server and browser of this crate stand here.

pub mod error;

#[cfg(feature = "ssr")]
pub mod address_note;
#[cfg(feature = "ssr")]
pub mod agent_request;
#[cfg(feature = "ssr")]
pub mod attached_files;
#[cfg(feature = "ssr")]
pub mod brand;
#[cfg(feature = "ssr")]
pub mod business_language;
#[cfg(feature = "ssr")]
mod channel_states;
#[cfg(feature = "ssr")]
mod check_texts;
#[cfg(feature = "ssr")]
pub mod checks;
#[cfg(feature = "ssr")]
pub mod clock;
#[cfg(feature = "ssr")]
pub mod fault;
#[cfg(feature = "ssr")]
pub mod find;
#[cfg(feature = "ssr")]
pub mod finished;
#[cfg(feature = "ssr")]
pub mod first_steps;
#[cfg(feature = "ssr")]
pub mod flash;
#[cfg(feature = "ssr")]
pub mod flash_notice;
#[cfg(feature = "ssr")]
pub mod guard;
#[cfg(feature = "ssr")]
pub mod health;
#[cfg(feature = "ssr")]
pub mod held_form;
#[cfg(feature = "ssr")]
pub mod invite_link;
#[cfg(feature = "ssr")]
pub mod no_access;
#[cfg(feature = "ssr")]
pub mod normalize;
#[cfg(feature = "ssr")]
pub mod notifications;
#[cfg(feature = "ssr")]
pub mod opened_windows;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod page_frame;
#[cfg(feature = "ssr")]
pub mod platform_activity;
#[cfg(feature = "ssr")]
mod refusals;
#[cfg(feature = "ssr")]
pub mod request_context;
#[cfg(feature = "ssr")]
pub mod saved_views;
#[cfg(feature = "ssr")]
mod served_errors;
#[cfg(feature = "ssr")]
pub mod session;
#[cfg(feature = "ssr")]
pub mod session_value;
#[cfg(feature = "ssr")]
pub mod shown_once;
#[cfg(feature = "ssr")]
pub mod state;
#[cfg(feature = "ssr")]
pub mod todos;
#[cfg(feature = "ssr")]
pub mod token;
#[cfg(feature = "ssr")]
pub mod translate;
#[cfg(feature = "ssr")]
pub mod zones;

pub use error::{Error, Result};
#[cfg(feature = "ssr")]
pub use fault::internal_error;
#[cfg(feature = "ssr")]
pub use state::State;
