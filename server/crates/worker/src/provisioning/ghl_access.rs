//! The credentials of a job's HighLevel calls: the company token or the location token.

use ghl::Ghl;
use outbound::About;
use secrecy::SecretString;

use crate::integrations::tokens::SecretId;

/// A token, whose it is, and the client to use it with.
#[derive(Clone)]
pub struct GhlAccess {
    /// The client.
    pub ghl: Ghl,
    /// Id of the company or location the token belongs to.
    pub resource: String,
    /// Scopes granted to it, where known.
    pub scopes: Vec<String>,
    /// Which secret the token is; absent for a location's.
    pub(super) secret: Option<SecretId>,
    pub(super) token: SecretString,
    pub(super) about: About,
}

impl GhlAccess {
    /// One call through it.
    #[must_use]
    pub fn call(&self) -> ghl::Call<'_> {
        ghl::Call { token: &self.token, resource: &self.resource, about: &self.about }
    }
}
