//! Who sends slowly, or never to the end, holds no connection; who comes when there is no room is told so at once.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use slipway::{room, serving};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

#[tokio::test]
async fn half_a_head_ends_its_connection_and_a_whole_one_is_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let stopping = CancellationToken::new();
    let router = Router::new().route("/", get(|| async { "here" }));
    let (head, grace) = (Duration::from_millis(200), Duration::from_secs(1));
    let server = tokio::spawn(serving::serve(listener, router, head, grace, stopping.clone()));
    for half in ["GET / HTTP/1.1\r\nhost: x\r\nx-slow: ", "G", ""] {
        let mut slow = TcpStream::connect(at).await.unwrap();
        slow.write_all(half.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // It ends when the server closes it, with or without a word.
        let ended = tokio::time::timeout(Duration::from_secs(20), slow.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "{half:?} is still held");
        assert!(!String::from_utf8_lossy(&answer).contains("200 OK"), "{half:?}");
    }
    let mut whole = TcpStream::connect(at).await.unwrap();
    whole.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    whole.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("here"), "{answer}");
    stopping.cancel();
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn who_finds_no_room_is_told_when_to_come_again_and_is_then_served() {
    let room = Arc::new(Semaphore::new(1));
    let router: Router =
        Router::new().route("/", get(|| async { "here" })).layer(from_fn_with_state(room.clone(), room::layer));
    let ask = || router.clone().oneshot(Request::get("/").body(Body::empty()).unwrap());
    let held = room.try_acquire().unwrap();
    let refused = ask().await.unwrap();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers().contains_key(header::RETRY_AFTER));
    drop(held);
    for _ in 0..3 {
        assert_eq!(ask().await.unwrap().status(), StatusCode::OK, "an answer gives its room back");
    }
}
