//! Runs the peers. They come from their npm packages, in exactly the versions of the lock file. Each runs in a Node
//! process that prepares itself. A queue then waits for our signal and reports one line of JSON; a server serves until
//! its input ends.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

const DRIVERS: [&str; 7] =
    ["common.mjs", "boss.mjs", "graphile.mjs", "mcp.mjs", "intake.mjs", "inbox.mjs", "streams.mjs"];
/// What to do where Node is missing.
const NODE: &str = "node is missing: install Node.js 20 or newer";

/// The installed peers.
pub struct Peers {
    folder: PathBuf,
}

/// What a peer reports about its timed part.
#[derive(Debug, Deserialize)]
pub struct PeerResult {
    /// Length of the timed part in seconds.
    pub seconds: f64,
    /// Processor seconds of the peer's process.
    pub cpu: f64,
    /// Jobs it handled.
    pub jobs: usize,
    /// Jobs that were left over.
    #[serde(default)]
    pub left: usize,
    /// Milliseconds from add to start of each job. Empty if that was not measured.
    #[serde(default)]
    pub waits: Vec<f64>,
}

impl Peers {
    /// Installs the peers into the cache unless that was done before. Needs Node 20 and npm.
    pub fn install(source: &Path, cache: &Path) -> anyhow::Result<Self> {
        let lock = fs::read(source.join("package-lock.json"))
            .with_context(|| format!("reading the lock in {}", source.display()))?;
        let name = hex::encode(&Sha256::digest(&lock)[..6]);
        let folder = std::path::absolute(cache)?.join(format!("bench-peers-{name}"));
        fs::create_dir_all(&folder)?;
        for file in DRIVERS.iter().chain(&["package.json", "package-lock.json", ".npmrc"]) {
            fs::copy(source.join(file), folder.join(file)).with_context(|| format!("copying {file}"))?;
        }
        let mark = folder.join("node_modules/.installed");
        if !mark.is_file() {
            eprintln!("  installing the peers from npm (once, seconds)…");
            let done = Command::new("npm")
                .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
                .current_dir(&folder)
                .output();
            let done = done.context("npm is missing: install Node.js 20 or newer")?;
            if !done.status.success() {
                bail!("npm ci of the peers failed: {}", String::from_utf8_lossy(&done.stderr));
            }
            fs::write(mark, "")?;
        }
        Ok(Self { folder })
    }

    /// The version of an installed package.
    pub fn version(&self, package: &str) -> String {
        let manifest = self.folder.join("node_modules").join(package).join("package.json");
        let json: Option<Value> = fs::read(manifest).ok().and_then(|text| serde_json::from_slice(&text).ok());
        json.and_then(|json| Some(json.get("version")?.as_str()?.to_owned())).unwrap_or_default()
    }

    /// Starts a peer and waits until it is prepared.
    pub fn prepare(&self, driver: &str, options: &Value) -> anyhow::Result<Running> {
        let mut command = Command::new("node");
        command.arg(self.driver(driver)).arg(options.to_string()).current_dir(&self.folder);
        Running::start(driver, &mut command, NODE)
    }

    /// The installed file of a driver.
    pub fn driver(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// The absolute path of Node.
pub fn node() -> anyhow::Result<PathBuf> {
    let folders = std::env::var_os("PATH").context(NODE)?;
    std::env::split_paths(&folders).map(|folder| folder.join("node")).find(|program| program.is_file()).context(NODE)
}

/// A peer that is prepared: it waits for the signal to start, or serves.
pub struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Running {
    /// Starts a program and waits until it says that it is ready. `missing` says what to do if there is no such program.
    pub fn start(name: &str, command: &mut Command, missing: &'static str) -> anyhow::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context(missing)?;
        let output = BufReader::new(child.stdout.take().context("its output is piped")?);
        let mut running = Self { child, output };
        if running.line()?.trim() != "ready" {
            bail!("{name} did not get ready");
        }
        Ok(running)
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            bail!("a peer ended without a word ({})", self.child.wait()?);
        }
        Ok(line)
    }

    /// Runs the timed part.
    pub fn go(mut self) -> anyhow::Result<PeerResult> {
        self.child.stdin.as_mut().context("its input is piped")?.write_all(b"go\n")?;
        let line = self.line()?;
        serde_json::from_str(&line).with_context(|| format!("a peer said {line}"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A peer ends by itself after its report; one that failed is killed here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
