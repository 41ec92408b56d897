//! Says how each provider may be called: hosts, rate limits, deadlines, size limit, tolerance of failures and the kinds
//! of transfer. The client enforces all of it.

use std::collections::BTreeSet;
use std::time::Duration;

use url::{Host, Url};

use crate::breaker::Tolerance;
use crate::report::Priority;
use crate::request::Request;
use crate::slots::Limits;

/// All providers that may be called.
#[derive(Clone, Debug)]
pub struct Config {
    /// One profile for each provider.
    pub profiles: Vec<Profile>,
    /// In production only https is allowed; elsewhere a loopback host may use plain http.
    pub production: bool,
}

/// The fixed settings of one provider. Hosts and domains never come from a request, a tenant or a response.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Key of the provider in requests, in the call log and in metrics.
    pub key: &'static str,
    /// URLs whose origin (scheme, host, port) may be called.
    pub hosts: Vec<Url>,
    /// Domains below which any host may be called, too: over https, at its usual port and at public addresses alone.
    pub domains: &'static [&'static str],
    /// The rate limits; empty if the provider has none.
    pub windows: Vec<RateWindow>,
    /// How long a call may take.
    pub deadlines: Deadlines,
    /// Size limit in bytes. A larger response is cut off and counts as unreadable.
    pub max_response: usize,
    /// How many failures are tolerated before calls are blocked.
    pub tolerance: Tolerance,
    /// Whether a response may be passed on while it arrives.
    pub streaming: bool,
    /// Whether a request may have a multipart body.
    pub multipart: bool,
}

/// Time limits of a provider's calls.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// For establishing the connection, including TLS.
    pub connect: Duration,
    /// While a person waits: from the wait for a rate-limit slot to the last byte of the response.
    pub interactive: Duration,
    /// The same while nobody waits. No call may take longer than this.
    pub background: Duration,
}

/// A rate limit that a provider applies to each key: to each location, company or app, for example.
#[derive(Clone, Debug)]
pub struct RateWindow {
    /// Name of the window. The stored keys begin with it, so no other window may have it, whatever its provider.
    pub name: &'static str,
    /// Calls allowed per interval.
    pub burst: u32,
    /// Length of the interval.
    pub interval: Duration,
    /// Calls allowed per day; `None` if any number.
    pub daily: Option<u32>,
}

/// A profile that cannot be used, or an HTTP client that could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BadConfig {
    /// The URL is neither https nor, outside production, loopback.
    #[error("{0} must be https (plain http is allowed for loopback outside production)")]
    Host(String),
    /// Two providers have the same key.
    #[error("two providers are called {0}")]
    Provider(&'static str),
    /// Two rate windows would share stored keys.
    #[error("the rate windows {0} and {1} would share their keys")]
    Window(&'static str, &'static str),
    /// The HTTP client could not be built.
    #[error("the HTTP client did not start: {0}")]
    Client(String),
}

impl Config {
    pub(crate) fn check(&self) -> Result<(), BadConfig> {
        let mut keys = BTreeSet::new();
        for profile in &self.profiles {
            profile.hosts.iter().try_for_each(|host| check_host(host, self.production))?;
            if !keys.insert(profile.key) {
                return Err(BadConfig::Provider(profile.key));
            }
        }
        let names: Vec<_> = self.profiles.iter().flat_map(|one| &one.windows).map(|window| window.name).collect();
        for (at, &one) in names.iter().enumerate() {
            for (other_at, &other) in names.iter().enumerate() {
                if at != other_at && shares_keys(one, other) {
                    return Err(BadConfig::Window(one, other));
                }
            }
        }
        Ok(())
    }
}

fn check_host(host: &Url, production: bool) -> Result<(), BadConfig> {
    let allowed = match host.scheme() {
        "https" => host.has_host(),
        "http" => !production && is_loopback(host),
        _ => false,
    };
    if !allowed || !host.username().is_empty() || host.password().is_some() {
        return Err(BadConfig::Host(host.origin().ascii_serialization()));
    }
    Ok(())
}

/// True if a stored key of the window `one` could be one of the window `other`: keys are `name:id`.
fn shares_keys(one: &str, other: &str) -> bool {
    one.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

impl Profile {
    /// A provider without rate limits, streams and multipart bodies: 5 s to connect, 45 s in total (20 s while a
    /// person waits), responses up to 10 MiB.
    #[must_use]
    pub fn new(key: &'static str, hosts: Vec<Url>) -> Self {
        let secs = Duration::from_secs;
        Self {
            key,
            hosts,
            domains: &[],
            windows: Vec::new(),
            deadlines: Deadlines { connect: secs(5), interactive: secs(20), background: secs(45) },
            max_response: 10 * 1024 * 1024,
            tolerance: Tolerance::default(),
            streaming: false,
            multipart: false,
        }
    }

    /// The same for a build in which time runs faster: every wait is divided by `by`, and more calls fit into a day.
    /// The deadline of background calls allows for the slowness of the machine, so it is divided by `guarded`. A person
    /// waits as long as ever.
    #[must_use]
    pub fn faster(mut self, by: f64, guarded: f64) -> Self {
        for window in &mut self.windows {
            window.interval = window.interval.div_f64(by);
            window.daily = window.daily.map(|calls| (f64::from(calls) * by) as u32);
        }
        self.deadlines.background = self.deadlines.background.div_f64(guarded);
        self.tolerance = self.tolerance.faster(by);
        self
    }

    /// Whether the address is at one of the hosts, not only below one of the domains.
    pub(crate) fn names(&self, url: &Url) -> bool {
        self.hosts.iter().any(|host| host.origin() == url.origin())
    }

    /// Why the provider must not be sent this request, if it must not.
    pub(crate) fn refuses(&self, request: &Request, streamed: bool) -> Option<&'static str> {
        let is_ours = self.names(&request.url) || is_below(&request.url, self.domains);
        let window = |name| self.windows.is_empty() || self.windows.iter().any(|window| window.name == name);
        match request {
            _ if !is_ours => Some("this host is not one we may call"),
            _ if streamed && !self.streaming => Some("the profile of this provider allows no streams"),
            _ if request.body.is_multipart() && !self.multipart => {
                Some("the profile of this provider allows no multipart bodies")
            }
            Request { rate_key: Some(key), .. } if !window(key.window) => {
                Some("the profile of this provider has no such rate window")
            }
            _ => None,
        }
    }
}

/// Whether an address is https, at the usual port, without a login, and at one of these domains or a host below it.
#[must_use]
pub fn is_below(url: &Url, domains: &[&str]) -> bool {
    let Some(Host::Domain(name)) = url.host() else { return false };
    let is_plain = url.scheme() == "https" && url.port().is_none();
    let is_anonymous = url.username().is_empty() && url.password().is_none();
    let is_in = |domain: &&str| name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    is_plain && is_anonymous && domains.iter().any(is_in)
}

impl Deadlines {
    pub(crate) fn of(&self, priority: Priority) -> Duration {
        match priority {
            Priority::Interactive => self.interactive,
            Priority::Background => self.background,
        }
    }
}

impl RateWindow {
    /// The limits of each key. A call that is never answered holds its slot for as long as a call may take.
    pub(crate) fn limits(&self, deadlines: Deadlines) -> Limits {
        Limits {
            burst: self.burst,
            interval: self.interval,
            daily: self.daily.unwrap_or(u32::MAX),
            hold: deadlines.background,
        }
    }
}

#[cfg(test)]
mod tests;
