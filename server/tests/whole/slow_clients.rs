//! A client that sends or reads slowly, or never to the end, holds neither a connection nor a place that others
//! need. A client for whom there is no room, or who has used up its share, is told so at once.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use domain::AgencyId;
use futures::{Stream, StreamExt};
use slipway::http::load_shedding::{self, LoadShedder};
use slipway::http::proxies::{self, Proxies};
use slipway::http::serving::{self, Limits};
use slipway::http::streams::unbuffered;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Long enough for a slow machine; no test waits for it to pass.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server with these limits, and the means to stop it.
struct Server {
    at: SocketAddr,
    stopping: CancellationToken,
    serving: tokio::task::JoinHandle<anyhow::Result<()>>,
}

impl Server {
    fn start(router: Router, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (at, stopping) = (listener.local_addr().unwrap(), CancellationToken::new());
        let serving = tokio::spawn(serving::serve(listener, router, limits, Duration::from_secs(1), stopping.clone()));
        Self { at, stopping, serving }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.at).await.unwrap()
    }

    /// Sends these bytes and returns the whole answer.
    async fn ask(&self, sent: &str) -> String {
        let mut connection = self.connect().await;
        connection.write_all(sent.as_bytes()).await.unwrap();
        rest(&mut connection).await
    }

    async fn stop(self) {
        self.stopping.cancel();
        self.serving.await.unwrap().unwrap();
    }
}

