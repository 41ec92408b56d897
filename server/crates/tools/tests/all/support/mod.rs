//! Stand-ins for the tests of processes: a launcher whose processes are tasks, so that a virtual clock drives them. Beside it,
//! what tests of real processes share.

pub mod real;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use domain::{AgencyId, BusinessId, ToolServerId};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines};
use tokio_util::sync::CancellationToken;
use tools::{Credentials, Launch, Launched, Life, Limits, ProcessKey, Processes, ServerSpec, Signal};
use uuid::Uuid;

/// How long a call may take.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// A launcher that starts tasks.
#[derive(Default)]
pub struct Stage {
    /// Every process that was started.
    pub started: Mutex<Vec<Arc<Actor>>>,
    /// Starts fail.
    pub broken: AtomicBool,
    /// New processes never answer.
    pub mute: AtomicBool,
    /// New processes do not end when they are asked to.
    pub stubborn: AtomicBool,
    /// New processes speak another version of the protocol.
    pub foreign: AtomicBool,
    /// Each start takes a second.
    pub slow: AtomicBool,
}

/// A process that is a task.
pub struct Actor {
    /// The token that it was started with.
    pub token: String,
    /// Every message that it read.
    pub read: Mutex<Vec<Value>>,
    /// It is gone.
    pub gone: CancellationToken,
    mute: bool,
    stubborn: bool,
    foreign: bool,
}

impl Stage {
    /// How many processes were started.
    pub fn starts(&self) -> usize {
        self.started.lock().unwrap().len()
    }

    /// A process, by the order of starts.
    pub fn actor(&self, at: usize) -> Arc<Actor> {
        Arc::clone(&self.started.lock().unwrap()[at])
    }
}

impl Actor {
    /// The ids of the requests of this method that it read.
    pub fn ids(&self, method: &str) -> Vec<Value> {
        let read = self.read.lock().unwrap();
        read.iter().filter(|one| one["method"] == method).map(|one| one["id"].clone()).collect()
    }

    /// The ids of the requests that were cancelled.
    pub fn cancelled(&self) -> Vec<Value> {
        let read = self.read.lock().unwrap();
        let cancels = read.iter().filter(|one| one["method"] == "notifications/cancelled");
        cancels.map(|one| one["params"]["requestId"].clone()).collect()
    }
}

#[async_trait]
impl Launch for Stage {
    async fn launch(&self, _spec: &ServerSpec, credentials: &Credentials) -> io::Result<Launched> {
        if self.slow.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        if self.broken.load(Ordering::SeqCst) {
            return Err(io::Error::other("no such command"));
        }
        let actor = Arc::new(Actor {
            token: credentials.access_token.expose_secret().to_owned(),
            read: Mutex::default(),
            gone: CancellationToken::new(),
            mute: self.mute.load(Ordering::SeqCst),
            stubborn: self.stubborn.load(Ordering::SeqCst),
            foreign: self.foreign.load(Ordering::SeqCst),
        });
        self.started.lock().unwrap().push(Arc::clone(&actor));
        let (stdin, reads) = tokio::io::duplex(1 << 16);
        let (stdout, writes) = tokio::io::duplex(1 << 16);
        let (stderr, _) = tokio::io::duplex(64);
        tokio::spawn(play(Arc::clone(&actor), BufReader::new(reads).lines(), writes));
        let life = Box::new(ActorLife(actor));
        Ok(Launched { stdin: Box::new(stdin), stdout: Box::new(stdout), stderr: Box::new(stderr), life })
    }
}

struct ActorLife(Arc<Actor>);

#[async_trait]
impl Life for ActorLife {
    fn pid(&self) -> Option<u32> {
        None
    }

    async fn ended(&mut self) -> String {
        self.0.gone.cancelled().await;
        "exit status: 0".to_owned()
    }

    fn signal(&self, signal: Signal) {
        if signal == Signal::Kill || !self.0.stubborn {
            self.0.gone.cancel();
        }
    }
}

