//! Runs the browser journeys. They get worlds of their own on free ports, with temporary data folders, and read the addresses
//! from the environment. A machine with two cores runs them in two worlds at once.

mod again;
mod halves;
mod stage;

use std::num::NonZero;
use std::thread;

use crate::checks::weight;
use crate::site::{self, Profile, Site};
use crate::tally::Tally;
use crate::{Result, browser, say};
use stage::{Played, Stage, Tools};

/// Builds and runs the journeys. `words` select journeys as Playwright understands them; no words mean all.
pub fn run(words: &[String]) -> Result<Tally> {
    // A browser that is missing is told of before the build.
    browser::find()?;
    on(&site::build(Profile::Testing)?, words)
}

/// Starts worlds with this build and runs the journeys in them.
pub fn on(site: &Site, words: &[String]) -> Result<Tally> {
    let tools = Tools::find()?;
    let heavy = weight::of(Profile::Testing);
    heavy.iter().for_each(|finding| eprintln!("  {finding}"));
    let mut tally = Tally::one(heavy.is_empty(), "weight of the first page");
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    tally += if words.is_empty() && cores > 1 { in_two_worlds(site, &tools)? } else { in_one(site, &tools, words)? };
    Ok(tally)
}

fn in_one(site: &Site, tools: &Tools, words: &[String]) -> Result<Tally> {
    let mut stage = Stage::set(site, tools, "")?;
    say::step("browser journeys…");
    Ok(stage.play(words)?.tally)
}

/// Runs one half of the files in each world, and then alone what measures time: beside another world it would measure that one,
/// too. What failed gets a second run alone.
fn in_two_worlds(site: &Site, tools: &Tools) -> Result<Tally> {
    let played = two_halves(site, tools)?;
    Ok(again::again(site, tools, played))
}

fn two_halves(site: &Site, tools: &Tools) -> Result<Played> {
    let (timed, files) = halves::files()?;
    let (one, other) = halves::halves(&files);
    let (mut first, mut second) = (Stage::set(site, tools, "1")?, Stage::set(site, tools, "2")?);
    say::step("browser journeys, in two worlds at once…");
    let (one, other) = thread::scope(|scope| {
        let beside = scope.spawn(|| counted("1", first.play(one)));
        let here = counted("2", second.play(other));
        (beside.join().unwrap_or_else(|_| ended("1")), here)
    });
    drop(first);
    let both = one.and(other);
    if timed.is_empty() || embedded::process::interrupted() {
        return Ok(both);
    }
    Ok(both.and(counted("2", second.play(&timed))))
}

/// A world that ended counts as one failure; what the other one ran still counts.
fn counted(mark: &str, result: Result<Played>) -> Played {
    result.unwrap_or_else(|cause| {
        eprintln!("[{}] world {mark}: {cause}", say::elapsed());
        ended(mark)
    })
}

fn ended(mark: &str) -> Played {
    Played {
        tally: Tally::one(false, &format!("world {mark} of the journeys ended; see above")),
        failed: Vec::new(),
        all_named: false,
    }
}
