//! The request and the response of one call.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

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
}

/// One call, ready to be sent. It has no `Debug` because it contains secrets.
#[derive(Clone)]
pub struct Request {
    /// The provider: `ghl`, `meta`, …
    pub provider: &'static str,
    /// Our name for the operation.
    pub operation: &'static str,
    /// Path template for the call log.
    pub endpoint: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Full URL; its origin must be one of the configured hosts.
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
    /// Key of the rate-limit window in which the call counts; `None` if the call takes no slot.
    pub rate_key: Option<String>,
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
