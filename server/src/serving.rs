//! How does the router meet the network: one listener that lets nobody hold a connection by sending slowly, and that ends in
//! good order. Bodies have their own limit of time in the router; heads of requests have it here.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use hyper_util::rt::TokioTimer;
use tokio_util::sync::CancellationToken;

/// A head of a request that is not whole after this ends its connection.
pub const HEAD: Duration = Duration::from_secs(10);

/// Serves until `stopping`, then gives open requests `grace` to end. `head` is the time for the head of a request; a connection
/// that waits for its next request has the same.
///
/// # Errors
/// When the listener cannot be used.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    head: Duration,
    grace: Duration,
    stopping: CancellationToken,
) -> anyhow::Result<()> {
    listener.set_nonblocking(true).context("preparing the listener")?;
    let handle = axum_server::Handle::new();
    let server = axum_server::from_tcp(listener).context("opening the listener")?;
    // The first covers a connection that says nothing at all, the second every later request on it.
    let mut server = server.handle(handle.clone()).first_request_timeout(head);
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(head);
    let ending = async move {
        stopping.cancelled().await;
        handle.graceful_shutdown(Some(grace));
    };
    let serving = server.serve(router.into_make_service_with_connect_info::<SocketAddr>());
    tokio::pin!(ending, serving);
    tokio::select! {
        done = &mut serving => return done.context("serving"),
        () = &mut ending => {}
    }
    serving.await.context("serving")
}
