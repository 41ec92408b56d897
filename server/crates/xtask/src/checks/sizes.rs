//! Limits the length of files, components and server functions. Clippy limits the length of functions.

use super::{Findings, rust_files};

/// Most lines of a file, without its tests.
const FILE: usize = 400;
/// Most lines of a component.
const COMPONENT: usize = 80;
/// Most lines of the body of a server function: guard, parse, act, commit, and for a plain POST the way back to
/// the form.
const SERVER_FUNCTION: usize = 30;

/// Applies every limit to every Rust file.
pub fn all() -> Findings {
    let mut findings = Findings::new();
    for (name, text) in rust_files() {
        let lines = without_tests(&text);
        if lines.len() > FILE && !is_test(&name) {
            findings.push(format!("{name} has {} lines ({FILE} at most): split it by responsibility.", lines.len()));
        }
        for function in marked(&lines, &["#[component", "#[island"]) {
            if function.lines > COMPONENT {
                let Measured { name: what, lines, .. } = function;
                findings.push(format!(
                    "{name}: {what} has {lines} lines ({COMPONENT} at most): move its parts into named components."
                ));
            }
        }
        for function in marked(&lines, &["#[server"]) {
            if function.body > SERVER_FUNCTION {
                let Measured { name: what, body, .. } = function;
                findings.push(format!(
                    "{name}: the body of {what} has {body} lines ({SERVER_FUNCTION} at most): move rules to domain and database access to store."
                ));
            }
        }
    }
    findings
}

fn is_test(name: &str) -> bool {
    name.contains("/tests/") || name.ends_with("/tests.rs")
}

/// Returns the lines of a file before its test module.
fn without_tests(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines.iter().position(|line| line.trim() == "#[cfg(test)]").unwrap_or(lines.len());
    lines[..tests].to_vec()
}

/// A function and its length.
#[derive(Debug, PartialEq, Eq)]
struct Measured {
    name: String,
    /// Lines from `fn` to the closing brace.
    lines: usize,
    /// Lines between the braces.
    body: usize,
}

/// Returns the functions under one of these attributes.
fn marked(lines: &[&str], attributes: &[&str]) -> Vec<Measured> {
    let mut found = Vec::new();
    for at in
        (0..lines.len()).filter(|at| attributes.iter().any(|attribute| lines[*at].trim_start().starts_with(attribute)))
    {
        let code = |line: &usize| !lines[*line].trim_start().starts_with("//");
        let Some(start) = (at..lines.len()).find(|line| lines[*line].contains("fn ") && code(line)) else { continue };
        let indent = lines[start].len() - lines[start].trim_start().len();
        let closing = format!("{}}}", " ".repeat(indent));
        let end = (start + 1..lines.len()).find(|line| lines[*line] == closing).unwrap_or(start);
        let open = (start..end).find(|line| lines[*line].ends_with('{')).unwrap_or(start);
        let name = lines[start].split("fn ").nth(1).and_then(|rest| rest.split(['(', '<']).next()).unwrap_or("?");
        found.push(Measured { name: name.to_owned(), lines: end - start + 1, body: (end - open).saturating_sub(1) });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marked_function_is_measured_to_its_brace() {
        let lines =
            ["#[component]", "pub fn Card(", "    a: u8,", ") -> X {", "    if a { }", "}", "fn other() {", "}"];
        assert_eq!(marked(&lines, &["#[component"]), vec![Measured { name: "Card".to_owned(), lines: 5, body: 1 }]);
    }

    #[test]
    fn tests_do_not_count() {
        assert_eq!(without_tests("a\nb\n#[cfg(test)]\nmod tests {\n}\n").len(), 2);
    }
}
