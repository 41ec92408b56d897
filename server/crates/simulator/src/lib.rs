#![doc = include_str!("../README.md")]

mod assets;
mod clock;
mod control;
mod cut;
mod defaults;
pub mod demo;
mod faults;
mod ghl;
mod grants;
mod handle;
mod ids;
mod journal;
mod knobs;
mod limits;
mod log;
mod page;
mod post;
mod records;
mod simulator;
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

pub use defaults::{Defaults, defaults};
pub use handle::Handle;
pub use post::{Reply, request};
pub use simulator::Simulator;

use cut::{Cut, Cuttable};

/// What a simulator is started with.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it listens; loopback only.
    pub addr: SocketAddr,
    /// Data folder of the product; world and journal go to `simulator/` in it.
    pub data_dir: PathBuf,
    /// Registered callbacks of the app; while empty, any callback on loopback.
    pub redirect_uris: Vec<String>,
    /// Where webhooks go; plain HTTP on loopback.
    pub webhook_url: Option<String>,
    /// OAuth client id of the app.
    pub client_id: String,
    /// OAuth client secret of the app.
    pub client_secret: String,
    /// Id of the app in the marketplace.
    pub app_id: String,
    /// Every simulated delay is divided by this.
    pub time_scale: f64,
    /// Folder in which the product leaves its mails.
    pub mail_dir: Option<PathBuf>,
    /// Whether time moves only when advanced.
    pub frozen: bool,
}

impl Config {
    /// The usual address and app, with this data folder.
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
        }
    }
}

/// The path that stands for the consent host of white-labelled agencies, which is another one at HighLevel.
pub const WHITE_LABEL: &str = "/white-label";

/// Every address of the simulator; what is none of its own is taken for a call of the HighLevel wire.
pub fn router(sim: Simulator) -> Router {
    Router::new()
        .merge(control::routes())
        .merge(page::routes())
        .route(ghl::consent::PAGE, get(ghl::consent::show).post(ghl::consent::decide))
        .route(&format!("{WHITE_LABEL}{}", ghl::consent::PAGE), get(ghl::consent::show).post(ghl::consent::decide))
        .fallback(ghl::wire)
        .layer(DefaultBodyLimit::max(1 << 20))
        .with_state(sim)
}

/// Listens until `shutdown` ends; calls that are being held get two more seconds.
pub async fn serve(config: Config, shutdown: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<()> {
    let addr = config.addr;
    // The address first: whoever holds it owns the log, and a second simulator must not touch that.
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
    let app = router(sim).into_make_service_with_connect_info::<Cut>();
    let serving = axum::serve(Cuttable(listener), app).with_graceful_shutdown(signal);
    let patience = async {
        let _ = ended.await;
        tokio::time::sleep(Duration::from_secs(2)).await;
    };
    tokio::select! {
        served = async { serving.await } => served.context("serving the simulator"),
        () = patience => Ok(()),
    }
}
