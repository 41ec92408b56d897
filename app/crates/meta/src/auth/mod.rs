//! How does a person let us use their accounts at Meta? The consent page, its answer, the exchange of its code, and what
//! was granted.

mod consent;
mod exchange;
mod permissions;
mod scopes;
mod signup;

pub use consent::{Returned, Way, consent_url};
pub use exchange::{Grant, exchange, long_lived};
pub use permissions::{Granted, Permission, permissions, revoke};
pub use scopes::{Scope, missing, scopes};
pub use signup::signup_url;
