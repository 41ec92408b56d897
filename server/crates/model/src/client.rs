//! How does a conversation reach a language model? Every call goes through this module.

use http::Method;
use outbound::{Answer, Body, CallContext, Outbound, Quota, RateKey};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::sync::{mpsc, watch};
use url::Url;

use crate::conversation::{Reply, Request, tokens};
use crate::error::Error;
use crate::price::Prices;
use crate::profile::{PROVIDER, WINDOW};
use crate::stream::Arriving;
use crate::{anthropic, loose, openai};

/// Pieces of an answer that may wait to be read.
const CHUNKS: usize = 16;
/// Statuses with which a provider refuses what it does not know, such as a stream.
const NOT_UNDERSTOOD: [u16; 2] = [400, 422];

/// Whose API the model speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Chat completions, as OpenAI and many others.
    OpenAi,
    /// Anthropic's messages.
    Anthropic,
}

impl Provider {
    /// The word for it in settings, logs and traces.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
        }
    }
}

/// Which model is called, and where. All of it comes from the settings of the installation.
#[derive(Clone)]
pub struct Settings {
    /// Whose API it speaks.
    pub provider: Provider,
    /// Address of the API: for chat completions with its version, such as `https://api.openai.com/v1`, for Anthropic
    /// without.
    pub base: Url,
    /// Key of the API; `None` for a model that needs none.
    pub key: Option<SecretString>,
    /// Name of the model.
    pub model: String,
    /// What it costs; `None` if nobody said so.
    pub prices: Option<Prices>,
}

/// A language model. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: Outbound,
    settings: Settings,
}

impl Client {
    /// `http` must know the [`crate::profile()`] of these settings.
    #[must_use]
    pub fn new(http: Outbound, settings: Settings) -> Self {
        Self { http, settings }
    }

    /// Whose API the model speaks.
    #[must_use]
    pub fn provider(&self) -> Provider {
        self.settings.provider
    }

