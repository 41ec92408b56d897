//! May we install a system package? Only as root on Debian and its kin; everybody else is told what is missing.

use crate::{place, run, say};

/// Installs packages; false when that is not possible here.
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
    // A fresh machine has no package lists; one whose lists are old fails and is refreshed. A second try has cured a
    // half-done install.
    apt(&wanted) || (apt(&["update"]) && (apt(&wanted) || apt(&wanted)))
}
