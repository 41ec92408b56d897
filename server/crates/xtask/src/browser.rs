//! Finds the browser for the journeys: Chromium without its window, or else with it; an installed one, or else one from apt.
//! Playwright's own download is not used.

use crate::{Result, apt, place, say};

/// Chromium without tabs, menus and what else belongs to a window. A test begins in a third of the time.
const SHELL: &str = "chromium-headless-shell";
/// Names and locations of Chromium and similar browsers.
const NAMES: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const MAC: &[&str] = &[
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// Returns the browser's program. Installs it if it is missing and that is possible.
pub fn find() -> Result<String> {
    if let Some(path) = place::variable("CHROMIUM").or_else(|| on_path(&[SHELL])) {
        return Ok(path);
    }
    // Without fonts, text has no width and layout means nothing.
    for package in [SHELL, "chromium"] {
        if apt::install(&[package, "fonts-liberation"], "Chromium")
            && let Some(path) = on_path(&[package])
        {
            return Ok(path);
        }
        if let Some(path) = installed() {
            return Ok(path);
        }
    }
    say::warn("the browser journeys need Chromium.");
    Err("Chromium is missing: install Chromium or Google Chrome, or set CHROMIUM to its program, or leave the journeys out \
         with `cargo x test --fast`."
        .into())
}

fn installed() -> Option<String> {
    let elsewhere = || MAC.iter().find(|path| std::path::Path::new(path).exists()).map(|path| (*path).to_owned());
    on_path(NAMES).or_else(elsewhere)
}

fn on_path(names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| place::program(name)).map(|path| path.to_string_lossy().into_owned())
}
