//! Installs system packages with apt-get, if this is root on a Debian-like system. Otherwise the caller reports
//! what is missing.

use crate::{place, run, say};

/// Installs packages. Returns false when that is not possible here.
pub fn install(packages: &[&str], what: &str) -> bool {
    if embedded::process::effective_user() != 0 || place::program("apt-get").is_none() {
        return false;
    }
    say::step(format!("installing {what} with apt-get (once)…"));
    let apt = |words: &[&str]| {
        let mut command = run::command("apt-get");
        command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
        run::logged("apt-get", &mut command).is_ok_and(|(status, _)| status.success())
    };
    let wanted: Vec<&str> = ["install", "-y", "--no-install-recommends"].iter().chain(packages).copied().collect();
    // A fresh machine has no package lists, and with old lists the install fails; an update repairs both. A second
    // try has repaired half-done installs.
    apt(&wanted) || (apt(&["update"]) && (apt(&wanted) || apt(&wanted)))
}
