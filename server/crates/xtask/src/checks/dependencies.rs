//! Are the libraries we use wanted? Each declared one is named in the sources of its crate, no library that we choose comes
//! in one version more than it does today, and all that is compiled in has a licence that permits what we do with it.

use super::manifest::{self, Manifest};
use super::{Findings, files_of_the_repository};
use crate::{place, run};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// Libraries that code made by a macro names, and the macro.
const NAMED_BY_MACROS: &[(&str, &str)] =
    &[("serde", "#[server"), ("server_fn", "#[server"), ("leptos_axum", "#[server")];
/// A crate and a library that it declares only to set its features.
const FOR_FEATURES: &[(&str, &str)] = &[("frontend", "leptos")];

/// Licences that let us compile a library in unchanged.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Libraries that we choose and that others still bring in older versions, with the number of versions.
const VERSIONS: &[(&str, usize)] = &[("base64", 2), ("rand", 3), ("sha2", 2), ("thiserror", 2), ("tower-http", 2)];

/// Applies every rule.
pub fn all() -> Findings {
    let mut findings = unused();
    findings.extend(versions());
    findings.extend(licences());
    findings
}

fn unused() -> Findings {
    let files: Vec<(String, String)> = files_of_the_repository()
        .into_iter()
        .filter(|(name, _)| name.ends_with(".rs") || name.ends_with("/Cargo.toml"))
        .filter_map(|(name, path)| Some((name, fs::read_to_string(path).ok()?)))
        .collect();
    let manifests: Vec<Manifest> =
        files.iter().filter_map(|(name, text)| Some(manifest::read(name.strip_suffix("/Cargo.toml")?, text))).collect();
    manifests.iter().flat_map(|manifest| unused_in(manifest, &sources(manifest, &manifests, &files))).collect()
}

/// The sources of a crate, without those of crates in folders below it.
fn sources<'a>(of: &Manifest, all: &[Manifest], files: &'a [(String, String)]) -> Vec<&'a str> {
    let inside = |folder: &str, name: &str| name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    let deeper = |name: &str| {
        all.iter()
            .any(|other| other.folder != of.folder && inside(&of.folder, &other.folder) && inside(&other.folder, name))
    };
    let own = files.iter().filter(|(name, _)| name.ends_with(".rs") && inside(&of.folder, name) && !deeper(name));
    own.map(|(_, text)| text.as_str()).collect()
}

fn unused_in(manifest: &Manifest, sources: &[&str]) -> Findings {
    let words: BTreeSet<&str> =
        sources.iter().flat_map(|text| text.split(|c: char| !(c.is_alphanumeric() || c == '_'))).collect();
    let by_macro = |library: &str| {
        let mut made = NAMED_BY_MACROS.iter().filter(|(name, _)| *name == library);
        made.any(|(_, mark)| sources.iter().any(|text| text.contains(mark)))
    };
    let declared = manifest.normal.keys().chain(manifest.dev.keys());
    let unused = declared.filter(|library| {
        !words.contains(library.replace('-', "_").as_str())
            && !by_macro(library)
            && !FOR_FEATURES.contains(&(manifest.name.as_str(), library.as_str()))
    });
    unused.map(|library| format!("{} declares {library} and names it nowhere: remove it.", manifest.name)).collect()
}

fn versions() -> Findings {
    let read = |name: &str| fs::read_to_string(place::root().join(name)).unwrap_or_default();
    let (chosen, lock) = (manifest::read("", &read("Cargo.toml")), read("Cargo.lock"));
    let all = locked(&lock);
    let counted = chosen.normal.keys().filter_map(|name| Some((name, all.get(name.as_str())?)));
    let more = counted.filter(|(name, found)| {
        let known = VERSIONS.iter().find(|(library, _)| library == name).map_or(1, |(_, count)| *count);
        found.len() > known
    });
    more.map(|(name, found)| {
        let found = found.iter().copied().collect::<Vec<_>>().join(", ");
        format!("{name} is compiled in several versions ({found}): use the one that the others use.")
    })
    .collect()
}

/// The versions of each library in a lock file.
fn locked(text: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut name = "";
    for line in text.lines() {
        if let Some(value) = line.strip_prefix("name = ") {
            name = value.trim_matches('"');
        } else if let Some(value) = line.strip_prefix("version = ").filter(|_| !name.is_empty()) {
            found.entry(name).or_default().insert(value.trim_matches('"'));
        }
    }
    found
}

fn licences() -> Findings {
    let mut tree = run::cargo(&["tree", "--workspace", "--target", "all", "--edges", "normal,build"]);
    let Some(listed) = run::output(tree.args(["--prefix", "none", "--format", "{p}|{l}"])) else {
        return vec!["cargo tree does not list the libraries: run it by hand and mend what it says.".to_owned()];
    };
    let lines: BTreeSet<(&str, &str)> =
        listed.lines().filter_map(|line| line.trim_end_matches(" (*)").split_once('|')).collect();
    let refused = lines.into_iter().filter(|(_, licence)| !permits(licence.trim_end_matches(" (*)")));
    refused
        .map(|(library, licence)| {
            let library = library.split(" (").next().unwrap_or(library);
            format!("{library} has the licence \"{licence}\", which is not in LICENCES of server/crates/xtask/src/checks/dependencies.rs.")
        })
        .collect()
}

/// Whether one of the choices that an SPDX expression offers is ours to take.
fn permits(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    either(&words, &mut at) && at == words.len()
}

fn either(words: &[&str], at: &mut usize) -> bool {
    let mut permitted = both(words, at);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        permitted |= both(words, at);
    }
    permitted
}

fn both(words: &[&str], at: &mut usize) -> bool {
    let mut permitted = one(words, at);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        permitted &= one(words, at);
    }
    permitted
}

fn one(words: &[&str], at: &mut usize) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let permitted = either(words, at);
        *at += 1;
        return permitted;
    }
    let mut name = (*word).to_owned();
    if let (Some(&"WITH"), Some(exception)) = (words.get(*at), words.get(*at + 1)) {
        name = format!("{name} WITH {exception}");
        *at += 2;
    }
    LICENCES.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_of_licences_needs_one_of_ours_and_a_sum_all_of_them() {
        for good in [
            "MIT",
            "MIT OR GPL-3.0",
            "GPL-3.0/MIT",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
            "ISC AND (Apache-2.0 OR GPL-3.0) AND MIT",
        ] {
            assert!(permits(good), "{good}");
        }
        for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND AGPL-3.0", "MIT WITH something", "MIT ISC"] {
            assert!(!permits(bad), "{bad}");
        }
    }

    #[test]
    fn a_library_that_no_source_names_is_found() {
        let manifest = manifest::read(
            "app/x",
            "[package]\nname = \"x\"\n[dependencies]\nserde.workspace = true\nhttp-body = \"1\"\nurl = \"2\"\n",
        );
        let found = |sources: &[&str]| unused_in(&manifest, sources).len();
        assert_eq!(found(&["use http_body::Body; use url::Url; #[server(endpoint = \"x\")]"]), 0);
        assert_eq!(found(&["use http_bodywork::Body; use url::Url;"]), 2);
    }

    #[test]
    fn versions_are_counted_by_name() {
        let text = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"a\"\nversion = \"2.0.0\"\n\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\n";
        let found = locked(text);
        assert_eq!((found["a"].len(), found["b"].len()), (2, 1));
    }
}
