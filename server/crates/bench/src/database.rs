//! Where does a round take place? In a Postgres of the bench's own, with its files in memory (the processors decide, and
//! figures repeat) or on disk with every commit flushed (as people run it); a fresh database for each competitor.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use embedded::{Options, Postgres};
use store::{Db, DbRole};

use crate::cpu;

/// Where the database files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// A file system in memory.
    Ram,
    /// The disk, every commit flushed.
    Real,
}

impl Disk {
    /// The ones this machine has; memory first.
    pub fn all() -> Vec<Self> {
        let ram = Path::new("/dev/shm").is_dir();
        if ram { vec![Self::Ram, Self::Real] } else { vec![Self::Real] }
    }

    /// A word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ram => "memory",
            Self::Real => "disk",
        }
    }
}

/// A running Postgres that goes away with its files.
pub struct BenchDatabase {
    folder: PathBuf,
    postgres: Option<Postgres>,
    server: u32,
}

impl BenchDatabase {
    /// Starts one.
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

    /// A fresh, empty database; gives its address for the owner of the cluster.
    pub fn database(&self, name: &str) -> anyhow::Result<String> {
        let mut session = self.postgres().session("postgres")?;
        session.run(&format!("drop database if exists {name} with (force)"))?;
        session.run(&format!("create database {name}"))?;
        Ok(self.postgres().superuser_url(name))
    }

    /// A fresh database with our schema, and our two ways in.
    pub async fn ours(&self, connections: u32) -> anyhow::Result<Ours> {
        let owner = self.database("ours")?;
        let login = self.postgres().url("slipway", "ours");
        store::migrate::prepare(&owner, Some(&login)).await.context("preparing roles")?;
        store::migrate::run(&owner).await.context("migrating")?;
        let worker = Db::connect(&login, DbRole::Worker, connections).await?;
        Ok(Ours { web: worker.acting_as(DbRole::Web), worker })
    }

    /// The address of our database for the product's processes.
    pub fn login(&self) -> String {
        self.postgres().url("slipway", "ours")
    }

    /// The rows of a question to our database.
    pub fn rows(&self, sql: &str) -> anyhow::Result<embedded::wire::Rows> {
        Ok(self.postgres().session("ours")?.run(sql)?)
    }

    /// A session of the owner.
    pub fn session(&self, database: &str) -> anyhow::Result<embedded::wire::Session> {
        Ok(self.postgres().session(database)?)
    }

    /// One value.
    pub fn ask(&self, database: &str, sql: &str) -> anyhow::Result<String> {
        let rows = self.postgres().session(database)?.run(sql)?;
        one(&rows).with_context(|| format!("no answer to {sql}"))
    }

    /// Everything of before is on disk, so that no round pays for another.
    pub fn settle(&self) -> anyhow::Result<()> {
        self.postgres().session("postgres")?.run("checkpoint")?;
        Ok(())
    }

    /// Where its files are; a product that is started on this folder joins its database.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of the socket, for programs that are told the parts of an address one by one.
    pub fn socket_folder(&self) -> &Path {
        self.postgres().socket_folder()
    }
}

impl Drop for BenchDatabase {
    fn drop(&mut self) {
        if let Some(postgres) = self.postgres.take() {
            postgres.stop();
        }
        // Files that stay behind are in a folder named after this process; the next run does not meet them.
        let _ = embedded::forget(&self.folder);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn one(rows: &embedded::wire::Rows) -> Option<String> {
    rows.first()?.first()?.clone()
}

/// Our database, as the product's processes see it.
pub struct Ours {
    /// As pages do.
    pub web: Db,
    /// As the worker does.
    pub worker: Db,
}
