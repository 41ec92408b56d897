//! State shared by all pages and server functions: database, outside clients and settings.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use operations::platform::tool_processes::ToolProcesses;
use secrecy::SecretString;
use serde_json::Value;

/// The shared parts, created once by the server's composition root.
#[derive(Clone)]
pub struct State(Arc<Parts>);

/// The parts that `State` holds.
pub struct Parts {
    /// The database, with the web role.
    pub db: store::Db,
    /// Seals and opens stored secrets.
    pub vault: store::vault::Vault,
    /// Client of the HighLevel API.
    pub ghl: ghl::Ghl,
    /// Client of Meta's API.
    pub meta: meta::Meta,
    /// Sends mails.
    pub mailer: mail::Mailer,
    /// Settings that pages need.
    pub settings: Settings,
    /// Creates the demo data; `None` where that is not allowed.
    pub demo: Option<Demo>,
    /// Agencies known to have no first step left.
    pub finished: crate::finished::Finished,
    /// The processes of third-party tool servers. Whatever runs them sets it; without it there are none here.
    pub tool_processes: OnceLock<Arc<dyn ToolProcesses>>,
    /// The OpenAPI description of the API, as programs get it.
    pub api_description: fn() -> &'static Value,
}

/// Creates the demo data. Returns false if it exists already; an error says in words why it could not be created.
pub type Demo = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<bool, String>> + Send>> + Send + Sync>;

/// Settings that pages and server functions need.
pub struct Settings {
    /// Our public address for people and platforms, without a slash at the end.
    pub public_url: String,
    /// True in production.
    pub production: bool,
    /// True if staff of the platform and of agencies need a second factor.
    pub require_staff_mfa: bool,
    /// True if mails go to a mail server, false if they go into files.
    pub mails_leave: bool,
    /// True if a marketplace app is configured.
    pub highlevel_ready: bool,
    /// True if a Meta app is configured.
    pub meta_ready: bool,
    /// Address where people open HighLevel, unless their agency has an address of its own; without a slash at the end.
    pub highlevel_app: String,
    /// A dummy password hash, so that an unknown account takes as long as a known one.
    pub dummy_hash: SecretString,
}

impl State {
    /// Wraps the parts so that they can be shared.
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
