//! The checks that a change must pass besides the tests. Each returns its findings: one sentence each, which
//! includes the remedy.

pub mod arrows;
pub mod cargo;
pub mod dependencies;
pub mod deploy;
pub mod examples;
pub mod files;
pub mod manifest;
pub mod markup;
pub mod operations;
pub mod queries;
pub mod rooms;
pub mod sizes;
pub mod vocabulary;
pub mod weight;
pub mod words;

use crate::place;
use std::fs;
use std::path::{Path, PathBuf};

/// What a check found; empty means that it passed.
pub type Findings = Vec<String>;

/// The name that is shown, and the check itself.
pub type Check = (&'static str, fn() -> Findings);

/// All checks, cheap ones first.
pub const ALL: &[Check] = &[
    ("top level", files::top_level),
    ("headers", files::headers),
    ("module files", files::modules),
    ("test files", files::named_tests),
    ("sizes", sizes::all),
    ("words", words::all),
    ("vocabulary", vocabulary::all),
    ("arrows", arrows::all),
    ("rooms", rooms::all),
    ("dependencies", dependencies::all),
    ("deployment", deploy::all),
    ("operations", operations::all),
    ("escaping", markup::all),
    ("examples", examples::all),
    ("format", cargo::format),
    ("weight of the first page", weight::first_page),
    ("size of the image", crate::image::dockerfile::size),
    ("stored queries", queries::current),
    ("lints, server", cargo::lints_of_the_server),
    ("lints, browser", cargo::lints_of_the_browser),
    ("docs", cargo::docs),
];

/// Returns every file that git knows or would add: its path relative to the top level, and its full path.
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

/// Lists the files without git: everything except what builds leave behind.
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

/// Returns the Rust files of the repository with their text.
pub fn rust_files() -> Vec<(String, String)> {
    let files = files_of_the_repository().into_iter().filter(|(name, _)| name.ends_with(".rs"));
    files.filter_map(|(name, path)| Some((name, fs::read_to_string(path).ok()?))).collect()
}
