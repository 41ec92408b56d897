//! How much does a browser load for the first page? Checked when a release build with compressed files lies there.

use super::Findings;
use crate::site;
use std::fs;

/// Bytes of the brotli files together; the goal of the design is 150 kB, its wall 250 kB.
const BUDGET: u64 = 150_000;

/// The code and the style of the first page.
pub fn first_page() -> Findings {
    let folder = site::folder(site::Profile::Release).join("pkg");
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let compressed = files.filter(|file| file.path().extension().is_some_and(|end| end == "br"));
    let bytes: u64 = compressed.filter_map(|file| Some(file.metadata().ok()?.len())).sum();
    if bytes > BUDGET {
        return vec![format!("The first page loads {bytes} bytes, {BUDGET} at most: fewer or smaller islands.")];
    }
    Findings::new()
}
