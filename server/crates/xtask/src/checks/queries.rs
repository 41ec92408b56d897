//! Checks that the stored descriptions of queries (`.sqlx`) match the queries and the schema. They are committed
//! because they let a clone build without a database, so they can become outdated.

use super::Findings;
use crate::{Result, place, queries};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Generates them again in a separate folder and compares.
pub fn current() -> Findings {
    if !place::root().join("migrations").is_dir() {
        return Findings::new();
    }
    match difference() {
        Ok(0) => Findings::new(),
        Ok(count) => vec![format!("{count} stored queries are out of date: run `cargo x sqlx` and commit .sqlx.")],
        Err(cause) => vec![format!("The stored queries could not be checked: {cause}")],
    }
}

fn difference() -> Result<usize> {
    let folder = queries::described()?;
    let (fresh, stored) = (descriptions(&folder), descriptions(&place::root().join(".sqlx")));
    fs::remove_dir_all(folder)?;
    let changed = fresh.iter().filter(|(name, text)| stored.get(*name) != Some(*text)).count();
    Ok(changed + stored.keys().filter(|name| !fresh.contains_key(*name)).count())
}

fn descriptions(folder: &Path) -> BTreeMap<String, String> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files
        .filter_map(|file| {
            Some((file.file_name().to_string_lossy().into_owned(), fs::read_to_string(file.path()).ok()?))
        })
        .collect()
}
