//! Checks that the top level holds exactly what it should, that every source file has a header, and that every file of tests
//! is part of a program.

use super::{Findings, files_of_the_repository, rust_files};
use std::collections::BTreeSet;
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

/// Checks that the top level holds everything that the map in the README names, and nothing else.
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

/// Checks that a module with a folder has its file in that folder: `x/mod.rs`, never `x.rs` beside `x/`.
pub fn modules() -> Findings {
    let names: Vec<String> = files_of_the_repository().into_iter().map(|(name, _)| name).collect();
    let stems = names.iter().filter(|name| name.contains("/src/")).filter_map(|name| name.strip_suffix(".rs"));
    let beside = stems.filter(|stem| names.iter().any(|other| is_within(other, stem)));
    beside.map(|stem| format!("{stem}.rs is next to its folder: move it to {stem}/mod.rs.")).collect()
}

/// True if `file` is a Rust file in `folder`.
fn is_within(file: &str, folder: &str) -> bool {
    file.ends_with(".rs") && file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Checks that a folder of tests names each file and folder in it. Nobody compiles a file that is not named, and the tests in it
/// run nowhere.
pub fn named_tests() -> Findings {
    let files = rust_files();
    let of_tests = |name: &str| name.contains("/tests/") && (name.ends_with("/main.rs") || name.ends_with("/mod.rs"));
    files.iter().filter(|(name, _)| of_tests(name)).flat_map(|(name, text)| unnamed(name, text, &files)).collect()
}

/// The modules beside this file that it does not name.
fn unnamed(name: &str, text: &str, files: &[(String, String)]) -> Findings {
    let folder = &name[..=name.rfind('/').unwrap_or(0)];
    let beside = files.iter().filter(|(other, _)| other != name).filter_map(|(other, _)| other.strip_prefix(folder));
    let modules: BTreeSet<&str> =
        beside.filter_map(|path| path.split('/').next()).map(|first| first.trim_end_matches(".rs")).collect();
    let missing = modules.into_iter().filter(|module| !text.contains(&format!("mod {module};")));
    missing
        .map(|module| format!("{name} does not name {module}, so its tests do not run: add `mod {module};`."))
        .collect()
}

/// Checks that Rust files begin with `//!` (or include a README as their documentation), browser journeys with a
/// comment and migrations with `--`.
pub fn headers() -> Findings {
    let mut findings = Findings::new();
    for (name, path) in files_of_the_repository() {
        let Some(start) = opening(&name) else { continue };
        let text = fs::read_to_string(path).unwrap_or_default();
        if !start.iter().any(|start| text.starts_with(start)) {
            findings.push(format!("{name} has no header: state in its first lines what the file does."));
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

#[cfg(test)]
mod tests {
    use super::unnamed;

    #[test]
    fn a_file_of_tests_that_nothing_names_is_found() {
        let names = ["a/tests/all/main.rs", "a/tests/all/one.rs", "a/tests/all/two/mod.rs", "a/tests/all/two/deep.rs"];
        let files = names.map(|name| (name.to_owned(), String::new()));
        assert!(unnamed(names[0], "mod one;\nmod two;\n", &files).is_empty());
        let found = unnamed(names[0], "mod one;\n", &files);
        assert_eq!(found, ["a/tests/all/main.rs does not name two, so its tests do not run: add `mod two;`."]);
        assert_eq!(unnamed(names[2], "", &files).len(), 1, "a folder names its files, too");
    }
}
