//! Starts the real product: the built server, plus the simulator and the demo world, with the benchmark's own
//! database, free ports, and none of the user's settings. Everything stops when it is dropped.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use embedded::process::{self, Signal};
use serde_json::{Value, json};

use crate::BenchArgs;
use crate::client::Client;
use crate::database::{BenchDatabase, Disk};

/// The user's settings that must not reach the product.
const FOREIGN: [&str; 7] = [
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "ENCRYPTION_KEY",
    "SMTP_URL",
    "METRICS_TOKEN",
    "SUPER_ADMIN_EMAIL",
    "TIME_SCALE",
];
/// The demo agency.
pub const AGENCY: &str = "harbor";
/// A user who may see the agency's jobs.
const EMAIL: &str = "maya@harbor.test";
const PASSWORD: &str = "slipway-demo";

/// A running product.
pub struct Product {
    /// Address of the web server.
    pub listen: SocketAddr,
    /// Address of the simulator.
    pub simulator: SocketAddr,
    /// Process id of the web server.
    pub server: u32,
    program: PathBuf,
    settings: Vec<(String, String)>,
    children: Vec<Child>,
    // Must be the last field, so that it is dropped last: the processes need the database to end cleanly.
    bench_database: BenchDatabase,
}

impl Product {
    /// Starts the product with the demo world. `None` if there is no build.
    pub async fn start(bench_args: &BenchArgs, serve: &[&str]) -> anyhow::Result<Option<Self>> {
        let Some((program, site)) =
            bench_args.program.clone().zip(bench_args.site.clone()).filter(|(program, _)| program.is_file())
        else {
            return Ok(None);
        };
        let bench_database = BenchDatabase::start(Disk::Real, &bench_args.out)?;
        let (listen, simulator) = (free()?, free()?);
        let settings = settings(&bench_database, &site, listen, simulator);
        let mut product =
            Self { listen, simulator, server: 0, program, settings, children: Vec::new(), bench_database };
        let env = product.run(&["simulator", "--print-env"])?;
        product.settings.extend(
            env.lines()
                .filter_map(|line| line.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        product.run(&["migrate"])?;
        product.spawn(&["simulator"], simulator, "/_sim").await?;
        product.run(&["seed", "demo"])?;
        product.server = product.spawn(serve, listen, "/health").await?;
        Ok(Some(product))
    }

    /// Prepares a database and the settings of every process, but starts nothing.
    pub fn prepare(
        program: PathBuf,
        site: Option<&Path>,
        bench_database: BenchDatabase,
        told: &[(&str, String)],
    ) -> anyhow::Result<Self> {
        let (listen, simulator) = (free()?, free()?);
        let site = site.map_or_else(|| bench_database.folder().join("site"), Path::to_owned);
        let mut settings = settings(&bench_database, &site, listen, simulator);
        settings.extend(told.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        Ok(Self { listen, simulator, server: 0, program, settings, children: Vec::new(), bench_database })
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(words)
            .envs(FOREIGN.map(|name| (name, "")))
            .envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.env("SLIPWAY_ENV", "development").env("RUST_LOG", "warn").stdin(Stdio::null());
        command
    }

    /// Runs one of the product's commands to the end and returns what it printed.
    pub fn run(&self, words: &[&str]) -> anyhow::Result<String> {
        let out = self.command(words).output().with_context(|| format!("starting {}", self.program.display()))?;
        if !out.status.success() {
            bail!("`slipway {}` failed: {}", words.join(" "), String::from_utf8_lossy(&out.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    }

    /// Starts a process and waits until it answers at a path. Returns its process id.
    pub async fn spawn(&mut self, words: &[&str], addr: SocketAddr, path: &str) -> anyhow::Result<u32> {
        let mut command = self.command(words);
        let name = format!("{}-{}", words[0], addr.port());
        let log = std::fs::File::create(self.log(&name))?;
        command.stdout(log.try_clone()?).stderr(log);
        process::end_with_us(&mut command, Signal::Terminate);
        let mut child = command.spawn().with_context(|| format!("starting {}", words.join(" ")))?;
        let (pid, began) = (child.id(), Instant::now());
        loop {
            if let Ok(mut client) = Client::connect(addr).await
                && client.get(path, &[]).await.is_ok_and(|answer| answer.status == 200)
            {
                break;
            }
            let ended = child.try_wait()?;
            if ended.is_some() || began.elapsed() > Duration::from_secs(180) {
                let said = std::fs::read_to_string(self.log(&name)).unwrap_or_default();
                bail!("`slipway {}` does not answer: {said}", words.join(" "));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.children.push(child);
        Ok(pid)
    }

    fn log(&self, name: &str) -> PathBuf {
        self.bench_database.folder().join(format!("{name}.log"))
    }

    /// Creates an API token for the demo agency.
    pub fn token(&self) -> anyhow::Result<String> {
        self.token_of(AGENCY)
    }

    /// Runs a query on the product's database and returns its rows.
    pub fn ask_rows(&self, sql: &str) -> anyhow::Result<embedded::wire::Rows> {
        self.bench_database.rows(sql)
    }

    /// Runs a statement, past row-level security, on the database that a product started with [`Product::start`] made
    /// for itself, and returns its rows.
    pub fn own_rows(&self, sql: &str) -> anyhow::Result<embedded::wire::Rows> {
        Ok(self.bench_database.session("slipway")?.run(sql)?)
    }

    /// The URLs of the database that a product started with [`Product::start`] made for itself: for the role of its
    /// processes, and for the owner.
    pub fn own_urls(&self) -> (String, String) {
        self.bench_database.of_product()
    }

    /// Creates an empty database for a peer beside the product's and returns its URL for the owner.
    pub fn peer_database(&self) -> anyhow::Result<String> {
        self.bench_database.database("peer")
    }

    /// Opens a session of the owner on the peer's database.
    pub fn peer_session(&self) -> anyhow::Result<embedded::wire::Session> {
        self.bench_database.session("peer")
    }

    /// The folder of the database's socket.
    pub fn socket_folder(&self) -> &Path {
        self.bench_database.socket_folder()
    }

    /// Kills the web server without warning and starts it again at the same address.
    pub async fn crash_server(&mut self) -> anyhow::Result<()> {
        process::send(self.server, Signal::Kill);
        if let Some(at) = self.children.iter().position(|child| child.id() == self.server) {
            self.children.remove(at).wait()?;
        }
        let listen = self.listen;
        self.server = self.spawn(&["serve"], listen, "/health").await?;
        Ok(())
    }

    /// Kills one process of Postgres, so that all of it crashes and recovers from its log. Returns when it answers again.
    pub async fn crash_postgres(&self) -> anyhow::Result<()> {
        let backend = "select pid from pg_stat_activity where datname = 'slipway' and backend_type = 'client backend' and pid <> pg_backend_pid() limit 1";
        let pid = self.own_rows(backend)?.into_iter().flatten().flatten().next().context("nobody uses the database")?;
        anyhow::ensure!(process::send(pid.parse()?, Signal::Kill), "this Postgres belongs to somebody else");
        let began = Instant::now();
        while self.own_rows("select 1").is_err() {
            anyhow::ensure!(began.elapsed() < Duration::from_secs(60), "Postgres does not recover");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Creates an API token for an agency.
    pub fn token_of(&self, agency: &str) -> anyhow::Result<String> {
        let said = self.run(&[
            "token",
            "create",
            "--agency",
            agency,
            "--scopes",
            "provisioning,snapshots",
            "--name",
            "bench",
        ])?;
        Ok(said.lines().last().context("no token was printed")?.trim().to_owned())
    }

    /// Signs in as a user and returns the cookie header line.
    pub async fn sign_in(&self) -> anyhow::Result<String> {
        let mut client = Client::connect(self.listen).await?;
        let form = format!("email={}&password={PASSWORD}", EMAIL.replace('@', "%40"));
        let answer = client
            .send("POST", "/do/sign_in", &["content-type: application/x-www-form-urlencoded"], form.as_bytes())
            .await?;
        if answer.cookies.is_empty() {
            bail!("signing in answered {} without a cookie", answer.status);
        }
        Ok(format!("cookie: {}", answer.cookies.join("; ")))
    }

    /// Processor seconds of the product's database.
    pub fn database_cpu(&self) -> f64 {
        self.bench_database.cpu()
    }

    /// Calls the API.
    pub async fn api(
        &self,
        client: &mut Client,
        token: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let bearer = format!("authorization: Bearer {token}");
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let answer = client.send(method, path, &[&bearer, "content-type: application/json"], &bytes).await?;
        if !(200..300).contains(&answer.status) {
            bail!("{method} {path} answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        }
        answer.json()
    }

    /// The first snapshot that the API offers.
    pub async fn snapshot(&self, client: &mut Client, token: &str) -> anyhow::Result<Value> {
        let found = self.api(client, token, "GET", "/api/v1/snapshots?limit=1", &Value::Null).await?;
        let id = found["rows"][0]["id"].clone();
        anyhow::ensure!(id.is_string(), "the demo agency offers no snapshot: {found}");
        Ok(id)
    }
}

/// An order for a business with this name that uses every step.
pub fn order(snapshot: &Value, name: &str) -> Value {
    let word = name.to_lowercase().replace(' ', "-");
    json!({
        "client": {
            "name": name, "email": format!("owner@{word}.example"), "phone": "+13055550100", "first_name": "Ana", "last_name": "Lee",
            "country": "US", "timezone": "America/New_York",
        },
        "snapshot_id": snapshot,
        "users": [{ "first_name": "Tess", "last_name": "Lee", "email": format!("tess@{word}.example"), "role": "admin" }],
        "custom_values": { "Booking link": "https://book.example" },
        "tags": ["vip"],
        "invite_owner": true,
        "create_anyway": true,
    })
}

fn settings(
    bench_database: &BenchDatabase,
    site: &Path,
    listen: SocketAddr,
    simulator: SocketAddr,
) -> Vec<(String, String)> {
    [
        ("SLIPWAY_DATA", bench_database.folder().to_string_lossy().into_owned()),
        ("SITE_ROOT", site.to_string_lossy().into_owned()),
        ("LISTEN_ADDR", listen.to_string()),
        ("PUBLIC_URL", format!("http://{listen}")),
        ("SIMULATOR_ADDR", simulator.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// Finds a port that nothing listens on right now.
pub fn free() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl Drop for Product {
    fn drop(&mut self) {
        while let Some(mut child) = self.children.pop() {
            process::send_group(child.id(), Signal::Terminate);
            let began = Instant::now();
            while began.elapsed() < Duration::from_secs(10) && matches!(child.try_wait(), Ok(None)) {
                std::thread::sleep(Duration::from_millis(20));
            }
            process::send_group(child.id(), Signal::Kill);
            let _ = child.wait();
        }
    }
}
