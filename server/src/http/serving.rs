//! Accepts connections for the router. The listener stops clients that send or read slowly, limits connections per
//! client and shuts down gracefully. Time limits for bodies are in `load_shedding`; time limits for request heads
//! and response writes are here. It speaks HTTP/1 only: browsers do not use HTTP/2 without TLS, and proxies speak
//! HTTP/1 to their backends.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::Arc;
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
use tokio::time::Instant;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Layer;

use super::event_sockets::{Lending, Socket};
use super::limiter::{Limiter, Permit};
use super::problem;
use super::proxies::Proxies;

/// Limits of connections.
#[derive(Clone, Debug)]
pub struct Limits {
    /// A connection ends when the head of its request is not complete after this time, or when no next request
    /// arrives in it.
    pub head: Duration,
    /// A connection ends when the client reads nothing of an answer for this time.
    pub write: Duration,
    /// A connection ends when the client's system confirms nothing of what was sent for this time: a client that lost its
    /// network says no goodbye, and an event stream fills no buffer that would show it.
    pub unconfirmed: Duration,
    /// Most concurrent connections of one IPv4 address or IPv6 /64; an IPv6 /48 may hold twice as many. Trusted
    /// proxies have no limit.
    pub most: usize,
    /// The trusted proxies.
    pub proxies: Proxies,
}

impl Limits {
    /// The limits of an installation behind these proxies.
    #[must_use]
    pub const fn behind(proxies: Proxies) -> Self {
        Self {
            head: Duration::from_secs(10),
            write: Duration::from_secs(30),
            unconfirmed: Duration::from_secs(60),
            most: 256,
            proxies,
        }
    }
}

/// Serves until `stopping` is cancelled, then gives open requests `grace` to end.
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
    // The first limit covers a connection that sends nothing at all, the second one every later request on it.
    let mut server = server.handle(handle.clone()).first_request_timeout(limits.head).http1_only();
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(limits.head);
    let streams = TaskTracker::new();
    let server = server.acceptor(Acceptor { limits, held: Limiter::default(), streams: streams.clone() });
    let ending = async move {
        stopping.cancelled().await;
        handle.graceful_shutdown(Some(grace));
        Instant::now() + grace
    };
    let router = router.layer(from_fn(one_host));
    let serving = server.serve(router.into_make_service_with_connect_info::<SocketAddr>());
    tokio::pin!(ending, serving);
    let end = tokio::select! {
        done = &mut serving => return done.context("serving"),
        end = &mut ending => end,
    };
    serving.await.context("serving")?;
    streams.close();
    // What a stream has not sent by then is lost, as it is of every other answer.
    let _ = tokio::time::timeout_at(end, streams.wait()).await;
    Ok(())
}

/// Accepts connections within their limits.
#[derive(Clone)]
struct Acceptor {
    limits: Limits,
    held: Limiter<Network>,
    /// The tasks that send event streams.
    streams: TaskTracker,
}

/// Held by everything that serves the connection, which counts until the last one drops it.
pub(super) type Counted = Arc<Permit<Network>>;

impl<S: Send + 'static> Accept<TcpStream, S> for Acceptor {
    type Stream = Socket;
    type Service = Lending<AddExtension<S, Counted>>;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let Self { limits, held, streams } = self.clone();
        Box::pin(async move {
            let client = limits.proxies.client(stream.peer_addr()?.ip(), &HeaderMap::new());
            let Ok(counted) = held.acquire(&client.limits(limits.most)) else {
                refuse(stream).await;
                return Err(io::Error::other("too many connections of one address"));
            };
            give_up_after(&stream, limits.unconfirmed)?;
            let mut stream = TimeoutStream::new(stream);
            stream.set_write_timeout(Some(limits.write));
            let (socket, counted) = (Socket::new(stream), Counted::new(counted));
            let inner = Extension(counted.clone()).layer(service);
            Ok((socket.clone(), Lending { inner, socket, counted, streams }))
        })
    }
}

/// Tells the system to end the connection when what was sent stays unconfirmed for so long. Only Linux can be told; elsewhere the
/// lifetime of a stream ends it.
fn give_up_after(stream: &TcpStream, unconfirmed: Duration) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    socket2::SockRef::from(stream).set_tcp_user_timeout(Some(unconfirmed))?;
    #[cfg(not(target_os = "linux"))]
    let _ = (stream, unconfirmed);
    Ok(())
}

/// Answers with 429 and closes the connection. It reads what the client still sends for up to a second, because
/// otherwise the answer would be lost.
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
    // The connection is closed, whatever happens here.
    let _ = tokio::time::timeout(Duration::from_secs(1), said).await;
}

/// Refuses a request that does not name exactly one host (RFC 9112, 3.2).
async fn one_host(request: Request, next: Next) -> Response {
    let named = request.headers().get_all(header::HOST).iter().count();
    let whole = request.uri().authority().is_some() || request.version() < Version::HTTP_11;
    if named == 1 || (named == 0 && whole) {
        return next.run(request).await;
    }
    problem::answer(StatusCode::BAD_REQUEST, "No host", "Send exactly one Host header.")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_system_gives_up_a_client_that_confirms_nothing() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let limits = Limits::behind(Proxies::default());
        give_up_after(&stream, limits.unconfirmed).unwrap();
        let told = socket2::SockRef::from(&stream).tcp_user_timeout().unwrap();
        assert_eq!(told, Some(limits.unconfirmed));
        assert!(limits.unconfirmed >= limits.write, "a slow client would be cut off as one that is gone");
    }
}
