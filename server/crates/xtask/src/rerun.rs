//! What becomes of one or two tests of the crates that failed while others ran beside them? They run three times more, alone.
//! Only if they pass each time do they count as passed, and the run says at its end which tests needed it: a test that
//! depends on the speed of the machine is to be mended, but it is no reason to distrust a change. What fails again, and what
//! failed in larger numbers, is a failure.

use crate::Result;
use crate::failures;
use crate::tally::Tally;

/// Number of tests that may run again. Where more fail, the reason is no race.
const MOST: usize = 2;
/// Number of times that they have to pass.
const TIMES: usize = 3;

/// Runs the failed tests of a run again, by `alone`, and returns what counts. `text` is what the first run printed.
pub fn judged(first: Tally, text: &str, mut alone: impl FnMut(&[String]) -> Result<Tally>) -> Result<Tally> {
    let names = failures::names_of_cargo(text);
    // A program that was killed, or a name that could not be read, is a failure that no second run explains.
    let all_named = names.len() as u64 == first.failed;
    if !all_named || names.is_empty() || names.len() > MOST || embedded::process::interrupted() {
        return Ok(first);
    }
    for _ in 0..TIMES {
        let again = alone(&names)?;
        if again.failed > 0 || again.passed < first.failed {
            return Ok(Tally { said: first.said.into_iter().chain(again.said).collect(), ..first });
        }
    }
    Ok(first.passed_alone())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str =
        "---- a::b stdout ----\nno\n\nfailures:\n    a::b\n\ntest result: FAILED. 2 passed; 1 failed; 0 ignored\n";

    fn first() -> Tally {
        Tally::of_cargo(ONE, false)
    }

    fn good() -> Tally {
        Tally { passed: 1, ..Tally::default() }
    }

    #[test]
    fn what_passes_alone_each_time_counts_as_passed_and_stays_to_be_read() {
        let mut times = 0;
        let slow = judged(first(), ONE, |names| {
            times += 1;
            assert_eq!(names, ["a::b"]);
            Ok(good())
        });
        let slow = slow.unwrap();
        assert_eq!((times, slow.passed, slow.failed), (TIMES, 3, 0));
        assert!(slow.said[0].starts_with("passed only alone") && slow.said[0].ends_with("no"), "{slow:?}");
    }

    #[test]
    fn what_fails_once_more_or_does_not_run_is_a_failure() {
        for (nth, outcome) in [(0, Tally::one(false, "again")), (2, Tally::one(false, "again")), (1, Tally::default())]
        {
            let mut times = 0;
            let judged = judged(first(), ONE, |_| {
                times += 1;
                Ok(if times > nth { outcome.clone() } else { good() })
            });
            assert_eq!(judged.unwrap().failed, 1, "{nth}");
        }
    }

    #[test]
    fn many_failures_and_those_without_a_name_are_not_tried_again() {
        let never = |_: &[String]| -> Result<Tally> { panic!("nothing runs again") };
        let killed = Tally::of_cargo("error: test failed (signal: 9)", false);
        assert_eq!(judged(killed, "error: test failed (signal: 9)", never).unwrap().failed, 1);
        let many = "failures:\n    a\n    b\n    c\n\ntest result: FAILED. 2 passed; 3 failed; 0 ignored\n";
        assert_eq!(judged(Tally::of_cargo(many, false), many, never).unwrap().failed, 3);
        assert_eq!(judged(good(), "test result: ok. 1 passed; 0 failed\n", never).unwrap(), good());
    }
}
