//! How does a call reach Meta? Sends an operation of the table and reads its answer; every call goes through this module.

use bytes::Bytes;
use outbound::{Answer, Body, CallContext, Outbound, Request};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use url::Url;

use crate::error::Error;
use crate::ops::{Host, Op};
use crate::page_of::{self, LIMIT, MOST_PAGES, PageOf};
use crate::profile::{MEDIA_PROVIDER, PROVIDER};
use crate::proof::appsecret_proof;
use crate::settings::Settings;
use crate::tolerant::flag;
use crate::usage::Usage;

/// Result of a call to Meta.
pub type Result<T> = std::result::Result<T, Error>;

/// Meta, as seen by our apps. Cheap to clone.
#[derive(Clone)]
pub struct Meta {
    pub(crate) http: Outbound,
    pub(crate) settings: Settings,
}

/// The login that gave a token. It decides the host and whether a proof is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// Facebook Login: tokens of people, pages and WhatsApp accounts, and of Instagram accounts linked to a page.
    Facebook,
    /// Instagram Login, which needs no page.
    Instagram,
}

/// The token of a call, and the tenant it is made for.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The token of exactly the asset that the call is about: a page's calls need the page's token.
    pub token: &'a SecretString,
    /// The login that gave it.
    pub login: Login,
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

/// An answer of which only the success matters.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Done {
    #[serde(deserialize_with = "flag")]
    success: Option<bool>,
}

impl Meta {
    /// `http` must know both [`crate::profiles()`] of these settings.
    pub fn new(http: Outbound, settings: Settings) -> Self {
        Self { http, settings }
    }

    /// The addresses and apps that are used.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The client that carries the calls to all providers.
    pub fn outbound(&self) -> &Outbound {
        &self.http
    }

    /// Permission to repeat a failed call for the agency of `about`, or how long until it is allowed. Always permitted
    /// without an agency.
    pub fn repeat(&self, about: &CallContext) -> std::result::Result<(), std::time::Duration> {
        about.agency.map_or(Ok(()), |agency| self.http.repeat(PROVIDER, agency))
    }

    /// The proof that our server makes a call with this Facebook token.
    pub(crate) fn proof(&self, token: &SecretString) -> String {
        appsecret_proof(&self.settings.app_secret, token)
    }

    /// The token of our Meta app itself.
    pub(crate) fn app_token(&self) -> SecretString {
        format!("{}|{}", self.settings.app_id, self.settings.app_secret.expose_secret()).into()
    }

    fn url(&self, op: &'static Op, login: Login, parts: &Parts<'_>) -> Result<Url> {
        let settings = &self.settings;
        let bad = |bad: outbound::BadId| Error::unfit(op, &bad.to_string());
        let base = match (op.host, login) {
            (Host::InstagramToken, _) => return Ok(settings.instagram.token.clone()),
            (Host::InstagramRoot, _) => settings.instagram.graph.clone(),
            (Host::Login, Login::Facebook) => versioned(&settings.graph, &settings.version),
            (Host::Login, Login::Instagram) => versioned(&settings.instagram.graph, &settings.version),
        };
        outbound::address(&base, op.path, parts.ids, parts.query).map_err(bad)
    }

    /// A request without a token.
    pub(crate) fn request(&self, op: &'static Op, login: Login, parts: Parts<'_>) -> Result<Request> {
        Ok(Request {
            provider: PROVIDER,
            operation: op.name,
            endpoint: op.path,
            method: op.method.clone(),
            url: self.url(op, login, &parts)?,
            headers: vec![("accept", "application/json".to_owned())],
            bearer: None,
            body: parts.body.unwrap_or(Body::Empty),
            fresh: !op.repeatable,
            rate_key: None,
        })
    }

    /// A request with the token of the call, and the proof that belongs to it.
    pub(crate) fn signed(&self, op: &'static Op, call: Call<'_>, parts: Parts<'_>) -> Result<Request> {
        let mut request = self.request(op, call.login, parts)?;
        if call.login == Login::Facebook {
            request.url.query_pairs_mut().append_pair("appsecret_proof", &self.proof(call.token));
        }
        request.bearer = Some(call.token.clone());
        Ok(request)
    }

