//! Which lines of a crate did its tests run? Reads the counters of a program that was built with `-C instrument-coverage`,
//! without the tools of LLVM, and prints how many lines of how many ran, then those that did not. `cargo x ci` starts it.

mod lines;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};
use llvm_profparser::{CoverageMapping, merge_profiles};

fn main() -> Result<()> {
    let words: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [program, source, profiles @ ..] = words.as_slice() else {
        bail!("Usage: coverage PROGRAM SOURCES PROFILE…");
    };
    let source = source.canonicalize().with_context(|| format!("{} is no folder of sources", source.display()))?;
    let files = measured(program, &source, profiles)?;
    let all: usize = files.values().map(BTreeMap::len).sum();
    let ran = files.values().flat_map(BTreeMap::values).filter(|ran| **ran).count();
    let mut out = io::stdout().lock();
    writeln!(out, "{ran} {all}")?;
    for (file, lines) in &files {
        let missed = lines::ranges(lines.iter().filter(|(_, ran)| !**ran).map(|(line, _)| *line));
        if !missed.is_empty() {
            writeln!(out, "{}: {}", file.display(), missed.join(", "))?;
        }
    }
    Ok(())
}

/// The lines of each file in the folder that can run, and whether they did. Files are named relative to the folder.
fn measured(program: &Path, source: &Path, profiles: &[PathBuf]) -> Result<BTreeMap<PathBuf, BTreeMap<usize, bool>>> {
    let counted = merge_profiles(profiles).context("the counters cannot be read")?;
    let programs = [program.to_owned()];
    let mapping = CoverageMapping::new(&programs, &counted, false)?;
    let report = mapping.generate_subreport(|paths| paths.iter().any(|path| within(path, source).is_some()))?;
    let mut files = BTreeMap::new();
    for (path, result) in &report.files {
        let Some(name) = within(path, source) else { continue };
        let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let regions = result.hits.iter().map(|(place, count)| (place.line_start, place.line_end, *count));
        files.insert(name, lines::of(regions, lines::tests_begin(&text)));
    }
    if files.is_empty() {
        bail!("{} has no counters of files in {}", program.display(), source.display());
    }
    Ok(files)
}

/// The name of a file in the folder or below it. `None` for one that is only reached from there. The compiler names a file as
/// its module does, such as `tests/../src/a.rs`.
fn within(path: &Path, folder: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            plain.pop();
        } else {
            plain.push(part);
        }
    }
    plain.strip_prefix(folder).ok().map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_outside_the_folder_is_none_of_it() {
        let folder = Path::new("/x/src");
        assert_eq!(within(Path::new("/x/src/a/b.rs"), folder), Some(PathBuf::from("a/b.rs")));
        assert_eq!(within(Path::new("/x/tests/../src/a/b.rs"), folder), Some(PathBuf::from("a/b.rs")));
        assert_eq!(within(Path::new("/x/src/../tests/a.rs"), folder), None);
        assert_eq!(within(Path::new("/x/srcs/a.rs"), folder), None);
    }
}
