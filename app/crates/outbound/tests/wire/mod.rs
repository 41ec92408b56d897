//! A TCP server that answers by script, one connection per call, and remembers what it was sent. It can also behave badly.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// What to do with the next connection.
#[derive(Clone, Debug)]
pub enum Act {
    /// Answer with this, byte for byte, then close.
    Say(Vec<u8>),
    /// Reset before a byte was read.
    ResetBefore,
    /// Read the request, then reset.
    ResetAfter,
    /// Read the request, answer with the beginning of an answer, then hang up.
    BreakOff(Vec<u8>),
    /// Read the request and say nothing.
    Silence,
}

impl Act {
    /// A complete answer.
    pub fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let mut head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        Self::Say(format!("{head}\r\n{body}").into_bytes())
    }

    /// A JSON answer.
    pub fn json(status: u16, body: &str) -> Self {
        Self::answer(status, &[("content-type", "application/json")], body)
    }
}

/// One request as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// `POST /x?y HTTP/1.1`
    pub line: String,
    /// In order of arrival, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: String,
}

/// The server; it stops with the runtime of the test.
pub struct Server {
    /// Where it listens.
    pub url: Url,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Plays the script, connection by connection.
    #[expect(clippy::disallowed_methods, reason = "the server of a test is a task of its own")]
    pub async fn play(script: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let remember = Arc::clone(&seen);
        tokio::spawn(async move {
            for act in script {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(perform(stream, act, Arc::clone(&remember)));
            }
        });
        Self { url, seen }
    }

    /// What arrived so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn perform(mut stream: TcpStream, act: Act, seen: Arc<Mutex<Vec<Seen>>>) {
    if matches!(act, Act::ResetBefore) {
        return reset(&stream);
    }
    let Some(request) = read(&mut stream).await else { return };
    seen.lock().unwrap().push(request);
    match act {
        Act::Say(answer) | Act::BreakOff(answer) => {
            // The client may hang up on a large answer: that is what some tests are about.
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
        Act::Silence => std::future::pending().await,
        Act::ResetAfter | Act::ResetBefore => reset(&stream),
    }
}

/// Makes the coming close a reset.
fn reset(stream: &TcpStream) {
    stream.set_zero_linger().unwrap();
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut raw = Vec::new();
    let mut chunk = [0; 8192];
    loop {
        let text = String::from_utf8_lossy(&raw).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lines = head.lines();
            let line = lines.next()?.to_owned();
            let headers: Vec<(String, String)> = lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect();
            let length =
                headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, n)| n.parse().unwrap());
            if body.len() >= length {
                return Some(Seen { line, headers, body: body.to_owned() });
            }
        }
        match stream.read(&mut chunk).await.ok()? {
            0 => return None,
            n => raw.extend_from_slice(&chunk[..n]),
        }
    }
}
