//! Mounts pages, server functions and static files in one router with one list of layers.

use std::sync::Arc;

use app::{Root, shell};
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use leptos::config::LeptosOptions;
use leptos::prelude::provide_context;
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::services::ServeDir;
use tower_sessions::SessionManagerLayer;
use web::State;

use super::load_shedding::{self, LoadShedder};
use super::session::Sessions;
use super::{
    authentication, csrf, database_unavailable, forms, headers, problem, proxies, refusals, routes, trace, uploads,
};
use crate::boot::config::Config;

/// State that handlers can extract.
#[derive(Clone, FromRef)]
pub struct Shared {
    /// The shared parts of the app.
    pub app: State,
    /// Options of Leptos, among them where the built files are.
    pub leptos: LeptosOptions,
    /// State that only the server's own routes need.
    pub server: routes::Parts,
}

/// Builds the options of Leptos from our settings.
#[must_use]
pub fn leptos_options(config: &Config) -> LeptosOptions {
    LeptosOptions::builder()
        .output_name("slipway")
        .site_root(config.site_root.to_string_lossy())
        .site_pkg_dir("pkg")
        .site_addr(config.listen)
        .build()
}

/// Returns every page of the app, as the router lists them.
#[must_use]
pub fn pages() -> Vec<AxumRouteListing> {
    generate_route_list(Root)
}

/// Builds the router of the whole product.
pub fn router(shared: Shared, config: &Config) -> Router {
    let (state, provided, refusing) = (shared.app.clone(), shared.app.clone(), shared.app.clone());
    let context = move || provide_context(provided.clone());
    let options = shared.leptos.clone();
    let files = ServeDir::new(&config.site_root).precompressed_br().precompressed_gzip();
    let secure = config.public_url.scheme() == "https";
    let sessions = SessionManagerLayer::new(Sessions::new(shared.app.db.clone()))
        .with_name(if secure { "__Host-sid" } else { "sid" })
        .with_secure(secure)
        .with_http_only(true)
        .with_path("/")
        .with_same_site(tower_sessions::cookie::SameSite::Lax);
    let shedder = LoadShedder::new(load_shedding::CAPACITY);
    let people = Router::new()
        // This also mounts every server function at its own address under /do/.
        .leptos_routes_with_context(&shared, pages(), context, move || shell(options.clone()))
        // The layer of forms limits every body itself, more narrowly unless the form has a file.
        .layer(DefaultBodyLimit::max(uploads::LARGEST))
        .layer(from_fn_with_state((state, Arc::new(forms::AnonymousFormLimiter::default())), forms::layer))
        .layer(from_fn(uploads::layer))
        .merge(routes::for_people())
        .layer(routes::in_time())
        .merge(routes::streams())
        .layer(from_fn_with_state(shared.app.clone(), authentication::layer))
        .layer(from_fn_with_state(shedder.clone(), load_shedding::layer))
        .layer(from_fn(database_unavailable::layer))
        .layer(sessions);
    Router::new()
        .merge(people)
        .merge(routes::for_programs(&shared, shedder))
        .fallback_service(tower::service_fn(move |request| files_or_nothing(files.clone(), request)))
        .layer(CompressionLayer::new())
        .layer(DefaultBodyLimit::max(256 * 1024))
        .layer(from_fn_with_state(csrf::PublicOrigin(config.origin()), csrf::layer))
        .layer(from_fn_with_state(refusing, refusals::layer))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(problem::layer))
        .layer(from_fn_with_state(config.trusted_proxies.clone(), proxies::layer))
        .layer(from_fn_with_state(headers::Tls(secure), headers::layer))
        .layer(from_fn(trace::layer))
        .with_state(shared)
}

/// Longest path of a file, and of one part of it, in bytes. With a longer one, the file system fails instead of
/// finding nothing.
const LONGEST_PATH: usize = 1_024;
const LONGEST_PART: usize = 255;

/// Serves a file of the built site, or else a plain "not found" that repeats nothing of the request.
async fn files_or_nothing(
    files: ServeDir,
    request: axum::extract::Request,
) -> Result<Response, std::convert::Infallible> {
    let nothing = || problem::answer(StatusCode::NOT_FOUND, "Not found", "There is nothing at this address.");
    let path = request.uri().path();
    // A redirect built from a path that begins with two slashes would lead to another host.
    let is_name =
        path.len() <= LONGEST_PATH && !path.starts_with("//") && path.split('/').all(|part| part.len() <= LONGEST_PART);
    if !is_name {
        return Ok(nothing());
    }
    let found = tower::ServiceExt::oneshot(files, request).await.into_response();
    let status = found.status();
    // Folders are not shown, so nobody is redirected to one either.
    let refused = status == StatusCode::NOT_FOUND || status == StatusCode::METHOD_NOT_ALLOWED;
    Ok(if refused || status.is_redirection() && status != StatusCode::NOT_MODIFIED { nothing() } else { found })
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!(event = "panic", "a request panicked");
    problem::answer(
        StatusCode::INTERNAL_SERVER_ERROR,
        "Our fault",
        "Something went wrong on our side. Try again; if it stays, tell support the number below.",
    )
}
