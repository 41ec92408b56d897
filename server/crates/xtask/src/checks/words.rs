//! Does anything stand in the repository that belongs to one machine, or a switch where it should not be?

use super::{Findings, files_of_the_repository, rust_files};
use std::fs;

/// Where `cfg(feature = "ssr")` and its twin may stand.
const SWITCHES: &[&str] = &["app/src/lib.rs"];

/// All word checks.
pub fn all() -> Findings {
    let mut findings = machine_paths();
    findings.extend(switches());
    findings
}

/// Paths of a person's machine and addresses of package registries.
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
                findings.push(format!("{name}:{}: {word} belongs to one machine: say it without.", number + 1));
            }
        }
    }
    findings
}

/// Put together here so that this file does not contain them.
fn forbidden() -> Vec<String> {
    [("/wo", "rk/"), ("/ro", "ot/"), ("registry.npm", "js.org"), ("static.cra", "tes.io"), ("TO", "DO:"), ("FIX", "ME")]
        .map(|(a, b)| format!("{a}{b}"))
        .to_vec()
}

/// Server or browser is decided in one file; everything below it is plain.
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
                    "{name}:{}: cfg(feature) stands in app/src/lib.rs alone: move what it hides below.",
                    number + 1
                ));
            }
        }
    }
    findings
}
