//! Counts passed and failed tests in the output of every test runner, and keeps what was said of those that failed.

use std::ops::AddAssign;

use crate::failures;

/// The numbers of passed and failed tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Number of passed tests.
    pub passed: u64,
    /// Number of failed tests.
    pub failed: u64,
    /// What a person has to read at the end of the run, above all what was said of each failure.
    pub said: Vec<String>,
}

impl Tally {
    /// Counts one check that passed or failed, and says of which kind it is if it failed.
    pub fn one(held: bool, what: &str) -> Self {
        let said = if held { Vec::new() } else { vec![format!("failed: {what}")] };
        Self { passed: u64::from(held), failed: u64::from(!held), said }
    }

    /// The same where what failed passed when it ran again, alone. What was said of it stays to be read.
    pub fn passed_alone(self) -> Self {
        let said = self.said.iter().map(|said| format!("passed only alone, when it ran again:\n{said}")).collect();
        Self { passed: self.passed + self.failed, failed: 0, said }
    }

    /// Adds up lines such as `test result: ok. 5 passed; 0 failed; …`, one per test program.
    pub fn of_cargo(text: &str, success: bool) -> Self {
        let results = text.lines().filter_map(|line| line.trim().strip_prefix("test result: "));
        let mut sum = Self { said: failures::of_cargo(text), ..Self::default() };
        for result in results {
            sum.passed += before(result, "passed");
            sum.failed += before(result, "failed");
        }
        sum.checked(success)
    }

    /// Reads lines such as `  12 passed (3s)`, `  1 failed`, `  1 flaky`, `  2 did not run`.
    pub fn of_playwright(text: &str, success: bool) -> Self {
        let mut sum = Self { said: failures::of_playwright(text), ..Self::default() };
        for (count, what) in text.lines().filter_map(failures::count_of) {
            if what == "passed" {
                sum.passed += count;
            } else if failures::is_failure(what) {
                sum.failed += count;
            }
        }
        sum.checked(success)
    }

    /// A runner that failed without naming a failure did not reach its tests. This counts as one failure.
    fn checked(mut self, success: bool) -> Self {
        if !success && self.failed == 0 {
            self.failed = 1;
            self.said.push("failed: a test program that ended without naming a test; see above".to_owned());
        }
        self
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.said.extend(other.said);
    }
}

/// Returns the number before a word, such as `5 passed;`.
fn before(text: &str, word: &str) -> u64 {
    let parts: Vec<&str> = text.split([' ', ';', '.']).filter(|part| !part.is_empty()).collect();
    let at = parts.iter().position(|part| *part == word);
    at.and_then(|at| parts.get(at.checked_sub(1)?)?.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn cargo_is_summed_over_programs() {
        let text = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\nx\n\
                    ---- a stdout ----\nno\n\nfailures:\n    a\ntest result: FAILED. 2 passed; 3 failed; 0 ignored\n";
        let said = vec!["---- a stdout ----\nno".to_owned()];
        assert_eq!(Tally::of_cargo(text, false), Tally { passed: 7, failed: 3, said });
        let broken = Tally::of_cargo("error: could not compile", false);
        assert_eq!((broken.passed, broken.failed, broken.said.len()), (0, 1, 1));
    }

    #[test]
    fn a_flaky_journey_is_a_failure() {
        let text = "  1 flaky\n    [x] › a.spec.ts\n  2 skipped\n  12 passed (3.2s)\n";
        let tally = Tally::of_playwright(text, true);
        assert_eq!((tally.passed, tally.failed), (12, 1));
    }

    #[test]
    fn a_check_that_failed_is_named_at_the_end() {
        assert!(Tally::one(true, "format").said.is_empty());
        assert_eq!(Tally::one(false, "format").said, ["failed: format"]);
    }
}
