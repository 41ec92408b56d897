//! State shared by all pages and server functions: database, outside clients and settings.

use std::pin::Pin;
use std::sync::Arc;

use secrecy::SecretString;

/// The shared parts, made once by the server's composition root.
#[derive(Clone)]
pub struct State(Arc<Parts>);

/// What `State` holds.
pub struct Parts {
    /// The database, as the web role.
    pub db: store::Db,
    /// Opens and seals stored secrets.
    pub vault: store::vault::Vault,
    /// HighLevel's client.
    pub ghl: ghl::Ghl,
    /// The way out for mails.
    pub mailer: mail::Mailer,
    /// Settings that pages need.
    pub settings: Settings,
    /// Fills in the demo world; absent where that is not allowed.
    pub demo: Option<Demo>,
    /// Agencies known to have taken all their first steps.
    pub finished: crate::first_steps::Finished,
}

/// Fills in the demo world, false when it is there already, and says in words why it could not.
pub type Demo = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<bool, String>> + Send>> + Send + Sync>;

/// Settings that pages and server functions need.
pub struct Settings {
    /// How people and platforms reach us, without a slash at the end.
    pub public_url: String,
    /// Whether this is production.
    pub production: bool,
    /// Whether platform and agency staff need a second factor.
    pub require_staff_mfa: bool,
    /// Whether mails go to a mail server rather than into files.
    pub mails_leave: bool,
    /// Whether a marketplace app is configured.
    pub highlevel_ready: bool,
    /// Where people open HighLevel, unless their agency has an address of its own; without a slash at the end.
    pub highlevel_app: String,
    /// A dummy password hash, so that an unknown account costs the same as a known one.
    pub dummy_hash: SecretString,
}

impl State {
    /// Shares the parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl std::ops::Deref for State {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
