//! A TCP server for tests. It responds from a script, one entry per connection, and records what it was sent. It
//! can also misbehave.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// What the server does with the next connection.
#[derive(Clone, Debug)]
pub enum Act {
    /// Sends exactly these bytes, then closes.
    Say(Vec<u8>),
    /// Resets the connection before reading a byte.
    ResetBefore,
    /// Reads the request, then resets the connection.
    ResetAfter,
    /// Reads the request, sends the beginning of a response, then closes the connection.
    BreakOff(Vec<u8>),
    /// Reads the request and sends nothing.
    Silence,
}

impl Act {
    /// A complete response.
    pub fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let mut head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        Self::Say(format!("{head}\r\n{body}").into_bytes())
    }

    /// A JSON response.
    pub fn json(status: u16, body: &str) -> Self {
        Self::answer(status, &[("content-type", "application/json")], body)
    }
}

/// One request as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The request line, such as `POST /x?y HTTP/1.1`.
    pub line: String,
    /// Headers in order of arrival, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: String,
}

/// The server. It stops with the test's runtime.
pub struct Server {
    /// URL on which it listens.
    pub url: Url,
    /// All requests received so far.
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Starts a server that runs the script, one entry per connection.
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
            // The client may close the connection on a large response; some tests check exactly that.
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
        Act::Silence => std::future::pending().await,
        Act::ResetAfter | Act::ResetBefore => reset(&stream),
    }
}

/// Makes the next close a reset.
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
