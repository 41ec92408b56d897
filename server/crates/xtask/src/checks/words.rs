//! Checks that nothing in the repository belongs to one machine only, and that feature switches are only where
//! they may be.

use super::{Findings, files_of_the_repository, rust_files};
use std::fs;

/// Files that may contain `cfg(feature = "ssr")` or its counterpart for the browser.
const SWITCHES: &[&str] = &["app/src/lib.rs", "app/crates/kit/src/lib.rs", "app/crates/web/src/lib.rs"];

/// Runs all word checks.
pub fn all() -> Findings {
    let mut findings = machine_paths();
    findings.extend(switches());
    findings.extend(own_rules());
    findings
}

/// Files that may test single characters: the one that cleans texts, and those that check addresses and foreign
/// messages.
const JUDGES: &[&str] =
    &["app/crates/domain/src/text.rs", "app/crates/domain/src/redirect.rs", "app/crates/ghl/src/error.rs"];

/// Finds fields of forms or of the API with their own rule for invisible characters. Only `domain::text` cleans
/// texts.
fn own_rules() -> Findings {
    let mut findings = Findings::new();
    for (name, text) in rust_files() {
        let product = ["app/", "server/src/"].iter().any(|start| name.starts_with(start)) && !name.contains("test");
        if !product || JUDGES.contains(&name.as_str()) {
            continue;
        }
        for (number, _) in text.lines().enumerate().filter(|(_, line)| line.contains("is_control")) {
            findings.push(format!("{name}:{}: only domain::text may test for control characters: use it.", number + 1));
        }
    }
    findings
}

/// Finds paths of a person's machine and addresses of package registries.
fn machine_paths() -> Findings {
    let forbidden = forbidden();
    let mut findings = Findings::new();
    for (name, path) in files_of_the_repository() {
        if name == "Cargo.lock" || name.starts_with("public/") || name.starts_with("end2end/snapshots/") {
            continue;
        }
        let Ok(text) = fs::read_to_string(path) else { continue };
        for (number, line) in text.lines().enumerate() {
            if let Some(word) = forbidden.iter().find(|word| line.contains(word.as_str())) {
                findings.push(format!("{name}:{}: {word} must not be in the repository: remove it.", number + 1));
            }
        }
    }
    findings
}

/// Returns the forbidden words. They are put together here so that this file does not contain them.
fn forbidden() -> Vec<String> {
    [("/wo", "rk/"), ("/ro", "ot/"), ("registry.npm", "js.org"), ("static.cra", "tes.io"), ("TO", "DO:"), ("FIX", "ME")]
        .map(|(a, b)| format!("{a}{b}"))
        .to_vec()
}

/// Finds feature switches outside the one file that separates server and browser. Everything below it has none.
fn switches() -> Findings {
    let mut findings = Findings::new();
    for (name, text) in rust_files() {
        if SWITCHES.contains(&name.as_str()) || name.ends_with("checks/words.rs") {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let switch =
                line.contains("cfg") && (line.contains("feature = \"ssr\"") || line.contains("feature = \"hydrate\""));
            if switch && !line.trim_start().starts_with("//") {
                findings.push(format!(
                    "{name}:{}: only the lib.rs of app, kit and web may use cfg(feature): move this code below it.",
                    number + 1
                ));
            }
        }
    }
    findings
}