/// Reads until the server closes the connection.
async fn rest(connection: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let ended = timeout(PATIENCE, connection.read_to_end(&mut answer)).await;
    assert!(ended.is_ok(), "the connection is still held");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Limits that trust no proxy, so that this machine is a caller like any other.
fn limits() -> Limits {
    Limits::behind(Proxies::parse("").unwrap())
}

#[tokio::test]
async fn half_a_head_ends_its_connection_and_a_whole_one_is_answered() {
    let router = Router::new().route("/", get(|| async { "here" }));
    let server = Server::start(router, Limits { head: Duration::from_millis(200), ..limits() });
    for half in ["GET / HTTP/1.1\r\nhost: x\r\nx-slow: ", "G", ""] {
        // The server closes the connection, with or without an answer.
        assert!(!server.ask(half).await.contains("200 OK"), "{half:?}");
    }
    let answer = server.ask("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("here"), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn a_request_names_one_host_and_speaks_the_one_version() {
    let server = Server::start(Router::new().route("/", get(|| async { "here" })), limits());
    for hosts in ["", "host: x\r\nhost: y\r\n", "host: x\r\nhost: x\r\n"] {
        let answer = server.ask(&format!("GET / HTTP/1.1\r\n{hosts}connection: close\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{hosts:?}: {answer}");
    }
    assert!(server.ask("GET / HTTP/1.0\r\n\r\n").await.contains("200 OK"), "the version before knows no hosts");
    // HTTP/2 without TLS, as a client with prior knowledge starts it. The server does not speak it, so it holds
    // nothing open.
    let answer = server.ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await;
    assert!(!answer.contains("200 OK"), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn a_reader_who_reads_nothing_loses_the_connection() {
    let (gone, mut noticed) = mpsc::unbounded_channel();
    let endless = move || {
        let gone = gone.clone();
        async move {
            // Sends a signal when the answer is dropped.
            let kept = OnDrop(gone);
            Body::from_stream(futures::stream::repeat(Bytes::from(vec![b'x'; 64 * 1024])).map(move |piece| {
                let _ = &kept;
                Ok::<_, std::io::Error>(piece)
            }))
        }
    };
    let server =
        Server::start(Router::new().route("/", get(endless)), Limits { write: Duration::from_millis(200), ..limits() });
    let mut silent = server.connect().await;
    silent.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    timeout(PATIENCE, noticed.recv()).await.expect("the answer is given up").unwrap();
    drop(silent);
    server.stop().await;
}

struct OnDrop(mpsc::UnboundedSender<()>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

/// An event stream that says when it is dropped.
fn event_stream(events: impl Stream<Item = &'static str> + Send + 'static, gone: OnDrop) -> Response<Body> {
    let pieces = events.map(move |event| {
        let _ = &gone;
        Ok::<_, std::io::Error>(event)
    });
    let mut answer = Response::new(Body::from_stream(pieces));
    unbuffered(&mut answer);
    answer
}

#[tokio::test]
async fn an_event_stream_follows_other_answers_and_ends_its_connection() {
    let (gone, _noticed) = mpsc::unbounded_channel();
    let events = move || {
        let gone = OnDrop(gone.clone());
        async move { event_stream(futures::stream::iter(["data: one\n\n", "", "data: two\n\n"]), gone) }
    };
    let server =
        Server::start(Router::new().route("/", get(|| async { "here" })).route("/events", get(events)), limits());
    let mut connection = server.connect().await;
    connection.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut first = Vec::new();
    while !first.ends_with(b"here") {
        let read = timeout(PATIENCE, connection.read_buf(&mut first)).await.expect("an answer").unwrap();
        assert!(read > 0, "the connection stays open");
    }
    connection.write_all(b"GET /events HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let answer = rest(&mut connection).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.contains("\r\nx-accel-buffering: no"), "{head}");
    assert!(head.contains("\r\ntransfer-encoding: chunked") && head.contains("\r\nconnection: close"), "{head}");
    assert_eq!(body, "b\r\ndata: one\n\n\r\nb\r\ndata: two\n\n\r\n0\r\n\r\n");
    let before = server.ask("GET /events HTTP/1.0\r\nhost: x\r\n\r\n").await;
    assert!(before.ends_with("\r\n\r\ndata: one\n\ndata: two\n\n"), "the version before knows no chunks: {before}");
    server.stop().await;
}

#[tokio::test]
async fn an_event_stream_counts_as_a_connection_until_its_client_leaves() {
    let (gone, mut noticed) = mpsc::unbounded_channel();
    let quiet = move || {
        let gone = OnDrop(gone.clone());
        async move { event_stream(futures::stream::iter(["data: one\n\n"]).chain(futures::stream::pending()), gone) }
    };
    let router = Router::new().route("/", get(|| async { "here" })).route("/events", get(quiet));
    let server = Server::start(router, Limits { most: 1, ..limits() });
    let mut connection = server.connect().await;
    connection.write_all(b"GET /events HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut begun = Vec::new();
    while !begun.ends_with(b"data: one\n\n\r\n") {
        let read = timeout(PATIENCE, connection.read_buf(&mut begun)).await.expect("an event").unwrap();
        assert!(read > 0, "the stream goes on");
    }
    let asked = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let refused = server.ask(asked).await;
    assert!(refused.starts_with("HTTP/1.1 429"), "{refused}");
    drop(connection);
    timeout(PATIENCE, noticed.recv()).await.expect("the stream ends with its client").unwrap();
    let again = async {
        while !server.ask(asked).await.contains("200 OK") {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, again).await.expect("a stream that ends makes room");
    server.stop().await;
}

#[tokio::test]
async fn an_event_stream_that_nobody_reads_loses_its_connection() {
    let (gone, mut noticed) = mpsc::unbounded_channel();
    let endless = move || {
        let gone = OnDrop(gone.clone());
        async move { event_stream(futures::stream::repeat("data: on and on and on\n\n"), gone) }
    };
    let limits = Limits { write: Duration::from_millis(200), ..limits() };
    let server = Server::start(Router::new().route("/events", get(endless)), limits);
    let mut silent = server.connect().await;
    silent.write_all(b"GET /events HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    timeout(PATIENCE, noticed.recv()).await.expect("the stream is given up").unwrap();
    drop(silent);
    server.stop().await;
}

#[tokio::test]
async fn one_address_holds_so_many_connections_and_a_trusted_proxy_more() {
    let router = Router::new().route("/", get(|| async { "here" }));
    let asked = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let server = Server::start(router.clone(), Limits { most: 3, ..limits() });
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(server.connect().await);
    }
    // The server may not have accepted all of them yet; that is known once a later connection is answered.
    let refused = server.ask(asked).await;
    assert!(refused.starts_with("HTTP/1.1 429") && refused.contains("retry-after"), "{refused}");
    held.pop();
    let again = async {
        while !server.ask(asked).await.contains("200 OK") {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, again).await.expect("a connection that ends makes room");
    server.stop().await;

    let server = Server::start(router, Limits { most: 3, ..Limits::behind(Proxies::default()) });
    let mut held = Vec::new();
    for _ in 0..10 {
        held.push(server.connect().await);
    }
    assert!(server.ask(asked).await.contains("200 OK"), "behind a proxy are many");
    drop(held);
    server.stop().await;
}

/// A router with this capacity whose `/work` waits until it is released, and the notifier that releases it.
fn agency_over_share(places: usize) -> (Router, Arc<Notify>) {
    let go = Arc::new(Notify::new());
    let waits = go.clone();
    let router = Router::new()
        .route("/", get(|| async { "here" }).post(|body: Bytes| async move { body.len().to_string() }))
        .route("/work", post(move || async move { waits.notified().await }))
        .layer(from_fn_with_state(LoadShedder::new(places), load_shedding::layer))
        .layer(from_fn_with_state(Proxies::parse("10.0.0.1").unwrap(), proxies::layer));
    (router, go)
}

/// Sends a request from this address, through the proxy if one is given.
async fn send(router: &Router, path: &str, from: &str, body: Option<Body>) -> Response<Body> {
    let method = if body.is_some() || path == "/work" { "POST" } else { "GET" };
    let mut request = Request::builder().method(method).uri(path).body(body.unwrap_or_default()).unwrap();
    let (peer, behind) = from.split_once('<').map_or((from, None), |(peer, behind)| (peer, Some(behind)));
    if let Some(behind) = behind {
        request.headers_mut().insert("x-forwarded-for", behind.parse().unwrap());
    }
    request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 5000)));
    router.clone().oneshot(request).await.unwrap()
}

#[tokio::test]
async fn a_shed_request_gets_retry_after_and_the_retry_is_served() {
    let (router, go) = agency_over_share(4);
    let at_work: Vec<_> = (0..4)
        .map(|n| {
            let router = router.clone();
            tokio::spawn(async move { send(&router, "/work", &format!("192.0.2.{n}"), None).await.status() })
        })
        .collect();
    let refused = async {
        loop {
            let answer = send(&router, "/", "192.0.2.99", None).await;
            if answer.status() != StatusCode::OK {
                return answer;
            }
            tokio::task::yield_now().await;
        }
    };
    let refused = timeout(PATIENCE, refused).await.expect("the room fills");
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers().contains_key(header::RETRY_AFTER));
    go.notify_waiters();
    for one in at_work {
        assert_eq!(one.await.unwrap(), StatusCode::OK);
    }
    for _ in 0..9 {
        let status = send(&router, "/", "192.0.2.99", None).await.status();
        assert_eq!(status, StatusCode::OK, "an answer gives its room back");
    }
}

#[tokio::test]
async fn one_address_takes_at_most_a_quarter_of_the_capacity() {
    let (router, go) = agency_over_share(8);
    let mut at_work = Vec::new();
    // Whatever address the client claims, and through the proxy: all addresses of one /64 count as one.
    for from in ["10.0.0.1<1.2.3.4, 2001:db8::1", "10.0.0.1<9.9.9.9, 2001:db8::2"] {
        let router = router.clone();
        at_work.push(tokio::spawn(async move { send(&router, "/work", from, None).await.status() }));
    }
    let refused = async {
        loop {
            let answer = send(&router, "/", "10.0.0.1<2001:db8::3", None).await;
            if answer.status() != StatusCode::OK {
                return answer;
            }
            tokio::task::yield_now().await;
        }
    };
    let refused = timeout(PATIENCE, refused).await.expect("its share is used up");
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key(header::RETRY_AFTER));
    for other in ["192.0.2.1", "10.0.0.1<192.0.2.2", "10.0.0.1", "2001:db8:0:1::1"] {
        assert_eq!(send(&router, "/", other, None).await.status(), StatusCode::OK, "{other}");
    }
    go.notify_waiters();
    for one in at_work {
        assert_eq!(one.await.unwrap(), StatusCode::OK);
    }
}

#[test]
fn one_agency_takes_at_most_a_quarter_of_the_capacity() {
    let shedder = LoadShedder::new(8);
    let (harbor, salem) = (AgencyId(uuid::Uuid::nil()), AgencyId(uuid::Uuid::max()));
    let held = (shedder.tenant(harbor), shedder.tenant(harbor));
    assert!(held.0.is_some() && held.1.is_some() && shedder.tenant(harbor).is_none(), "its share is used up");
    assert!(shedder.tenant(salem).is_some());
    assert_eq!(load_shedding::agency_over_share().status(), StatusCode::TOO_MANY_REQUESTS);
    drop(held);
    assert!(shedder.tenant(harbor).is_some());
}

/// The clock advances only for what is waited for, so silence costs no time here.
#[tokio::test(start_paused = true)]
async fn a_body_that_trickles_holds_no_place_and_is_given_up() {
    let (router, _) = agency_over_share(4);
    let never = || Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
    let slow: Vec<_> = (0..40)
        .map(|n| {
            let (router, body) = (router.clone(), never());
            tokio::spawn(async move { send(&router, "/", &format!("192.0.2.{n}"), Some(body)).await.status() })
        })
        .collect();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(send(&router, "/", "192.0.2.99", None).await.status(), StatusCode::OK, "others are served meanwhile");
    for one in slow {
        assert_eq!(one.await.unwrap(), StatusCode::REQUEST_TIMEOUT);
    }
    // A byte now and then does not extend the time limit either.
    let trickle = futures::stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_secs(4)).await;
        Some((Ok::<_, std::io::Error>(Bytes::from_static(b"x")), ()))
    });
    let began = tokio::time::Instant::now();
    let given_up = send(&router, "/", "192.0.2.99", Some(Body::from_stream(trickle))).await;
    assert_eq!(given_up.status(), StatusCode::REQUEST_TIMEOUT);
    assert_eq!(began.elapsed(), load_shedding::WHOLE);
    let whole =
        Body::from_stream(futures::stream::iter((0..3).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(b"12")))));
    let answer = send(&router, "/", "192.0.2.99", Some(whole)).await;
    assert_eq!(axum::body::to_bytes(answer.into_body(), 10).await.unwrap(), "6");
    let large = Body::from(vec![b'x'; load_shedding::LARGEST + 1]);
    let refused = send(&router, "/", "192.0.2.99", Some(large)).await.status();
    assert_eq!(refused, StatusCode::PAYLOAD_TOO_LARGE);
}
