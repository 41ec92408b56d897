//! Limits how much a browser loads for the first page. It checks the builds whose browser code is the shipped one:
//! release builds and all builds for tests.

use super::Findings;
use crate::site::{self, Profile};
use std::fs;

/// Most bytes of all brotli files together, as the design demands.
const MOST: u64 = 150_000;

/// Checks the code and the style of the first page in the release build, if there is one.
pub fn first_page() -> Findings {
    if site::folder(Profile::Release).is_dir() { of(Profile::Release) } else { Findings::new() }
}

/// Checks a build that was just made.
pub fn of(profile: Profile) -> Findings {
    let files = fs::read_dir(site::folder(profile).join("pkg")).into_iter().flatten().flatten();
    let compressed = files.filter(|file| {
        let name = file.file_name().to_string_lossy().into_owned();
        name.ends_with(".br") && !name.contains(".d.ts")
    });
    match compressed.filter_map(|file| Some(file.metadata().ok()?.len())).sum() {
        0 => vec!["The build left no compressed files: the size of the first page could not be checked.".to_owned()],
        bytes if bytes > MOST => {
            vec![format!("The first page loads {bytes} bytes ({MOST} at most): use fewer or smaller islands.")]
        }
        _ => Findings::new(),
    }
}
