//! Counts passed and failed tests in the output of every test runner.

use std::ops::AddAssign;

/// The numbers of passed and failed tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Number of passed tests.
    pub passed: u64,
    /// Number of failed tests.
    pub failed: u64,
}

impl Tally {
    /// Counts one check that passed or failed.
    pub fn one(held: bool) -> Self {
        Self { passed: u64::from(held), failed: u64::from(!held) }
    }

    /// Adds up lines such as `test result: ok. 5 passed; 0 failed; …`, one per test program.
    pub fn of_cargo(text: &str, success: bool) -> Self {
        let results = text.lines().filter_map(|line| line.trim().strip_prefix("test result: "));
        let mut sum = Self::default();
        for result in results {
            sum += Self { passed: before(result, "passed"), failed: before(result, "failed") };
        }
        sum.checked(success)
    }

    /// Reads lines such as `  12 passed (3s)`, `  1 failed`, `  1 flaky`, `  2 did not run`. A journey that needs
    /// a second try counts as failed.
    pub fn of_playwright(text: &str, success: bool) -> Self {
        let mut sum = Self::default();
        for line in text.lines().map(str::trim) {
            let Some((count, what)) = line.split_once(' ') else { continue };
            let Ok(count) = count.parse::<u64>() else { continue };
            match what.split(" (").next().unwrap_or(what) {
                "passed" => sum.passed += count,
                "failed" | "flaky" | "did not run" | "interrupted" => sum.failed += count,
                _ => {}
            }
        }
        sum.checked(success)
    }

    /// A runner that failed without naming a failure did not reach its tests. This counts as one failure.
    fn checked(mut self, success: bool) -> Self {
        if !success && self.failed == 0 {
            self.failed = 1;
        }
        self
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
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
                    test result: FAILED. 2 passed; 3 failed; 0 ignored\n";
        assert_eq!(Tally::of_cargo(text, false), Tally { passed: 7, failed: 3 });
        assert_eq!(Tally::of_cargo("error: could not compile", false), Tally { passed: 0, failed: 1 });
    }

    #[test]
    fn a_flaky_journey_is_a_failure() {
        let text = "  1 flaky\n    [x] › a.spec.ts\n  2 skipped\n  12 passed (3.2s)\n";
        assert_eq!(Tally::of_playwright(text, true), Tally { passed: 12, failed: 1 });
    }
}
