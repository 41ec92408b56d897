//! Which tool server is run, for whom and with which credentials?

use std::path::PathBuf;

use domain::{AgencyId, BusinessId, ToolServerId};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// A tool server of one business. At most one process serves the calls of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessKey {
    /// Whose data the process reaches.
    pub business: BusinessId,
    /// The tool server.
    pub server: ToolServerId,
}

/// How a tool server is started. No shell reads any of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSpec {
    /// Which server, for which business.
    pub key: ProcessKey,
    /// Whose client the business is: all clients of an agency share its part of the processes.
    pub agency: AgencyId,
    /// What people call the server.
    pub name: String,
    /// The absolute path of a command that the platform allows.
    pub command: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The `PATH` that the platform gives to this command.
    pub path: String,
}

/// What a tool server may use at HighLevel: one location. A refresh token is never among it.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The access token of the location.
    pub access_token: SecretString,
    /// The id of the location.
    pub location: String,
    /// Where HighLevel answers, as `https://services.leadconnectorhq.com`.
    pub base_url: String,
}

impl Credentials {
    /// All variables of ours that a tool process gets.
    pub(crate) fn environment(&self) -> [(&'static str, &str); 3] {
        [
            ("GHL_ACCESS_TOKEN", self.access_token.expose_secret()),
            ("GHL_LOCATION_ID", &self.location),
            ("GHL_BASE_URL", &self.base_url),
        ]
    }
}

/// What a process was started with, as a hash: a process with another one is replaced.
pub(crate) type Fingerprint = [u8; 32];

/// The fingerprint of a start.
pub(crate) fn fingerprint(spec: &ServerSpec, credentials: &Credentials) -> Fingerprint {
    let mut hash = Sha256::new();
    let mut add = |part: &[u8]| {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    };
    add(spec.command.as_os_str().as_encoded_bytes());
    add(spec.path.as_bytes());
    for (_, value) in credentials.environment() {
        add(value.as_bytes());
    }
    for argument in &spec.arguments {
        add(argument.as_bytes());
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> ServerSpec {
        let key = ProcessKey { business: BusinessId(uuid::Uuid::nil()), server: ToolServerId(uuid::Uuid::nil()) };
        let arguments = vec!["b".into(), "c".into()];
        let (agency, name) = (AgencyId(uuid::Uuid::nil()), "Test".into());
        ServerSpec { key, agency, name, command: "/bin/a".into(), arguments, path: "/bin".into() }
    }

    fn credentials() -> Credentials {
        Credentials { access_token: "t".to_owned().into(), location: "l".into(), base_url: "https://x".into() }
    }

    #[test]
    fn each_part_of_a_start_changes_its_fingerprint() {
        let base = fingerprint(&spec(), &credentials());
        assert_eq!(base, fingerprint(&spec(), &credentials()));
        let specs = [
            ServerSpec { command: "/bin/z".into(), ..spec() },
            ServerSpec { arguments: vec!["bc".into()], ..spec() },
            ServerSpec { arguments: vec!["b".into()], ..spec() },
            ServerSpec { path: "/usr/bin".into(), ..spec() },
        ];
        for other in specs {
            assert_ne!(base, fingerprint(&other, &credentials()), "{other:?}");
        }
        let refreshed = Credentials { access_token: "t2".to_owned().into(), ..credentials() };
        let moved = Credentials { location: "l2".into(), ..credentials() };
        for other in [refreshed, moved, Credentials { base_url: "https://y".into(), ..credentials() }] {
            assert_ne!(base, fingerprint(&spec(), &other), "{other:?}");
        }
    }

    #[test]
    fn a_token_is_not_shown() {
        let shown = format!("{:?}", Credentials { access_token: "hidden-token".to_owned().into(), ..credentials() });
        assert!(!shown.contains("hidden"), "{shown}");
    }
}
