//! How is a tool process asked? Each request has a number, its answer finds the one who waits for it, and whoever stops
//! waiting cancels exactly that request. Junk between the answers is skipped.

mod flood;
mod incoming;
mod lines;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use self::flood::Flood;
use self::incoming::Incoming;
pub(crate) use self::lines::{Line, Lines};
use crate::error::CallError;
use crate::spec::ProcessKey;

/// How many lines wait to be written. A process that reads nothing fills this; then calls wait until their time is over.
const UNSENT: usize = 64;
/// How much of a line that is too long is looked at, in bytes. A token that begins where the log still shows the line ends
/// within it.
const LOOKED_AT: usize = 16 * 1024;
/// JSON-RPC: there is no such method.
const NO_METHOD: i64 = -32601;

type Answer = Result<Value, CallError>;

/// The pipes to one process.
pub(crate) struct Connection {
    key: ProcessKey,
    outgoing: mpsc::Sender<String>,
    waiting: Mutex<Waiting>,
    tools_version: AtomicU64,
    strays: AtomicU64,
    secret: SecretString,
    limit: usize,
}

#[derive(Default)]
struct Waiting {
    last: u64,
    calls: HashMap<u64, oneshot::Sender<Answer>>,
    closed: bool,
}

impl Connection {
    /// A connection, and what has to be written to the process.
    pub fn new(key: ProcessKey, secret: SecretString, limit: usize) -> (Self, mpsc::Receiver<String>) {
        let (outgoing, unsent) = mpsc::channel(UNSENT);
        let (waiting, tools_version, strays) = (Mutex::default(), AtomicU64::new(0), AtomicU64::new(0));
        (Self { key, outgoing, waiting, tools_version, strays, secret, limit }, unsent)
    }

    /// Sends a request and waits for its answer. Dropping this cancels the request.
    pub async fn request(&self, method: &str, params: Value) -> Answer {
        let mut asked = self.ask(method == "initialize")?;
        let line = json!({ "jsonrpc": "2.0", "id": asked.id, "method": method, "params": params });
        self.outgoing.send(line.to_string()).await.map_err(|_| CallError::Ended)?;
        let answer = (&mut asked.answer).await.unwrap_or(Err(CallError::Ended));
        asked.open = false;
        answer
    }

    /// Sends a notice.
    pub async fn notify(&self, method: &str) -> Result<(), CallError> {
        let line = json!({ "jsonrpc": "2.0", "method": method }).to_string();
        self.outgoing.send(line).await.map_err(|_| CallError::Ended)
    }

    /// A number that grows each time the process says that its tools changed.
    pub fn tools_version(&self) -> u64 {
        self.tools_version.load(Ordering::SeqCst)
    }

    /// Nothing more is answered: everybody who waits hears it.
    pub fn close(&self) {
        let mut waiting = self.waiting();
        waiting.closed = true;
        for (_, tell) in waiting.calls.drain() {
            let _ = tell.send(Err(CallError::Ended));
        }
    }

    fn ask(&self, stays: bool) -> Result<Asked<'_>, CallError> {
        let (tell, answer) = oneshot::channel();
        let mut waiting = self.waiting();
        if waiting.closed {
            return Err(CallError::Ended);
        }
        waiting.last += 1;
        let id = waiting.last;
        waiting.calls.insert(id, tell);
        Ok(Asked { connection: self, id, answer, open: true, stays })
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the one who waits. False if nobody does: an answer to nobody is late, because its call was cancelled.
    fn answered(&self, id: u64, answer: Answer) -> bool {
        let waits = self.waiting().calls.remove(&id);
        waits.map(|tell| tell.send(answer)).is_some()
    }

    /// Takes one line of the process. True if somebody waited for it.
    fn take(&self, line: Line) -> bool {
        match line {
            Line::Whole(line) if line.iter().all(u8::is_ascii_whitespace) => false,
            Line::Whole(line) => self.take_message(&self.without_secret(line)),
            Line::Long { head, tail } => self.take_long(&head, &tail),
        }
    }

    fn take_message(&self, line: &[u8]) -> bool {
        match incoming::read(line) {
            Incoming::Answer { id, result } => return self.answered(id, result),
            Incoming::Request { id, method } => self.reply(&id, &method),
            Incoming::Notice(method) if method == "notifications/tools/list_changed" => {
                self.tools_version.fetch_add(1, Ordering::SeqCst);
            }
            Incoming::Notice(_) => {}
            Incoming::Stray => self.stray(line),
        }
        false
    }

    /// A tool server may ask whether we are there. Everything else it asks is refused: it gets no files and no model of ours.
    fn reply(&self, id: &Value, method: &str) {
        let answer = if method == "ping" {
            json!({ "jsonrpc": "2.0", "id": id, "result": {} })
        } else {
            let error = json!({ "code": NO_METHOD, "message": "this client does not offer it" });
            json!({ "jsonrpc": "2.0", "id": id, "error": error })
        };
        // A process that asks and does not read gets no answer; it may not hold up those of others.
        let _ = self.outgoing.try_send(answer.to_string());
    }

    fn take_long(&self, head: &[u8], tail: &[u8]) -> bool {
        let error = CallError::TooLarge { limit: self.limit };
        if let Some(id) = incoming::id_of(head, tail) {
            return self.answered(id, Err(error));
        }
        self.stray(&self.begin_of(head));
        if !head.trim_ascii_start().starts_with(b"{") {
            return false;
        }
        // It may be anybody's answer, so nobody waits for it.
        let all: Vec<_> = self.waiting().calls.drain().map(|(_, tell)| tell).collect();
        let waited = !all.is_empty();
        for tell in all {
            let _ = tell.send(Err(error.clone()));
        }
        waited
    }

