//! Does anything stand in the repository that belongs to one machine, or a switch where it should not be?

use super::{Findings, files_of_the_repository, rust_files};
use std::fs;

/// Where `cfg(feature = "ssr")` and its twin may stand.
const SWITCHES: &[&str] = &["app/src/lib.rs"];

/// All word checks.
pub fn all() -> Findings {
    let mut findings = machine_paths();
    findings.extend(switches());
    findings.extend(own_rules());
    findings
}

/// Where letters may be judged one by one: the one cleaning of texts, and what judges addresses and foreign messages.
const JUDGES: &[&str] = &["app/crates/domain/src/text.rs", "app/src/lib.rs", "app/crates/ghl/src/error.rs"];

/// A field of a form or of the API with a rule of its own for invisible characters: texts are cleaned in `domain::text` alone.
fn own_rules() -> Findings {
    let mut findings = Findings::new();
    for (name, text) in rust_files() {
        let product = ["app/", "server/src/"].iter().any(|start| name.starts_with(start)) && !name.contains("test");
        if !product || JUDGES.contains(&name.as_str()) {
            continue;
        }
        for (number, _) in text.lines().enumerate().filter(|(_, line)| line.contains("is_control")) {
            findings.push(format!("{name}:{}: texts are cleaned in domain::text alone: use it.", number + 1));
        }
    }
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
