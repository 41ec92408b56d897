//! Sends an operation of the table and reads its response. Every call to HighLevel goes through this module.

use std::time::Duration;

use http::StatusCode;
use outbound::{Answer, Body, CallContext, Outbound, RateKey, Request};
use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::error::{Error, Kind};
use crate::ops::Op;
use crate::profile::PROVIDER;

/// Result of a call to HighLevel.
pub type Result<T> = std::result::Result<T, Error>;

/// The URLs of HighLevel and the identity of our app.
#[derive(Clone)]
pub struct Settings {
    /// URL of the API.
    pub base: Url,
    /// URL of the consent page's host.
    pub marketplace: Url,
    /// URL of the consent page's host for agencies that open HighLevel under their own domain.
    pub white_label: Url,
    /// Client id of the marketplace app.
    pub client_id: String,
    /// Client secret.
    pub client_secret: SecretString,
    /// App id (the part of the client id before its first `-`).
    pub app_id: String,
}

/// HighLevel, as seen by one marketplace app. Cheap to clone.
#[derive(Clone)]
pub struct Ghl {
    pub(crate) http: Outbound,
    pub(crate) settings: Settings,
}

/// The token of a call, the rate window in which it counts, and the tenant it is made for.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// Access token or private integration token.
    pub token: &'a SecretString,
    /// Company or location to which the *token* belongs: HighLevel counts calls per app and resource.
    pub resource: &'a str,
    /// The tenant and the work that the call is made for.
    pub about: &'a CallContext,
}

/// The input of an operation, except the token.
#[derive(Default)]
pub(crate) struct Parts<'a> {
    pub ids: &'a [&'a str],
    pub query: &'a [(&'a str, &'a str)],
    pub body: Option<Body>,
}

impl Ghl {
    /// One of the profiles of `http` must be [`crate::profile()`] of `settings.base`.
    pub fn new(http: Outbound, settings: Settings) -> Self {
        Self { http, settings }
    }

    /// The id of our marketplace app.
    pub fn app_id(&self) -> &str {
        &self.settings.app_id
    }

    /// The client that carries the calls to all providers.
    pub fn outbound(&self) -> &Outbound {
        &self.http
    }

    /// The key under which all calls with tokens of this company or location count.
    pub fn rate_key(&self, resource: &str) -> RateKey {
        RateKey { window: PROVIDER, id: format!("{}:{resource}", self.settings.app_id) }
    }

    /// Permission to repeat a failed call for the agency of `about`, or how long until it is allowed. Always
    /// permitted without an agency.
    pub fn repeat(&self, about: &CallContext) -> std::result::Result<(), Duration> {
        about.agency.map_or(Ok(()), |agency| self.http.repeat(PROVIDER, agency))
    }

    /// The open circuit breakers of all providers, and how many have opened since the process started.
    pub fn open_circuits(&self) -> (Vec<outbound::OpenCircuit>, u64) {
        self.http.open_circuits()
    }

    pub(crate) fn request(&self, op: &'static Op, parts: Parts<'_>) -> Result<Request> {
        let url = outbound::address(&self.settings.base, op.path, parts.ids, parts.query)
            .map_err(|bad| Error::unfit(op, &bad.to_string()))?;
        let mut headers = vec![("accept", "application/json".to_owned())];
        headers.extend(op.version.map(|version| ("version", version.to_owned())));
        Ok(Request {
            provider: PROVIDER,
            operation: op.name,
            endpoint: op.path,
            method: op.method.clone(),
            url,
            headers,
            bearer: None,
            body: parts.body.unwrap_or(Body::Empty),
            fresh: !op.repeatable,
            rate_key: None,
        })
    }

    /// Sends a request. Every response other than 2xx is an error.
    pub(crate) async fn send(&self, op: &'static Op, request: Request, about: &CallContext) -> Result<Answer> {
        let answer = self.http.send(request, about).await.map_err(|failure| Error::transport(op, &failure))?;
        if answer.status.is_success() { Ok(answer) } else { Err(Error::answered(op, &answer)) }
    }

    pub(crate) async fn answer(&self, op: &'static Op, call: Call<'_>, parts: Parts<'_>) -> Result<Answer> {
        let mut request = self.request(op, parts)?;
        request.bearer = Some(call.token.clone());
        request.rate_key = Some(self.rate_key(call.resource));
        self.send(op, request, call.about).await
    }

    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        op: &'static Op,
        call: Call<'_>,
        parts: Parts<'_>,
    ) -> Result<T> {
        let answer = self.answer(op, call, parts).await?;
        read(op, &answer)
    }

    /// Deletes something. If it no longer exists, that counts as success.
    pub(crate) async fn remove(&self, op: &'static Op, call: Call<'_>, parts: Parts<'_>) -> Result<()> {
        match self.answer(op, call, parts).await {
            Ok(_) => Ok(()),
            Err(error) if is_gone(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// HighLevel answers a second deletion with 404, or with 400 and "… not found".
fn is_gone(error: &Error) -> bool {
    error.kind == Kind::NotFound || (error.status == Some(400) && error.message.to_lowercase().contains("not found"))
}

/// Parses a 2xx response. If it cannot be parsed, the result is `Unclear`, because the call was executed.
pub(crate) fn read<T: DeserializeOwned>(op: &'static Op, answer: &Answer) -> Result<T> {
    debug_assert!(answer.status.is_success() || answer.status == StatusCode::NOT_FOUND);
    // The parser's message may quote the body; line and column are enough.
    serde_json::from_slice(&answer.body).map_err(|error| {
        let why = format!("{:?} at line {} column {}", error.classify(), error.line(), error.column());
        Error::unreadable(op, answer, &why)
    })
}

pub(crate) fn json(op: &'static Op, value: &impl Serialize) -> Result<Option<Body>> {
    let text = serde_json::to_vec(value).map_err(|_| Error::unfit(op, "the request cannot be written as JSON"))?;
    Ok(Some(Body::Json(text)))
}