    /// Logs the first lines that are no messages, then each hundredth.
    fn stray(&self, line: &[u8]) {
        let count = self.strays.fetch_add(1, Ordering::Relaxed) + 1;
        if count > 3 && !count.is_multiple_of(100) {
            return;
        }
        let (tenant_id, server) = (self.key.business, self.key.server);
        let line = incoming::shortened(&String::from_utf8_lossy(&line[..line.len().min(2000)]));
        tracing::warn!(event = "tool_process.stray", %tenant_id, %server, count, line, "a tool process wrote a line that is no message");
    }

    /// The begin of a line that is too long.
    fn begin_of(&self, head: &[u8]) -> Vec<u8> {
        self.without_secret(head[..head.len().min(LOOKED_AT)].to_vec())
    }

    /// A process may repeat the token that it was given; nobody else reads it.
    fn without_secret(&self, line: Vec<u8>) -> Vec<u8> {
        let secret = self.secret.expose_secret();
        let found = !secret.is_empty() && line.windows(secret.len()).any(|part| part == secret.as_bytes());
        if found { String::from_utf8_lossy(&line).replace(secret, "[token]").into_bytes() } else { line }
    }
}

/// A request that waits for its answer.
struct Asked<'a> {
    connection: &'a Connection,
    id: u64,
    answer: oneshot::Receiver<Answer>,
    open: bool,
    /// The protocol does not let the first request be cancelled.
    stays: bool,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if !self.open {
            return;
        }
        let waited = self.connection.waiting().calls.remove(&self.id).is_some();
        if waited && !self.stays {
            let params = json!({ "requestId": self.id, "reason": "nobody waits for the answer" });
            let line = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params });
            // A process that reads nothing would not read this either.
            let _ = self.connection.outgoing.try_send(line.to_string());
        }
    }
}

/// Takes the lines of a process until it ends, or says far more than it was asked for.
pub(crate) async fn read(connection: Arc<Connection>, stdout: Box<dyn AsyncRead + Send + Unpin>) {
    let mut lines = Lines::new(stdout, connection.limit).ending_within(flood::LINE);
    let mut flood = Flood::default();
    while let Ok(Some(line)) = lines.next().await {
        let waited = connection.take(line);
        if flood.rises(waited, lines.taken()) {
            let (tenant_id, server) = (connection.key.business, connection.key.server);
            tracing::warn!(event = "tool_process.flood", %tenant_id, %server, "a tool process wrote too much that nobody waited for");
            return;
        }
    }
}

/// Writes to a process until it ends or `stopping`. Ending closes its standard input.
pub(crate) async fn write(
    mut unsent: mpsc::Receiver<String>,
    mut stdin: Box<dyn AsyncWrite + Send + Unpin>,
    stopping: CancellationToken,
) {
    let all = async {
        while let Some(mut line) = unsent.recv().await {
            line.push('\n');
            if stdin.write_all(line.as_bytes()).await.is_err() || stdin.flush().await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = all => {}
        () = stopping.cancelled() => {}
    }
}

#[cfg(test)]
mod tests {
    use domain::{BusinessId, ToolServerId};
    use tokio::sync::oneshot::error::TryRecvError;

    use super::*;

    fn connection(token: &str, limit: usize) -> Connection {
        let key = ProcessKey { business: BusinessId(uuid::Uuid::nil()), server: ToolServerId(uuid::Uuid::nil()) };
        Connection::new(key, token.to_owned().into(), limit).0
    }

    #[test]
    fn a_long_message_that_may_be_anybodys_ends_every_wait_and_junk_ends_none() {
        let connection = connection("", 64);
        let mut asked = [connection.ask(false).unwrap(), connection.ask(true).unwrap()];
        connection.take(Line::Long { head: b"Debugger attached".to_vec(), tail: Vec::new() });
        for one in &mut asked {
            assert_eq!(one.answer.try_recv(), Err(TryRecvError::Empty));
        }
        connection.take(Line::Long { head: b" {\"result\":\"".to_vec(), tail: b"}}".to_vec() });
        for one in &mut asked {
            assert_eq!(one.answer.try_recv(), Ok(Err(CallError::TooLarge { limit: 64 })));
        }
    }

    #[tokio::test]
    async fn a_process_that_says_far_more_than_it_was_asked_is_read_no_further() {
        let lines = [
            "\n",
            "Debugger attached.\n",
            "{\"method\":\"x\"}\n",
            "{\"id\":7,\"result\":{}}\n",
            "{\"id\":1,\"method\":\"ping\"}\n",
        ];
        for line in lines {
            let (mut writes, reads) = tokio::io::duplex(1 << 16);
            let writing = tokio::spawn(async move { while writes.write_all(line.as_bytes()).await.is_ok() {} });
            read(Arc::new(connection("opaque", 1 << 20)), Box::new(reads)).await;
            writing.await.unwrap();
        }
        read(Arc::new(connection("opaque", 1 << 20)), Box::new(tokio::io::repeat(b'x'))).await;
    }

    #[test]
    fn the_begin_of_a_long_line_shows_no_token() {
        let token = format!("opaque_{}", "0123456789".repeat(150));
        let connection = connection(&token, 1 << 20);
        for before in [0, 1, 299] {
            let line = format!("{}{token}{}", "x".repeat(before), "y".repeat(1 << 20));
            let shown = connection.begin_of(line.as_bytes());
            assert!(!String::from_utf8_lossy(&shown).contains("opaque_"), "{before}");
        }
    }
}
