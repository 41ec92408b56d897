//! Does the documentation hold code that nothing runs? `cargo x test` collects no examples from it, because cargo expands
//! each crate once more for that, so there may be none: a test shows how something is called.

use super::{Findings, files_of_the_repository};
use std::fs;

/// What a fence may say that its block is. Rustdoc takes every other block for code to run.
const NO_CODE: &[&str] = &["html", "http", "json", "sh", "sql", "text", "toml"];

/// Finds blocks of code in doc comments, and in the files that crates include as their documentation.
pub fn all() -> Findings {
    let mut findings = Findings::new();
    for (name, path) in files_of_the_repository() {
        let included = name.ends_with("/README.md");
        if !included && !name.ends_with(".rs") {
            continue;
        }
        let text = fs::read_to_string(path).unwrap_or_default();
        let lines = text.lines().map(|line| if included { Some(line) } else { documentation(line) });
        findings.extend(blocks(lines).into_iter().map(|number| {
            format!(
                "{name}:{number}: no test runs code in documentation: write a test, or name what the block is ({}).",
                NO_CODE.join(", ")
            )
        }));
    }
    findings
}

/// The text of a line of a doc comment, without its mark and one space.
fn documentation(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let text = line.strip_prefix("//!").or_else(|| line.strip_prefix("///").filter(|text| !text.starts_with('/')))?;
    Some(text.strip_prefix(' ').unwrap_or(text))
}

/// The numbers of the lines at which a block of code begins: fenced, or indented after an empty line. `None` is a line that
/// is no documentation.
fn blocks<'a>(lines: impl Iterator<Item = Option<&'a str>>) -> Vec<usize> {
    let (mut found, mut fenced, mut paragraph) = (Vec::new(), false, false);
    for (at, line) in lines.enumerate() {
        let Some(line) = line else {
            (fenced, paragraph) = (false, false);
            continue;
        };
        let fence = ["```", "~~~"].into_iter().find_map(|fence| line.trim_start().strip_prefix(fence));
        match fence {
            Some(_) if fenced => fenced = false,
            Some(said) => {
                fenced = true;
                if !NO_CODE.contains(&said.trim()) {
                    found.push(at + 1);
                }
            }
            None if !fenced && !paragraph && line.starts_with("    ") && !line.trim().is_empty() => found.push(at + 1),
            None => {}
        }
        paragraph = !line.trim().is_empty();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{blocks, documentation};

    fn of(text: &str) -> Vec<usize> {
        blocks(text.lines().map(documentation))
    }

    #[test]
    fn every_block_that_rustdoc_would_run_is_found() {
        for fence in ["```", "``` ", "```rust", "```no_run", "```ignore", "~~~", "```rust,should_panic"] {
            assert_eq!(of(&format!("/// Adds.\n/// {fence}\n/// f();\n/// ```\nfn f() {{}}\n")), [2], "{fence}");
        }
        assert_eq!(of("//! Adds.\n//!\n//!     f();\n//!     g();\n"), [3]);
        assert_eq!(of("    ///     f();\n"), [1], "a comment that begins with it");
    }

    #[test]
    fn other_blocks_and_other_lines_are_none() {
        for text in [
            "/// Runs.\n/// ```sh\n/// cargo x up\n///\n///     there\n/// ```\n",
            "/// - one\n///     that goes on\n",
            "    let a = 1; // ```\n//// ```\n/////     x\n// ```\n        call(\n",
        ] {
            assert!(of(text).is_empty(), "{text}");
        }
        assert_eq!(of("/// ```text\nfn f() {}\n/// ```\n"), [3], "a comment ends with its lines");
    }
}
