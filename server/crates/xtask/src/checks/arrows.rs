//! Checks that dependencies point downward and that each outside library is used only in the layers that may use
//! it. Reads the manifests; the rules are those of the map in the README.

use super::manifest::{self, Manifest};
use super::{Findings, files_of_the_repository};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// All libraries that `domain` may use: types, no I/O.
const PURE: &[&str] = &[
    "chrono",
    "chrono-tz",
    "phonenumber",
    "schemars",
    "serde",
    "serde_json",
    "sqlx",
    "thiserror",
    "unicode-normalization",
    "unicode-segmentation",
    "url",
    "uuid",
];
/// Crates that talk to one outside platform each. They know neither each other nor the database.
const PLATFORMS: &[&str] = &["ghl", "meta", "model"];
/// Libraries, and the only crates that may use them.
const LAYERS: &[(&str, &[&str])] = &[
    ("leptos", &["account", "admin", "agency", "app", "business", "frontend", "islands", "kit", "server", "web"]),
    ("leptos_axum", &["account", "admin", "agency", "app", "business", "server", "web"]),
    ("leptos_meta", &["kit"]),
    ("leptos_router", &["account", "admin", "agency", "app", "business", "kit"]),
    ("axum", &["bench", "server", "simulator", "tools"]),
    ("sqlx", &["store", "domain"]),
    ("reqwest", &["outbound"]),
    ("lettre", &["mail"]),
    ("schemars", &["domain", "ghl", "operations", "server"]),
];

/// Applies every rule to every crate.
pub fn all() -> Findings {
    let crates = manifests();
    let mut findings = down(&crates);
    findings.extend(lowest(&crates));
    findings.extend(layers(&crates));
    findings.extend(features(&crates));
    findings
}

fn manifests() -> BTreeMap<String, Manifest> {
    let files = files_of_the_repository().into_iter().filter(|(name, _)| name.ends_with("/Cargo.toml"));
    files
        .filter_map(|(name, path)| {
            let manifest = manifest::read(name.trim_end_matches("/Cargo.toml"), &fs::read_to_string(path).ok()?);
            Some((manifest.name.clone(), manifest))
        })
        .collect()
}

fn in_server(manifest: &Manifest) -> bool {
    manifest.folder.starts_with("server")
}

/// Nothing under `app` or `frontend` may depend on the server, not even in tests. Background work never depends on
/// the app.
fn down(crates: &BTreeMap<String, Manifest>) -> Findings {
    let mut findings = Findings::new();
    for (name, manifest) in crates {
        for used in manifest.normal.keys().chain(manifest.dev.keys()).filter_map(|used| crates.get(used)) {
            if !in_server(manifest) && in_server(used) {
                findings.push(format!(
                    "{name} depends on {}, which is a higher layer: move what it needs to a lower layer.",
                    used.name
                ));
            }
            if manifest.folder.starts_with("app/crates") && used.name == "app" {
                findings
                    .push(format!("{name} depends on app, which depends on it: move what it needs to a lower layer."));
            }
        }
        let both = |other: &str| manifest.normal.contains_key(other);
        if ["worker", "tools", "simulator", "embedded"].contains(&name.as_str()) && both("app") {
            findings.push(format!("{name} depends on app: move what both need to store or domain."));
        }
        let neighbours = PLATFORMS.iter().chain(&["store"]).filter(|other| **other != name && both(other));
        if PLATFORMS.contains(&name.as_str()) {
            findings.extend(
                neighbours
                    .map(|other| format!("{name} depends on {other}: let the caller convert between their types.")),
            );
        }
    }
    findings
}

/// A crate under `app/crates` must be used by the app, at least through another crate.
fn lowest(crates: &BTreeMap<String, Manifest>) -> Findings {
    let mut reached = BTreeSet::from(["app".to_owned()]);
    let mut next = vec!["app".to_owned()];
    while let Some(manifest) = next.pop().and_then(|name| crates.get(&name)) {
        for used in manifest.normal.keys().filter(|used| crates.contains_key(*used)) {
            if reached.insert(used.clone()) {
                next.push(used.clone());
            }
        }
    }
    let lost = crates.values().filter(|m| m.folder.starts_with("app/crates") && !reached.contains(&m.name));
    lost.map(|m| format!("{} is used by the server alone: move it to server/crates.", m.name)).collect()
}

fn layers(crates: &BTreeMap<String, Manifest>) -> Findings {
    let mut findings = Findings::new();
    for (name, manifest) in crates {
        for (library, allowed) in LAYERS {
            if manifest.normal.contains_key(*library) && !allowed.contains(&name.as_str()) {
                findings.push(format!(
                    "{name} uses {library}, which only {} may use: call it through that crate.",
                    allowed.join(" and ")
                ));
            }
        }
        let domain_with_sqlx = manifest.normal.get("domain").is_some_and(|line| line.contains("sqlx"));
        if domain_with_sqlx && name != "store" {
            findings.push(format!("{name} enables domain's feature sqlx: only store may enable it."));
        }
    }
    if let Some(domain) = crates.get("domain") {
        let extra = domain.normal.keys().filter(|used| !PURE.contains(&used.as_str()));
        findings.extend(
            extra.map(|used| format!("domain uses {used}: domain has no I/O, so move what needs it to store.")),
        );
    }
    findings
}

/// Versions and features of libraries are set once, in the top manifest. Features that only tests need may be set
/// with the tests.
fn features(crates: &BTreeMap<String, Manifest>) -> Findings {
    let mut findings = Findings::new();
    for (name, manifest) in crates {
        for (used, line) in &manifest.normal {
            let ours = crates.contains_key(used);
            if !ours && line.contains("features") {
                findings.push(format!("{name} sets features of {used}: move them to [workspace.dependencies]."));
            }
            if !ours && (line.contains("version") || line.starts_with('"')) {
                findings.push(format!("{name} sets the version of {used}: move it to [workspace.dependencies]."));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(manifests: &[(&str, &str, &str)]) -> BTreeMap<String, Manifest> {
        let read = |(folder, name, rest): &(&str, &str, &str)| {
            manifest::read(folder, &format!("[package]\nname = \"{name}\"\n[dependencies]\n{rest}"))
        };
        manifests.iter().map(|m| (m.1.to_owned(), read(m))).collect()
    }

    #[test]
    fn an_arrow_upward_is_found() {
        let crates =
            world(&[("app/crates/store", "store", "worker.workspace = true"), ("server/crates/worker", "worker", "")]);
        assert_eq!(down(&crates).len(), 1);
    }

    #[test]
    fn a_library_in_the_wrong_layer_is_found() {
        let crates = world(&[("app/crates/ghl", "ghl", "reqwest.workspace = true\nstore.workspace = true")]);
        assert_eq!(layers(&crates).len(), 1);
        assert_eq!(down(&crates).len(), 1);
    }

    #[test]
    fn a_crate_that_only_the_server_uses_is_found() {
        let crates =
            world(&[("app", "app", "a.workspace = true"), ("app/crates/a", "a", ""), ("app/crates/b", "b", "")]);
        assert_eq!(lowest(&crates), ["b is used by the server alone: move it to server/crates."]);
    }
}
