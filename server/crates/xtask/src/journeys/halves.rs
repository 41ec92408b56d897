//! Which journeys run in which of two worlds? The files keep the order of the alphabet, in which they change a world, and are cut
//! where both parts take about as long: so no file comes before one that it came after.

use std::fs;

use crate::{Result, place};

/// The seconds of files that take longer than most, measured in one world on two cores.
const LONG: &[(&str, u32)] = &[
    ("accessible", 500),
    ("assistant", 45),
    ("clients", 55),
    ("identity", 45),
    ("inbox", 40),
    ("integrations", 65),
    ("keyboard", 80),
    ("layout-shift", 85),
    ("people", 60),
    ("provisioning", 125),
    ("tool-servers", 60),
    ("webhooks", 40),
];
/// The seconds of every other file.
const USUAL: u32 = 20;

/// Files that measure how long the product takes, by the clock.
const TIMED: &[&str] = &["live"];

/// The files that measure time, and all others.
pub fn files() -> Result<(Vec<String>, Vec<String>)> {
    let folder = place::root().join("end2end/tests");
    let entries = fs::read_dir(&folder).map_err(|e| format!("{} cannot be read: {e}", folder.display()))?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    // With its folder a name is found in no other path.
    let mut files: Vec<String> =
        names.filter(|name| name.ends_with(".spec.ts")).map(|name| format!("tests/{name}")).collect();
    files.sort();
    Ok(files.into_iter().partition(|file| TIMED.contains(&name(file))))
}

/// Cuts files in two where the longer part is as short as can be.
pub fn halves(files: &[String]) -> (&[String], &[String]) {
    let together = |part: &[String]| part.iter().map(|file| seconds(file)).sum::<u32>();
    let longer = |cut: &usize| {
        let (one, other) = files.split_at(*cut);
        together(one).max(together(other))
    };
    let cut = (1..files.len()).min_by_key(longer).unwrap_or(files.len());
    files.split_at(cut)
}

fn seconds(file: &str) -> u32 {
    let known = LONG.iter().find(|(long, _)| *long == name(file));
    known.map_or(USUAL, |(_, seconds)| *seconds)
}

/// The name of a file without its folder and its ending.
fn name(file: &str) -> &str {
    let file = file.rsplit('/').next().unwrap_or(file);
    file.strip_suffix(".spec.ts").unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_is_in_one_half_and_both_take_about_as_long() {
        let (timed, files) = files().unwrap();
        let (one, other) = halves(&files);
        assert_eq!([one, other].concat(), files);
        let together = |part: &[String]| part.iter().map(|file| seconds(file)).sum::<u32>();
        let (one, other) = (together(one), together(other));
        assert!(one.abs_diff(other) < 130, "{one} and {other} seconds");
        assert!(timed.iter().all(|file| !files.contains(file)) && timed.len() == TIMED.len());
    }

    #[test]
    fn each_name_that_is_listed_is_a_file() {
        let (timed, files) = files().unwrap();
        let known: Vec<&str> = timed.iter().chain(&files).map(|file| name(file)).collect();
        for listed in LONG.iter().map(|(long, _)| long).chain(TIMED) {
            assert!(
                known.contains(listed),
                "{listed} is gone: remove it from server/crates/xtask/src/journeys/halves.rs"
            );
        }
    }

    #[test]
    fn one_file_has_no_other_half() {
        let one = ["tests/inbox.spec.ts".to_owned()];
        assert_eq!(halves(&one), one.split_at(1));
        assert!(halves(&[]).0.is_empty() && halves(&[]).1.is_empty());
    }
}
