//! How does a test read an event stream? Piece by piece, or event by event without what only says that the server is there.

use std::time::Duration;

use axum::body::BodyDataStream;
use futures::StreamExt;
use serde_json::Value;

use crate::helpers::{TestApp, master};

/// The next chunk of a stream; `None` if it ended.
pub async fn next(stream: &mut BodyDataStream) -> Option<String> {
    let piece = tokio::time::timeout(Duration::from_secs(60), stream.next()).await.expect("something happens");
    piece.map(|bytes| String::from_utf8_lossy(&bytes.unwrap()).into_owned())
}

/// The next event of a stream, without the comments that keep it alive; `None` if it ended.
pub async fn event(stream: &mut BodyDataStream) -> Option<String> {
    loop {
        match next(stream).await {
            Some(piece) if piece.starts_with(':') => {}
            other => return other,
        }
    }
}

/// A field of an event, such as `id` or `data`; empty if it has none.
pub fn field(event: &str, name: &str) -> String {
    let value = |line: &str| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned);
    event.lines().find_map(value).unwrap_or_default()
}

/// The message that the data of an event is.
pub fn message(data: &str) -> Value {
    serde_json::from_str(data).unwrap_or_else(|error| panic!("{error}: {data}"))
}

/// A server whose streams send keep-alives fifty times as often.
pub async fn quick() -> TestApp {
    let master = master();
    let settings = [
        ("GHL_BASE_URL", "http://127.0.0.1:9"),
        ("GHL_MARKETPLACE_URL", "http://127.0.0.1:9"),
        ("GHL_CLIENT_ID", "app-x"),
        ("ENCRYPTION_KEY", master.as_str()),
        ("TIME_SCALE", "50"),
    ];
    TestApp::with(&settings).await
}
