//! Is anything too long to be read in one go? Files, components and server functions; functions are clippy's.

use super::{Findings, rust_files};

/// Lines of a file before its tests.
const FILE: usize = 400;
/// Lines of a component.
const COMPONENT: usize = 80;
/// Lines of the body of a server function.
const SERVER_FUNCTION: usize = 20;

/// Every bound, over every Rust file.
pub fn all() -> Findings {
    let mut findings = Findings::new();
    for (name, text) in rust_files() {
        let lines = without_tests(&text);
        if lines.len() > FILE && !is_test(&name) {
            findings.push(format!("{name} has {} lines: split it by ability ({FILE} at most).", lines.len()));
        }
        for (function, length) in marked(&lines, &["#[component", "#[island"]) {
            if length > COMPONENT {
                findings.push(format!(
                    "{name}: {function} has {length} lines: name what one would point at ({COMPONENT} at most)."
                ));
            }
        }
        for (function, length) in marked(&lines, &["#[server"]) {
            if length.saturating_sub(2) > SERVER_FUNCTION {
                findings.push(format!(
                    "{name}: {function} has {length} lines: move the rule to domain, the effect to store ({SERVER_FUNCTION} at most)."
                ));
            }
        }
    }
    findings
}

fn is_test(name: &str) -> bool {
    name.contains("/tests/") || name.ends_with("/tests.rs")
}

/// The file up to its test module.
fn without_tests(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines.iter().position(|line| line.trim() == "#[cfg(test)]").unwrap_or(lines.len());
    lines[..tests].to_vec()
}

/// Functions under one of these attributes, with their length from `fn` to the closing brace.
fn marked(lines: &[&str], attributes: &[&str]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if !attributes.iter().any(|attribute| line.trim_start().starts_with(attribute)) {
            continue;
        }
        let Some(start) =
            (at..lines.len()).find(|i| lines[*i].contains("fn ") && !lines[*i].trim_start().starts_with("//"))
        else {
            continue;
        };
        let indent = lines[start].len() - lines[start].trim_start().len();
        let closing = format!("{}}}", " ".repeat(indent));
        let end = (start + 1..lines.len()).find(|i| lines[*i] == closing).unwrap_or(start);
        let name = lines[start].split("fn ").nth(1).and_then(|rest| rest.split(['(', '<']).next()).unwrap_or("?");
        found.push((name.to_owned(), end - start + 1));
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
        assert_eq!(marked(&lines, &["#[component"]), vec![("Card".to_owned(), 5)]);
    }

    #[test]
    fn tests_do_not_count() {
        assert_eq!(without_tests("a\nb\n#[cfg(test)]\nmod tests {\n}\n").len(), 2);
    }
}
