//! Calls addresses that a person typed, such as webhook endpoints. Only https and only the public internet: the name
//! is looked up here, every address that it leads to is checked, and the connection goes to one of those that were
//! checked. A redirect counts as an answer and is never followed, and no credentials of ours are sent.

use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::public_address::is_public;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;
use url::{Host, Origin, Url};

use crate::failure::causes;
use crate::profile::{BadConfig, Config, is_loopback};
use crate::slots::Boxed;
use crate::tls::trusting;

/// Bytes of an answer that are kept. The rest is not read.
const KEPT: usize = 1024;

/// A post of JSON to an address that a person typed.
pub struct PublicPost<'a> {
    /// The address.
    pub url: &'a Url,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
    /// How long everything may take.
    pub deadline: Duration,
}

/// The answer to such a post, whatever its status.
#[derive(Debug)]
pub struct PublicAnswer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its first 1024 bytes.
    pub beginning: Vec<u8>,
}

/// Why there was no answer. It never carries the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreached {
    /// The address is not https, or it does not belong to the public internet.
    #[error("the address is not public")]
    NotPublic,
    /// The name is not found.
    #[error("the name is not found")]
    DnsLookupFailed,
    /// No connection.
    #[error("no connection")]
    ConnectionFailed,
    /// The certificate is not valid.
    #[error("the certificate is not valid")]
    TlsFailed,
    /// No answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// The connection ended in the middle.
    #[error("the connection ended in the middle")]
    ConnectionLost,
}

/// Looks a name up.
type Lookup = Arc<dyn Fn(String) -> Boxed<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// The client for addresses that people typed.
pub(crate) struct PublicHosts {
    guarded: reqwest::Client,
    own: reqwest::Client,
    /// Origins on this machine that may be called, too: those of the simulator, outside production.
    exceptions: Vec<Origin>,
}

impl PublicHosts {
    pub(crate) fn new(config: &Config) -> Result<Self, BadConfig> {
        let hosts = config.profiles.iter().flat_map(|profile| &profile.hosts);
        let exceptions = hosts.filter(|host| !config.production && is_loopback(host)).map(Url::origin).collect();
        Self::with(exceptions, Arc::new(|name| Box::pin(look_up(name))))
    }

    fn with(exceptions: Vec<Origin>, lookup: Lookup) -> Result<Self, BadConfig> {
        let guarded = builder()?.https_only(true).dns_resolver(PublicResolver { lookup }).build();
        let own = builder()?.build();
        let failed = |error| BadConfig::Client(causes(&error));
        Ok(Self { guarded: guarded.map_err(failed)?, own: own.map_err(failed)?, exceptions })
    }

    fn is_exception(&self, url: &Url) -> bool {
        self.exceptions.contains(&url.origin())
    }

    /// Whether the address may be called, as far as its text tells. A name is looked up with each call.
    pub(crate) fn permits(&self, url: &Url) -> bool {
        let public = match url.host() {
            Some(Host::Ipv4(address)) => is_public(address.into()),
            Some(Host::Ipv6(address)) => is_public(address.into()),
            Some(Host::Domain(_)) => true,
            None => false,
        };
        let anonymous = url.username().is_empty() && url.password().is_none();
        anonymous && (self.is_exception(url) || (url.scheme() == "https" && public))
    }

    /// The client by which this address may be called.
    pub(crate) fn client(&self, url: &Url) -> Result<&reqwest::Client, Unreached> {
        match self.permits(url) {
            true if self.is_exception(url) => Ok(&self.own),
            true => Ok(&self.guarded),
            false => Err(Unreached::NotPublic),
        }
    }

    pub(crate) async fn post(&self, post: PublicPost<'_>) -> Result<PublicAnswer, Unreached> {
        let client = self.client(post.url)?;
        let deadline = post.deadline;
        let request = build(post).ok_or(Unreached::ConnectionFailed)?;
        tokio::time::timeout(deadline, exchange(client, request)).await.unwrap_or(Err(Unreached::TimedOut))
    }
}

fn build(post: PublicPost<'_>) -> Option<reqwest::Request> {
    let mut request = reqwest::Request::new(Method::POST, post.url.clone());
    for (name, value) in post.headers {
        request.headers_mut().insert(name, HeaderValue::from_str(&value).ok()?);
    }
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    *request.body_mut() = Some(post.body.into());
    Some(request)
}

