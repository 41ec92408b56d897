//! Configuration of outbound calls: allowed hosts, deadlines and size limits.

use std::time::Duration;

use url::{Host, Url};

use crate::breaker::Tolerance;

/// The client's fixed settings. Hosts never come from a request, a tenant or a response.
#[derive(Clone, Debug)]
pub struct Config {
    /// Time limit for establishing the connection, including TLS.
    pub connect: Duration,
    /// Time limit from the wait for a rate-limit slot to the last byte of the response.
    pub total: Duration,
    /// The same while a person waits.
    pub interactive_total: Duration,
    /// Size limit in bytes. A larger response is cut off and counts as unreadable.
    pub max_response: usize,
    /// URLs whose origin (scheme, host, port) may be called.
    pub hosts: Vec<Url>,
    /// In production only https is allowed; elsewhere a loopback host may use plain http.
    pub production: bool,
    /// Refuses TLS 1.2 as well.
    pub tls13_only: bool,
    /// How many failures are tolerated before calls are blocked.
    pub tolerance: Tolerance,
}

/// A host that may not be called, or an HTTP client that could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BadConfig {
    /// The URL is neither https nor, outside production, loopback.
    #[error("{0} must be https (plain http is allowed for loopback outside production)")]
    Host(String),
    /// The HTTP client could not be built.
    #[error("the HTTP client did not start: {0}")]
    Client(String),
}

impl Config {
    /// Defaults: 5 s to connect, 45 s in total (20 s while a person waits), responses up to 10 MiB.
    pub fn new(hosts: Vec<Url>, production: bool) -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(45),
            interactive_total: Duration::from_secs(20),
            max_response: 10 * 1024 * 1024,
            hosts,
            production,
            tls13_only: false,
            tolerance: Tolerance::default(),
        }
    }

    pub(crate) fn check(&self) -> Result<(), BadConfig> {
        for host in &self.hosts {
            let allowed = match host.scheme() {
                "https" => host.has_host(),
                "http" => !self.production && is_loopback(host),
                _ => false,
            };
            if !allowed || !host.username().is_empty() || host.password().is_some() {
                return Err(BadConfig::Host(host.origin().ascii_serialization()));
            }
        }
        Ok(())
    }

    pub(crate) fn allows(&self, url: &Url) -> bool {
        self.hosts.iter().any(|host| host.origin() == url.origin())
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, production: bool) -> bool {
        let hosts = vec![Url::parse(address).unwrap()];
        Config::new(hosts, production).check().is_ok()
    }

    #[test]
    fn plain_http_is_for_loopback_outside_production() {
        assert!(check("https://services.example.com", true));
        assert!(check("http://127.0.0.1:4700", false));
        assert!(check("http://[::1]:4700", false));
        assert!(check("http://localhost:4700", false));
        for (address, production) in [
            ("http://127.0.0.1:4700", true),
            ("http://services.example.com", false),
            ("http://localhost.example.com", false),
            ("ftp://127.0.0.1", false),
            ("file:///etc/passwd", false),
            ("https://user:secret@services.example.com", false),
        ] {
            assert!(!check(address, production), "{address}");
        }
    }

    #[test]
    fn only_the_very_origin_is_allowed() {
        let config = Config::new(vec![Url::parse("https://a.example/x").unwrap()], true);
        let allows = |address| config.allows(&Url::parse(address).unwrap());
        assert!(allows("https://a.example/y?z"));
        for other in [
            "http://a.example/y",
            "https://a.example:8443/y",
            "https://b.a.example/y",
            "https://a.example@evil.example/",
        ] {
            assert!(!allows(other), "{other}");
        }
    }
}
