//! The database of a benchmark: a Postgres of its own. Its files are in memory, so that the processor decides and
//! figures repeat, or on disk with every commit flushed, as in production. Each competitor gets a new database.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use embedded::{Options, Postgres};
use store::{Db, DbRole};

use crate::cpu;

/// Where the database files are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// In a file system in memory.
    Ram,
    /// On disk, with every commit flushed.
    Real,
}

impl Disk {
    /// The kinds of storage that this machine has, memory first.
    pub fn all() -> Vec<Self> {
        let ram = Path::new("/dev/shm").is_dir();
        if ram { vec![Self::Ram, Self::Real] } else { vec![Self::Real] }
    }

    /// A short name for reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ram => "memory",
            Self::Real => "disk",
        }
    }
}

/// A running Postgres that stops and removes its files when it is dropped.
pub struct BenchDatabase {
    folder: PathBuf,
    postgres: Option<Postgres>,
    server: u32,
}

impl BenchDatabase {
    /// Starts a Postgres.
    pub fn start(disk: Disk, out: &Path) -> anyhow::Result<Self> {
        let name = format!("slipway-bench-{}", std::process::id());
        let folder = match disk {
            Disk::Ram => Path::new("/dev/shm").join(name),
            Disk::Real => std::path::absolute(out)?.join(name),
        };
        fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        let postgres = Postgres::join_or_start(&folder, Options::default()).context("starting Postgres")?;
        let mut session = postgres.session("postgres")?;
        let backend = one(&session.run("select pg_backend_pid()")?).and_then(|pid| pid.parse().ok());
        let server = backend.and_then(cpu::parent).unwrap_or_default();
        Ok(Self { folder, postgres: Some(postgres), server })
    }

    fn postgres(&self) -> &Postgres {
        self.postgres.as_ref().expect("it is taken only when the ground is dropped")
    }

    /// Processor seconds of the whole database server.
    pub fn cpu(&self) -> f64 {
        cpu::tree(self.server)
    }

    /// Creates an empty database and returns its URL for the owner of the cluster.
    pub fn database(&self, name: &str) -> anyhow::Result<String> {
        let mut session = self.postgres().session("postgres")?;
        session.run(&format!("drop database if exists {name} with (force)"))?;
        session.run(&format!("create database {name}"))?;
        Ok(self.postgres().superuser_url(name))
    }

    /// Creates a database with our schema and opens it in both of our roles.
    pub async fn ours(&self, connections: u32) -> anyhow::Result<Ours> {
        let owner = self.database("ours")?;
        let login = self.postgres().url("slipway", "ours");
        store::migrate::prepare(&owner, Some(&login)).await.context("preparing roles")?;
        store::migrate::run(&owner).await.context("migrating")?;
        let worker = Db::connect(&login, DbRole::Worker, connections).await?;
        Ok(Ours { web: worker.acting_as(DbRole::Web), worker })
    }

    /// The URL of our database for the product's processes.
    pub fn login(&self) -> String {
        self.postgres().url("slipway", "ours")
    }

    /// The URLs of the database that a product makes for itself when it joins this one: for the role of its processes,
    /// and for the owner.
    pub fn of_product(&self) -> (String, String) {
        (self.postgres().url("slipway", "slipway"), self.postgres().superuser_url("slipway"))
    }

    /// Runs a query on our database and returns its rows.
    pub fn rows(&self, sql: &str) -> anyhow::Result<embedded::wire::Rows> {
        Ok(self.postgres().session("ours")?.run(sql)?)
    }

    /// Opens a session as the owner.
    pub fn session(&self, database: &str) -> anyhow::Result<embedded::wire::Session> {
        Ok(self.postgres().session(database)?)
    }

    /// Runs a query and returns its only value.
    pub fn ask(&self, database: &str, sql: &str) -> anyhow::Result<String> {
        let rows = self.postgres().session(database)?.run(sql)?;
        one(&rows).with_context(|| format!("no answer to {sql}"))
    }

    /// Runs a checkpoint, so that no round pays for the writes of an earlier one.
    pub fn settle(&self) -> anyhow::Result<()> {
        self.postgres().session("postgres")?.run("checkpoint")?;
        Ok(())
    }

    /// The data folder. A product that is started on this folder joins its database.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of the socket, for programs that take the parts of a URL separately.
    pub fn socket_folder(&self) -> &Path {
        self.postgres().socket_folder()
    }
}

impl Drop for BenchDatabase {
    fn drop(&mut self) {
        if let Some(postgres) = self.postgres.take() {
            postgres.stop();
        }
        // The folder is named after this process, so files that stay behind do not disturb the next run.
        let _ = embedded::forget(&self.folder);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn one(rows: &embedded::wire::Rows) -> Option<String> {
    rows.first()?.first()?.clone()
}

/// Our database in the roles of the product's processes.
pub struct Ours {
    /// In the role of the web process.
    pub web: Db,
    /// In the role of the worker.
    pub worker: Db,
}
