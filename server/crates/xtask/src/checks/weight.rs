//! Limits how much a browser loads: for the first page, for a lazy chunk, and for a page with an island. It checks the
//! builds whose browser code is the shipped one: release builds and all builds for tests.

use std::collections::BTreeMap;
use std::fs;

use super::Findings;
use crate::site::{self, Profile};

/// The font of normal text, which every page loads as it is.
const FONT: &str = "inter.woff2";
/// Lists the chunks of each island.
const MANIFEST: &str = "__wasm_split_manifest.json";
/// Most bytes of everything that every page loads.
const FIRST_PAGE: u64 = 121_000;
/// Most bytes of a lazy chunk.
const CHUNK: u64 = 60_000;
/// Most bytes of a page with an island: what every page loads, and the island's chunks.
const WITH_ISLAND: u64 = 198_000;

/// The names of each island's chunks.
type Chunks = BTreeMap<String, Vec<String>>;

/// Checks the code and the style of the first page in the release build, if there is one.
pub fn first_page() -> Findings {
    if site::folder(Profile::Release).is_dir() { of(Profile::Release) } else { Findings::new() }
}

/// Checks a build that was just made.
pub fn of(profile: Profile) -> Findings {
    let site = site::folder(profile);
    let files = ["pkg", "fonts"].into_iter().flat_map(|folder| fs::read_dir(site.join(folder)).into_iter().flatten());
    let sizes = files.flatten().filter_map(|file| {
        let name = file.file_name().to_string_lossy().into_owned();
        Some((name, file.metadata().ok()?.len()))
    });
    let chunks = fs::read_to_string(site.join("pkg").join(MANIFEST)).ok();
    let chunks = chunks.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    findings(&sizes.collect(), &chunks)
}

/// True if every page loads this file.
fn is_first(name: &str) -> bool {
    name == FONT
        || (name.starts_with("slipway") && name.ends_with(".wasm.br"))
        || name.ends_with(".js.br")
        || name.ends_with(".css.br")
}

fn findings(files: &BTreeMap<String, u64>, chunks: &Chunks) -> Findings {
    if !files.keys().any(|name| name.ends_with(".br")) {
        return vec!["The build left no compressed files: the size of the first page could not be checked.".to_owned()];
    }
    let first: u64 = files.iter().filter(|(name, _)| is_first(name)).map(|(_, size)| size).sum();
    let mut findings = Findings::new();
    if first > FIRST_PAGE {
        findings.push(format!("Every page loads {first} bytes ({FIRST_PAGE} at most): make islands lazy or smaller."));
    }
    for (island, chunks) in chunks {
        let size = |chunk: &String| files.get(&format!("{chunk}.wasm.br")).copied().unwrap_or_default();
        let whole = first + chunks.iter().map(size).sum::<u64>();
        if whole > WITH_ISLAND {
            findings.push(format!("A page with {island} loads {whole} bytes ({WITH_ISLAND} at most)."));
        }
    }
    let large = files.iter().filter(|(name, size)| name.ends_with(".wasm.br") && !is_first(name) && **size > CHUNK);
    findings.extend(large.map(|(name, size)| format!("The lazy chunk {name} has {size} bytes ({CHUNK} at most).")));
    findings
}

#[cfg(test)]
mod tests {
    use super::{Chunks, findings};

    fn of(sizes: &[(&str, u64)], islands: &[(&str, &[&str])]) -> usize {
        let chunks: Chunks = islands
            .iter()
            .map(|(island, chunks)| ((*island).to_owned(), chunks.iter().map(|chunk| (*chunk).to_owned()).collect()))
            .collect();
        findings(&sizes.iter().map(|(name, size)| ((*name).to_owned(), *size)).collect(), &chunks).len()
    }

    #[test]
    fn each_limit_is_kept() {
        let monitor: &[(&str, &[&str])] = &[("monitor", &["split_monitor"])];
        let good = [("slipway.wasm.br", 100_000), ("slipway.js.br", 6_000), ("split_monitor.wasm.br", 40_000)];
        assert_eq!(of(&good, monitor), 0);
        assert_eq!(of(&[("inter.woff2", 48_000)], &[]), 1, "an empty build is no small build");
        assert_eq!(of(&[("slipway.wasm.br", 140_000), ("inter.woff2", 48_000)], &[]), 1);
        assert_eq!(of(&[("slipway.wasm.br", 110_000), ("mono.woff2.br", 48_000)], &[]), 0, "no page loads it so");
        assert_eq!(of(&[("slipway.wasm.br", 60_000), ("split_monitor.wasm.br", 61_000)], &[]), 1);
        let two = [("slipway.wasm.br", 100_000), ("a.wasm.br", 45_000), ("b.wasm.br", 45_000), ("c.wasm.br", 45_000)];
        assert_eq!(of(&two, &[("one", &["a", "b"]), ("other", &["c"])]), 0, "each page has one of them");
        assert_eq!(of(&two, &[("all", &["a", "b", "c"])]), 1);
    }
}
