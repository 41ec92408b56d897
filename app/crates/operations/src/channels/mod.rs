//! Operations on the channels of a business: connect WhatsApp, Instagram or Messenger, choose among several accounts, go
//! on with the setup, disconnect.

mod choose;
mod connect;
mod setup;

pub use choose::{Found, choose, found, open_choice, withdraw_choice};
pub use connect::{Answered, Consent, answer, begin};
pub use setup::{disconnect, retry_setup, skip_test};
