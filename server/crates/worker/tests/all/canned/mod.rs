//! A Meta that answers what a test gives it, one answer after the other, and remembers what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// An answer.
#[derive(Clone, Debug)]
pub enum Answer {
    /// This status with this body.
    Says(u16, Value),
    /// It takes the request and hangs up.
    Silence,
}

#[derive(Default)]
struct State {
    answers: VecDeque<Answer>,
    asked: Vec<Value>,
}

/// The listening server.
#[derive(Clone)]
pub struct Canned {
    state: Arc<Mutex<State>>,
    pub address: url::Url,
}

impl Canned {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let canned = Self { state: Arc::default(), address };
        let own = canned.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                own.serve(stream).await;
            }
        });
        canned
    }

    /// What the next requests are answered. Without it a message is taken.
    pub fn answers(&self, answers: impl IntoIterator<Item = Answer>) {
        self.state.lock().unwrap().answers.extend(answers);
    }

    /// The bodies of all requests, in their order.
    pub fn asked(&self) -> Vec<Value> {
        self.state.lock().unwrap().asked.clone()
    }

    /// The texts that were sent to this customer.
    pub fn texts(&self, to: &str) -> Vec<String> {
        let is_to = |body: &&Value| body["to"].as_str().is_some_and(|have| have.trim_start_matches('+') == to);
        let text = |body: &Value| body["text"]["body"].as_str().unwrap_or_default().to_owned();
        self.asked().iter().filter(is_to).map(text).collect()
    }

    async fn serve(&self, mut stream: TcpStream) {
        let Some(body) = read(&mut stream).await else { return };
        let answer = {
            let mut state = self.state.lock().unwrap();
            state.asked.push(body);
            let id = format!("wamid.{}", state.asked.len());
            let taken = json!({ "messages": [{ "id": id }], "success": true });
            state.answers.pop_front().unwrap_or(Answer::Says(200, taken))
        };
        let Answer::Says(status, body) = answer else { return };
        let body = body.to_string();
        let head = format!(
            "HTTP/1.1 {status} Status\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    }
}

/// The body of a request as JSON.
async fn read(stream: &mut TcpStream) -> Option<Value> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lines = head.lines().filter_map(|line| line.split_once(": "));
            let length =
                lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length")).find_map(|(_, n)| n.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(serde_json::from_str(body).unwrap_or(Value::Null));
            }
        }
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(&piece[..read]),
            _ => return None,
        }
    }
}
