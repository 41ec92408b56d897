//! Measures what a browser loads for the first page: the compressed script, code and style files of a release
//! build, and the font as it is (S3). The chunks that only pages with an island load count apart. The HTML of the page
//! itself is measured in `ssr`.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};

use crate::BenchArgs;
use crate::report::Report;

/// Bytes of everything that the first page needs: the design's goal and its limit.
const GOAL: f64 = 150.0 * 1024.0;
const WALL: f64 = 250.0 * 1024.0;
/// The font of normal text.
const FONT: &str = "inter.woff2";

/// Adds up the sizes.
pub fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let built = |site: &&Path| compressed(&site.join("pkg"), "slipway.wasm").is_ok_and(|bytes| bytes > 0);
    let Some(site) = bench_args.site.as_deref().filter(built) else {
        report.note("skipped: there is no release build; `cargo x up --release` makes one");
        return Ok(());
    };
    let mut total = 0;
    for end in ["wasm", "js", "css"] {
        // The script that loads chunks is part of every page.
        let bytes = if end == "js" {
            compressed(&site.join("pkg"), "js")?
        } else {
            compressed(&site.join("pkg"), &format!("slipway.{end}"))?
        };
        ensure!(bytes > 0, "{} holds no compressed .{end}: build with --precompress", site.join("pkg").display());
        report.figure(format!("{end}, brotli, bytes"), bytes);
        total += bytes;
    }
    let chunks = compressed(&site.join("pkg"), "wasm")? - compressed(&site.join("pkg"), "slipway.wasm")?;
    report.figure("lazy chunks, brotli, bytes", chunks);
    // The other font is for code and ids, which the first page does not show.
    let font = fs::metadata(site.join("fonts").join(FONT)).with_context(|| format!("looking for {FONT}"))?.len();
    report.figure("font, woff2, bytes", font);
    report.at_most("bytes of the first page", (total + font) as f64, GOAL, WALL);
    Ok(())
}

fn compressed(folder: &Path, end: &str) -> anyhow::Result<u64> {
    sum(folder, &|name| name == format!("{end}.br") || name.ends_with(&format!(".{end}.br")))
}

/// Bytes of all files below a folder whose names match.
fn sum(folder: &Path, fits: &dyn Fn(&str) -> bool) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            bytes += sum(&path, fits)?;
        } else if entry.file_name().to_str().is_some_and(fits) {
            bytes += entry.metadata()?.len();
        }
    }
    Ok(bytes)
}
