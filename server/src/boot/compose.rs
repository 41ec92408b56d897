//! Composition root: connects database, vault, clients, mail, pages and background work.

use std::sync::Arc;

use anyhow::Context;
use domain::UserId;
use domain::identity::Role;
use secrecy::SecretString;
use store::credentials::Cache;
use store::inbound::{HIGHLEVEL, META};
use store::vault::{Keyring, Vault};
use store::{Db, DbRole, PlatformTx};
use tokio::sync::{OnceCell, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use web::state::{Demo, Parts as AppParts, Settings};

use super::config::Config;
use super::database::Database;
use super::demo;
use super::outbound_adapters;
use crate::http::health::ProcessHealth;
use crate::http::meta_webhook::Intake;
use crate::http::pages::{Shared, leptos_options};
use crate::http::recent_changes::RecentChanges;
use crate::http::routes::{Inner, Parts};
use crate::http::streams::{BEAT, Streams};

/// Database connections for pages and for background work. The embedded Postgres allows 100 in total.
const WEB: u32 = 20;
const WORK: u32 = 12;
/// Database connections reserved for heartbeats.
const HEARTBEAT_CONNECTIONS: u32 = 2;
/// Database connections reserved for rate-limit windows and the call log: a flood of page requests must not stop
/// the calls that jobs make.
const LEDGER: u32 = 4;
/// Database connections reserved for health checks, which must be answered even during a flood.
const HEALTH_CONNECTIONS: u32 = 1;
/// Lifetime of a super admin's link that a person requested at the terminal.
pub const REQUESTED_LINK_LIFETIME: std::time::Duration = std::time::Duration::from_secs(72 * 3600);
/// Lifetime of a super admin's link that the first start writes to the log. It is shorter, because many people may
/// read a log, and for a long time.
pub const LOGGED_LINK_LIFETIME: std::time::Duration = std::time::Duration::from_secs(3600);

/// The parts that every serving sub-command needs.
#[derive(Clone)]
pub struct Core {
    /// The database, as the web role.
    pub db: Db,
    /// Encrypts and decrypts stored secrets.
    pub vault: Vault,
    /// HighLevel client.
    pub ghl: ghl::Ghl,
    /// Client of Meta.
    pub meta: meta::Meta,
    /// What writes the answers of assistants.
    pub writer: worker::Writer,
    /// Sends mails.
    pub mailer: mail::Mailer,
    /// The client of every call out.
    pub http: outbound::Outbound,
    /// Log of outbound calls. Finish it before the process ends, so that all reported calls are written.
    pub calls: outbound_adapters::CallLog,
    /// Connections reserved for `/health` and `/metrics`.
    pub health_db: Db,
}

/// Opens everything that pages and background work build on.
///
/// # Errors
/// When the database, its schema or the keys are not usable; each message says what to do.
pub async fn core(config: &Config, database: &Database) -> anyhow::Result<Core> {
    let db = database.connect(DbRole::Web, WEB).await?;
    let known =
        store::migrate::check_known(&db).await.context("looking at the schema; run `slipway migrate` if it is older");
    known.with_context(|| database.address_setting("DATABASE_URL"))?;
    let vault = Vault::start(&db.acting_as(DbRole::Worker), keyring(config)?).await.context("opening the vault")?;
    let (ledger, health_db) =
        (database.connect(DbRole::Worker, LEDGER).await?, database.connect(DbRole::Web, HEALTH_CONNECTIONS).await?);
    crate::http::health::show_pool("ledger", &ledger);
    let (http, calls) = outbound_adapters::client(config, &ledger)?;
    let meta = meta::Meta::new(http.clone(), config.meta.settings());
    let writer = writer(config, &http);
    let ghl = ghl::Ghl::new(http.clone(), config.ghl.settings());
    Ok(Core { db, vault, ghl, meta, writer, mailer: mailer(config)?, http, calls, health_db })
}

/// Builds the state that pages, server functions and routes share.
///
/// # Errors
/// When the app's state, the listener for changes or the metrics recorder cannot be started.
pub async fn shared(
    config: &Config,
    core: &Core,
    stopping: CancellationToken,
    tasks: TaskTracker,
) -> anyhow::Result<Shared> {
    let state = state(config, core, demo::hook(config, core, &tasks)).await?;
    let notes = store::listen::start(&core.db).await.context("listening for changes")?;
    let process_health = process_health(config, core, stopping.clone())?;
    let unsolicited_callbacks = Arc::new(Semaphore::new(crate::oauth::MOST_UNSOLICITED));
    let recent = RecentChanges::default();
    tasks.spawn(recent.clone().follow(notes.subscribe(), stopping.clone()));
    let credentials = Cache::default();
    let (followed, ended, listener) = (credentials.clone(), stopping.clone(), notes.clone());
    tasks.spawn(async move { ended.run_until_cancelled(followed.follow(listener)).await });
    let streams = Streams::default();
    let beat = BEAT.div_f64(config.time_scale);
    tasks.spawn(streams.clone().watch(core.db.clone(), beat, stopping.clone()));
    let quotas = crate::api::quota::Quotas::default();
    let inbound = Intake::start(&core.db, &tasks, META);
    let highlevel_inbound = Intake::start(&core.db, &tasks, HIGHLEVEL);
    let inner = Inner {
        config: config.clone(),
        notes,
        recent,
        streams,
        quotas,
        holders: crate::api::holders::Holders::default(),
        inbound,
        highlevel_inbound,
        credentials,
        tool_servers: crate::api::tools::remote::ToolServers::default(),
        documents: crate::api::agent_sign_in::documents::Documents::new(core.http.clone()),
        tool_calls: crate::api::tools::places::Places::default(),
        tool_requests: crate::api::tools::requests::Requests::default(),
        process_health,
        stopping,
        tasks,
        unsolicited_callbacks,
    };
    Ok(Shared { app: state, leptos: leptos_options(config), server: Parts(Arc::new(inner)) })
}

/// Builds the state that `/health` and `/metrics` report.
///
/// # Errors
/// When the metrics recorder cannot be started.
pub fn process_health(config: &Config, core: &Core, stopping: CancellationToken) -> anyhow::Result<ProcessHealth> {
    Ok(ProcessHealth {
        db: core.db.clone(),
        health_db: core.health_db.clone(),
        checked: Arc::default(),
        ghl: core.ghl.clone(),
        metrics: super::figures::recorder()?,
        metrics_token: config.metrics_token.clone(),
        metrics_open_locally: !config.production(),
        stopping,
    })
}

/// Builds only the app's state, for sub-commands that serve nothing.
///
/// # Errors
/// When the dummy password cannot be hashed.
pub async fn state(config: &Config, core: &Core, demo: Option<Demo>) -> anyhow::Result<web::State> {
    Ok(web::State::new(AppParts {
        db: core.db.clone(),
        vault: core.vault.clone(),
        ghl: core.ghl.clone(),
        meta: core.meta.clone(),
        mailer: core.mailer.clone(),
        settings: Settings {
            public_url: config.origin(),
            production: config.production(),
            require_staff_mfa: config.require_staff_mfa,
            mails_leave: config.smtp.is_some(),
            highlevel_ready: !config.ghl.client_id.is_empty(),
            meta_ready: config.meta.is_ready(),
            highlevel_app: config.ghl.app(),
            dummy_hash: dummy_hash().await?,
        },
        demo,
        finished: web::finished::Finished::default(),
        tool_processes: std::sync::OnceLock::new(),
        api_description: crate::api::openapi::document,
    }))
}

/// A hash that no password fits. A process makes one, however many servers a test starts in it: it takes a tenth of a second.
async fn dummy_hash() -> anyhow::Result<SecretString> {
    static HASH: OnceCell<SecretString> = OnceCell::const_new();
    let made = HASH.get_or_try_init(|| operations::identity::password::hash("nobody has this password".into())).await;
    made.cloned().map_err(|error| anyhow::anyhow!("{error}"))
}

/// Builds the background worker.
///
/// # Errors
/// When its database connections cannot be opened.
pub async fn worker(config: &Config, core: &Core, database: &Database) -> anyhow::Result<worker::Worker> {
    let (db, heartbeat_db) =
        (database.connect(DbRole::Worker, WORK).await?, database.connect(DbRole::Worker, HEARTBEAT_CONNECTIONS).await?);
    crate::http::health::show_pool("work", &db);
    crate::http::health::show_pool("pulse", &heartbeat_db);
    Ok(worker_over(config, core, db, heartbeat_db))
}

/// What writes the answers of assistants, by the settings: a model over this client, or knowledge alone.
#[must_use]
pub fn writer(config: &Config, http: &outbound::Outbound) -> worker::Writer {
    let model = config.ai.settings().map(|settings| model::Client::new(http.clone(), settings));
    model.map_or(worker::Writer::Local, worker::Writer::Model)
}

/// Builds a background worker over these connections, which act as the worker's role.
#[must_use]
pub fn worker_over(config: &Config, core: &Core, db: Db, heartbeat_db: Db) -> worker::Worker {
    let parts = worker::Parts {
        db,
        heartbeat_db,
        ghl: core.ghl.clone(),
        meta: core.meta.clone(),
        media: config.data.join(domain::messaging::file::FOLDER),
        vault: core.vault.clone(),
        mailer: Arc::new(super::mails::MailComposer::new(core.db.clone(), core.mailer.clone(), config.origin())),
        public_url: config.public_url.clone(),
        time_scale: config.time_scale,
    };
    worker::Worker::new(parts)
        .written_by(core.writer.clone())
        .probing_by(Arc::new(super::tool_prober::HostProber::new(config)))
        .with_files_per_client(config.files_per_client)
        .with_files_kept_months(config.files_kept_months)
}

/// Returns the master keys from the settings. In development, a key is generated once and kept in the data folder
/// if none is set.
fn keyring(config: &Config) -> anyhow::Result<Keyring> {
    let text = match &config.encryption_key {
        Some(key) => key.clone(),
        None => kept_key(config)?,
    };
    Keyring::parse(&text).map_err(|problem| anyhow::anyhow!("ENCRYPTION_KEY: {problem}"))
}

fn kept_key(config: &Config) -> anyhow::Result<SecretString> {
    let file = config.data.join("encryption.key");
    if let Ok(text) = std::fs::read_to_string(&file) {
        return Ok(SecretString::from(text.trim().to_owned()));
    }
    let key: [u8; 32] = rand::random();
    std::fs::create_dir_all(&config.data).context("making the data folder")?;
    write_private(&file, &hex::encode(key)).context("keeping the development key")?;
    Ok(SecretString::from(std::fs::read_to_string(&file)?.trim().to_owned()))
}

/// Writes a file that only its owner may read. Does nothing if another process has already created it.
fn write_private(file: &std::path::Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let beside = file.with_extension(format!("{}", std::process::id()));
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?.write_all(text.as_bytes())?;
    // A hard link fails when the name is taken, so exactly one of several starting processes wins.
    let linked = std::fs::hard_link(&beside, file);
    std::fs::remove_file(&beside)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn mailer(config: &Config) -> anyhow::Result<mail::Mailer> {
    match &config.smtp {
        Some(url) => mail::Mailer::smtp(url, &config.mail_from).context("SMTP_URL or MAIL_FROM"),
        None => mail::Mailer::folder(config.data.join("mail"), &config.mail_from).context("MAIL_FROM"),
    }
}

/// Creates the first super admin and returns the link that sets the password. Returns `None` if there already is a
/// super admin.
///
/// # Errors
/// When the email address belongs to another account, or the database fails.
pub async fn first_admin(
    db: &Db,
    origin: &str,
    email: &str,
    valid: std::time::Duration,
) -> anyhow::Result<Option<String>> {
    if store::identity::has_super_admin(db).await? {
        return Ok(None);
    }
    let mut tx = PlatformTx::begin(db, None).await?;
    match store::identity::add(&mut tx, email, "", Some(Role::SuperAdmin)).await {
        Ok(user) => Ok(Some(password_link(tx, origin, user, valid).await?)),
        // Two processes started at once, and the other one was first.
        Err(store::Error::Taken(_)) if store::identity::has_super_admin(db).await? => Ok(None),
        Err(store::Error::Taken(_)) => anyhow::bail!("{email} has an account already; give another address"),
        Err(error) => Err(error.into()),
    }
}

/// Returns a link with which the super admin with this email address sets a new password. Returns `None` if there
/// is no such super admin.
///
/// # Errors
/// When the database fails.
pub async fn reset_admin_password_link(db: &Db, origin: &str, email: &str) -> anyhow::Result<Option<String>> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let Some(user) = store::identity::super_admin(&mut tx, email).await? else { return Ok(None) };
    Ok(Some(password_link(tx, origin, user, REQUESTED_LINK_LIFETIME).await?))
}

async fn password_link(
    mut tx: PlatformTx,
    origin: &str,
    user: UserId,
    valid: std::time::Duration,
) -> anyhow::Result<String> {
    let token = web::token::Secret::new();
    store::invites::first_password(&mut tx, token.hash(), user, valid).await?;
    tx.commit().await?;
    Ok(format!("{origin}/password/{}", token.expose()))
}
