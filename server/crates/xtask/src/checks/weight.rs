//! How much does a browser load for the first page? Checked when a release build with compressed files lies there.

use super::Findings;
use crate::site;
use std::fs;

/// Bytes of the brotli files together: what the design wants, and no more is taken.
const MOST: u64 = 150_000;

/// The code and the style of the first page.
pub fn first_page() -> Findings {
    let folder = site::folder(site::Profile::Release).join("pkg");
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let compressed = files.filter(|file| {
        let name = file.file_name().to_string_lossy().into_owned();
        name.ends_with(".br") && !name.contains(".d.ts")
    });
    let bytes: u64 = compressed.filter_map(|file| Some(file.metadata().ok()?.len())).sum();
    if bytes > MOST {
        return vec![format!("The first page loads {bytes} bytes, {MOST} at most: fewer or smaller islands.")];
    }
    Findings::new()
}
