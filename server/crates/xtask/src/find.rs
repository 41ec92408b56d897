//! `cargo x where <word>`: lists every file of a feature, with the first line of its header. The list is complete
//! because a feature has the same word in every layer.

use crate::Result;
use crate::checks::files_of_the_repository;
use std::fs;
use std::io::{self, Write};

/// Prints the path and the first header line of each file whose path or header contains the word.
pub fn find(words: &[String]) -> Result<()> {
    let [word] = words else {
        return Err("`cargo x where` needs one word, as in `cargo x where provisioning`.".into());
    };
    let word = word.to_lowercase();
    let (mut found, mut out) = (0, io::stdout().lock());
    for (name, path) in files_of_the_repository() {
        let text = fs::read_to_string(path).unwrap_or_default();
        let header = header(&text);
        if name.to_lowercase().contains(&word) || header.to_lowercase().contains(&word) {
            found += 1;
            let line = header.lines().next().unwrap_or("(no header)");
            if writeln!(out, "{name}\n    {line}").is_err() {
                return Ok(()); // the reader has closed the pipe
            }
        }
    }
    if found == 0 {
        Err(format!("No file has {word} in its path or header; the glossary is in the README.").into())
    } else {
        Ok(())
    }
}

/// Returns the comment with which a file begins, without comment marks.
fn header(text: &str) -> String {
    let marked = |line: &&str| ["//!", "//", "--", "#", "/*", " *"].iter().any(|mark| line.starts_with(mark));
    let lines = text.lines().skip_while(|line| line.starts_with("#!")).take_while(marked);
    let plain =
        lines.map(|line| line.trim_start_matches(['/', '!', '-', '#', '*', ' ']).trim_end_matches(['*', '/', ' ']));
    plain.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::header;

    #[test]
    fn headers_of_all_kinds_are_read() {
        assert_eq!(header("//! One.\n//! Two.\n\nuse x;\n"), "One.\nTwo.");
        assert_eq!(header("-- Tables.\ncreate table"), "Tables.");
        assert_eq!(header("#!/bin/sh\n# Runs.\nset -e"), "Runs.");
        assert_eq!(header("use x;\n"), "");
    }
}
