//! Runs each sub-command from start to clean shutdown.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use anyhow::{Context, bail};
use secrecy::ExposeSecret;
use store::tenant::PlatformTx;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Command, Keys, Seed, Token, bundles, say, tokens};
use crate::boot::compose::{self, Core};
use crate::boot::config::Config;
use crate::boot::database::Database;
use crate::boot::demo;
use crate::http::serving::{self, Limits};
use crate::http::{health, highlevel_webhook, pages};

/// How long requests and steps may take to finish when the process is asked to stop.
const GRACE: Duration = Duration::from_secs(25);

/// How long recording HighLevel's answers may take after everything else has ended.
const RECORD_GRACE: Duration = Duration::from_secs(10);

/// How long a stopping process still accepts requests, so that the load balancer has time to send them elsewhere.
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// Runs a sub-command.
///
/// # Errors
/// When the sub-command fails; the message says what to do.
pub fn run(command: Command, config: Config) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the runtime")?;
    if matches!(command, Command::Simulator { .. }) {
        return runtime.block_on(simulate(&config));
    }
    let database = Database::open(&config)?;
    let outcome = runtime.block_on(with_database(command, &config, &database));
    runtime.shutdown_timeout(Duration::from_secs(5));
    database.close();
    outcome
}

async fn with_database(command: Command, config: &Config, database: &Database) -> anyhow::Result<()> {
    if let Command::Migrate { dry_run } = command {
        return migrate(database, dry_run).await;
    }
    if database.is_embedded() {
        database.retry_while_restarting(async || database.migrate().await).await?;
    }
    let tasks = TaskTracker::new();
    let core = database.retry_while_restarting(async || compose::core(config, database).await).await?;
    let outcome = run_with(command, config, database, &core, tasks).await;
    // Write all reported calls to the call log, however the command ended.
    let _ = tokio::time::timeout(Duration::from_secs(5), core.calls.finish()).await;
    outcome
}

async fn run_with(
    command: Command,
    config: &Config,
    database: &Database,
    core: &Core,
    tasks: TaskTracker,
) -> anyhow::Result<()> {
    match command {
        Command::Serve { with_worker } => serve(config, database, core, with_worker, tasks).await,
        Command::Worker { listen } => work(config, database, core, listen).await,
        Command::Seed { what: Seed::Demo } => demo::seed(config, core).await.map(|_| ()),
        Command::CreateAdmin { email, if_absent } => {
            database.retry_while_restarting(async || create_admin(config, core, email.clone(), if_absent).await).await
        }
        Command::Token { what: Token::Create { agency, business, scopes, name, person } } => {
            let (agency, business, person) = (agency.as_deref(), business.as_deref(), person.as_deref());
            let make = async || tokens::create_for(&core.db, person, agency, business, &scopes, &name).await;
            say(&database.retry_while_restarting(make).await?);
            Ok(())
        }
        Command::Credentials { what } => bundles::run(&core.db, &core.vault, &what).await,
        Command::Mcp { business } => offer_tools(config, database, core, &business, tasks).await,
        Command::VerifyAudit { head } => verify_audit(core, &head).await,
        Command::Keys { what: Keys::Rotate { data } } => rotate(core, data).await,
        Command::Migrate { .. } | Command::Simulator { .. } | Command::CheckConfig | Command::GenEnv => Ok(()),
    }
}

async fn migrate(database: &Database, dry_run: bool) -> anyhow::Result<()> {
    let done = if dry_run {
        let owner =
            database.owner_url.as_ref().context("DATABASE_OWNER_URL is missing: it names the role that migrates")?;
        let read = store::migrate::dry_run(owner.expose_secret()).await;
        read.context("reading what is pending").with_context(|| database.address_setting("DATABASE_OWNER_URL"))?
    } else {
        database.migrate().await?
    };
    let verb = if dry_run { "would run" } else { "ran" };
    for migration in &done {
        say(&format!("{verb} {} {}", migration.version, migration.description));
    }
    if done.is_empty() {
        say("The database is up to date.");
    }
    Ok(())
}

async fn simulate(config: &Config) -> anyhow::Result<()> {
    if config.production() {
        bail!("The simulator does not run in production: it would accept anybody.");
    }
    let mut settings = simulator::Config::new(&config.data);
    settings.addr = config.simulator;
    settings.time_scale = config.time_scale;
    settings.mail_dir = Some(config.data.join("mail"));
    if !config.ghl.client_id.is_empty() {
        settings.client_id = config.ghl.client_id.clone();
        settings.client_secret = config.ghl.client_secret.expose_secret().to_owned();
        settings.app_id = config.ghl.app_id.clone();
    }
    settings.webhook_url = Some(format!("http://{}{}", config.listen, highlevel_webhook::PATH));
    settings.meta.product_url = Some(format!("http://{}", config.listen));
    if config.meta.is_ready() {
        let (own, meta) = (&config.meta, &mut settings.meta);
        (meta.app_id, meta.ig_app_id) = (own.app_id.clone(), own.instagram_app_id.clone());
        meta.app_secret = own.app_secret.expose_secret().to_owned();
        meta.ig_app_secret = own.instagram_app_secret.expose_secret().to_owned();
        meta.verify_token = own.verify_token.expose_secret().to_owned();
    }
    say(&format!("Simulator on http://{}/_sim", config.simulator));
    simulator::serve(settings, asked_to_stop()).await
}

