//! Chooses the database: the configured one, or the embedded Postgres, which then runs for the lifetime of this
//! process.

use std::time::Duration;

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};

use store::{Db, DbRole};

use crate::config::Config;
use crate::failure::Reached;

/// Name of the database in the embedded Postgres.
const NAME: &str = "slipway";

/// How long a start waits for an embedded Postgres that another process brings back.
const PATIENCE: Duration = Duration::from_secs(20);

fn is_unavailable(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<store::Error>().is_some_and(store::Error::is_unavailable))
}

/// Where the database is, and the embedded one while it is ours to keep.
pub struct Database {
    /// Address of the login role, which may do nothing by itself.
    pub url: SecretString,
    /// Address that leads around a pooler, for notices; absent where `url` leads to Postgres itself.
    pub listen_url: Option<SecretString>,
    /// Address of a role that may migrate; absent when nobody gave one.
    pub owner_url: Option<SecretString>,
    embedded: Option<embedded::Postgres>,
}

impl Database {
    /// Finds or starts the database. Call it on the main thread: the embedded Postgres ends with the thread that
    /// started it.
    ///
    /// # Errors
    /// When the embedded one cannot start; the sentence says what to install.
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        if let Some(url) = &config.database_url {
            return Ok(Self {
                url: url.clone(),
                listen_url: config.listen_url.clone(),
                owner_url: config.owner_url.clone(),
                embedded: None,
            });
        }
        let postgres = embedded::Postgres::join_or_start(&config.data, embedded::Options::default())
            .context("the embedded Postgres did not start")?;
        postgres.ensure_database(NAME).context("making the database")?;
        Ok(Self {
            url: SecretString::from(postgres.url("slipway", NAME)),
            listen_url: None,
            owner_url: Some(SecretString::from(postgres.superuser_url(NAME))),
            embedded: Some(postgres),
        })
    }

    /// Opens a pool of so many connections.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn connect(&self, role: DbRole, connections: u32) -> anyhow::Result<Db> {
        let url = self.url.expose_secret();
        let opened = match &self.listen_url {
            Some(listen) => Db::connect_pooled(url, listen.expose_secret(), role, connections).await,
            None => Db::connect(url, role, connections).await,
        };
        opened.context("opening the database").with_context(|| self.reached("DATABASE_URL"))
    }

    /// Brings the schema to this version when we may.
    ///
    /// # Errors
    /// When a migration fails, or none may be run and some are missing.
    pub async fn migrate(&self) -> anyhow::Result<Vec<store::migrate::Pending>> {
        let owner = self
            .owner_url
            .as_ref()
            .context("DATABASE_OWNER_URL is missing: `migrate` needs a role that may change tables")?;
        let reached = || self.reached("DATABASE_OWNER_URL");
        store::migrate::prepare(owner.expose_secret(), Some(self.url.expose_secret()))
            .await
            .context("preparing roles")
            .with_context(reached)?;
        store::migrate::run(owner.expose_secret()).await.context("running migrations").with_context(reached)
    }

    /// By which setting this database is reached: an address, or the folder of the embedded one.
    #[must_use]
    pub const fn reached(&self, setting: &'static str) -> Reached {
        Reached(if self.is_embedded() { "SLIPWAY_DATA" } else { setting })
    }

    /// Does something at the start of a process. The embedded Postgres ends with the process that started it and is brought back by
    /// the others at once: what fails meanwhile is done again, for some seconds.
    ///
    /// # Errors
    /// What it fails with, otherwise or at last.
    pub async fn patiently<T>(&self, mut what: impl AsyncFnMut() -> anyhow::Result<T>) -> anyhow::Result<T> {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            match what().await {
                Err(error) if self.is_embedded() && is_unavailable(&error) && tokio::time::Instant::now() < until => {
                    tracing::debug!(event = "database.restarting", "the embedded Postgres comes back");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                done => return done,
            }
        }
    }

    /// Whether the database belongs to this data folder.
    #[must_use]
    pub const fn is_embedded(&self) -> bool {
        self.embedded.is_some()
    }

    /// Ends the embedded Postgres when this process began it.
    pub fn close(self) {
        if let Some(postgres) = self.embedded {
            postgres.stop();
        }
    }
}
