//! May this request change anything: refuses what another site made a browser send.
//! Routes that carry their own proof and ignore cookies are exempt by exact path prefix.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::problem;
use crate::refusals::Refused;

/// Ways in that ignore cookies: bearer tokens and signatures prove the sender.
const EXEMPT: [&str; 4] = ["/api/v1/", "/api/webhooks/", "/api/tenant/", "/api/meta/"];

/// The public origin that browsers must name.
#[derive(Clone)]
pub struct PublicOrigin(pub String);

/// Lets same-origin requests through, and reads.
pub async fn layer(State(origin): State<PublicOrigin>, request: Request, next: Next) -> Response {
    let upgrade = request.headers().contains_key(header::UPGRADE);
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) && !upgrade;
    let path = request.uri().path();
    let exempt = EXEMPT.iter().any(|prefix| path.starts_with(prefix));
    if safe || exempt || is_own(request.headers(), &origin.0) {
        return next.run(request).await;
    }
    tracing::warn!(event = "csrf.refused", "a request from another site was refused");
    let mut answer = problem::answer(
        StatusCode::FORBIDDEN,
        "Request from another site",
        "This request did not come from one of our own pages, so nothing was done. Open the page anew and try again.",
    );
    answer.extensions_mut().insert(Refused("request.cross_site"));
    answer
}

/// Whether the browser says that one of our own pages made the request.
fn is_own(headers: &HeaderMap, origin: &str) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some("same-origin"), _) => true,
        (Some(_), _) => false,
        (None, Some(named)) => named.eq_ignore_ascii_case(origin),
        // Neither header: no browser of today. Without a cookie there is nothing to steal.
        (None, None) => !headers.contains_key(header::COOKIE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_our_own_pages_may_change_things() {
        let origin = "https://slipway.example";
        let cases = [
            (vec![("sec-fetch-site", "same-origin")], true),
            (vec![("sec-fetch-site", "same-site")], false),
            (vec![("sec-fetch-site", "cross-site")], false),
            (vec![("sec-fetch-site", "none")], false),
            (vec![("origin", "https://slipway.example")], true),
            (vec![("origin", "https://evil.example")], false),
            (vec![("origin", "null")], false),
            (vec![("cookie", "sid=1")], false),
            (vec![], true),
        ];
        for (pairs, allowed) in cases {
            assert_eq!(is_own(&headers(&pairs), origin), allowed, "{pairs:?}");
        }
    }
}
