//! The request and the response of one call.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::quota::Quota;

/// What is sent along.
#[derive(Clone)]
pub enum Body {
    /// Nothing.
    Empty,
    /// JSON text.
    Json(Vec<u8>),
    /// `application/x-www-form-urlencoded` text.
    Form(Vec<u8>),
}

/// One call, ready to leave. Has no `Debug`: it carries secrets.
#[derive(Clone)]
pub struct Request {
    /// `ghl`, `meta`, …
    pub provider: &'static str,
    /// Our name of the operation.
    pub operation: &'static str,
    /// Path template for the call log.
    pub endpoint: &'static str,
    /// Method.
    pub method: Method,
    /// Full address; its origin must be one of the configured hosts.
    pub url: Url,
    /// Headers beside authorisation and content type.
    pub headers: Vec<(&'static str, String)>,
    /// Bearer token.
    pub bearer: Option<SecretString>,
    /// Body.
    pub body: Body,
    /// Takes a new connection. One that has been idle may be closed by the other side in the moment we write: harmless for a read, an unclear
    /// outcome for a write that must not be repeated.
    pub fresh: bool,
    /// The rate window it counts in; `None` takes no place.
    pub rate_key: Option<String>,
}

/// An answer of the other side, whatever its status.
#[derive(Clone)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body; of a 4xx it may be cut short.
    pub body: Bytes,
    /// What the headers say about limits.
    pub quota: Quota,
}

/// Headers providers use to name a request, best first.
const REQUEST_IDS: [&str; 5] = ["x-request-id", "x-trace-id", "traceid", "x-fb-trace-id", "cf-ray"];

impl Answer {
    /// The provider's name for this request: `traceId` of the body, else a header.
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