async fn exchange(client: &reqwest::Client, request: reqwest::Request) -> Result<PublicAnswer, Unreached> {
    let mut response = client.execute(request).await.map_err(|error| why(&error))?;
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let mut beginning = Vec::new();
    while beginning.len() < KEPT {
        match response.chunk().await {
            Ok(Some(chunk)) => beginning.extend_from_slice(&chunk[..chunk.len().min(KEPT - beginning.len())]),
            // The status has been said; a body that breaks off changes nothing.
            Ok(None) | Err(_) => break,
        }
    }
    Ok(PublicAnswer { status, headers, beginning })
}

/// Why there is no answer, from the causes of the client's error.
pub(crate) fn why(error: &reqwest::Error) -> Unreached {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(known) = inner.downcast_ref::<Unreached>() {
            return *known;
        }
        cause = inner.source();
    }
    let text = causes(error).to_lowercase();
    let tls = ["certificate", "tls", "handshake", "alert", "corrupt message"].iter().any(|word| text.contains(word));
    match error {
        _ if error.is_timeout() => Unreached::TimedOut,
        _ if tls => Unreached::TlsFailed,
        _ if error.is_connect() => Unreached::ConnectionFailed,
        _ => Unreached::ConnectionLost,
    }
}

fn builder() -> Result<reqwest::ClientBuilder, BadConfig> {
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .pool_max_idle_per_host(0)
        .user_agent(concat!("Slipway-Webhooks/", env!("CARGO_PKG_VERSION")));
    trusting(builder)
}

/// How many names are looked up at once, for all calls together. A look-up holds a thread until its name server answers or is
/// given up, also when nobody waits for it any more.
pub const MOST_LOOK_UPS: usize = 64;
static LOOK_UPS: Semaphore = Semaphore::const_new(MOST_LOOK_UPS);

async fn look_up(name: String) -> io::Result<Vec<SocketAddr>> {
    let place = LOOK_UPS.acquire().await.map_err(io::Error::other)?;
    let found = tokio::task::spawn_blocking(move || {
        let _place = place;
        (name.as_str(), 0).to_socket_addrs().map(Iterator::collect)
    });
    found.await.map_err(io::Error::other)?
}

/// A client that connects over https to public addresses alone, also where a name leads elsewhere.
pub(crate) fn guarded(builder: reqwest::ClientBuilder) -> reqwest::Result<reqwest::Client> {
    let lookup: Lookup = Arc::new(|name| Box::pin(look_up(name)));
    builder.https_only(true).dns_resolver(PublicResolver { lookup }).build()
}

/// Resolves names to public addresses alone.
struct PublicResolver {
    lookup: Lookup,
}

impl fmt::Debug for PublicResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicResolver")
    }
}

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let found = (self.lookup)(name.as_str().to_owned());
        Box::pin(async move {
            let found = found.await.map_err(|_| Unreached::DnsLookupFailed)?;
            let addresses: Addrs = Box::new(checked(found)?.into_iter());
            Ok(addresses)
        })
    }
}

