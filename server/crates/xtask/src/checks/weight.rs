//! How much does a browser load for the first page? Looked at where the browser's code lies as it is shipped: in a build for
//! release, and in every build for tests.

use super::Findings;
use crate::site::{self, Profile};
use std::fs;

/// Bytes of the brotli files together: what the design wants, and no more is taken.
const MOST: u64 = 150_000;

/// The code and the style of the first page, where a build for release lies.
pub fn first_page() -> Findings {
    if site::folder(Profile::Release).is_dir() { of(Profile::Release) } else { Findings::new() }
}

/// The same of a build that was just made.
pub fn of(profile: Profile) -> Findings {
    let files = fs::read_dir(site::folder(profile).join("pkg")).into_iter().flatten().flatten();
    let compressed = files.filter(|file| {
        let name = file.file_name().to_string_lossy().into_owned();
        name.ends_with(".br") && !name.contains(".d.ts")
    });
    match compressed.filter_map(|file| Some(file.metadata().ok()?.len())).sum() {
        0 => vec!["The build left no compressed files: what is served could not be weighed.".to_owned()],
        bytes if bytes > MOST => {
            vec![format!("The first page loads {bytes} bytes, {MOST} at most: fewer or smaller islands.")]
        }
        _ => Findings::new(),
    }
}
