//! What becomes of journeys that failed while another world ran beside theirs? Two browsers, servers and databases on two cores
//! can make a page slower than a journey waits. So their files run once more, alone in a new world: what passes there is
//! no defect of the product, and the run says at its end which journeys needed it. What fails twice is a failure.

use super::stage::{Played, Stage, Tools};
use crate::site::Site;
use crate::tally::Tally;
use crate::{Result, say};

/// Number of files that may run again. Where more fail, the reason is no race.
const MOST: usize = 3;

/// Runs the files again in which a journey failed, and returns what counts.
pub fn again(site: &Site, tools: &Tools, first: Played) -> Tally {
    if !may_run_again(&first) || embedded::process::interrupted() {
        return first.tally;
    }
    say::step(format!("once more, alone: {}", first.failed.join(", ")));
    match alone(site, tools, &first.failed) {
        Ok(second) => judged(first.tally, second),
        Err(cause) => {
            eprintln!("[{}] the world in which journeys run again: {cause}", say::elapsed());
            first.tally
        }
    }
}

fn may_run_again(first: &Played) -> bool {
    first.all_named && !first.failed.is_empty() && first.failed.len() <= MOST
}

fn alone(site: &Site, tools: &Tools, files: &[String]) -> Result<Tally> {
    Ok(Stage::set(site, tools, "3")?.play(files)?.tally)
}

/// A journey that passes alone counts as passed, and what was said of it stays to be read.
fn judged(first: Tally, second: Tally) -> Tally {
    if second.failed > 0 {
        return Tally { said: first.said.into_iter().chain(second.said).collect(), ..first };
    }
    first.passed_alone()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played(failed: &[&str], all_named: bool) -> Played {
        let tally = Tally { passed: 9, failed: failed.len() as u64, said: vec!["1) a".to_owned()] };
        Played { tally, failed: failed.iter().map(|file| (*file).to_owned()).collect(), all_named }
    }

    #[test]
    fn only_few_files_run_again_and_only_if_all_that_failed_are_known() {
        assert!(may_run_again(&played(&["a", "b", "c"], true)));
        assert!(!may_run_again(&played(&["a", "b", "c", "d"], true)));
        assert!(!may_run_again(&played(&["a"], false)));
        assert!(!may_run_again(&played(&[], true)));
    }

    #[test]
    fn what_passes_alone_is_said_and_what_fails_twice_is_a_failure() {
        let good = Tally { passed: 3, ..Tally::default() };
        let slow = judged(played(&["a"], true).tally, good);
        assert_eq!((slow.passed, slow.failed), (10, 0));
        assert_eq!(slow.said, ["passed only alone, when it ran again:\n1) a"]);
        let bad = Tally { passed: 2, failed: 1, said: vec!["1) again".to_owned()] };
        let broken = judged(played(&["a"], true).tally, bad);
        assert_eq!((broken.passed, broken.failed, broken.said.len()), (9, 1, 2));
    }
}
