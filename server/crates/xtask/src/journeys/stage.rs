//! One world for journeys, and Playwright in it. Two of them share nothing: ports, folders, logs and what Playwright writes are
//! their own.

use std::path::PathBuf;
use std::process::Command;

use crate::scratch::Scratch;
use crate::site::Site;
use crate::tally::Tally;
use crate::world::{Plan, World};
use crate::{Result, browser, failures, http, npm, place, python, run};

/// The programs that journeys need.
#[derive(Debug)]
pub struct Tools {
    chromium: String,
    python: Option<PathBuf>,
}

impl Tools {
    /// Finds them, and installs what is missing.
    pub fn find() -> Result<Self> {
        let chromium = browser::find()?;
        npm::install("end2end", "the browser driver")?;
        npm::install("end2end/tools-conformance", "other programs that use tools")?;
        let python = python::install("end2end/tools-conformance", "the client of tools in Python")?;
        Ok(Self { chromium, python })
    }
}

/// What a run of Playwright came to.
#[derive(Debug)]
pub struct Played {
    /// Its journeys that passed and failed.
    pub tally: Tally,
    /// The files in which a journey failed.
    pub failed: Vec<String>,
    /// True if all that failed is in these files, so that a run of them would show whether it fails again.
    pub all_named: bool,
}

impl Played {
    fn read(text: &str, success: bool) -> Self {
        let (tally, failed) = (Tally::of_playwright(text, success), failures::files_of_playwright(text));
        Self { all_named: tally.failed == 0 || !failed.is_empty(), tally, failed }
    }

    /// Adds what another run came to.
    pub fn and(mut self, other: Self) -> Self {
        self.tally += other.tally;
        self.failed.extend(other.failed);
        Self { all_named: self.all_named && other.all_named, ..self }
    }
}

/// A running world.
#[derive(Debug)]
pub struct Stage<'a> {
    world: World,
    plan: Plan,
    tools: &'a Tools,
    /// How often Playwright ran in it.
    plays: u32,
    // The last field, because fields are dropped in order and the world lies in this folder.
    scratch: Scratch,
}

impl<'a> Stage<'a> {
    /// Starts a world with this build. `mark` tells worlds apart that run at once, and is empty if there is one alone.
    pub fn set(site: &Site, tools: &'a Tools, mark: &'static str) -> Result<Self> {
        let scratch = Scratch::new(&format!("journeys{mark}"))?;
        let plan = Plan {
            data: scratch.path().to_owned(),
            listen: http::free()?,
            simulator: http::free()?,
            demo: true,
            test: true,
            mark,
        };
        let mut world = World::prepare(site.clone(), &plan)?;
        world.serve(plan.listen)?;
        Ok(Self { world, plan, tools, plays: 0, scratch })
    }

    /// Runs the journeys that these words select, as Playwright understands them; no words mean all.
    pub fn play(&mut self, words: &[String]) -> Result<Played> {
        self.plays += 1;
        let mark = if self.plan.mark.is_empty() { String::new() } else { format!("[{}] ", self.plan.mark) };
        let (status, text) = run::run_marked("playwright", &mark, &mut self.playwright(words))?;
        if let Some(sentence) = self.world.children.ended() {
            return Err(sentence.into());
        }
        Ok(Played::read(&text, status.success()))
    }

    fn playwright(&self, words: &[String]) -> Command {
        let mut command = run::command("npx");
        command.args(["--no-install", "playwright", "test"]).current_dir(place::root().join("end2end"));
        // A run empties this folder when it begins, so each has its own.
        command.arg("--output").arg(format!("test-results/world{}-{}", self.plan.mark, self.plays)).args(words);
        command.envs(self.world.settings.iter().map(|(name, value)| (name, value)));
        command.env("CHROMIUM", &self.tools.chromium).env("SLIPWAY_PROGRAM", self.world.program());
        command.envs(self.tools.python.as_ref().map(|python| ("TOOLS_PYTHON", python)));
        command.env("PLAYWRIGHT_TRANSFORM_CACHE_DIR", self.scratch.path().join("playwright"));
        command
            .env("BASE_URL", format!("http://{}", self.plan.listen))
            .env("SIMULATOR_URL", format!("http://{}", self.plan.simulator));
        command
    }
}