/// The addresses if all of them are public. A name that leads to one closed address leads nowhere.
fn checked(found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Unreached> {
    match found.iter().all(|address| is_public(address.ip())) {
        _ if found.is_empty() => Err(Unreached::DnsLookupFailed),
        true => Ok(found),
        false => Err(Unreached::NotPublic),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// A lookup that always gives these addresses, and how often it was asked.
    fn lookup(found: &[&str]) -> (Lookup, Arc<AtomicUsize>) {
        let found: Vec<_> = found.iter().map(|address| SocketAddr::new(address.parse().unwrap(), 0)).collect();
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let lookup: Lookup = Arc::new(move |_| {
            counted.fetch_add(1, SeqCst);
            let found = found.clone();
            Box::pin(async move { Ok(found) })
        });
        (lookup, asked)
    }

    fn hosts(found: &[&str]) -> PublicHosts {
        PublicHosts::with(Vec::new(), lookup(found).0).unwrap()
    }

    async fn post(hosts: &PublicHosts, url: &str, deadline: Duration) -> Result<PublicAnswer, Unreached> {
        let url = Url::parse(url).unwrap();
        hosts.post(PublicPost { url: &url, headers: Vec::new(), body: Bytes::from_static(b"{}"), deadline }).await
    }

    const SOON: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_closed_address_is_never_called_however_it_is_written() {
        let hosts = hosts(&["8.8.8.8"]);
        for url in [
            "http://example.com/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[fe80::1]/",
            "https://169.254.169.254/latest/meta-data/",
            "https://10.0.0.7:6379/",
            "https://100.64.0.1/",
            "https://user:password@example.com/",
            "ftp://example.com/",
        ] {
            assert_eq!(post(&hosts, url, SOON).await.unwrap_err(), Unreached::NotPublic, "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_to_a_closed_address_is_never_called() {
        let closed: [&[&str]; 7] = [
            &["127.0.0.1"],
            &["8.8.8.8", "10.0.0.1"],
            &["::1"],
            &["::ffff:10.0.0.1"],
            &["169.254.169.254"],
            &["fd00:ec2::254"],
            &["100.100.100.200"],
        ];
        for found in closed {
            let answer = post(&hosts(found), "https://rebind.example/", SOON).await;
            assert_eq!(answer.unwrap_err(), Unreached::NotPublic, "{found:?}");
        }
        let answer = post(&hosts(&[]), "https://nowhere.example/", SOON).await;
        assert_eq!(answer.unwrap_err(), Unreached::DnsLookupFailed);
    }

    #[tokio::test]
    async fn the_client_connects_to_what_was_checked_and_asks_for_no_second_lookup() {
        let (lookup, asked) = lookup(&["8.8.8.8", "2606:4700:4700::1111"]);
        let resolver = PublicResolver { lookup };
        let addresses: Vec<_> = resolver.resolve("a.example".parse().unwrap()).await.unwrap().collect();
        let addresses: Vec<_> = addresses.iter().map(|address| address.ip().to_string()).collect();
        assert_eq!(addresses, ["8.8.8.8", "2606:4700:4700::1111"]);
        assert_eq!(asked.load(SeqCst), 1);
    }

    /// A server that answers each connection with this text. Returns its address.
    async fn answering(text: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        #[expect(clippy::disallowed_methods, reason = "a server of the test")]
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut read = [0; 4096];
                let _ = stream.read(&mut read).await;
                let _ = stream.write_all(text.as_bytes()).await;
            }
        });
        format!("http://{address}/")
    }

    fn with_exception(url: &str) -> PublicHosts {
        let exceptions = vec![Url::parse(url).unwrap().origin()];
        PublicHosts::with(exceptions, Arc::new(|name| Box::pin(look_up(name)))).unwrap()
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_little_of_a_long_one_is_kept() {
        let url = answering("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n").await;
        let answer = post(&with_exception(&url), &url, SOON).await.unwrap();
        assert_eq!(answer.status, StatusCode::FOUND);
        let long = format!("HTTP/1.1 200 OK\r\ncontent-length: 9000000\r\n\r\n{}", "x".repeat(9000));
        let url = answering(Box::leak(long.into_boxed_str())).await;
        let answer = post(&with_exception(&url), &url, SOON).await.unwrap();
        assert_eq!((answer.status, answer.beginning.len()), (StatusCode::OK, KEPT));
    }

    #[tokio::test]
    async fn each_way_of_not_answering_has_its_name() {
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", silent.local_addr().unwrap());
        let soon = Duration::from_millis(50);
        assert_eq!(post(&with_exception(&url), &url, soon).await.unwrap_err(), Unreached::TimedOut);
        drop(silent);
        assert_eq!(post(&with_exception(&url), &url, SOON).await.unwrap_err(), Unreached::ConnectionFailed);
        let url = answering("").await;
        assert_eq!(post(&with_exception(&url), &url, SOON).await.unwrap_err(), Unreached::ConnectionLost);
        // No TLS is spoken there.
        let url = answering("HTTP/1.1 400 Bad Request\r\n\r\n").await.replace("http:", "https:");
        assert_eq!(post(&with_exception(&url), &url, SOON).await.unwrap_err(), Unreached::TlsFailed);
    }

    #[tokio::test]
    async fn only_the_very_origin_is_an_exception() {
        let url = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        let hosts = with_exception(&url);
        assert_eq!(post(&hosts, &url, SOON).await.unwrap().status, StatusCode::OK);
        let other = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        for closed in [other.clone(), other.replace("127.0.0.1", "localhost"), url.replace("http", "https")] {
            assert_eq!(post(&hosts, &closed, SOON).await.unwrap_err(), Unreached::NotPublic, "{closed}");
        }
    }
}
