//! Is the top level exactly what it should be, and does every source file say what it is for?

use super::{Findings, files_of_the_repository};
use std::fs;

/// Everything the top level holds besides dotfiles.
const TOP: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "LICENSE",
    "README.md",
    "app",
    "server",
    "frontend",
    "style",
    "migrations",
    "public",
    "end2end",
];

/// The top level holds what the map in the README names, all of it and nothing else.
pub fn top_level() -> Findings {
    let files = files_of_the_repository();
    let mut there: Vec<&str> = files.iter().filter_map(|(name, _)| name.split('/').next()).collect();
    there.sort_unstable();
    there.dedup();
    let extra = there.iter().filter(|name| !name.starts_with('.') && !TOP.contains(name));
    let mut findings: Findings = extra
        .map(|name| format!("{name} does not belong at the top level: move it into the folder that uses it."))
        .collect();
    let missing = TOP.iter().filter(|name| !there.contains(name));
    findings.extend(missing.map(|name| format!("{name} is missing at the top level: add it.")));
    findings
}

/// Rust files begin with `//!` (or a README that is their documentation), browser journeys with a comment, migrations with `--`.
pub fn headers() -> Findings {
    let mut findings = Findings::new();
    for (name, path) in files_of_the_repository() {
        let Some(start) = opening(&name) else { continue };
        let text = fs::read_to_string(path).unwrap_or_default();
        if !start.iter().any(|start| text.starts_with(start)) {
            findings.push(format!("{name} has no header: say in its first lines which question it answers."));
        }
    }
    findings
}

fn opening(name: &str) -> Option<&'static [&'static str]> {
    match name.rsplit_once('.')?.1 {
        "rs" => Some(&["//!", "#![doc = include_str!("]),
        "ts" | "mts" | "mjs" => Some(&["//", "/*"]),
        "sql" => Some(&["--"]),
        "css" => Some(&["/*"]),
        _ => None,
    }
}
