//! What tests of real tool processes share: a launcher, servers with their credentials, and looks at processes of this machine.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use domain::{AgencyId, BusinessId, ToolServerId};
use tools::{Confinement, Credentials, HostLauncher, ProcessKey, ServerSpec};
use uuid::Uuid;

/// The access token of every process.
pub const SECRET: &str = "canary-0123456789";
/// How long a call may take.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// A launcher whose processes run as we do: another user may not reach the stub.
pub fn launcher(folder: &Path) -> HostLauncher {
    HostLauncher::new(folder, Confinement { own_user: false, ..Confinement::default() }).unwrap()
}

/// A server of a business, by its number, that is this command.
pub fn spec(business: u128, command: &str, arguments: &[&str]) -> ServerSpec {
    let key = ProcessKey { business: BusinessId(Uuid::from_u128(business)), server: ToolServerId(Uuid::from_u128(1)) };
    let arguments = arguments.iter().map(|one| (*one).to_owned()).collect();
    let (agency, name) = (AgencyId(Uuid::from_u128(business)), "Stub".into());
    ServerSpec { key, agency, name, command: command.into(), arguments, path: "/usr/bin:/bin".into() }
}

/// The server of the tests, which misbehaves on demand.
pub fn stub(business: u128) -> ServerSpec {
    spec(business, env!("CARGO_BIN_EXE_tool-stub"), &[])
}

/// Credentials with the token.
pub fn credentials() -> Credentials {
    Credentials {
        access_token: SECRET.to_owned().into(),
        location: "location".into(),
        base_url: "https://ghl.example".into(),
    }
}

/// Whether a process runs. One that nobody waited for yet does not.
pub fn runs(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}

/// Waits for what the kernel does at once.
pub fn soon(what: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) {
        if what() {
            return true;
        }
        std::thread::yield_now();
    }
    false
}