async fn serve(
    config: &Config,
    database: &Database,
    core: &Core,
    with_worker: bool,
    tasks: TaskTracker,
) -> anyhow::Result<()> {
    let stopping = CancellationToken::new();
    let share = async || compose::shared(config, core, stopping.clone(), tasks.clone()).await;
    let shared = database.retry_while_restarting(share).await?;
    if let Some(email) = &config.super_admin
        && let Some(link) = database
            .retry_while_restarting(async || {
                compose::first_admin(&core.db, &config.origin(), email, compose::LOGGED_LINK_LIFETIME).await
            })
            .await?
    {
        say(&format!("Super admin {email} created. Set the password here, once, within an hour:\n{link}"));
        say(&format!("Too late? `slipway create-admin --email {email}` prints another link."));
    }
    let background = match with_worker {
        true => Some(in_background(config, core, database, &stopping).await?),
        false => None,
    };
    let router = pages::router(shared, config);
    let listener = listener(config.listen, "LISTEN_ADDR")?;
    say(&format!("Slipway on {}", config.origin()));
    let closing = CancellationToken::new();
    tokio::spawn(handle_stop_signals(stopping, closing.clone(), config.production()));
    serving::serve(listener, router, Limits::behind(config.trusted_proxies.clone()), GRACE, closing).await?;
    if let Some(background) = background {
        let _ = tokio::time::timeout(GRACE + RECORD_GRACE, background).await;
    }
    tasks.close();
    let _ = tokio::time::timeout(Duration::from_secs(2), tasks.wait()).await;
    Ok(())
}

async fn offer_tools(
    config: &Config,
    database: &Database,
    core: &Core,
    business: &str,
    tasks: TaskTracker,
) -> anyhow::Result<()> {
    let stopping = CancellationToken::new();
    let share = async || compose::shared(config, core, stopping.clone(), tasks.clone()).await;
    let shared = database.retry_while_restarting(share).await?;
    let outcome = crate::api::tools::stdio::serve(shared, business).await;
    // Calls that the client left go on to their end.
    stopping.cancel();
    tasks.close();
    let _ = tokio::time::timeout(GRACE + RECORD_GRACE, tasks.wait()).await;
    outcome
}

async fn work(config: &Config, database: &Database, core: &Core, listen: Option<SocketAddr>) -> anyhow::Result<()> {
    let (stopping, closing) = (CancellationToken::new(), CancellationToken::new());
    let health_server = match listen {
        Some(address) => {
            let listener = listener(address, "--listen")?;
            let router = health::routes(compose::process_health(config, core, stopping.clone())?);
            let limits = Limits::behind(config.trusted_proxies.clone());
            Some(tokio::spawn(serving::serve(listener, router, limits, DRAIN_TIME, closing.clone())))
        }
        None => None,
    };
    let background = in_background(config, core, database, &stopping).await?;
    say("Slipway worker is running.");
    tokio::spawn(handle_stop_signals(stopping.clone(), CancellationToken::new(), false));
    stopping.cancelled().await;
    let _ = tokio::time::timeout(GRACE + RECORD_GRACE, background).await;
    // The health endpoint answers until the end, so that callers see that this process is stopping.
    closing.cancel();
    match health_server {
        Some(health_server) => health_server.await.context("ending")?,
        None => Ok(()),
    }
}

/// Starts the background work. If it ever fails as a whole, the process exits, so that its supervisor restarts it.
/// Otherwise the process would look healthy and do nothing.
async fn in_background(
    config: &Config,
    core: &Core,
    database: &Database,
    stopping: &CancellationToken,
) -> anyhow::Result<JoinHandle<()>> {
    let parts = database.retry_while_restarting(async || compose::worker(config, core, database).await).await?;
    let work = worker::start(parts, stopping.clone());
    Ok(tokio::spawn(async move {
        if let Err(error) = work.await {
            tracing::error!(%error, "the background work broke down; this process ends");
            std::process::exit(70);
        }
    }))
}

fn listener(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .with_context(|| format!("listening on {address}; is another program using it? Set {setting}"))
}

