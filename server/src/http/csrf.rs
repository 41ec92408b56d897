//! Decides whether a request may change anything. It refuses requests that another site made the browser send, and
//! requests that foreign markup made one of our pages send. Routes that carry their own proof and ignore cookies are
//! exempt by exact path prefix.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use kit::preview::PREVIEWS;

use super::problem;
use super::refusals::Refused;

/// Endpoints that ignore cookies: bearer tokens, signatures, codes and secrets of visitors prove the sender.
const EXEMPT: [&str; 10] = [
    "/api/v1/",
    "/api/webhooks/",
    "/api/tenant/",
    "/api/meta/",
    "/chat/",
    "/tools/",
    "/mcp",
    "/oauth/register",
    "/oauth/token",
    "/oauth/revoke",
];

/// Our public origin, which browsers must name.
#[derive(Clone)]
pub struct PublicOrigin(pub String);

/// Passes on reads, requests to exempt endpoints, and forms and previews of our own pages. Refuses everything else.
pub async fn layer(State(origin): State<PublicOrigin>, request: Request, next: Next) -> Response {
    let upgrade = request.headers().contains_key(header::UPGRADE);
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) && !upgrade;
    let (path, headers) = (request.uri().path(), request.headers());
    if safe || EXEMPT.iter().any(|prefix| path.starts_with(prefix)) {
        return next.run(request).await;
    }
    if !is_own(headers, &origin.0) {
        tracing::warn!(event = "csrf.refused", "a request from another site was refused");
        let answer =
            problem::answer(StatusCode::FORBIDDEN, "Request from another site", &elsewhere(headers, &origin.0));
        return refused(answer, "request.cross_site");
    }
    let is_preview = PREVIEWS.contains(&path) && is_script(headers);
    if !is_preview && !is_form(headers) {
        tracing::warn!(event = "csrf.script", "a request that no form of ours sends was refused");
        let answer = problem::answer(
            StatusCode::FORBIDDEN,
            "Not sent by a form",
            "This request didn't come from a form on our pages, so nothing was done. Reload the page and use its buttons.",
        );
        return refused(answer, "request.not_a_form");
    }
    next.run(request).await
}

/// Marks the answer for the audit log.
fn refused(mut answer: Response, action: &'static str) -> Response {
    answer.extensions_mut().insert(Refused(action));
    answer
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// True if the browser says that one of our own pages made the request.
fn is_own(headers: &HeaderMap, origin: &str) -> bool {
    match (text(headers, "sec-fetch-site"), text(headers, "origin")) {
        (Some("same-origin"), _) => true,
        (Some(_), _) => false,
        (None, Some(named)) => named.eq_ignore_ascii_case(origin),
        // Current browsers send at least one of the two headers. A request without a cookie has no session to
        // abuse.
        (None, None) => !headers.contains_key(header::COOKIE),
    }
}

/// True if mode and destination are allowed values. A missing header is allowed too: older browsers send neither,
/// and no page can omit or change them.
fn fetched(headers: &HeaderMap, modes: &[&str], destination: &str) -> bool {
    let fits = |name, allowed: &[&str]| headers.get(name).is_none_or(|value| allowed.iter().any(|one| value == one));
    fits("sec-fetch-mode", modes) && fits("sec-fetch-dest", &[destination])
}

/// True if the request is a form that was sent by a navigation of the window: neither by a script nor in a frame.
fn is_form(headers: &HeaderMap) -> bool {
    fetched(headers, &["navigate"], "document")
}

/// True if a script sent the request.
fn is_script(headers: &HeaderMap) -> bool {
    fetched(headers, &["cors", "same-origin"], "empty")
}

/// Explains why a request counts as one from another site. Names both addresses, so that whoever set up a proxy
/// sees what to fix.
fn elsewhere(headers: &HeaderMap, public: &str) -> String {
    let named = text(headers, "origin").and_then(|origin| url::Url::parse(origin).ok()).map(|url| url.origin());
    let from = match (text(headers, "origin"), named) {
        (_, Some(origin)) if origin.is_tuple() => format!("It was sent from a page at {}", origin.ascii_serialization()),
        (Some("null"), _) => "The browser withheld from where it was sent, as it does when a proxy sets the header Referrer-Policy to no-referrer (strict-origin-when-cross-origin is right)".to_owned(),
        _ => "It did not say that one of our own pages sent it".to_owned(),
    };
    format!("This Slipway runs at {public}. {from}, so nothing was done. Open {public} and try again.")
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

    #[test]
    fn a_refusal_names_both_addresses_and_repeats_nothing_else() {
        let said = |origin: &'static str| elsewhere(&headers(&[("origin", origin)]), "https://slipway.example");
        let by_ip = said("http://192.0.2.7:3000");
        assert!(by_ip.contains("https://slipway.example") && by_ip.contains("http://192.0.2.7:3000"), "{by_ip}");
        assert!(said("null").contains("no-referrer"));
        assert!(!said("https://evil.example/<b data-x>").contains('<'));
        assert!(!said("javascript:alert(1)").contains("alert"));
    }
}
