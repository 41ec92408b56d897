//! Which functions of `store` write? Decided from their source: one that contains a statement that writes or locks, or
//! that calls such a function of `store`.

use super::source::{Path, Source, read};
use std::collections::{BTreeMap, BTreeSet};

/// Where the crate stands.
const FOLDER: &str = "app/crates/store/src/";

/// How far the source of a name is followed through `use` statements.
const FAR: usize = 6;

/// The functions of the crate, by their paths inside it.
#[derive(Default)]
pub struct Store {
    /// Every function that belongs to no type.
    functions: BTreeSet<Path>,
    /// What `use` brings into each module, by the full path.
    imports: BTreeMap<Path, BTreeMap<String, Path>>,
    /// Those that write.
    writing: BTreeSet<Path>,
}

impl Store {
    /// Reads the crate.
    pub fn read(files: &[(String, String)]) -> Self {
        let inside = files.iter().filter_map(|(name, text)| Some((name.strip_prefix(FOLDER)?, text)));
        let sources: Vec<(Path, Source)> = inside
            .filter(|(name, _)| !name.contains("test") && *name != "fixtures.rs")
            .map(|(name, text)| (module(name), read(text)))
            .collect();
        let mut store = Self::default();
        for (module, source) in &sources {
            let imports = source.imports.iter().map(|(name, path)| (name.clone(), full(path, module)));
            store.imports.insert(module.clone(), imports.collect());
            store.functions.extend(source.functions().into_iter().map(|one| inside_of(module, &[one.name])));
        }
        let mut calls: BTreeMap<Path, BTreeSet<Path>> = BTreeMap::new();
        for (module, source) in &sources {
            for function in source.functions() {
                let path = inside_of(module, &[function.name]);
                if function.texts.iter().any(|text| changes(text)) {
                    store.writing.insert(path.clone());
                }
                let called = function.named.iter().filter_map(|named| store.find(&full(named, module), module));
                calls.insert(path, called.collect());
            }
        }
        store.follow(&calls);
        store
    }

    /// Marks those that call one that writes, until there is no other.
    fn follow(&mut self, calls: &BTreeMap<Path, BTreeSet<Path>>) {
        loop {
            let reaches = |called: &BTreeSet<Path>| !called.is_disjoint(&self.writing);
            let more: Vec<Path> = calls
                .iter()
                .filter(|(path, called)| !self.writing.contains(*path) && reaches(called))
                .map(|(path, _)| path.clone())
                .collect();
            if more.is_empty() {
                return;
            }
            self.writing.extend(more);
        }
    }

    /// True if no function of the crate writes, so it was not read.
    pub fn is_empty(&self) -> bool {
        self.writing.is_empty()
    }

    /// Where the function that others call by this path stands, if it writes.
    pub fn writing(&self, path: &[String]) -> Option<Path> {
        self.find(path, &[]).filter(|found| self.writing.contains(found))
    }

    /// The function that this path names in a module.
    fn find(&self, path: &[String], module: &[String]) -> Option<Path> {
        let inside = self.follow_name(&inside_of(module, path), FAR);
        inside.or_else(|| self.follow_name(path, FAR))
    }

    /// The function with this full path, or the one that a `use` statement on the way stands for.
    fn follow_name(&self, path: &[String], far: usize) -> Option<Path> {
        if far == 0 || path.is_empty() {
            return None;
        }
        if self.functions.contains(path) {
            return Some(path.to_vec());
        }
        (0..path.len()).rev().find_map(|at| {
            let imported = self.imports.get(&path[..at])?.get(&path[at])?;
            self.follow_name(&inside_of(imported, &path[at + 1..]), far - 1)
        })
    }
}

/// The module that a file holds.
fn module(name: &str) -> Path {
    let path = name.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    path.split('/').filter(|part| *part != "lib").map(str::to_owned).collect()
}

fn inside_of(module: &[String], path: &[String]) -> Path {
    module.iter().chain(path).cloned().collect()
}

/// A path in a module as seen from the root of the crate. One that begins with neither `crate`, `self` nor `super`
/// stays as it is.
fn full(path: &[String], module: &[String]) -> Path {
    let up = path.iter().take_while(|part| *part == "super").count();
    match path.first().map(String::as_str) {
        Some("crate") => path[1..].to_vec(),
        Some("self") => inside_of(module, &path[1..]),
        Some("super") => inside_of(&module[..module.len().saturating_sub(up)], &path[up..]),
        _ => path.to_vec(),
    }
}

/// True if a text is a statement that inserts, updates, deletes or locks rows.
fn changes(text: &str) -> bool {
    let text = text.to_lowercase();
    let words = text.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let follow = |wanted: &[&str]| words.windows(wanted.len()).any(|few| few == wanted);
    let set = words.iter().position(|word| *word == "update").is_some_and(|at| words[at..].contains(&"set"));
    set || [["insert", "into"], ["delete", "from"], ["for", "update"], ["key", "update"]].iter().any(|two| follow(two))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_that_write_or_lock_are_known() {
        for text in [
            "insert into roles (id) values ($1)",
            "with gone as (delete from work_ready returning id) select 1",
            "update roles\n set name = $1",
            "select id from agencies where id = $1 for no key update",
            "select id from jobs for update skip locked",
        ] {
            assert!(changes(text), "{text}");
        }
        for text in ["select set_config('role', $1, true)", "select updated_at from roles", "it was set or updated"] {
            assert!(!changes(text), "{text}");
        }
    }

    #[test]
    fn a_name_is_followed_through_modules_and_exports() {
        let file = |name: &str, text: &str| (format!("{FOLDER}{name}"), text.to_owned());
        let store = Store::read(&[
            file("lib.rs", "pub mod audit;\npub mod roles;"),
            file("audit/mod.rs", "mod rows;\npub use self::rows::{record as write, head};"),
            file("audit/rows.rs", "pub fn record() { query!(\"insert into audit_events\") }\npub fn head() {}"),
            file(
                "roles.rs",
                "use crate::audit::{self, write};
                 pub fn add() { note() }
                 fn note() { write() }
                 pub fn list() { audit::head() }
                 pub fn set() { super::audit::write() }
                 pub fn find() { tx.add() }",
            ),
        ]);
        let path = |text: &str| text.split("::").map(str::to_owned).collect::<Path>();
        assert_eq!(store.writing(&path("audit::write")), Some(path("audit::rows::record")));
        for (name, writes) in [("add", true), ("set", true), ("list", false), ("find", false), ("gone", false)] {
            assert_eq!(store.writing(&path(&format!("roles::{name}"))).is_some(), writes, "{name}");
        }
    }
}