    /// Name of the model, as the settings have it.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.settings.model
    }

    /// What a call costs in millionths of a US dollar; `None` if that is not known. Without tokens it costs nothing.
    #[must_use]
    pub fn cost(&self, prompt_tokens: u32, completion_tokens: u32) -> Option<i64> {
        let is_free = prompt_tokens == 0 && completion_tokens == 0;
        let paid = self.settings.prices.map(|prices| prices.cost(prompt_tokens, completion_tokens));
        paid.or(is_free.then_some(0))
    }

    /// Permission to repeat a failed call for the agency of `about`, or how long until it is allowed. Always permitted
    /// without an agency.
    ///
    /// # Errors
    /// The time until a repetition is allowed.
    pub fn repeat(&self, about: &CallContext) -> Result<(), std::time::Duration> {
        about.agency.map_or(Ok(()), |agency| self.http.repeat(PROVIDER, agency))
    }

    /// Asks once. A call changes nothing at the provider, so it may be repeated, but each one costs money.
    ///
    /// # Errors
    /// Why there is no whole answer; an empty one is an answer.
    pub async fn answer(&self, request: &Request, about: &CallContext) -> Result<Reply, Error> {
        self.noted(self.ask(request, about).await)
    }

    /// Like [`Client::answer`], but tells `said` the text so far while it is written. It is as foreign as the reply, which alone
    /// counts. A provider that cannot stream is asked for a whole answer.
    ///
    /// # Errors
    /// Why there is no whole answer, however much was told.
    pub async fn answer_streamed(
        &self,
        request: &Request,
        about: &CallContext,
        said: &watch::Sender<String>,
    ) -> Result<Reply, Error> {
        self.noted(self.ask_streamed(request, about, said).await)
    }

    fn noted(&self, replied: Result<Reply, Error>) -> Result<Reply, Error> {
        if let Err(error) = &replied {
            let (provider, error) = (self.settings.provider.key(), error.key());
            tracing::warn!(event = "model.unanswered", provider, error, "The language model gave no answer.");
        }
        replied
    }

    async fn ask(&self, request: &Request, about: &CallContext) -> Result<Reply, Error> {
        let sent = self.request(request, about, false)?;
        let answer = self.http.send(sent, about).await.map_err(|failure| Error::transport(&failure))?;
        let reply = self.read(&answer)?;
        Ok(counted(reply, request))
    }

    async fn ask_streamed(
        &self,
        request: &Request,
        about: &CallContext,
        said: &watch::Sender<String>,
    ) -> Result<Reply, Error> {
        let sent = self.request(request, about, true)?;
        let mut arriving = match self.settings.provider {
            Provider::OpenAi => Arriving::chat_completion(),
            Provider::Anthropic => Arriving::message(),
        };
        let (chunks, arrived) = mpsc::channel(CHUNKS);
        let (answer, ()) = tokio::join!(self.http.stream(sent, about, chunks), arriving.read(arrived, said));
        let quota = match answer {
            // What the model ended is whole, although the connection was not closed in time.
            Err(_) if arriving.is_whole() => Quota::default(),
            Err(failure) => return Err(Error::transport(&failure)),
            Ok(answer) if answer.status.is_success() => answer.quota,
            Ok(answer) => {
                let refused = self.read(&answer);
                let may_be_the_stream = NOT_UNDERSTOOD.contains(&answer.status.as_u16());
                let is_refused = refused == Err(Error::Refused);
                return if may_be_the_stream && is_refused { self.ask(request, about).await } else { refused };
            }
        };
        Ok(counted(self.reply(arriving.body()?, &quota)?, request))
    }

    fn request(&self, request: &Request, about: &CallContext, streamed: bool) -> Result<outbound::Request, Error> {
        let Settings { provider, base, key, model, .. } = &self.settings;
        let accept = if streamed { "text/event-stream, application/json" } else { "application/json" };
        let mut headers = vec![("accept", accept.to_owned())];
        let (endpoint, body, bearer) = match provider {
            Provider::OpenAi => (openai::ENDPOINT, openai::body(request, model, base), key.clone()),
            Provider::Anthropic => {
                headers.push(("anthropic-version", anthropic::VERSION.to_owned()));
                headers.extend(key.iter().map(|key| ("x-api-key", key.expose_secret().to_owned())));
                (anthropic::ENDPOINT, anthropic::body(request, model), None)
            }
        };
        let body = match provider {
            _ if !streamed => body,
            Provider::OpenAi => openai::streamed(body),
            Provider::Anthropic => anthropic::streamed(body),
        };
        Ok(outbound::Request {
            provider: PROVIDER,
            operation: "answer",
            endpoint,
            method: Method::POST,
            // An address to which no path can be added is no address of an API.
            url: outbound::address(base, endpoint, &[], &[]).map_err(|_| Error::Refused)?,
            headers,
            bearer,
            body: Body::Json(body.to_string().into_bytes()),
            fresh: false,
            rate_key: about.agency.map(|agency| RateKey { window: WINDOW, id: agency.to_string() }),
        })
    }

    fn read(&self, answer: &Answer) -> Result<Reply, Error> {
        let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
        if !answer.status.is_success() {
            return Err(Error::answered(answer.status, &body.unwrap_or_default(), &answer.quota));
        }
        self.reply(body.ok_or(Error::Malformed)?, &answer.quota)
    }

    /// Reads the body of a 2xx answer.
    fn reply(&self, body: Value, quota: &Quota) -> Result<Reply, Error> {
        let body = loose::without_nul(body);
        match (Error::inside(&body, quota), self.settings.provider) {
            (Some(error), _) => Err(error),
            (None, Provider::OpenAi) => openai::read(&body),
            (None, Provider::Anthropic) => anthropic::read(&body),
        }
    }
}

/// The reply with an estimate where the provider did not count, because a budget of tokens must hold at every provider.
fn counted(reply: Reply, request: &Request) -> Reply {
    let called: usize = reply.calls.iter().map(|call| call.name.len() + call.arguments.to_string().len()).sum();
    let said = reply.text.len() + called;
    Reply {
        prompt_tokens: if reply.prompt_tokens == 0 { request.tokens() } else { reply.prompt_tokens },
        completion_tokens: if reply.completion_tokens == 0 { tokens(said) } else { reply.completion_tokens },
        ..reply
    }
}
