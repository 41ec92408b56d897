//! Starts everything that a running product consists of: a database, the simulator, the demo world and the server,
//! connected only by settings. `up`, `dev` and the browser journeys start the same world.

use crate::children::Children;
use crate::site::Site;
use crate::{Result, http, place, run, say};
use embedded::{Options, Postgres};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// What to start and where.
#[derive(Debug)]
pub struct Plan {
    /// The data folder.
    pub data: PathBuf,
    /// Where pages are served.
    pub listen: SocketAddr,
    /// Where the simulator listens.
    pub simulator: SocketAddr,
    /// True if the demo world is seeded.
    pub demo: bool,
    /// What tells the logs of worlds apart that one command runs at once. Empty for one alone.
    pub mark: &'static str,
    /// True for tests: nothing is read from the person's environment, the database skips fsync and the clock runs
    /// faster.
    pub test: bool,
}

/// Everything that runs. It stops when this is dropped.
#[derive(Debug)]
pub struct World {
    /// The processes.
    pub children: Children,
    /// The settings they share.
    pub settings: Vec<(String, String)>,
    site: Site,
    folder: PathBuf,
    mark: &'static str,
    // The last field, because fields are dropped in order and the others need the database to stop cleanly.
    _postgres: Option<Postgres>,
}

impl World {
    /// Starts the database and the simulator, migrates and seeds: everything except the server.
    pub fn prepare(site: Site, plan: &Plan) -> Result<Self> {
        let own_database = plan.test || place::setting("DATABASE_URL").is_none();
        let postgres = if own_database {
            say::step("starting the embedded database…");
            Some(Postgres::join_or_start(&plan.data, Options { fsync_off: plan.test, pg_bin: None })?)
        } else {
            None
        };
        // A server reads `.env` in the folder in which it starts, so a server for tests starts in a folder without
        // one.
        let folder = if plan.test { plan.data.clone() } else { place::root() };
        let (children, settings, mark) = (Children::default(), Vec::new(), plan.mark);
        let mut world = Self { children, settings, site, folder, mark, _postgres: postgres };
        world.set(plan);
        run::quietly("migrating", &mut world.slipway(&["migrate"]))?;
        let mut simulator = world.slipway(&["simulator"]);
        world.children.start(&format!("simulator{mark}"), &mut simulator)?;
        world
            .children
            .until("The simulator", Duration::from_secs(60), || http::status(plan.simulator, "/_sim").is_some())?;
        if plan.demo {
            say::step("filling in the demo world…");
            run::quietly("seeding", &mut world.slipway(&["seed", "demo"]))?;
        }
        Ok(world)
    }

    /// Starts the server and waits until it says that it is healthy.
    pub fn serve(&mut self, listen: SocketAddr) -> Result<()> {
        let mut server = self.slipway(&["serve", "--with-worker"]);
        self.children.start(&format!("server{}", self.mark), &mut server)?;
        self.children.until("The server", Duration::from_secs(90), || http::status(listen, "/health") == Some(200))
    }

    /// Creates a command that runs the product with the settings of this world.
    pub fn slipway(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.site.program);
        command.args(words).current_dir(&self.folder).envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Location of the server program.
    pub fn program(&self) -> String {
        self.site.program.to_string_lossy().into_owned()
    }

    fn set(&mut self, plan: &Plan) {
        let mut put = |name: &str, value: String| self.settings.push((name.to_owned(), value));
        put("SLIPWAY_DATA", plan.data.to_string_lossy().into_owned());
        put("SITE_ROOT", self.site.folder.to_string_lossy().into_owned());
        put("LISTEN_ADDR", plan.listen.to_string());
        put("SIMULATOR_ADDR", plan.simulator.to_string());
        if plan.test || place::setting("PUBLIC_URL").is_none() {
            put("PUBLIC_URL", format!("http://{}", plan.listen));
        }
        if plan.test {
            // An empty value counts as absent. What the person has exported for their own work must not reach a
            // test.
            for name in [
                "DATABASE_URL",
                "DATABASE_OWNER_URL",
                "ENCRYPTION_KEY",
                "SMTP_URL",
                "METRICS_TOKEN",
                "SUPER_ADMIN_EMAIL",
                "META_CONFIG_ID",
                "AI_PROVIDER",
                "AI_BASE_URL",
                "AI_API_KEY",
                "AI_MODEL",
                "AI_PRICE_INPUT",
                "AI_PRICE_OUTPUT",
            ] {
                put(name, String::new());
            }
            put("SLIPWAY_ENV", "development".to_owned());
            put("TIME_SCALE", "10".to_owned());
        }
        let asked = self.slipway(&["simulator", "--print-env"]).output();
        let said = asked.map(|out| String::from_utf8_lossy(&out.stdout).into_owned()).unwrap_or_default();
        // Whoever names a provider of language models has a key there, which no other address may get.
        let own_model = place::setting("AI_PROVIDER").is_some();
        // A configuration belongs to its app. The journeys connect WhatsApp without one, but for that of Embedded Signup.
        let no_config = plan.test || place::setting("META_APP_ID").is_some();
        for (name, value) in said.lines().filter_map(|line| line.split_once('=')) {
            let own = place::setting(name).is_some() || (own_model && name.starts_with("AI_"));
            let left_out = no_config && name == "META_CONFIG_ID";
            if !left_out && (plan.test || !own) {
                self.settings.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}
