//! The request and the response of one call, and what a request becomes on the wire.

use std::fmt;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use crate::multipart::{self, Part};
use crate::quota::Quota;

/// The body of a request.
#[derive(Clone)]
pub enum Body {
    /// No body.
    Empty,
    /// JSON text.
    Json(Vec<u8>),
    /// `application/x-www-form-urlencoded` text.
    Form(Vec<u8>),
    /// `multipart/form-data`, for providers whose profile allows it.
    Multipart(Vec<Part>),
}

impl Body {
    pub(crate) fn is_multipart(&self) -> bool {
        matches!(self, Self::Multipart(_))
    }
}

/// The key under which a call counts in a rate window of its provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateKey {
    /// Name of the window in the provider's profile.
    pub window: &'static str,
    /// What the provider counts by: the id of a location, company or app, for example.
    pub id: String,
}

impl fmt::Display for RateKey {
    /// The key under which the slots are stored.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.window, self.id)
    }
}

/// One call, ready to be sent. It has no `Debug` because it contains secrets.
#[derive(Clone)]
pub struct Request {
    /// Key of the provider, as its profile has it.
    pub provider: &'static str,
    /// Our name for the operation.
    pub operation: &'static str,
    /// Path template for the call log.
    pub endpoint: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Full URL; its origin must be one of the profile's hosts.
    pub url: Url,
    /// Headers other than authorization and content type.
    pub headers: Vec<(&'static str, String)>,
    /// Bearer token.
    pub bearer: Option<SecretString>,
    /// Body.
    pub body: Body,
    /// Uses a new connection. The provider may close an idle connection at the moment we write. That is harmless
    /// for a read, but gives an unclear outcome for a write that must not be repeated.
    pub fresh: bool,
    /// The key under which the call counts; `None` if the call takes no slot.
    pub rate_key: Option<RateKey>,
}

impl Request {
    pub(crate) fn build(self) -> Result<reqwest::Request, String> {
        let mut built = reqwest::Request::new(self.method, self.url);
        let headers = built.headers_mut();
        for (name, value) in self.headers {
            let value = HeaderValue::from_str(&value).map_err(|_| format!("the {name} header has a line break"))?;
            headers.insert(name, value);
        }
        if let Some(token) = self.bearer {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
                .map_err(|_| "the token has characters no token has".to_owned())?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let (kind, body) = match self.body {
            Body::Empty => return Ok(built),
            Body::Json(text) => ("application/json".to_owned(), text),
            Body::Form(text) => ("application/x-www-form-urlencoded".to_owned(), text),
            Body::Multipart(parts) => multipart::write(&parts)?,
        };
        let kind = HeaderValue::from_str(&kind).map_err(|_| "the content type has a line break".to_owned())?;
        headers.insert(CONTENT_TYPE, kind);
        *built.body_mut() = Some(body.into());
        Ok(built)
    }
}

/// A response of the provider, whatever its status.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body; that of a 4xx may be cut short.
    pub body: Bytes,
    /// The rate-limit headers.
    pub quota: Quota,
}

/// Headers in which providers send the id of a request, best first.
const REQUEST_IDS: [&str; 5] = ["x-request-id", "x-trace-id", "traceid", "x-fb-trace-id", "cf-ray"];

impl Answer {
    /// The provider's id of this request: `traceId` of the body, or else a header.
    pub fn request_id(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Trace {
            #[serde(rename = "traceId")]
            id: String,
        }
        let from_body = serde_json::from_slice::<Trace>(&self.body).ok().map(|trace| trace.id);
        let from_headers = || {
            let value = REQUEST_IDS.iter().find_map(|name| self.headers.get(*name))?;
            value.to_str().ok().map(str::to_owned)
        };
        let id = from_body.or_else(from_headers)?;
        Some(id.chars().filter(|c| c.is_ascii_graphic()).take(128).collect())
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// A read of a test's provider.
    pub(crate) fn get(url: Url) -> Request {
        Request {
            provider: "test",
            operation: "get_thing",
            endpoint: "/things",
            method: Method::GET,
            url,
            headers: Vec::new(),
            bearer: None,
            body: Body::Empty,
            fresh: false,
            rate_key: None,
        }
    }
}
