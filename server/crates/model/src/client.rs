//! How does a conversation reach a language model? Every call goes through this module.

use http::Method;
use outbound::{Answer, Body, CallContext, Outbound, RateKey};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use crate::conversation::{Reply, Request, tokens};
use crate::error::Error;
use crate::price::Prices;
use crate::profile::{PROVIDER, WINDOW};
use crate::{anthropic, loose, openai};

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
        let replied = self.ask(request, about).await;
        if let Err(error) = &replied {
            let (provider, error) = (self.settings.provider.key(), error.key());
            tracing::warn!(event = "model.unanswered", provider, error, "The language model gave no answer.");
        }
        replied
    }

    async fn ask(&self, request: &Request, about: &CallContext) -> Result<Reply, Error> {
        let sent = self.request(request, about)?;
        let answer = self.http.send(sent, about).await.map_err(|failure| Error::transport(&failure))?;
        let reply = self.read(&answer)?;
        Ok(counted(reply, request))
    }

    fn request(&self, request: &Request, about: &CallContext) -> Result<outbound::Request, Error> {
        let Settings { provider, base, key, model, .. } = &self.settings;
        let mut headers = vec![("accept", "application/json".to_owned())];
        let (endpoint, body, bearer) = match provider {
            Provider::OpenAi => (openai::ENDPOINT, openai::body(request, model, base), key.clone()),
            Provider::Anthropic => {
                headers.push(("anthropic-version", anthropic::VERSION.to_owned()));
                headers.extend(key.iter().map(|key| ("x-api-key", key.expose_secret().to_owned())));
                (anthropic::ENDPOINT, anthropic::body(request, model), None)
            }
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
        let body = loose::without_nul(body.ok_or(Error::Malformed)?);
        match (Error::inside(&body, &answer.quota), self.settings.provider) {
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
