//! Operations on the channels of a business: connect WhatsApp, Instagram or Messenger, choose among several accounts, go
//! on with the setup, disconnect, reconnect by a link.

mod choose;
mod connect;
mod renewal;
mod setup;

pub use choose::{Found, choose, found, open_choice, withdraw_choice};
pub use connect::{Answered, Consent, answer, begin};
pub use renewal::{Renewal, begin_by_link, end_link, find_link, is_renewable, make_link, renewal};
pub use setup::{check, disconnect, retry_setup, skip_test};
