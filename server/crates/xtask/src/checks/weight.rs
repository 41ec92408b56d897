//! Limits how much a browser loads: for the first page, and for a lazy chunk, which only pages with its island load. It checks
//! the builds whose browser code is the shipped one: release builds and all builds for tests.

use super::Findings;
use crate::site::{self, Profile};
use std::fs;

/// The font of normal text, which every page loads as it is.
const FONT: &str = "inter.woff2";
/// Most bytes of everything that every page loads.
const FIRST_PAGE: u64 = 130_000;
/// Most bytes of a lazy chunk.
const CHUNK: u64 = 60_000;
/// Most bytes of a page with an island: what every page loads, and all chunks.
const WITH_ISLAND: u64 = 200_000;

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
    let loaded =
        |name: &str| name == FONT || name.ends_with(".br") && !name.contains(".d.ts") && !name.contains(".json");
    findings(&sizes.filter(|(name, _)| loaded(name)).collect::<Vec<_>>())
}

/// True if only pages with an island load this file.
fn is_lazy(name: &str) -> bool {
    name.ends_with(".wasm.br") && !name.starts_with("slipway.")
}

fn findings(files: &[(String, u64)]) -> Findings {
    let bytes = |lazy: bool| files.iter().filter(|(name, _)| is_lazy(name) == lazy).map(|(_, size)| size).sum::<u64>();
    let (first, more) = (bytes(false), bytes(true));
    if !files.iter().any(|(name, _)| name.ends_with(".br")) {
        return vec!["The build left no compressed files: the size of the first page could not be checked.".to_owned()];
    }
    let mut findings = Findings::new();
    if first > FIRST_PAGE {
        findings.push(format!("Every page loads {first} bytes ({FIRST_PAGE} at most): make islands lazy or smaller."));
    }
    if first + more > WITH_ISLAND {
        findings.push(format!("A page with islands loads {} bytes ({WITH_ISLAND} at most).", first + more));
    }
    let large = files.iter().filter(|(name, size)| is_lazy(name) && *size > CHUNK);
    findings.extend(large.map(|(name, size)| format!("The lazy chunk {name} has {size} bytes ({CHUNK} at most).")));
    findings
}

#[cfg(test)]
mod tests {
    use super::findings;

    fn of(sizes: &[(&str, u64)]) -> usize {
        findings(&sizes.iter().map(|(name, size)| ((*name).to_owned(), *size)).collect::<Vec<_>>()).len()
    }

    #[test]
    fn each_limit_is_kept() {
        assert_eq!(
            of(&[("slipway.wasm.br", 60_000), ("slipway.js.br", 6_000), ("split_job_monitor.wasm.br", 40_000)]),
            0
        );
        assert_eq!(of(&[("inter.woff2", 48_000)]), 1, "an empty build is no small build");
        assert_eq!(of(&[("slipway.wasm.br", 90_000), ("inter.woff2", 48_000)]), 1);
        assert_eq!(of(&[("slipway.wasm.br", 60_000), ("split_job_monitor.wasm.br", 61_000)]), 1);
        assert_eq!(of(&[("slipway.wasm.br", 129_000), ("a.wasm.br", 50_000), ("b.wasm.br", 50_000)]), 1);
    }
}
