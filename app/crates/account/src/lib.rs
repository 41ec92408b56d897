//! Sign-in, invitations, passwords, second factors and a person's own sessions.

mod agent_sign_in;
mod code;
mod confirm;
mod device;
mod forgot;
mod invite;
mod login;
mod me;
mod messages;
mod new_password;
mod notifications;
mod second_factor;
mod server_functions;
mod setup;
mod sign_in;
mod unsubscribe;
mod user_name;

pub use agent_sign_in::{AgentConsent, AgentReturn};
pub use code::Code;
pub use confirm::Confirm;
pub use forgot::Forgot;
pub use invite::Invite;
pub use login::Login;
pub use me::Me;
pub use new_password::NewPassword;
pub use notifications::MyNotifications;
pub use second_factor::SecondFactor;
pub use setup::Setup;
pub use unsubscribe::Unsubscribe;
