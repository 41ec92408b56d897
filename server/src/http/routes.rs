//! Mounts every route that is not a page. A feature declares each route (`domain::feature`); the inventory test compares
//! the two.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use axum::{Extension, Router};
use store::credentials::Cache;
use store::listen::Listener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::load_shedding::{self, LoadShedder};
use super::pages::Shared;
use super::recent_changes::RecentChanges;
use super::streams::Streams;
use super::{
    audit_file, brand, connection_state, health, highlevel_webhook, home_figures, job_state, landing, linked_file,
    live, log_file, media_file, meta_callbacks, meta_webhook, time_limit, tool_calls_file, webchat,
};
use crate::boot::config::Config;
use crate::{api as v1, oauth};

/// State that only the server's own routes need.
#[derive(Clone)]
pub struct Parts(pub Arc<Inner>);

/// The contents of [`Parts`].
pub struct Inner {
    /// The settings.
    pub config: Config,
    /// Notices of what other processes and requests changed.
    pub notes: Listener,
    /// What changed last, for the streams of pages that were just rendered.
    pub recent: RecentChanges,
    /// The open event streams.
    pub streams: Streams,
    /// The request quotas of API tenants, as far as this process knows them.
    pub quotas: v1::quota::Quotas,
    /// To whom tokens belong, as far as this process knows.
    pub holders: v1::holders::Holders,
    /// Stores what messaging platforms send.
    pub inbound: meta_webhook::Intake,
    /// Stores what HighLevel sends.
    pub highlevel_inbound: meta_webhook::Intake,
    /// Opened tokens of sub-accounts, for the tools on HighLevel.
    pub credentials: Cache,
    /// The processes of third-party tool servers.
    pub tool_servers: v1::tools::remote::ToolServers,
    /// The documents of AI agents that describe themselves.
    pub documents: v1::agent_sign_in::documents::Documents,
    /// The calls of tools that run.
    pub tool_calls: v1::tools::places::Places,
    /// The calls of MCP clients that run, which their clients may cancel.
    pub tool_requests: v1::tools::requests::Requests,
    /// What `/health` and `/metrics` report.
    pub process_health: health::ProcessHealth,
    /// Cancelled when the process begins to stop.
    pub stopping: CancellationToken,
    /// Tasks that must finish even if their request is gone.
    pub tasks: TaskTracker,
    /// Permits for exchanging the codes of unsolicited callbacks.
    pub unsolicited_callbacks: Arc<Semaphore>,
}

