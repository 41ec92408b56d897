//! How is a server made in this process? The router and the worker of the product, as the program composes them.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use slipway::boot::compose::{self, Core};
use slipway::boot::config::{Config, Source};
use slipway::boot::mails::MailComposer;
use slipway::boot::outbound_adapters;
use slipway::http::pages;
use store::Db;
use store::vault::{Keyring, Vault};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::conversations::data;
use crate::helpers::scratch;

/// A new master key.
pub fn master() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}

/// Settings of a server that reaches nobody outside.
pub fn settings(master: &str) -> [(&'static str, &str); 4] {
    [
        ("GHL_BASE_URL", "http://127.0.0.1:9"),
        ("GHL_MARKETPLACE_URL", "http://127.0.0.1:9"),
        ("GHL_CLIENT_ID", "app-x"),
        ("ENCRYPTION_KEY", master),
    ]
}

/// The product's router on these database connections.
pub async fn router(web: &Db, work: &Db) -> Router {
    let master = master();
    process(web, work, &settings(&master)).await.0
}

/// The product's router and worker on these database connections, with these settings.
pub async fn process(web: &Db, work: &Db, settings: &[(&'static str, &str)]) -> (Router, worker::Worker) {
    let served = serve(web, work, settings, &scratch(&std::process::id().to_string())).await;
    (served.router, served.worker)
}

/// What a server in this process has.
pub struct Served {
    /// Its router.
    pub router: Router,
    /// Decrypts what it encrypted.
    pub vault: Vault,
    /// Its background work, which runs only when a test asks for it.
    pub worker: worker::Worker,
}

/// The product on these database connections, with these settings. Its mails are files in a folder.
pub async fn serve(web: &Db, work: &Db, settings: &[(&'static str, &str)], mails: &Path) -> Served {
    let config = Config { data: data(mails), ..Config::read(&Source::given(settings)).unwrap() };
    let tasks = TaskTracker::new();
    let keyring = Keyring::parse(config.encryption_key.as_ref().unwrap()).unwrap();
    let vault = Vault::start(work, keyring).await.unwrap();
    let (http, calls) = outbound_adapters::client(&config, work).unwrap();
    let meta = meta::Meta::new(http.clone(), config.meta.settings());
    let mailer = mail::Mailer::folder(mails.to_owned(), "Slipway <a@b.test>").unwrap();
    let writer = compose::writer(&config, &http);
    let ghl = ghl::Ghl::new(http.clone(), config.ghl.settings());
    let worker = worker::Worker::new(worker::Parts {
        db: work.clone(),
        heartbeat_db: work.clone(),
        ghl: ghl.clone(),
        meta: meta.clone(),
        media: config.data.join(domain::messaging::file::FOLDER),
        vault: vault.clone(),
        mailer: Arc::new(MailComposer::new(web.clone(), mailer.clone(), config.origin())),
        public_url: config.public_url.clone(),
        time_scale: 1.0,
    })
    .written_by(writer.clone());
    let (db, health_db) = (web.clone(), web.clone());
    let core = Core { db, vault: vault.clone(), ghl, meta, writer, mailer, http, calls, health_db };
    let shared = compose::shared(&config, &core, CancellationToken::new(), tasks).await.unwrap();
    Served { router: pages::router(shared, &config), vault, worker }
}
