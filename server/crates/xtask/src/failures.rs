//! What did a test runner say of the tests that failed? A run prints it once more at its end, where a person looks first and
//! where a log that is cut still has it.

/// Number of lines that are repeated of one failure.
const LINES: usize = 30;

/// The sections `---- name stdout ----` of cargo's test programs, each as far as its stack backtrace, which says nothing that
/// the place before it does not.
pub fn of_cargo(text: &str) -> Vec<String> {
    let ends = |line: &str| line == "failures:" || line == "stack backtrace:";
    sections(text, |line| line.starts_with("---- ") && line.ends_with(" ----"), ends)
}

/// The names of the failed tests, which each of cargo's test programs lists before its result.
pub fn names_of_cargo(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut listed = false;
    for line in text.lines() {
        if line == "failures:" {
            listed = true;
        } else if listed && let Some(name) = line.strip_prefix("    ").filter(|name| !name.contains(' ')) {
            names.push(name.to_owned());
        } else if !line.is_empty() {
            listed = false;
        }
    }
    names
}

/// The sections `  1) tests/inbox.spec.ts:29:1 › …` of Playwright.
pub fn of_playwright(text: &str) -> Vec<String> {
    sections(text, is_numbered, |line| count_of(line).is_some())
}

/// The files of journeys that Playwright names behind `1 failed`, `1 flaky`, `2 did not run` or `1 interrupted`, each once.
pub fn files_of_playwright(text: &str) -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    let mut failed = false;
    for line in text.lines() {
        if let Some((_, what)) = count_of(line) {
            failed = is_failure(what);
        } else if failed && let Some((file, _)) = line.trim().split_once(':') {
            let file = file.rsplit(' ').next().unwrap_or(file).to_owned();
            if file.ends_with(".spec.ts") && !files.contains(&file) {
                files.push(file);
            }
        }
    }
    files
}

/// Reads a line such as `  12 passed (3s)`.
pub fn count_of(line: &str) -> Option<(u64, &str)> {
    let (count, what) = line.trim().split_once(' ')?;
    let what = what.split(" (").next().unwrap_or(what);
    let known = what == "passed" || what == "skipped" || is_failure(what);
    Some((count.parse().ok().filter(|_| known)?, what))
}

/// True for what counts as failed. A journey that needs a second try of Playwright's own does.
pub fn is_failure(what: &str) -> bool {
    ["failed", "flaky", "did not run", "interrupted"].contains(&what)
}

fn is_numbered(line: &str) -> bool {
    let number = line.strip_prefix("  ").and_then(|line| line.split_once(") "));
    number.is_some_and(|(number, name)| number.parse::<u32>().is_ok() && name.contains(".spec.ts:"))
}

/// Cuts a text into what begins at such lines; a section ends where the next begins or where a line says so.
fn sections(text: &str, begins: impl Fn(&str) -> bool, ends: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found: Vec<Vec<&str>> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if begins(line) {
            inside = true;
            found.push(Vec::new());
        } else if ends(line) {
            inside = false;
        }
        if inside && let Some(section) = found.last_mut().filter(|section| section.len() < LINES) {
            section.push(line);
        }
    }
    found.into_iter().map(|lines| lines.join("\n").trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_says_of_a_failure_is_found() {
        let text = "test a ... ok\n\nfailures:\n\n---- b::c stdout ----\nthread panicked\nleft: 1\n\n---- d stdout ----\nx\n\n\n\
                    failures:\n    b::c\n    d\n\ntest result: FAILED. 1 passed; 2 failed;\n";
        assert_eq!(of_cargo(text), ["---- b::c stdout ----\nthread panicked\nleft: 1", "---- d stdout ----\nx"]);
        assert_eq!(names_of_cargo(text), ["b::c", "d"]);
        assert!(of_cargo("test result: ok. 1 passed; 0 failed;\n").is_empty());
    }

    #[test]
    fn what_playwright_says_of_a_failure_is_found() {
        let text = "  ✘  3 tests/a.spec.ts:5:1 › x (1s)\n\n  1) tests/a.spec.ts:5:1 › x ───\n\n    Error: y\n      1) <span>\n\n\
                    \x20 2) tests/b.spec.ts:7:1 › z ───\n    Error\n\n  2 failed\n    tests/a.spec.ts:5:1 › x ──\n\
                    \x20   tests/b.spec.ts:7:1 › z ──\n  1 did not run\n    tests/b.spec.ts:9:1 › w ──\n  12 passed (3s)\n";
        let said = of_playwright(text);
        assert_eq!(said.len(), 2);
        assert!(said[0].ends_with("1) <span>") && said[1].ends_with("Error"), "{said:?}");
        assert_eq!(files_of_playwright(text), ["tests/a.spec.ts", "tests/b.spec.ts"]);
        assert!(files_of_playwright("  3 passed (1s)\n    tests/a.spec.ts:5:1 › x\n").is_empty());
    }

    #[test]
    fn a_backtrace_is_left_out() {
        let text = "---- a stdout ----\nthread panicked at x.rs:1\nleft: 1\nstack backtrace:\n   0: core\n             at y.rs\n\n\n\
                    failures:\n    a\n\ntest result: FAILED. 0 passed; 1 failed;\n";
        assert_eq!(of_cargo(text), ["---- a stdout ----\nthread panicked at x.rs:1\nleft: 1"]);
        assert_eq!(names_of_cargo(text), ["a"]);
    }

    #[test]
    fn a_long_failure_is_cut() {
        let text = format!("---- a stdout ----\n{}", "line\n".repeat(500));
        assert_eq!(of_cargo(&text)[0].lines().count(), LINES);
    }
}