async fn play(actor: Arc<Actor>, mut lines: Lines<BufReader<DuplexStream>>, mut writes: DuplexStream) {
    let (tell, mut answers) = tokio::sync::mpsc::unbounded_channel::<Value>();
    loop {
        tokio::select! {
            () = actor.gone.cancelled() => return,
            Some(answer) = answers.recv() => {
                let _ = writes.write_all(format!("{answer}\n").as_bytes()).await;
            }
            line = lines.next_line() => match line {
                Ok(Some(line)) => {
                    let message: Value = serde_json::from_str(&line).unwrap();
                    actor.read.lock().unwrap().push(message.clone());
                    if message["params"]["name"] == "deaf" {
                        drop(lines);
                        return actor.gone.cancelled().await;
                    }
                    if !actor.mute {
                        hear(&actor, &message, tell.clone());
                    }
                }
                _ if actor.stubborn => actor.gone.cancelled().await,
                _ => actor.gone.cancel(),
            }
        }
    }
}

fn hear(actor: &Arc<Actor>, message: &Value, tell: tokio::sync::mpsc::UnboundedSender<Value>) {
    let (id, notice) = (message["id"].clone(), tell.clone());
    let say = move |result: Value| {
        let _ = tell.send(json!({ "jsonrpc": "2.0", "id": id, "result": result }));
    };
    match message["method"].as_str().unwrap_or_default() {
        "initialize" => {
            let version = if actor.foreign { "1999-01-01" } else { "2025-06-18" };
            say(json!({ "protocolVersion": version, "capabilities": {} }));
        }
        "tools/list" if message["params"]["cursor"].is_null() => {
            say(json!({ "tools": [{ "name": "one", "inputSchema": {} }, { "title": "nameless" }], "nextCursor": "2" }));
        }
        "tools/list" => say(json!({ "tools": [{ "name": "two", "inputSchema": 7 }] })),
        "tools/call" => {
            let arguments = message["params"]["arguments"].clone();
            match message["params"]["name"].as_str().unwrap_or_default() {
                "echo" => say(json!({ "said": arguments, "with": actor.token.len() })),
                "array" => say(json!([1])),
                "changed" => {
                    let _ = notice.send(json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" }));
                    say(json!({}));
                }
                "asks" => {
                    for (id, method) in [("ours", "ping"), ("theirs", "roots/list")] {
                        let _ = notice.send(json!({ "jsonrpc": "2.0", "id": id, "method": method }));
                    }
                    say(json!({}));
                }
                "die" => actor.gone.cancel(),
                "slow" => {
                    let wait = Duration::from_secs(arguments["seconds"].as_u64().unwrap_or_default());
                    tokio::spawn(async move {
                        tokio::time::sleep(wait).await;
                        say(json!({ "said": "late" }));
                    });
                }
                _ => {}
            }
        }
        _ => {}
    }
}

/// Processes on a stage, with these limits.
pub fn processes(limits: Limits) -> (Processes, Arc<Stage>) {
    let stage = Arc::new(Stage::default());
    (Processes::new(limits, Arc::clone(&stage) as Arc<dyn Launch>), stage)
}

/// A server of a business that is the only client of its agency, by their numbers.
pub fn spec(business: u128, server: u128) -> ServerSpec {
    spec_of(business, business, server)
}

/// A server of a client of an agency, by their numbers.
pub fn spec_of(agency: u128, business: u128, server: u128) -> ServerSpec {
    let key =
        ProcessKey { business: BusinessId(Uuid::from_u128(business)), server: ToolServerId(Uuid::from_u128(server)) };
    let (agency, arguments) = (AgencyId(Uuid::from_u128(agency)), Vec::new());
    ServerSpec { key, agency, name: "Stub".into(), command: "/bin/stub".into(), arguments, path: "/bin".into() }
}

/// Credentials with this token.
pub fn token(token: &str) -> Credentials {
    Credentials {
        access_token: format!("opaque-{token}").into(),
        location: "location".into(),
        base_url: "https://ghl.example".into(),
    }
}

/// The id of a process on the page.
pub fn id(spec: &ServerSpec) -> String {
    format!("{}.{}", spec.key.business, spec.key.server)
}
