//! May a request reach the tools at all? Not one that a page of another site made a browser send, and not one under a
//! name that is not ours. A program without a valid token is told where to read how to get one.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use url::Url;

use super::{SCOPE, metadata};
use crate::http::pages::Shared;
use crate::http::problem;
use crate::http::refusals::Refused;

/// Passes on requests without an origin or with ours, under our own name.
pub async fn layer(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let config = &shared.server.config;
    let origin = config.origin();
    if !is_own_origin(request.headers(), &origin) {
        return refused(
            "Request from another site",
            "A page of another site made a browser send this. Nothing was done.",
        );
    }
    if !is_own_host(request.headers(), &config.public_url) {
        let detail = format!("This installation is called {origin}. Send the header Host with that name.");
        return refused("Another name", &detail);
    }
    let metadata = metadata::address(request.uri().path());
    let mut answer = next.run(request).await;
    if answer.status() == StatusCode::UNAUTHORIZED {
        let challenge = format!("Bearer resource_metadata=\"{origin}{metadata}\", scope=\"{SCOPE}\"");
        if let Ok(value) = HeaderValue::from_str(&challenge) {
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, value);
        }
    }
    answer
}

fn refused(title: &str, detail: &str) -> Response {
    tracing::warn!(event = "tools.refused", "a request to the tools came from another site or under another name");
    let mut answer = problem::answer(StatusCode::FORBIDDEN, title, detail);
    answer.extensions_mut().insert(Refused("request.cross_site"));
    answer
}

/// Programs send no origin; a browser always sends one with a request that a script makes.
fn is_own_origin(headers: &HeaderMap, own: &str) -> bool {
    headers.get(header::ORIGIN).is_none_or(|value| value.to_str().is_ok_and(|origin| origin.eq_ignore_ascii_case(own)))
}

/// A name that a stranger points at this machine is not ours. Loopback names point at the caller's own machine.
fn is_own_host(headers: &HeaderMap, public: &Url) -> bool {
    let Some(value) = headers.get(header::HOST) else { return true };
    let Some(authority) = value.to_str().ok().and_then(|text| text.parse::<Authority>().ok()) else { return false };
    let host = bare(authority.host());
    let is_public = public.host_str().is_some_and(|own| bare(own).eq_ignore_ascii_case(host));
    is_public || host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// A host without the brackets of an IPv6 address.
fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_foreign_origin_or_name_is_refused() {
        let origin = "https://app.example";
        for (value, own) in [
            ("https://app.example", true),
            ("https://APP.example", true),
            ("https://evil.example", false),
            ("https://app.example.evil.example", false),
            ("http://app.example", false),
            ("null", false),
        ] {
            assert_eq!(is_own_origin(&with(header::ORIGIN, value), origin), own, "{value}");
        }
        let public = Url::parse("https://app.example").unwrap();
        for (value, own) in [
            ("app.example", true),
            ("APP.example:443", true),
            ("localhost:3000", true),
            ("127.0.0.1:3000", true),
            ("[::1]:3000", true),
            ("evil.example", false),
            ("app.example.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("192.0.2.7", false),
            ("a b", false),
        ] {
            assert_eq!(is_own_host(&with(header::HOST, value), &public), own, "{value}");
        }
        assert!(is_own_origin(&HeaderMap::new(), origin) && is_own_host(&HeaderMap::new(), &public));
    }
}