impl Deref for Parts {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// Routes of signed-in people.
pub fn for_people() -> Router<Shared> {
    Router::new()
        .route("/", get(landing::start))
        .route("/dashboard", get(landing::start))
        .route("/integrations", get(landing::integrations))
        .route("/brand/{id}", get(brand::logo))
        .route("/a/{agency}/audit.csv", get(audit_file::download))
        .route("/b/{business}/ai-tools/log.csv", get(tool_calls_file::download))
        .route("/a/{agency}/connections/state", get(connection_state::read))
        .route("/a/{agency}/figures", get(home_figures::read))
        .route("/a/{agency}/provisioning/{job}/log", get(log_file::download))
        .route("/a/{agency}/provisioning/{job}/state", get(job_state::read))
        .route("/b/{business}/media/{attachment}", get(media_file::read))
        .route("/api/integrations/ghl/connect", get(oauth::connect))
        .route("/api/integrations/ghl/callback", get(oauth::callback))
        .route("/api/integrations/ghl/try", get(oauth::trial::begin))
        .route("/api/integrations/meta/connect", get(oauth::meta::connect))
        .route("/api/integrations/meta/callback", get(oauth::meta::callback))
        .route("/api/integrations/meta/renew", get(oauth::renewal::begin))
        .route("/oauth/authorize", get(v1::agent_sign_in::authorize::authorize))
}

/// Event streams of signed-in people, which must not have a time limit per request.
pub fn streams() -> Router<Shared> {
    Router::new()
        .route("/a/{agency}/live", get(live::stream))
        .route("/b/{business}/live", get(live::stream))
        .route("/admin/live", get(live::stream))
}

/// Routes that Meta calls. Its signature proves each call, so nobody is signed in.
pub fn for_meta(shedder: Arc<LoadShedder>) -> Router<Shared> {
    Router::new()
        .route("/api/webhooks/meta", get(meta_webhook::verify).post(meta_webhook::receive))
        .route("/api/meta/deauthorize", post(meta_callbacks::deauthorize))
        .route("/api/meta/data-deletion", get(meta_callbacks::deletion_status).post(meta_callbacks::delete_data))
        .route("/api/meta/files/{business}/{attachment}", get(linked_file::read))
        .layer(DefaultBodyLimit::max(meta_webhook::LARGEST))
        .layer(from_fn_with_state(time_limit::USUAL, time_limit::layer))
        .layer(from_fn_with_state(shedder, load_shedding::layer))
}

/// Routes that HighLevel calls. Its signature proves each call, so nobody is signed in.
pub fn for_highlevel(shedder: Arc<LoadShedder>) -> Router<Shared> {
    Router::new()
        .route("/api/webhooks/ghl", post(highlevel_webhook::receive))
        .layer(DefaultBodyLimit::max(highlevel_webhook::LARGEST))
        .layer(from_fn_with_state(time_limit::USUAL, time_limit::layer))
        .layer(from_fn_with_state(shedder, load_shedding::layer))
        .layer(from_fn(highlevel_webhook::layer))
}

/// Routes of visitors of the web sites of businesses. The secret of the visitor's browser proves whose conversation it is.
pub fn for_visitors(shedder: Arc<LoadShedder>) -> Router<Shared> {
    Router::new()
        .route("/chat/{key}", get(webchat::show))
        .route("/chat/{key}/exchange", post(webchat::exchange))
        .layer(Extension(Arc::new(webchat::Limits::default())))
        .layer(from_fn_with_state(time_limit::USUAL, time_limit::layer))
        .layer(from_fn_with_state(shedder, load_shedding::layer))
}

/// The routes of the API that are about one business.
fn of_one_business() -> Router<Shared> {
    Router::new()
        .route(
            "/api/v1/businesses/{id}",
            get(v1::businesses::get).put(v1::businesses::change).delete(v1::businesses::remove),
        )
        .route("/api/v1/businesses/{id}/pause", post(v1::businesses::pause))
        .route("/api/v1/businesses/{id}/resume", post(v1::businesses::resume))
        .route("/api/v1/businesses/{id}/archive", post(v1::businesses::archive))
        .route("/api/v1/businesses/{id}/reactivate", post(v1::businesses::reactivate))
        .route("/api/v1/businesses/{id}/restore", post(v1::businesses::restore))
        .route("/api/v1/businesses/{id}/retry-update", post(v1::businesses::retry_update))
        .route("/api/v1/businesses/{id}/retry-offboarding", post(v1::businesses::retry_offboarding))
}

/// Routes for programs: health, metrics and the API with bearer tokens. The API shares the capacity with people; health
/// is answered even during a flood.
pub fn for_programs(shared: &Shared, shedder: Arc<LoadShedder>) -> Router<Shared> {
    let api = Router::new()
        .route("/api/v1/provisioning/jobs", post(v1::jobs::start).get(v1::jobs::list))
        .route("/api/v1/provisioning/jobs/{id}", get(v1::jobs::get))
        .route("/api/v1/provisioning/jobs/{id}/retry", post(v1::jobs::retry))
        .route("/api/v1/provisioning/jobs/{id}/resume", post(v1::jobs::resume))
        .route("/api/v1/provisioning/jobs/{id}/cancel", post(v1::jobs::cancel))
        .route("/api/v1/provisioning/jobs/{id}/undo", post(v1::jobs::undo))
        .route("/api/v1/notifications", get(v1::notifications::list))
        .route("/api/v1/notifications/read", post(v1::notifications::read_all))
        .route("/api/v1/notifications/{id}/read", post(v1::notifications::read))
        .route("/api/v1/phone-routes", post(v1::phone_routes::add).get(v1::phone_routes::list))
        .route(
            "/api/v1/phone-routes/{id}",
            get(v1::phone_routes::get).put(v1::phone_routes::change).delete(v1::phone_routes::remove),
        )
        .route("/api/v1/phone-routes/resolve", post(v1::phone_routes::resolve))
        .route("/api/v1/sub-accounts/importable", get(v1::imports::list))
        .route("/api/v1/sub-accounts/import", post(v1::imports::start).get(v1::imports::progress))
        .route("/api/v1/todos", get(v1::todos::list))
        .route("/api/v1/todos/{id}", get(v1::todos::get).put(v1::todos::change))
        .route("/api/v1/webhook-endpoints", post(v1::webhooks::create).get(v1::webhooks::list))
        .route(
            "/api/v1/webhook-endpoints/{id}",
            get(v1::webhooks::get).put(v1::webhooks::change).delete(v1::webhooks::remove),
        )
        .route("/api/v1/webhook-endpoints/{id}/secret", post(v1::webhooks::rotate))
        .route("/api/v1/webhook-endpoints/{id}/test", post(v1::webhooks::test))
        .route("/api/v1/webhook-deliveries", get(v1::webhooks::deliveries))
        .route("/api/v1/webhook-deliveries/{id}", get(v1::webhooks::delivery))
        .route("/api/v1/webhook-deliveries/{id}/replay", post(v1::webhooks::replay))
        .route("/api/v1/snapshots", get(v1::lists::snapshots))
        .route("/api/v1/businesses", get(v1::lists::businesses))
        .route("/api/tenant/credentials", post(v1::tenant_credentials::put))
        .merge(of_one_business())
        // A stream of events does not end by itself, so its route comes after the time limit.
        .layer(from_fn_with_state(time_limit::USUAL, time_limit::layer))
        .route("/api/v1/provisioning/jobs/{id}/events", get(v1::events::stream))
        .layer(from_fn_with_state(shared.clone(), v1::token::layer))
        .layer(from_fn_with_state(shedder, load_shedding::layer));
    Router::new()
        .route("/api/openapi.json", get(v1::openapi::describe))
        .merge(health::routes(shared.server.process_health.clone()))
        .merge(api)
}
