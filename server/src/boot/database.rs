//! Chooses the database: the configured one, or the embedded Postgres, which then runs for the lifetime of this
//! process.

use std::time::Duration;

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};
use store::{Db, DbRole};

use super::config::Config;
use super::failure::DatabaseSetting;

/// Name of the database in the embedded Postgres.
const NAME: &str = "slipway";

/// How long a starting process waits for an embedded Postgres that another process is restarting.
const RESTART_TIMEOUT: Duration = Duration::from_secs(20);

fn is_unavailable(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<store::Error>().is_some_and(store::Error::is_unavailable))
}

/// Addresses of the database, and the embedded Postgres if this process uses it.
pub struct Database {
    /// Address of the login role, which has no rights by itself.
    pub url: SecretString,
    /// Address that avoids the pooler, for notices; `None` if `url` leads to Postgres itself.
    pub listen_url: Option<SecretString>,
    /// Address of a role that may migrate; `None` when not set.
    pub owner_url: Option<SecretString>,
    embedded: Option<embedded::Postgres>,
}

impl Database {
    /// Finds or starts the database. Call it on the main thread: the embedded Postgres ends with the thread that
    /// started it.
    ///
    /// # Errors
    /// When the embedded Postgres cannot start; the message says what to install.
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

    /// Opens a pool with this number of connections.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn connect(&self, role: DbRole, connections: u32) -> anyhow::Result<Db> {
        let url = self.url.expose_secret();
        let opened = match &self.listen_url {
            Some(listen) => Db::connect_pooled(url, listen.expose_secret(), role, connections).await,
            None => Db::connect(url, role, connections).await,
        };
        opened.context("opening the database").with_context(|| self.address_setting("DATABASE_URL"))
    }

    /// Migrates the schema to this version and returns the migrations that ran.
    ///
    /// # Errors
    /// When there is no address of a role that may migrate, or a migration fails.
    pub async fn migrate(&self) -> anyhow::Result<Vec<store::migrate::Pending>> {
        let owner = self
            .owner_url
            .as_ref()
            .context("DATABASE_OWNER_URL is missing: `migrate` needs a role that may change tables")?;
        let setting = || self.address_setting("DATABASE_OWNER_URL");
        store::migrate::prepare(owner.expose_secret(), Some(self.url.expose_secret()))
            .await
            .context("preparing roles")
            .with_context(setting)?;
        store::migrate::run(owner.expose_secret()).await.context("running migrations").with_context(setting)
    }

    /// Returns the setting through which this database is reached: its address, or the folder of the embedded
    /// Postgres.
    #[must_use]
    pub const fn address_setting(&self, setting: &'static str) -> DatabaseSetting {
        DatabaseSetting(if self.is_embedded() { "SLIPWAY_DATA" } else { setting })
    }

    /// Runs something at the start of a process and retries it while the embedded Postgres is restarting. The
    /// embedded Postgres ends with the process that started it, and the other processes restart it at once.
    /// Retries last up to 20 seconds.
    ///
    /// # Errors
    /// The last error when the retries are used up. Any other error is returned at once.
    pub async fn retry_while_restarting<T>(
        &self,
        mut what: impl AsyncFnMut() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let until = tokio::time::Instant::now() + RESTART_TIMEOUT;
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

    /// True if this is the embedded Postgres of the data folder.
    #[must_use]
    pub const fn is_embedded(&self) -> bool {
        self.embedded.is_some()
    }

    /// Stops the embedded Postgres if this process started it.
    pub fn close(self) {
        if let Some(postgres) = self.embedded {
            postgres.stop();
        }
    }
}
