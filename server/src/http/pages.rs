//! Mounts pages, server functions and static files in one router with one list of layers.

use std::sync::Arc;

use app::{AssetRoot, Root, shell};
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRef, Request};
use axum::http::{StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::{Extension, Router};
use leptos::config::LeptosOptions;
use leptos::prelude::provide_context;
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list, render_app_async_with_context};
use tower::util::MapResponseLayer;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::{CompressionBody, CompressionLayer};
use tower_http::services::ServeDir;
use tower_sessions::SessionManagerLayer;
use web::State;

use super::load_shedding::{self, LoadShedder};
use super::session::Sessions;
use super::{
    assets, attached_files, authentication, csrf, database_unavailable, forms, headers, marks, nowhere, problem,
    proxies, refusals, routes, time_limit, trace, uploads,
};
use crate::boot::config::Config;

/// How well answers are compressed. A page takes half the time that it takes at the usual level, and 7 % more bytes; files are
/// compressed once, when they are built.
const COMPRESSED: CompressionLevel = CompressionLevel::Precise(2);

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
    let (state, provided) = (shared.app.clone(), shared.app.clone());
    let root: Arc<str> = assets::root(&config.site_root).into();
    let pages_root = AssetRoot(root.clone());
    let context = move || {
        provide_context(provided.clone());
        provide_context(pages_root.clone());
    };
    let options = shared.leptos.clone();
    let lost = options.clone();
    let no_page = render_app_async_with_context(context.clone(), move || shell(lost.clone()));
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
        .layer(from_fn(marks::layer))
        // The layer of forms limits every body itself, more narrowly unless the form has a file.
        .layer(DefaultBodyLimit::max(uploads::LARGEST))
        .layer(from_fn_with_state((state, Arc::new(forms::AnonymousFormLimiter::default())), forms::layer))
        .layer(from_fn(uploads::layer))
        .layer(from_fn_with_state(shared.clone(), attached_files::layer))
        .merge(routes::for_people())
        .merge(nowhere::routes(no_page).layer(from_fn(marks::layer)))
        .layer(from_fn_with_state(time_limit::USUAL, time_limit::layer))
        .merge(routes::streams())
        .layer(from_fn_with_state(shared.app.clone(), authentication::layer))
        .layer(Extension(shared.server.recent.clone()))
        .layer(from_fn_with_state(shedder.clone(), load_shedding::layer))
        .layer(from_fn(database_unavailable::layer))
        .layer(sessions);
    Router::new()
        .merge(people)
        .merge(routes::for_meta(shedder.clone()).merge(routes::for_highlevel(shedder.clone())))
        .merge(routes::for_visitors(shedder.clone()))
        .merge(crate::api::tools::routes(&shared))
        .merge(crate::api::agent_sign_in::for_programs(shedder.clone()))
        .merge(routes::for_programs(&shared, shedder))
        .fallback(move |request: Request| {
            let (files, root) = (files.clone(), root.clone());
            async move { assets::serve(files, &root, request).await }
        })
        .layer((MapResponseLayer::new(without_encoder), CompressionLayer::new().quality(COMPRESSED)))
        .layer(DefaultBodyLimit::max(256 * 1024))
        .layer(from_fn_with_state(csrf::PublicOrigin(config.origin()), csrf::layer))
        .layer(from_fn_with_state(refusals::Recorder::new(shared.app.clone()), refusals::layer))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(problem::layer))
        .layer(from_fn_with_state(config.trusted_proxies.clone(), proxies::layer))
        .layer(from_fn_with_state(headers::Tls(secure), headers::layer))
        .layer(from_fn(trace::layer))
        .with_state(shared)
}

/// Takes an answer that is not compressed out of the body of the compression, which has room for the state of an encoder: 6 kB for
/// as long as the answer lasts, and some last for minutes.
fn without_encoder(response: Response<CompressionBody<Body>>) -> Response {
    let encoded = response.headers().contains_key(header::CONTENT_ENCODING);
    response.map(|body| if encoded { Body::new(body) } else { body.into_inner() })
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!(event = "panic", "a request panicked");
    problem::answer(
        StatusCode::INTERNAL_SERVER_ERROR,
        "Our fault",
        "Something went wrong on our side. Try again; if it stays, tell support the number below.",
    )
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn a_page_is_compressed_and_a_stream_is_not() {
        let stream = || async { ([(header::CONTENT_TYPE, "text/event-stream")], "x".repeat(4096)) };
        let layers = (MapResponseLayer::new(without_encoder), CompressionLayer::new().quality(COMPRESSED));
        let router: Router = Router::new()
            .route("/page", get(|| async { "x".repeat(4096) }))
            .route("/stream", get(stream))
            .layer(layers);
        let ask = async |path: &str| {
            let request = Request::get(path).header(header::ACCEPT_ENCODING, "br").body(Body::empty()).unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            let encoded = answer.headers().contains_key(header::CONTENT_ENCODING);
            (encoded, to_bytes(answer.into_body(), usize::MAX).await.unwrap().len())
        };
        assert_eq!(ask("/stream").await, (false, 4096));
        let (encoded, length) = ask("/page").await;
        assert!(encoded && (1..4096).contains(&length), "{encoded} {length}");
    }
}
