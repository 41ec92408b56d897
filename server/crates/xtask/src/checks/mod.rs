//! What must hold besides the tests? Each check gives its findings, one sentence with the remedy in it; none is good.

pub mod arrows;
pub mod cargo;
pub mod files;
pub mod manifest;
pub mod markup;
pub mod queries;
pub mod sizes;
pub mod weight;
pub mod words;

use crate::place;
use std::fs;
use std::path::{Path, PathBuf};

/// What a check found; empty is good.
pub type Findings = Vec<String>;

/// A name for the person and what to do.
pub type Check = (&'static str, fn() -> Findings);

/// All checks, cheap ones first.
pub const ALL: &[Check] = &[
    ("top level", files::top_level),
    ("headers", files::headers),
    ("sizes", sizes::all),
    ("words", words::all),
    ("arrows", arrows::all),
    ("escaping", markup::all),
    ("format", cargo::format),
    ("weight of the first page", weight::first_page),
    ("stored queries", queries::current),
    ("lints, server", cargo::lints_of_the_server),
    ("lints, browser", cargo::lints_of_the_browser),
    ("docs", cargo::docs),
];

/// Every file that git knows or would add, with its path from the top.
pub fn files_of_the_repository() -> Vec<(String, PathBuf)> {
    let mut git = crate::run::command("git");
    let listed = crate::run::output(git.args(["ls-files", "--cached", "--others", "--exclude-standard"]));
    let mut files: Vec<(String, PathBuf)> = match listed {
        Some(text) => text.lines().map(|line| (line.to_owned(), place::root().join(line))).collect(),
        None => walk(&place::root()),
    };
    files.retain(|(_, path)| path.is_file());
    files.sort();
    files.dedup();
    files
}

/// Without git: all but what builds leave behind.
fn walk(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            if !["target", "node_modules", ".git", ".slipway"].iter().any(|left| name == *left) {
                files.extend(walk(&path));
            }
        } else if let Ok(short) = path.strip_prefix(place::root()) {
            files.push((short.to_string_lossy().into_owned(), path.clone()));
        }
    }
    files
}

/// The Rust files of the repository with their text.
pub fn rust_files() -> Vec<(String, String)> {
    let files = files_of_the_repository().into_iter().filter(|(name, _)| name.ends_with(".rs"));
    files.filter_map(|(name, path)| Some((name, fs::read_to_string(path).ok()?))).collect()
}
