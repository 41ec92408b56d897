//! How much does a browser load for the first page? Checked when a release build with compressed files lies there.

use super::Findings;
use crate::{say, site};
use std::fs;

/// Bytes of the brotli files together that the design wants.
const GOAL: u64 = 150_000;
/// And the wall: more than this is a failure.
const WALL: u64 = 250_000;

/// The code and the style of the first page.
pub fn first_page() -> Findings {
    let folder = site::folder(site::Profile::Release).join("pkg");
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let compressed = files.filter(|file| {
        let name = file.file_name().to_string_lossy().into_owned();
        name.ends_with(".br") && !name.contains(".d.ts")
    });
    let bytes: u64 = compressed.filter_map(|file| Some(file.metadata().ok()?.len())).sum();
    if bytes > WALL {
        return vec![format!("The first page loads {bytes} bytes, {WALL} at most: fewer or smaller islands.")];
    }
    if bytes > GOAL {
        say::warn(format!("the first page loads {bytes} bytes; the goal is {GOAL}: fewer or smaller islands."));
    }
    Findings::new()
}
