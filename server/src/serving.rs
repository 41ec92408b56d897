//! Accepts connections for the router. The listener stops clients that send or read slowly, limits connections per
//! client and shuts down gracefully. Time limits for bodies are in `room`; time limits for request heads and response
//! writes are here. It speaks HTTP/1 only: browsers do not use HTTP/2 without TLS, and proxies speak HTTP/1 to their
//! backends.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::time::Duration;

use anyhow::Context;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, Version, header};
use axum::middleware::{AddExtension, Next, from_fn};
use axum::response::Response;
use axum::{Extension, Router};
use axum_server::accept::Accept;
use domain::network::Network;
use hyper_util::rt::TokioTimer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::Layer;

use crate::limiter::{Limiter, Permit};
use crate::problem;
use crate::proxies::Proxies;

/// What a connection may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// A head of a request that is not whole after this ends its connection; one that waits for its next request has the same.
    pub head: Duration,
    /// A reader that takes nothing of an answer for so long loses the connection.
    pub write: Duration,
    /// Most connections of one address at once; of the site of an address of IPv6 twice as many. Trusted proxies have no limit.
    pub most: usize,
    /// The proxies that are trusted.
    pub proxies: Proxies,
}

impl Limits {
    /// The limits of an installation behind these proxies.
    #[must_use]
    pub const fn behind(proxies: Proxies) -> Self {
        Self { head: Duration::from_secs(10), write: Duration::from_secs(30), most: 256, proxies }
    }
}

/// Serves until `stopping`, then gives open requests `grace` to end.
///
/// # Errors
/// When the listener cannot be used.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    grace: Duration,
    stopping: CancellationToken,
) -> anyhow::Result<()> {
    listener.set_nonblocking(true).context("preparing the listener")?;
    let handle = axum_server::Handle::new();
    let server = axum_server::from_tcp(listener).context("opening the listener")?;
    // The first covers a connection that says nothing at all, the second every later request on it.
    let mut server = server.handle(handle.clone()).first_request_timeout(limits.head).http1_only();
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(limits.head);
    let server = server.acceptor(Acceptor { limits, held: Limiter::default() });
    let ending = async move {
        stopping.cancelled().await;
        handle.graceful_shutdown(Some(grace));
    };
    let router = router.layer(from_fn(one_host));
    let serving = server.serve(router.into_make_service_with_connect_info::<SocketAddr>());
    tokio::pin!(ending, serving);
    tokio::select! {
        done = &mut serving => return done.context("serving"),
        () = &mut ending => {}
    }
    serving.await.context("serving")
}

/// Takes connections within their limits.
#[derive(Clone)]
struct Acceptor {
    limits: Limits,
    held: Limiter<Network>,
}

/// A connection counts as long as something serves it.
type Counted = std::sync::Arc<Permit<Network>>;

impl<S: Send + 'static> Accept<TcpStream, S> for Acceptor {
    type Stream = Pin<Box<TimeoutStream<TcpStream>>>;
    type Service = AddExtension<S, Counted>;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let Self { limits, held } = self.clone();
        Box::pin(async move {
            let client = limits.proxies.client(stream.peer_addr()?.ip(), &HeaderMap::new());
            let Ok(counted) = held.acquire(&client.limits(limits.most)) else {
                refuse(stream).await;
                return Err(io::Error::other("too many connections of one address"));
            };
            let mut stream = TimeoutStream::new(stream);
            stream.set_write_timeout(Some(limits.write));
            Ok((Box::pin(stream), Extension(Counted::new(counted)).layer(service)))
        })
    }
}

/// Says why a connection is not served. Whoever is refused is listened to for a moment, else the answer would be lost with it.
async fn refuse(mut stream: TcpStream) {
    const ANSWER: &[u8] = b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 5\r\nconnection: close\r\n\
        content-type: text/plain; charset=utf-8\r\nx-content-type-options: nosniff\r\ncontent-length: 67\r\n\r\n\
        Your address holds too many connections. Close some, then go on.   ";
    let said = async {
        stream.write_all(ANSWER).await?;
        stream.shutdown().await?;
        let mut rest = [0; 1024];
        while stream.read(&mut rest).await? > 0 {}
        io::Result::Ok(())
    };
    // Whatever becomes of it, the connection is closed.
    let _ = tokio::time::timeout(Duration::from_secs(1), said).await;
}

/// A request names one host (RFC 9112, 3.2).
async fn one_host(request: Request, next: Next) -> Response {
    let named = request.headers().get_all(header::HOST).iter().count();
    let whole = request.uri().authority().is_some() || request.version() < Version::HTTP_11;
    if named == 1 || (named == 0 && whole) {
        return next.run(request).await;
    }
    problem::answer(StatusCode::BAD_REQUEST, "No host", "Send exactly one Host header.")
}
