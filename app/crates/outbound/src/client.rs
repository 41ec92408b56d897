//! Makes calls to all providers. Each call goes through its provider and ends as one line in the call log. The outcome
//! depends on what is known about the *sending*, see `Failure`. A redirect counts as a response and is never followed.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc::Sender;
use url::Url;
use uuid::Uuid;

use crate::circuit_breakers::OpenCircuit;
use crate::deadline::now;
use crate::failure::Failure;
use crate::profile::{BadConfig, Config};
use crate::provider::{Provider, is_failure};
use crate::public_hosts::{PublicAnswer, PublicHosts, PublicPost, Unreached};
use crate::public_page::{PageBytes, PageRequest};
use crate::report::{CallContext, CallRecorder, Report};
use crate::request::{Answer, Request};
use crate::slots::Ledger;

/// The one HTTP client for all outside platforms. Cheap to clone.
#[derive(Clone)]
pub struct Outbound(Arc<Inner>);

struct Inner {
    providers: HashMap<&'static str, Provider>,
    public_hosts: PublicHosts,
    calls: Arc<dyn CallRecorder>,
}

impl Outbound {
    /// Creates the client. Profiles cannot change afterwards.
    pub fn new(config: Config, ledger: Arc<dyn Ledger>, calls: Arc<dyn CallRecorder>) -> Result<Self, BadConfig> {
        config.check()?;
        let public_hosts = PublicHosts::new(&config)?;
        let made = config.profiles.into_iter().map(|profile| Provider::new(profile, &ledger));
        let providers = made.map(|made| made.map(|provider| (provider.key(), provider)));
        Ok(Self(Arc::new(Inner { providers: providers.collect::<Result<_, BadConfig>>()?, public_hosts, calls })))
    }

    /// Sends once. Every response is `Ok`, whatever its status.
    pub async fn send(&self, request: Request, about: &CallContext) -> Result<Answer, Failure> {
        self.call(request, about, None).await
    }

    /// Like `send`, but passes the body of a 2xx response to `chunks` as it arrives; the answer then has none. Deadline
    /// and size limit hold for the whole response, so the receiver must keep up. When the receiver is dropped, the rest
    /// is not read.
    pub async fn stream(
        &self,
        request: Request,
        about: &CallContext,
        chunks: Sender<Bytes>,
    ) -> Result<Answer, Failure> {
        self.call(request, about, Some(chunks)).await
    }

    async fn call(
        &self,
        request: Request,
        about: &CallContext,
        chunks: Option<Sender<Bytes>>,
    ) -> Result<Answer, Failure> {
        let mut report = Report::begin(self.0.calls.as_ref(), &request, about);
        let Some(provider) = self.0.providers.get(request.provider) else {
            let done = Err(Failure::NotSent("this provider has no profile".into()));
            report.result(&done);
            return done;
        };
        let repeatable = !request.fresh;
        let (done, probed) = provider.attempt(request, about, chunks).await;
        report.result(&done);
        match probed {
            // The caller did not ask for the probe. If its failure cannot have had an effect, the caller waits
            // like all others.
            Some(counted) if is_failure(&done) && (repeatable || matches!(done, Err(Failure::NotSent(_)))) => {
                Err(Failure::Held { until: now() + provider.probe_interval(), why: counted.to_string() })
            }
            _ => done,
        }
    }

    /// Posts to an address that a person typed, which no profile knows. Such calls have no breaker, budget or line in the
    /// call log: whoever makes them keeps a log of their own.
    pub async fn post_public(&self, post: PublicPost<'_>) -> Result<PublicAnswer, Unreached> {
        self.0.public_hosts.post(post).await
    }

    /// Reads a page whose address a person typed, as [`Outbound::post_public`] posts to one. A redirect is an answer.
    pub async fn read_public(&self, page: PageRequest<'_>) -> Result<PageBytes, Unreached> {
        self.0.public_hosts.read(page).await
    }

    /// Whether an address that a person typed may be called, as far as its text tells.
    pub fn permits_public(&self, url: &Url) -> bool {
        self.0.public_hosts.permits(url)
    }

    /// Permission to repeat a call that failed for an agency, or how long until it is allowed. Ask before every
    /// retry: at most a tenth of the number of calls to this provider may be repeats.
    pub fn repeat(&self, provider: &str, agency: Uuid) -> Result<(), Duration> {
        self.0.providers.get(provider).map_or(Ok(()), |provider| provider.breakers.repeat(agency))
    }

    /// The open circuit breakers of all providers, and how many have opened since the process started.
    pub fn open_circuits(&self) -> (Vec<OpenCircuit>, u64) {
        let (mut open, mut opened) = (Vec::new(), 0);
        for provider in self.0.providers.values() {
            let (now_open, so_far) = provider.breakers.open_circuits();
            open.extend(now_open);
            opened += so_far;
        }
        (open, opened)
    }
}
