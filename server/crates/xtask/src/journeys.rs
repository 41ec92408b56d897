//! Runs the browser journeys. They get a world of their own on free ports, with a temporary data folder, and read
//! its addresses from the environment.

use crate::checks::weight;
use crate::scratch::Scratch;
use crate::site::{self, Profile, Site};
use crate::tally::Tally;
use crate::world::{Plan, World};
use crate::{Result, browser, http, npm, place, python, run, say};

/// Builds and runs the journeys. `words` select journeys as Playwright understands them; no words mean all.
pub fn run(words: &[String]) -> Result<Tally> {
    // A browser that is missing is told of before the build.
    browser::find()?;
    on(site::build(Profile::Testing)?, words)
}

/// Starts a world with this build and runs the journeys in it.
pub fn on(site: Site, words: &[String]) -> Result<Tally> {
    let chromium = browser::find()?;
    npm::install("end2end", "the browser driver")?;
    npm::install("end2end/tools-conformance", "other programs that use tools")?;
    let python = python::install("end2end/tools-conformance", "the client of tools in Python")?;
    let heavy = weight::of(Profile::Testing);
    heavy.iter().for_each(|finding| eprintln!("  {finding}"));
    let scratch = Scratch::new("journeys")?;
    let plan = Plan {
        data: scratch.path().to_owned(),
        listen: http::free()?,
        simulator: http::free()?,
        demo: true,
        test: true,
    };
    let mut world = World::prepare(site, &plan)?;
    world.serve(plan.listen)?;
    say::step("browser journeys…");
    let mut command = run::command("npx");
    command.args(["--no-install", "playwright", "test"]).args(words).current_dir(place::root().join("end2end"));
    command.envs(world.settings.iter().map(|(name, value)| (name, value)));
    command.env("CHROMIUM", chromium).env("SLIPWAY_PROGRAM", world.program());
    command.envs(python.map(|python| ("TOOLS_PYTHON", python)));
    command
        .env("BASE_URL", format!("http://{}", plan.listen))
        .env("SIMULATOR_URL", format!("http://{}", plan.simulator));
    let (status, text) = run::run_with_output("playwright", &mut command)?;
    if let Some(sentence) = world.children.ended() {
        return Err(sentence.into());
    }
    let mut tally = Tally::of_playwright(&text, status.success());
    tally += Tally::one(heavy.is_empty());
    Ok(tally)
}
