//! Sets the headers that every response carries. Pages set their own content security policy; all other responses get
//! the strictest one here.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// True if people reach us over TLS.
#[derive(Clone, Copy)]
pub struct Tls(pub bool);

const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// The folders of the pages whose address has the secret of a link.
const SHOW_TOKEN: [&str; 5] = ["/password/", "/invite/", "/answer/", "/renew/", "/unsubscribe/"];

/// Adds the headers that the response does not set itself.
pub async fn layer(State(tls): State<Tls>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_asset = path.starts_with("/pkg/") || path.starts_with("/fonts/") || path.starts_with("/favicon");
    let shows_token = SHOW_TOKEN.iter().any(|folder| path.starts_with(folder));
    // Under the address of their build, files are kept for good (`assets`). Under a plain one each is asked about anew, so that
    // nobody gets two of different builds.
    let cached = match (is_asset, path.ends_with(".wasm") || path.ends_with(".js")) {
        (true, true) => "public, no-cache",
        (true, false) => "public, max-age=3600",
        (false, _) => "no-store",
    };
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, NOTHING);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, if shows_token { "same-origin" } else { "strict-origin-when-cross-origin" });
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(), payment=()");
    set(header::CACHE_CONTROL, cached);
    if tls.0 {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    response
}
