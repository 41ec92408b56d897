//! Installs npm packages with `npm ci` from the committed lock file, only when that file has changed.

use crate::{Result, place, run, say};
use std::fs;

/// Installs the packages in a folder's package-lock.json.
pub fn install(folder: &str, what: &str) -> Result<()> {
    let home = place::root().join(folder);
    let (lock, mark) = (home.join("package-lock.json"), home.join("node_modules/.installed"));
    let wanted = fs::read_to_string(&lock).map_err(|e| format!("{folder}/package-lock.json cannot be read: {e}"))?;
    if fs::read_to_string(&mark).ok().as_deref() == Some(wanted.as_str()) {
        return Ok(());
    }
    if place::program("npm").is_none() {
        return Err("npm is missing: install Node.js 20 or newer.".into());
    }
    say::step(format!("installing {what} (npm packages of {folder}/)…"));
    let mut npm = run::command("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        .current_dir(&home)
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    run::quietly(&format!("npm ci in {folder}"), &mut npm)?;
    fs::write(mark, wanted)?;
    Ok(())
}
