#![doc = include_str!("../README.md")]

mod assets;
mod clock;
mod control;
mod crm;
mod cut;
mod defaults;
pub mod demo;
mod demo_crm;
pub mod demo_script;
mod faults;
mod ghl;
mod grants;
mod handle;
mod hooks;
mod ids;
mod journal;
mod knobs;
mod limits;
mod llm;
mod log;
mod meta;
mod page;
mod post;
mod records;
mod simulator;
mod table;
#[cfg(test)]
mod tests;
mod webhooks;
mod world;

use std::{
    future::Future,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use anyhow::Context;
use axum::{Router, extract::DefaultBodyLimit, routing::get};
use tokio::net::TcpListener;

pub use defaults::{Defaults, LlmDefaults, MetaDefaults, defaults, llm_defaults, meta_defaults};
pub use handle::Handle;
pub use meta::demo as meta_demo;
pub use post::{Reply, request};
pub use simulator::Simulator;
pub use webhooks::sign as sign_webhook;

use cut::{ResetSwitch, ResettableListener};

/// Settings that a simulator is started with.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to listen on; loopback only.
    pub addr: SocketAddr,
    /// The product's data folder. The simulator's log goes to `simulator/` in it.
    pub data_dir: PathBuf,
    /// Registered callbacks of the app. If empty, any callback on loopback is accepted.
    pub redirect_uris: Vec<String>,
    /// URL that webhooks are sent to; plain HTTP on loopback.
    pub webhook_url: Option<String>,
    /// OAuth client id of the app.
    pub client_id: String,
    /// OAuth client secret of the app.
    pub client_secret: String,
    /// Id of the app in the marketplace.
    pub app_id: String,
    /// Every simulated delay is divided by this.
    pub time_scale: f64,
    /// Folder in which the product saves its mails.
    pub mail_dir: Option<PathBuf>,
    /// True if time moves only when a test moves it.
    pub frozen: bool,
    /// Settings of the simulated Meta.
    pub meta: MetaConfig,
}

/// Settings of the simulated Meta.
#[derive(Debug, Clone)]
pub struct MetaConfig {
    /// Id of the app.
    pub app_id: String,
    /// Secret of the app.
    pub app_secret: String,
    /// Id of the app's Instagram half.
    pub ig_app_id: String,
    /// Secret of the app's Instagram half.
    pub ig_app_secret: String,
    /// Verify token of the webhooks.
    pub verify_token: String,
    /// Registered redirect URIs of the app. If empty, any on loopback is accepted.
    pub redirect_uris: Vec<String>,
    /// Base URL of the product, below which it takes webhooks and callbacks; plain HTTP on loopback.
    pub product_url: Option<String>,
}

impl Default for MetaConfig {
    fn default() -> Self {
        let MetaDefaults { app_id, app_secret, ig_app_id, ig_app_secret, verify_token, .. } = meta_defaults();
        let own = str::to_owned;
        Self {
            app_id: own(app_id),
            app_secret: own(app_secret),
            ig_app_id: own(ig_app_id),
            ig_app_secret: own(ig_app_secret),
            verify_token: own(verify_token),
            redirect_uris: Vec::new(),
            product_url: None,
        }
    }
}

impl Config {
    /// Default settings, with this data folder.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        let Defaults { client_id, client_secret, app_id, .. } = defaults();
        Self {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 4700)),
            data_dir: data_dir.into(),
            redirect_uris: Vec::new(),
            webhook_url: None,
            client_id,
            client_secret,
            app_id,
            time_scale: 1.0,
            mail_dir: None,
            frozen: false,
            meta: MetaConfig::default(),
        }
    }
}

/// Path prefix that represents the consent host of white-labelled agencies. At HighLevel it is a different host.
pub const WHITE_LABEL: &str = "/white-label";

/// All routes of the simulator. A call to any other path is handled as a call to the HighLevel API.
pub fn router(sim: Simulator) -> Router {
    Router::new()
        .merge(control::routes())
        .merge(page::routes())
        .merge(hooks::routes())
        .merge(llm::routes())
        .merge(meta::message_routes::routes())
        .merge(meta::steer_routes::routes())
        .route(ghl::consent::PAGE, get(ghl::consent::show).post(ghl::consent::decide))
        .route(&format!("{WHITE_LABEL}{}", ghl::consent::PAGE), get(ghl::consent::show).post(ghl::consent::decide))
        .fallback(ghl::wire)
        .layer(DefaultBodyLimit::max(1 << 20))
        .with_state(sim)
}

/// Listens until `shutdown` completes. Calls that are being held then get two more seconds.
pub async fn serve(config: Config, shutdown: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<()> {
    let addr = config.addr;
    // Bind the address first: the process that holds it owns the log, and a second simulator must not touch the
    // log.
    let listener = TcpListener::bind(addr).await.with_context(|| format!("listening on {addr} for the simulator"))?;
    let sim = Simulator::open(config)?;
    serve_on(listener, sim, shutdown).await
}

pub(crate) async fn serve_on(
    listener: TcpListener,
    sim: Simulator,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let (ending, ended) = tokio::sync::oneshot::channel();
    let signal = async move {
        shutdown.await;
        let _ = ending.send(());
    };
    let deliveries = meta::deliver::run(sim.clone());
    let app = router(sim).into_make_service_with_connect_info::<ResetSwitch>();
    let serving = axum::serve(ResettableListener(listener), app).with_graceful_shutdown(signal);
    let patience = async {
        let _ = ended.await;
        tokio::time::sleep(Duration::from_secs(2)).await;
    };
    tokio::select! {
        served = async { serving.await } => served.context("serving the simulator"),
        () = patience => Ok(()),
        never = deliveries => match never {},
    }
}
