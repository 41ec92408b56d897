//! Which lines of the helper for credentials do its tests run? The helper, what it stands on and its tests as one program,
//! which `cargo x ci` builds with counters.

#![expect(dead_code, reason = "the helper needs a part of what it stands on")]

extern crate self as operations;

#[path = "../src/actor.rs"]
mod actor;
#[path = "../src/integrations/proof.rs"]
mod proof;
#[path = "../src/refusal.rs"]
mod refusal;
#[path = "../src/integrations/tenant_credentials.rs"]
pub mod tenant_credentials;
#[path = "credentials.rs"]
mod tests_of_credentials;

/// Where the helper is found in the crate.
pub mod integrations {
    pub use crate::tenant_credentials;
}

pub use actor::Actor;
pub use refusal::Refusal;