/// Handles stop signals. After the first one, `/health` reports that the process is stopping, and the process
/// takes no more work and ends its streams. With `shared_out`, it then waits for `DRAIN_TIME`, until the load balancer
/// has noticed. Then it closes the listener. A second signal ends the process at once.
async fn handle_stop_signals(stopping: CancellationToken, closing: CancellationToken, shared_out: bool) {
    asked_to_stop().await;
    stopping.cancel();
    if shared_out {
        tokio::select! {
            () = tokio::time::sleep(DRAIN_TIME) => {}
            () = asked_to_stop() => std::process::exit(130),
        }
    }
    closing.cancel();
    asked_to_stop().await;
    std::process::exit(130);
}

async fn create_admin(config: &Config, core: &Core, email: Option<String>, if_absent: bool) -> anyhow::Result<()> {
    let email = email.or_else(|| config.super_admin.clone()).context("Give --email or set SUPER_ADMIN_EMAIL.")?;
    let (db, origin) = (&core.db, config.origin());
    if let Some(link) = compose::first_admin(db, &origin, &email, compose::REQUESTED_LINK_LIFETIME).await? {
        say(&format!("Set the password of {email} here, once, within 72 hours:\n{link}"));
    } else if if_absent {
        say("A super admin exists already; nothing was changed.");
    } else if let Some(link) = compose::reset_admin_password_link(db, &origin, &email).await? {
        say(&format!(
            "{email} is a super admin already. Their password can be set anew here, once, within 72 hours:\n{link}"
        ));
    } else {
        bail!(
            "There is a super admin already, and {email} is none; others are invited at /admin/people. Nothing was changed."
        );
    }
    Ok(())
}

async fn verify_audit(core: &Core, heads: &[store::audit::Head]) -> anyhow::Result<()> {
    let reports = store::audit::verify_with(&core.db, &core.vault, heads).await.context("reading the audit log")?;
    let mut broken = 0;
    for report in &reports {
        let chain = report.agency.map_or_else(|| "the platform".to_owned(), |agency| format!("agency {agency}"));
        let cut = report.cut.map_or_else(String::new, |seq| format!(", removed after 400 days up to row {seq}"));
        say(&format!(
            "{chain}: {} rows, {} links, {} checkpoints, {} erased, {} waiting{cut}",
            report.rows, report.links, report.checkpoints, report.erased, report.waiting
        ));
        for fault in &report.faults {
            say(&format!("  {fault}"));
        }
        broken += usize::from(!report.faults.is_empty());
    }
    let tools = verify_tools(core).await?;
    if broken > 0 {
        bail!(
            "{broken} of {} audit chains are not whole: rows were changed, removed, reordered or hidden.",
            reports.len()
        );
    }
    if tools > 0 {
        bail!("{tools} logs of tools are not whole: calls were changed, removed or reordered.");
    }
    say(&format!("{} audit chains verified.", reports.len()));
    Ok(())
}

/// Verifies what tools did in each business. Returns how many of these logs are not whole.
async fn verify_tools(core: &Core) -> anyhow::Result<usize> {
    let looks = store::tools::chain::verify_all(&core.db).await.context("reading the logs of tools")?;
    for (business, look) in &looks {
        say(&format!("tools of business {business}: {} calls", look.calls));
        for fault in &look.faults {
            say(&format!("  {fault}"));
        }
    }
    Ok(looks.iter().filter(|(_, look)| !look.faults.is_empty()).count())
}

async fn rotate(core: &Core, data: bool) -> anyhow::Result<()> {
    let rotation = core
        .vault
        .rotate_master(|step| say(&format!("{} of {} data keys wrapped anew", step.done, step.total)))
        .await
        .context("rotating; run it again to go on where it stopped")?;
    say(&format!("{} of {} data keys are wrapped by the primary key.", rotation.done, rotation.total));
    if data { reseal(core).await } else { Ok(()) }
}

/// Gives every agency a new data key and encrypts its secrets with it. Each agency is finished on its own, so an
/// interruption undoes none of the finished ones.
async fn reseal(core: &Core) -> anyhow::Result<()> {
    let mut tx = PlatformTx::begin(&core.db, None).await?;
    let agencies = store::agencies::ids(&mut tx).await?;
    tx.commit().await?;
    for (at, agency) in agencies.iter().enumerate() {
        let sealed = store::credentials::rotate_agency(&core.db, &core.vault, *agency, |_| ()).await;
        let sealed = sealed.with_context(|| format!("sealing agency {agency} anew; run it again to go on"))?;
        say(&format!("agency {} of {}: {} secrets sealed anew", at + 1, agencies.len(), sealed.done));
    }
    Ok(())
}

/// Returns when a person (Ctrl-C) or a supervisor (SIGTERM) asks the process to stop.
async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupt = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        },
        Err(_) => drop(interrupt.await),
    }
}
