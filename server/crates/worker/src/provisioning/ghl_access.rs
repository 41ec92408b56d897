//! The credentials of a job's HighLevel calls: the company token or the location token.

use ghl::Ghl;
use outbound::CallContext;
use secrecy::SecretString;

use crate::integrations::tokens::SecretId;

/// A token, the company or location that it belongs to, and the API client to use it with.
#[derive(Clone)]
pub struct GhlAccess {
    /// The API client.
    pub ghl: Ghl,
    /// Id of the company or location the token belongs to.
    pub resource: String,
    /// Scopes granted to the token; empty if unknown.
    pub scopes: Vec<String>,
    /// The credential and version of the token; `None` for a location's token.
    pub(super) secret: Option<SecretId>,
    pub(super) token: SecretString,
    pub(super) about: CallContext,
}

impl GhlAccess {
    /// The parameters of one call with this token.
    #[must_use]
    pub fn call(&self) -> ghl::Call<'_> {
        ghl::Call { token: &self.token, resource: &self.resource, about: &self.about }
    }
}
