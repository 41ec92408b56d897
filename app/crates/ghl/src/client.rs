//! How is an operation of the table sent and its answer read. Everything that talks to HighLevel passes here.

use std::time::Duration;

use http::StatusCode;
use outbound::{About, Answer, Body, Outbound, Request};
use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::error::{Error, Kind};
use crate::ops::Op;

/// Our name of HighLevel in the call log.
const PROVIDER: &str = "ghl";

/// Result of a call to HighLevel.
pub type Result<T> = std::result::Result<T, Error>;

/// Where HighLevel is, and as which app we come.
#[derive(Clone)]
pub struct Settings {
    /// API host.
    pub base: Url,
    /// Consent host.
    pub marketplace: Url,
    /// Consent host for agencies whose HighLevel stands under a domain of their own.
    pub white_label: Url,
    /// Client id of the marketplace app.
    pub client_id: String,
    /// Client secret.
    pub client_secret: SecretString,
    /// App id (the part of the client id before its first `-`).
    pub app_id: String,
}

/// HighLevel, as one marketplace app. Cheap enough to clone.
#[derive(Clone)]
pub struct Ghl {
    pub(crate) http: Outbound,
    pub(crate) settings: Settings,
}

/// Whose token a call uses, which rate window it counts in, and for whom it is.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// Access token or private integration token.
    pub token: &'a SecretString,
    /// Company or location the *token* belongs to: HighLevel counts calls per app and resource.
    pub resource: &'a str,
    /// For whom.
    pub about: &'a About,
}

/// What an operation is called with, beside the token.
#[derive(Default)]
pub(crate) struct Parts<'a> {
    pub ids: &'a [&'a str],
    pub query: &'a [(&'a str, &'a str)],
    pub body: Option<Body>,
}

impl Ghl {
    /// Needs the host of `settings.base` among the client's hosts.
    pub fn new(http: Outbound, settings: Settings) -> Self {
        Self { http, settings }
    }

    /// The marketplace app we are.
    pub fn app_id(&self) -> &str {
        &self.settings.app_id
    }

    /// The window all calls with a token of this company or location share.
    pub fn rate_key(&self, resource: &str) -> String {
        format!("ghl:{}:{resource}", self.settings.app_id)
    }

    /// Leave to repeat something that failed, for whom it is; else how long until there is.
    pub fn repeat(&self, about: &About) -> std::result::Result<(), Duration> {
        about.agency.map_or(Ok(()), |agency| self.http.repeat(PROVIDER, agency))
    }

    /// Agencies HighLevel hardly answers just now, and how often that began since the start.
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

    /// Sends; anything but 2xx is an error.
    pub(crate) async fn send(&self, op: &'static Op, request: Request, about: &About) -> Result<Answer> {
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

    /// A deletion; what is gone already counts as done.
    pub(crate) async fn remove(&self, op: &'static Op, call: Call<'_>, parts: Parts<'_>) -> Result<()> {
        match self.answer(op, call, parts).await {
            Ok(_) => Ok(()),
            Err(error) if is_gone(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// A second deletion is answered 404, or 400 with "… not found".
fn is_gone(error: &Error) -> bool {
    error.kind == Kind::NotFound || (error.status == Some(400) && error.message.to_lowercase().contains("not found"))
}

/// Reads a 2xx. One that cannot be read is `Unclear`: it was executed.
pub(crate) fn read<T: DeserializeOwned>(op: &'static Op, answer: &Answer) -> Result<T> {
    debug_assert!(answer.status.is_success() || answer.status == StatusCode::NOT_FOUND);
    // The parser's own text may quote the body: line and column say enough.
    serde_json::from_slice(&answer.body).map_err(|error| {
        let why = format!("{:?} at line {} column {}", error.classify(), error.line(), error.column());
        Error::unreadable(op, answer, &why)
    })
}

pub(crate) fn json(op: &'static Op, value: &impl Serialize) -> Result<Option<Body>> {
    let text = serde_json::to_vec(value).map_err(|_| Error::unfit(op, "the request cannot be written as JSON"))?;
    Ok(Some(Body::Json(text)))
}