    /// Sends a request. Every answer other than 2xx is an error.
    pub(crate) async fn send(&self, op: &'static Op, request: Request, about: &CallContext) -> Result<Answer> {
        let answer = self.http.send(request, about).await.map_err(|failure| Error::transport(op, &failure))?;
        accepted(op, answer)
    }

    /// Sends a request about a file, under the profile of files.
    pub(crate) async fn send_file(&self, op: &'static Op, mut request: Request, about: &CallContext) -> Result<Answer> {
        request.provider = MEDIA_PROVIDER;
        self.send(op, request, about).await
    }

    /// Sends a request about a file and gives its pieces to `chunks`.
    pub(crate) async fn stream(
        &self,
        op: &'static Op,
        mut request: Request,
        about: &CallContext,
        chunks: mpsc::Sender<Bytes>,
    ) -> Result<Answer> {
        request.provider = MEDIA_PROVIDER;
        let answer = self.http.stream(request, about, chunks).await;
        accepted(op, answer.map_err(|failure| Error::transport(op, &failure))?)
    }

    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        op: &'static Op,
        call: Call<'_>,
        parts: Parts<'_>,
    ) -> Result<T> {
        let request = self.signed(op, call, parts)?;
        let answer = self.send(op, request, call.about).await?;
        read(op, &answer)
    }

    /// A call of which only the success matters.
    pub(crate) async fn act(&self, op: &'static Op, call: Call<'_>, parts: Parts<'_>) -> Result<()> {
        let request = self.signed(op, call, parts)?;
        let answer = self.send(op, request, call.about).await?;
        let done: Done = read(op, &answer)?;
        if done.success == Some(false) { Err(Error::unsuccessful(op, &answer)) } else { Ok(()) }
    }

    /// One page of a list, from a cursor on.
    pub(crate) async fn page<T: DeserializeOwned>(
        &self,
        op: &'static Op,
        call: Call<'_>,
        parts: Parts<'_>,
        after: Option<&str>,
    ) -> Result<PageOf<T>> {
        let query: Vec<_> =
            parts.query.iter().copied().chain([LIMIT]).chain(after.map(|cursor| ("after", cursor))).collect();
        let parts = Parts { query: &query, ..parts };
        let answer: page_of::Answer<T> = self.call(op, call, parts).await?;
        Ok(answer.into())
    }

    /// Every entry of a list, read page by page.
    pub(crate) async fn every<T: DeserializeOwned>(
        &self,
        op: &'static Op,
        call: Call<'_>,
        ids: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Vec<T>> {
        let (mut all, mut cursor) = (Vec::new(), None::<String>);
        for _ in 0..MOST_PAGES {
            let page = self.page(op, call, Parts { ids, query, body: None }, cursor.as_deref()).await?;
            all.extend(page.items);
            if page.next.is_none() || page.next == cursor {
                break;
            }
            cursor = page.next;
        }
        Ok(all)
    }
}

/// The base with the version as its last segment.
pub(crate) fn versioned(base: &Url, version: &str) -> Url {
    let mut base = base.clone();
    if let Ok(mut segments) = base.path_segments_mut() {
        segments.pop_if_empty().push(version);
    }
    base
}

fn accepted(op: &'static Op, answer: Answer) -> Result<Answer> {
    let usage = Usage::read(&answer.headers);
    if usage.is_high() {
        let percent = usage.percent;
        tracing::warn!(event = "meta.usage_high", operation = op.name, percent, "Meta's limit is nearly used up.");
    }
    if answer.status.is_success() { Ok(answer) } else { Err(Error::answered(op, &answer)) }
}

/// Parses a 2xx answer. If it cannot be parsed, the result is `Unclear`, because the call was executed.
pub(crate) fn read<T: DeserializeOwned>(op: &'static Op, answer: &Answer) -> Result<T> {
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
